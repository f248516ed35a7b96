import '../../src/app/style.css';
import { RunView } from '../../src/app/run_view.ts';
import type { GameState, Progress, RunInfo, RunState } from '../../src/app/service.ts';
import type { Episode, Moment } from '../../src/inspect/look.ts';

/**
 * What the page shows of a run, without one: episodes, tables and maps are made up here, the same for each learner but
 * for what tests tell them apart by. What was asked of the page is kept.
 */

const MOMENTS = 30;
const GRID = 3;
const STARTS = 9 * 8 * 7;

const moment = (cells: readonly number[], actions: readonly number[], learner: number): Moment => ({
  cells,
  actions,
  reward: 0,
  tdError: 0,
  look: {
    q: [learner, learner].map((value) => [value, 0, 0, 0, 0]),
    legal: [0, 1].map(() => [true, true, true, true, true]),
    greedy: [4, 4],
    ...{ qTotal: undefined, slopes: undefined, mixing: undefined },
  },
});

/** A team that stays where it is, and solves nothing. */
const episodeOf = (learner: number, cells: readonly number[]): Episode => ({
  moments: Array.from({ length: MOMENTS }, (_, at) => moment(cells, at > 0 ? [4, 4] : [], learner)),
  optimal: 2,
  outcome: 'timeout',
  updates: 0,
});

const gameOf = (learner: number): GameState => {
  const values = [0, 1].map(() => [learner, 0]);
  return { state: '1', agents: values, joint: values, greedy: [0, 0], optimal: values };
};

/** Calls that were made, as texts: `episode 0 1,2,3`. */
const asked: string[] = [];
/** Learners whose map there is. */
const evaluated: number[] = [];

const view = new RunView({
  episode: async (learner, exploring, cells) => {
    asked.push(
      ['episode', learner, ...(exploring ? ['exploring'] : []), ...(cells ? [cells] : [])].join(' '),
    );
    return episodeOf(learner, cells ?? [0, 1, 8]);
  },
  game: async (learner) => {
    asked.push(`game ${learner}`);
    return [gameOf(learner)];
  },
  outcomes: async (learner) => {
    asked.push(`outcomes ${learner}`);
    return evaluated.includes(learner) ? new Uint8Array(STARTS).fill(learner) : undefined;
  },
  onLearner: () => asked.push('learner'),
});

let runs = 0;

/** Puts a run of so many learners on the page. */
function begin(picture: RunInfo['picture'], learners: number): void {
  view.show(undefined);
  view.show({
    id: String(++runs),
    ...{ name: 'a run', algorithm: 'qmix', environment: picture, picture, gridSize: GRID, agents: 2 },
    pieces: picture === 'grid' ? ['agent 1', 'agent 2', 'goal'] : [],
    actions: ['up', 'down', 'left', 'right', 'stay'],
    learners: Array.from({ length: learners }, (_, at) => ({
      ...{ label: `seed ${at + 5}`, seed: at + 5, variant: 0 },
    })),
    ...{ mixer: 'none', sharedAgents: false, agentId: false, masked: false },
    ...{
      updates: 100,
      stopWhenSolved: false,
      starts: STARTS,
      allStarts: true,
      mapped: picture === 'grid',
      link: [],
    },
  });
}

const PROGRESS: Progress = {
  ...{ updates: 10, environmentSteps: 320, episodes: 4, updatesPerSecond: 9, stepsPerSecond: 90 },
  ...{ seconds: 1, secondsLeft: 10, epsilon: 0.5, trainingSuccess: 0.5 },
  ...{ success: [0.5], lengthRatio: [1], solvedUpdates: [0] },
};

const playing = {
  ...{ view, asked, evaluated, begin },
  /** Says that the run has come further. */
  report: (state: RunState) => view.takeProgress(state, PROGRESS),
  /** Says that the run has ended. */
  end: (updates: number, hash: string) =>
    view.takeEnd({ state: 'finished', hash, reason: '', goesOn: false }, { ...PROGRESS, updates }),
};
export type Playing = typeof playing;
Object.assign(window, { playing });
