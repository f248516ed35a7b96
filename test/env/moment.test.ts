import { expect, it } from 'vitest';
import { type Outcome, readOutcome } from '../../src/env/faults.ts';
import { readMoment } from '../../src/env/moment.ts';

it('what a module gives goes to the places of its copy, and of each agent there', () => {
  const sizes = { agents: 2, actions: 2, observationSize: 2, stateSize: 1, masked: true };
  const to = {
    observations: new Float64Array(8),
    states: new Float64Array(2),
    available: new Uint8Array(8),
  };
  const given = (from: number) => ({
    observations: [
      [from, from + 1],
      [from + 2, from + 3],
    ],
    state: [from + 4],
    actionMask: [
      [1, false],
      [0, true],
    ],
  });
  expect(readMoment(given(10), sizes, false, to, 1)).toBeUndefined();
  expect(readMoment(given(20), sizes, false, to, 0)).toBeUndefined();
  expect([...to.observations]).toEqual([20, 21, 22, 23, 10, 11, 12, 13]);
  expect([...to.states]).toEqual([24, 14]);
  expect([...to.available]).toEqual([1, 0, 0, 1, 1, 0, 0, 1]);
});

it('a step that is cut off is so whether it has terminated or not', () => {
  const outcome: Outcome = { reward: 0, terminated: false, truncated: false, success: undefined };
  expect(
    readOutcome({ reward: 2, terminated: false, truncated: true, success: true }, outcome),
  ).toBeUndefined();
  expect(outcome).toEqual({ reward: 2, terminated: false, truncated: true, success: true });
  expect(readOutcome({ reward: -1, terminated: true }, outcome)).toBeUndefined();
  expect(outcome).toEqual({ reward: -1, terminated: true, truncated: false, success: undefined });
});
