import { twoStepRules } from '../../env/two_step.ts';
import type { GameState } from '../service.ts';
import { decimal, extent } from './numbers.ts';

/** What one algorithm has learned of the two-step game. */
export interface Learned {
  /** `QMIX` */
  readonly name: string;
  readonly states: readonly GameState[];
}

const PLACES = ['first', 'second', 'third', 'fourth'];

/** The greedy team's way through the game: the state that its first move leads to, and the reward of its last. */
export interface Play {
  /** Number of the state that is left last. */
  readonly state: number;
  /** [2] */
  readonly actions: readonly number[];
  readonly reward: number;
}

/** Plays the greedy joint actions of every state from the first to the end. */
export function greedyPlay(states: readonly GameState[]): Play {
  const { next, rewards, actions } = twoStepRules;
  let state = 0;
  let total = 0;
  for (;;) {
    const { greedy } = states[state];
    const cell = (state * actions + greedy[0]) * actions + greedy[1];
    total += rewards[cell];
    if (next[cell] < 0) return { state, actions: greedy, reward: total };
    state = next[cell];
  }
}

/** The most that the game pays. */
const BEST = extent(twoStepRules.rewards)[1];

/** What happened, from the numbers alone. */
export function describeTwoStep(learned: readonly Learned[]): string {
  const plays = learned.map(({ states }) => greedyPlay(states));
  const sentences = learned.map(({ name }, index) => `${name} ${describePlay(plays[index])}.`);
  return [...sentences, describeWhy(learned, plays)].filter(Boolean).join(' ');
}

function describePlay({ state, actions, reward }: Play): string {
  const [one, two] = actions.map((action) => PLACES[action]);
  const moves =
    one === two
      ? `both agents take their ${one} action`
      : `agent 1 takes its ${one} action and agent 2 its ${two}`;
  const worth = reward === BEST ? ', the most there is' : `, ${BEST - reward} less than there is`;
  return `goes to ${twoStepRules.states[state]}, where ${moves}, for ${reward}${worth}`;
}

/** Why one got less: what each takes the best of 2B to be worth. */
function describeWhy(learned: readonly Learned[], plays: readonly Play[]): string {
  const missed = plays.findIndex(({ reward }) => reward < BEST);
  const reached = plays.findIndex(({ reward }) => reward === BEST);
  if (missed < 0) return 'This time none of them missed it.';
  const worth = (index: number, state: number): string => {
    const { joint } = learned[index].states[state];
    return joint ? decimal(extent(joint.flat())[1]) : 'nothing that could be said';
  };
  const [, safe, risky] = twoStepRules.states;
  const why = `${learned[missed].name} takes the best of ${risky} to be worth ${worth(missed, 2)} and that of ${safe} ${worth(missed, 1)}`;
  const reason = isSum(learned[missed].states[2])
    ? ': what is added up cannot say that an action pays only where both take it'
    : '';
  const other =
    reached < 0 ? '' : ` ${learned[reached].name} has ${worth(reached, 2)} and ${worth(reached, 1)}.`;
  return `${why}${reason}.${other}`;
}

/** Whether Q_tot is one number for each agent's action, added: then both diagonals have the same sum. */
function isSum({ joint }: GameState): boolean {
  if (!joint) return false;
  const [[a, b], [c, d]] = joint;
  return Math.abs(a + d - b - c) < 1e-6 * (1 + Math.abs(a) + Math.abs(d));
}
