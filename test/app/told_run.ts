import type { RunInfo } from '../../src/app/service.ts';
import type { TourSource } from '../../src/app/understand/tour.ts';
import type { Episode, Look } from '../../src/inspect/look.ts';

/** VDN on a grid of 3×3, on which moves off the grid are not allowed. */
const RUN: RunInfo = {
  id: 'told',
  name: 'a told run',
  algorithm: 'vdn',
  mixer: 'sum',
  sharedAgents: false,
  agentId: false,
  environment: 'meeting-gridworld',
  masked: true,
  picture: 'grid',
  gridSize: 3,
  agents: 2,
  pieces: ['agent 1', 'agent 2', 'goal'],
  actions: ['up', 'down', 'left', 'right', 'stay'],
  learners: [{ label: 'seed 1', seed: 1, variant: 0 }],
  updates: 1000,
  stopWhenSolved: false,
  starts: 504,
  allStarts: true,
  mapped: true,
  link: [],
};

/** A run of which a test says everything: what the tour asks for waits until it is answered. */
export class ToldRun implements TourSource {
  run: RunInfo | undefined = RUN;
  learner = 0;
  /** What waits, in order: `start`, `step`, or `episode` and its cells. */
  readonly waiting: string[] = [];
  private readonly answers: { resolve(answer: unknown): void; reject(error: Error): void }[] = [];

  episode(cells?: readonly number[]): Promise<Episode> {
    return this.wait(cells ? `episode ${cells}` : 'episode') as Promise<Episode>;
  }

  step(): Promise<void> {
    return this.wait('step') as Promise<void>;
  }

  start(): Promise<void> {
    return this.wait('start') as Promise<void>;
  }

  /** Answers what has waited longest. */
  answer(answer?: unknown): void {
    this.waiting.shift();
    this.answers.shift()!.resolve(answer);
  }

  refuse(reason: string): void {
    this.waiting.shift();
    this.answers.shift()!.reject(new Error(reason));
  }

  private wait(what: string): Promise<unknown> {
    this.waiting.push(what);
    return new Promise((resolve, reject) => this.answers.push({ resolve, reject }));
  }
}

/**
 * An episode of one move from the corners of the grid, with these Q-values of both agents' actions: agent 1 may not go
 * up or left, agent 2 not down or right.
 */
export function toldEpisode(
  q: readonly (readonly number[])[],
  updates: number,
  tdError: number,
  cells: readonly number[] = [0, 8, 4],
): Episode {
  const legal = [
    [false, true, false, true, true],
    [true, false, true, false, true],
  ];
  const best = (values: readonly number[], agent: number): number =>
    values.reduce((at, value, action) => (legal[agent][action] && !(value <= values[at]) ? action : at), 4);
  const greedy = q.map(best);
  const qTotal = q.reduce((sum, values, agent) => sum + values[greedy[agent]], 0);
  const look: Look = { q, legal, greedy, qTotal, slopes: [1, 1], mixing: undefined };
  return {
    moments: [
      { cells, actions: [], reward: Number.NaN, tdError: Number.NaN, look },
      { cells, actions: greedy, reward: -0.01, tdError, look },
      { cells, actions: greedy, reward: -0.01, tdError, look },
    ],
    optimal: 2,
    outcome: 'timeout',
    updates,
  };
}
