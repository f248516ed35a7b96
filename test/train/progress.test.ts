import { describe, expect, it } from 'vitest';
import type { Config } from '../../src/config.ts';
import type { StepInputs } from '../../src/learner/learner.ts';
import { makeConfig } from '../../src/presets.ts';
import { Progress } from '../../src/train/progress.ts';
import { Schedule } from '../../src/train/schedule.ts';

const configOf = (changes: Partial<Config>) =>
  makeConfig('solve', { environments: 2, seeds: [1], ...changes });
const progressOf = (changes: Partial<Config> = {}) => new Progress(configOf(changes));

/** A step of two environments: their rewards, and how episodes ended in them. */
const step = (
  progress: Progress,
  rewards: readonly [number, number],
  ...ends: readonly ('goes on' | 'solved' | 'time out')[]
): void => {
  const flags = (test: (end: string) => boolean) =>
    Uint8Array.from(rewards, (_, copy) => (test(ends[copy] ?? 'goes on') ? 1 : 0));
  progress.count({
    copies: 2,
    rewards: Float32Array.from(rewards),
    terminations: flags((end) => end === 'solved'),
    truncations: flags((end) => end === 'time out'),
    successes: flags((end) => end === 'solved'),
  });
};

describe('progress', () => {
  it('has means over the episodes that there were, before there are 100', () => {
    const progress = progressOf();
    expect(progress.trainingSuccess).toBeNaN();
    expect(progress.trainingReturn).toBeNaN();
    step(progress, [1, -2]);
    expect(progress.trainingReturn).toBeNaN();
    step(progress, [4, -2], 'solved');
    expect([progress.episodes, progress.trainingSuccess, progress.trainingReturn]).toEqual([1, 1, 5]);
    // An episode that runs out of time has ended, too; the next one of that environment begins at 0.
    step(progress, [0.5, -2], 'goes on', 'time out');
    expect([progress.episodes, progress.trainingSuccess, progress.trainingReturn]).toEqual([2, 0.5, -0.5]);
    step(progress, [0.5, 3], 'time out', 'solved');
    expect([progress.episodes, progress.trainingSuccess, progress.trainingReturn]).toEqual([4, 0.5, 0.75]);
  });

  it('has means over the last 100 episodes after that', () => {
    const progress = progressOf();
    for (let n = 0; n < 50; n++) step(progress, [1, 1], 'time out', 'time out');
    expect([progress.trainingSuccess, progress.trainingReturn]).toEqual([0, 1]);
    for (let n = 0; n < 5; n++) step(progress, [11, 11], 'solved', 'solved');
    expect([progress.episodes, progress.trainingSuccess, progress.trainingReturn]).toEqual([110, 0.1, 2]);
    for (let n = 0; n < 50; n++) step(progress, [1, 1], 'time out', 'time out');
    expect([progress.trainingSuccess, progress.trainingReturn]).toEqual([0, 1]);
  });

  it('lowers epsilon by its own environment steps, and knows it some steps ahead', () => {
    const progress = progressOf({ epsilonStart: 0.9, epsilonEnd: 0.1, epsilonDecaySteps: 16 });
    const epsilons = () => [0, 1, 5, 9].map((ahead) => Number(progress.epsilon(ahead).toFixed(12)));
    expect(epsilons()).toEqual([0.9, 0.8, 0.4, 0.1]);
    step(progress, [0, 0]);
    step(progress, [0, 0]);
    expect(progress.environmentSteps).toBe(4);
    expect(epsilons()).toEqual([0.7, 0.6, 0.2, 0.1]);
  });

  it('is finished with the last update or episode, or once it is stopped', () => {
    const progress = progressOf({ updates: 5, episodes: 3 });
    step(progress, [0, 0], 'time out', 'solved');
    progress.updates = 4;
    expect([progress.finished, progress.finishedForGood]).toEqual([false, false]);
    progress.updates = 5;
    expect([progress.finished, progress.finishedForGood]).toEqual([true, false]);
    progress.updates = 4;
    step(progress, [0, 0], 'time out');
    expect([progress.finished, progress.finishedForGood]).toEqual([true, true]);
    const stopped = Object.assign(progressOf({ episodes: 0 }), { stopped: 1 });
    expect([stopped.finished, stopped.finishedForGood]).toEqual([true, true]);
  });

  it('foresees as many steps as no episode’s end can matter in', () => {
    expect(progressOf({ episodes: 0 }).foreseeableSteps).toBe(Number.POSITIVE_INFINITY);
    const ending = Object.assign(progressOf({ episodes: 10 }), { episodes: 3 });
    // Seven more episodes: two environments end them in four steps at the earliest.
    expect(ending.foreseeableSteps).toBe(4);
    const copying = { targetUpdate: 'hard', targetInterval: 6 } as const;
    expect(Object.assign(progressOf(copying), { episodes: 9 }).foreseeableSteps).toBe(2);
    expect(Object.assign(progressOf({ ...copying, episodes: 10 }), { episodes: 9 }).foreseeableSteps).toBe(1);
  });
});

