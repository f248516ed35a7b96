import { type EnvironmentKind, twoAgents } from './kind.ts';
import { type GameRules, TableGame } from './table_game.ts';

/**
 * The two-step game (Rashid et al. 2018, section 5): in state 1 agent 1's action alone chooses between 2A and 2B, without
 * reward. 2A pays 7 whatever is done; 2B pays 8 where both take their second action, and 0 or 1 else.
 */
export const twoStepRules: GameRules = {
  name: 'two-step',
  actions: 2,
  states: ['1', '2A', '2B'],
  next: [1, 1, 2, 2, -1, -1, -1, -1, -1, -1, -1, -1],
  rewards: [0, 0, 0, 0, 7, 7, 7, 7, 0, 1, 1, 8],
};

export const twoStep: EnvironmentKind = {
  preset: 'game',
  create: (_options, _seed, copies) => new TableGame(twoStepRules, copies),
  refuse: twoAgents,
};
