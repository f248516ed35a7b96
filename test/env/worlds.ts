import { MeetingGridworld, type MeetingGridworldOptions } from '../../src/env/meeting_gridworld.ts';
import { below, philox, STREAM } from '../../src/random.ts';

const five: MeetingGridworldOptions = {
  gridSize: 5,
  agents: 2,
  episodeLimit: 50,
  observationScale: 'raw',
  stateScale: 'raw',
};
export const STARTS = 13_800;
export const STATES = 25 ** 3;

export const make = (copies: number, changes: Partial<MeetingGridworldOptions> = {}, seed = 1) =>
  new MeetingGridworld({ ...five, ...changes }, seed, copies);

/** An environment with these cells in each copy: agents', then the goal's. */
export function withCells(cells: readonly number[][], changes: Partial<MeetingGridworldOptions> = {}) {
  const env = make(cells.length, changes);
  env.load(Int32Array.from(cells.flatMap((each) => [...each, 0, 0])));
  return env;
}

export const allStates = (): number[][] =>
  Array.from({ length: STATES }, (_, s) => [s % 25, Math.floor(s / 25) % 25, Math.floor(s / 625)]);

/** Uniformly random joint actions, the same in every run. */
export function randomActions(actions: Uint32Array, step: number): void {
  const words = new Uint32Array(4);
  for (let j = 0; j < actions.length; j += 4) {
    philox(words, 3, STREAM.test, step, j);
    for (let k = 0; k < 4 && j + k < actions.length; k++) actions[j + k] = below(words[k], 5);
  }
}

/** Index of the first difference, −1 where there is none: what toEqual says of long arrays, in a thousandth of the time. */
export function firstDifference(got: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (got.length !== expected.length) return Math.min(got.length, expected.length);
  for (let j = 0; j < got.length; j++) if (got[j] !== expected[j]) return j;
  return -1;
}