describe('a schedule', () => {
  /** Steps that can be prepared by now, after so many with training. */
  function horizon(made: number, changes: Partial<Config>): number {
    const config = configOf({ updates: 100, warmup: 4, logEvery: 10, evaluateEvery: 25, ...changes });
    const progress = new Progress(config);
    const schedule = new Schedule(config, [progress], {} as StepInputs);
    schedule.vectorSteps = 2 + made / config.updatesPerStep;
    progress.updates = made;
    progress.environmentSteps = 2 * schedule.vectorSteps;
    schedule.refresh();
    return schedule.horizon();
  }

  it('looks ahead to the next row, evaluation, checkpoint or end, whichever is first', () => {
    expect(horizon(0, { saveEvery: 1000 })).toBe(10);
    expect(horizon(7, { saveEvery: 1000 })).toBe(3);
    expect(horizon(21, { saveEvery: 1000 })).toBe(4);
    expect(horizon(21, { saveEvery: 23 })).toBe(2);
    expect(horizon(91, { saveEvery: 1000, updates: 93 })).toBe(2);
    expect(horizon(6, { saveEvery: 1000, updatesPerStep: 3 })).toBe(2);
  });

  it('tells learners what to do in a step; one that is finished does nothing, and copies nothing', () => {
    const config = configOf({ warmup: 7, epsilonStart: 1, epsilonEnd: 0, epsilonDecaySteps: 100 });
    const progress = [0, 1].map(() => Object.assign(new Progress(config), { copiesTarget: 1 }));
    const bytes = () => new Uint8Array(2);
    const inputs = { steps: bytes(), stores: bytes(), trains: bytes(), copiesTarget: bytes() };
    const epsilon = Float32Array.of(0.5, 0.5);
    const schedule = new Schedule(config, progress, { ...inputs, epsilon } as unknown as StepInputs);
    const told = (ahead: number) => {
      schedule.prepare(ahead);
      const { steps, stores, trains, copiesTarget } = inputs;
      return [steps, stores, trains, copiesTarget].map((flags) => flags.join(' '));
    };
    schedule.refresh();
    expect(told(0)).toEqual(['1 1', '0 0', '0 0', '1 1']);
    progress[1].stopped = 1;
    schedule.refresh();
    schedule.vectorSteps = 3;
    progress[0].environmentSteps = 6;
    expect(told(0)).toEqual(['1 0', '1 0', '0 0', '1 0']);
    // How episodes end in the step before it is not known: it can be no step that copies.
    expect(told(1)).toEqual(['1 0', '1 0', '1 0', '0 0']);
    expect([...epsilon]).toEqual([Math.fround(0.92), 1]);
  });

  it('looks ahead to the first update while there is none', () => {
    const config = configOf({ warmup: 7 });
    const schedule = new Schedule(config, [new Progress(config)], {} as StepInputs);
    schedule.refresh();
    expect([schedule.horizon(), schedule.trains]).toEqual([4, false]);
    schedule.vectorSteps = 3;
    expect([schedule.horizon(), schedule.trains]).toEqual([1, false]);
    schedule.vectorSteps = 4;
    expect(schedule.trains).toBe(true);
  });
});
