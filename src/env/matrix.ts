import { type EnvironmentKind, type EnvironmentOptions, twoAgents } from './kind.ts';
import { type GameRules, TableGame } from './table_game.ts';

/** A game of one step: agent 1's action is the payoff's row, agent 2's its column. */
export const matrixRules = (payoff: EnvironmentOptions['payoff']): GameRules => ({
  name: 'matrix',
  actions: payoff.length,
  states: ['1'],
  next: payoff.flatMap((row) => row.map(() => -1)),
  rewards: payoff.flat(),
});

export const matrix: EnvironmentKind = {
  preset: 'game',
  create: ({ payoff }, _seed, copies) => new TableGame(matrixRules(payoff), copies),
  refuse: twoAgents,
};
