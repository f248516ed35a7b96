import { describe, expect, it } from 'vitest';
import { below, philox, STREAM, unitInterval } from '../../src/random.ts';
import { act } from '../../src/reference/act.ts';
import { allocateReplay, insert } from '../../src/reference/insert.ts';
import { copyTarget, followTarget, optimise } from '../../src/reference/optimise.ts';
import { allocateBatch, sample } from '../../src/reference/sample.ts';
import { selectBackward, selectGreedy } from '../../src/reference/select.ts';
import { tdError } from '../../src/reference/td_error.ts';
import { allocateWorkspace, backward, forward, update } from '../../src/reference/update.ts';
import { type NetworkShape, recordLayout } from '../../src/shapes.ts';
import { REPORT, randomBatch, randomState, TestNumbers } from './random_case.ts';

const shape: NetworkShape = {
  ...REPORT,
  agents: 3,
  observationSize: 4,
  stateSize: 5,
  actions: 3,
  hidden: 7,
  mixerWidth: 6,
  hyperHidden: 5,
};
const settings = {
  learningRate: 1e-3,
  mixerLearningRate: 5e-4,
  clipNorm: 10,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  corrected: true,
  gamma: 0.99,
  tau: 0,
};

describe('select', () => {
  it('breaks ties towards the lowest action', () => {
    const actions = new Int32Array(4);
    selectGreedy(actions, Float64Array.of(1, 1, 0, 0, 2, 2, -1, -3, -1, 5, 4, 5), 3, 4);
    expect([...actions]).toEqual([0, 1, 0, 0]);
  });

  it('passes a gradient to the chosen action only', () => {
    const dq = new Float64Array(6).fill(9);
    selectBackward(dq, Float64Array.of(2, 3), Int32Array.of(2, 0));
    expect([...dq]).toEqual([0, 0, 2, 3, 0, 0]);
  });
});

describe('act', () => {
  const rows = 3000;
  const q = new Float64Array(rows * 3);
  new TestNumbers(1).fill(q, 1);
  const greedy = new Uint32Array(rows);
  selectGreedy(greedy, q, 3, rows);
  const actions = new Uint32Array(rows);

  it('is greedy at epsilon 0 and draws every action from the generator at epsilon 1', () => {
    act(actions, q, 3, 0, 7, 11);
    expect(actions).toEqual(greedy);
    act(actions, q, 3, 1, 7, 11);
    const words = new Uint32Array(4);
    for (let r = 0; r < rows; r++) {
      philox(words, 7, STREAM.explore, 11, r);
      expect(actions[r]).toBe(below(words[1], 3));
    }
  });

  it('draws a random action exactly where the first word is below epsilon as float32', () => {
    const words = new Uint32Array(4);
    philox(words, 7, STREAM.explore, 12, 5);
    const edge = unitInterval(words[0]);
    let differing = 0;
    act(actions, q, 3, 0.3, 7, 12);
    for (let r = 0; r < rows; r++) {
      philox(words, 7, STREAM.explore, 12, r);
      const random = unitInterval(words[0]) < Math.fround(0.3);
      expect(actions[r]).toBe(random ? below(words[1], 3) : greedy[r]);
      if (actions[r] !== greedy[r]) differing++;
    }
    // 0.3 · 2/3 of 3000 = 600, standard deviation 22.
    expect(Math.abs(differing - 600)).toBeLessThan(110);
    act(actions, q, 3, edge, 7, 12);
    expect(actions[5]).toBe(greedy[5]);
  });

  it('rounds epsilon to float32 before it compares', () => {
    // From 1/2 on, a first word's number and its successor are neighbours in float32: a quarter of the way
    // between them rounds down to the number itself, which is then not below epsilon.
    const words = new Uint32Array(4);
    let checked = 0;
    for (let r = 0; r < 200; r++) {
      philox(words, 7, STREAM.explore, 13, r);
      const edge = unitInterval(words[0]);
      if (edge < 0.5 || below(words[1], 3) === greedy[r]) continue;
      act(actions, q, 3, edge + 2 ** -26, 7, 13);
      expect(actions[r]).toBe(greedy[r]);
      checked++;
    }
    expect(checked).toBeGreaterThan(20);
  });

  it('depends on seed and step', () => {
    act(actions, q, 3, 1, 7, 11);
    for (const [seed, step] of [
      [8, 11],
      [7, 12],
    ]) {
      const other = new Uint32Array(rows);
      act(other, q, 3, 1, seed, step);
      expect(other).not.toEqual(actions);
    }
  });
});

describe('replay', () => {
  const layout = recordLayout(shape);
  const record = (number: number) => Float32Array.from({ length: layout.size }, (_, j) => number * 1000 + j);

  it('puts transition t into slot t mod capacity and copies it', () => {
    const replay = allocateReplay(5, layout.size);
    for (let t = 0; t < 12; t += 3) {
      const step = new Float32Array(4 * layout.size);
      for (let e = 0; e < 3; e++) step.set(record(t + e), (e + 1) * layout.size);
      insert(replay, step, 1, 3);
      step.fill(-1);
    }
    expect(replay.stored).toBe(12);
    for (let slot = 0; slot < 5; slot++) {
      const newest = [10, 11, 7, 8, 9][slot];
      const got = replay.records.subarray(slot * layout.size, (slot + 1) * layout.size);
      expect(got).toEqual(record(newest));
    }
  });

  it('is sampled by the generator, from what is stored only, every part to its place', () => {
    const replay = allocateReplay(50, layout.size);
    const batch = allocateBatch(shape, 16);
    const words = new Uint32Array(4);
    for (let stored = 1; stored <= 120; stored++) {
      insert(replay, record(stored - 1), 0, 1);
      sample(batch, replay, layout, 99, stored);
      for (let b = 0; b < 16; b++) {
        philox(words, 99, STREAM.sample, stored, b);
        const slot = below(words[0], Math.min(stored, 50));
        const from = replay.records.subarray(slot * layout.size, (slot + 1) * layout.size);
        const got = [
          ...batch.observations.subarray(b * 12, b * 12 + 12),
          ...batch.states.subarray(b * 5, b * 5 + 5),
          ...batch.nextObservations.subarray(b * 12, b * 12 + 12),
          ...batch.nextStates.subarray(b * 5, b * 5 + 5),
          ...batch.actions.subarray(b * 3, b * 3 + 3),
          batch.rewards[b],
          batch.terminated[b],
        ];
        expect(got).toEqual([...from]);
      }
    }
  });

  it('is sampled uniformly', () => {
    const replay = allocateReplay(10, layout.size);
    for (let t = 0; t < 10; t++) insert(replay, record(t), 0, 1);
    const batch = allocateBatch(shape, 100);
    const counts = new Array(10).fill(0);
    for (let u = 0; u < 100; u++) {
      sample(batch, replay, layout, 5, u);
      for (const reward of batch.rewards) counts[Math.floor(reward / 1000)]++;
    }
    // Chi-square with 9 degrees of freedom: 27.9 is exceeded once in a thousand; the draw is fixed.
    const chiSquare = counts.reduce((sum, n) => sum + (n - 1000) ** 2 / 1000, 0);
    expect(chiSquare).toBeLessThan(27.9);
  });
});

describe('td_error', () => {
  it('cuts the bootstrap where the episode terminated, and means over the batch', () => {
    const target = new Float64Array(2);
    const slope = new Float64Array(2);
    const qTotal = Float64Array.of(1, 5);
    const loss = tdError(
      target,
      slope,
      qTotal,
      Float64Array.of(4, 4),
      Float64Array.of(2, 3),
      Float64Array.of(0, 1),
      0.5,
    );
    expect([...target]).toEqual([4, 3]);
    expect([...slope]).toEqual([-3, 2]);
    expect(loss).toBe((9 + 4) / 2);
  });

  it('gives each agent its own, with the joint reward, where there is no mixer', () => {
    const target = new Float64Array(4);
    const slope = new Float64Array(4);
    const q = Float64Array.of(1, 5, 0, 2);
    const next = Float64Array.of(4, 2, 9, 9);
    const loss = tdError(target, slope, q, next, Float64Array.of(2, 3), Float64Array.of(0, 1), 0.5);
    expect([...target]).toEqual([4, 3, 3, 3]);
    expect([...slope]).toEqual([-1.5, 1, -1.5, -0.5]);
    expect(loss).toBe((9 + 4 + 9 + 1) / 4);
  });
});

describe('optimise', () => {
  const numbers = new TestNumbers(3);
  const batch = randomBatch(shape, 6, numbers);

  it('applies an update that is the gradient’s sign times its learning rate in the first step', () => {
    const state = randomState(shape, new TestNumbers(4), 1);
    const before = state.online.values.slice();
    const work = allocateWorkspace(shape, 6);
    forward(work, state, batch, 0.99);
    backward(work, state, batch);
    optimise(state, work.gradient, work.gradientNorm, { ...settings, epsilon: 1e-30 });
    for (let j = 0; j < before.length; j++) {
      const rate = j < state.online.agentCount ? settings.learningRate : settings.mixerLearningRate;
      const expected = -rate * Math.sign(work.gradient.values[j]);
      expect(state.online.values[j] - before[j]).toBeCloseTo(expected, 12);
    }
  });

  it('is RMSprop, written out, where beta1 is 0 and nothing is corrected', () => {
    const rule = { beta1: 0, beta2: 0.99, epsilon: 1e-5, corrected: false };
    const state = randomState(shape, new TestNumbers(4), 1);
    const parameters = state.online.values.slice();
    const square = new Float64Array(parameters.length);
    const work = allocateWorkspace(shape, 6);
    for (let step = 1; step <= 4; step++) {
      const clipNorm = step % 2 === 0 ? 0.1 : 1e3;
      expect(update(work, state, batch, { ...settings, ...rule, clipNorm })).toBe(true);
      const scale = Math.min(1, clipNorm / (work.gradientNorm + 1e-6));
      for (let j = 0; j < parameters.length; j++) {
        const g = scale * work.gradient.values[j];
        const rate = j < state.online.agentCount ? 1e-3 : 5e-4;
        square[j] = 0.99 * square[j] + 0.01 * g ** 2;
        parameters[j] -= (rate * g) / (Math.sqrt(square[j]) + 1e-5);
        expect(Math.abs(state.online.values[j] - parameters[j])).toBeLessThan(1e-14);
      }
    }
  });

  it('scales longer gradients down to clipNorm and leaves shorter ones alone', () => {
    const state = randomState(shape, new TestNumbers(4), 1);
    const { firstMoment } = state;
    const work = allocateWorkspace(shape, 6);
    forward(work, state, batch, 0.99);
    backward(work, state, batch);
    const norm = work.gradientNorm;
    for (const [clipNorm, length] of [
      [norm / 4, norm / 4],
      [norm * 4, norm],
    ]) {
      firstMoment.values.fill(0);
      optimise(state, work.gradient, norm, { ...settings, clipNorm });
      const moment = Math.hypot(...firstMoment.values) / (1 - settings.beta1);
      expect(moment / length).toBeCloseTo(1, 6);
    }
  });

  it('moves targets by tau of the way, or all of it', () => {
    const state = randomState(shape, new TestNumbers(5), 1);
    const before = state.target.values.slice();
    followTarget(state, 0.25);
    for (let j = 0; j < before.length; j++) {
      expect(state.target.values[j]).toBeCloseTo(0.75 * before[j] + 0.25 * state.online.values[j], 14);
    }
    copyTarget(state);
    expect(state.target.values).toEqual(state.online.values);
    expect(state.target.values).not.toBe(state.online.values);
  });

  it('follows with the target in every update, after the step', () => {
    const state = randomState(shape, new TestNumbers(6), 1);
    const before = state.target.values.slice();
    update(allocateWorkspace(shape, 6), state, batch, { ...settings, tau: 0.5 });
    for (let j = 0; j < before.length; j++) {
      expect(state.target.values[j]).toBeCloseTo((before[j] + state.online.values[j]) / 2, 14);
    }
  });

  it('changes nothing where the gradient is not finite', () => {
    for (const poison of [Number.NaN, Infinity, 1e300]) {
      const state = randomState(shape, new TestNumbers(7), 1);
      const poisoned = { ...batch, rewards: batch.rewards.map((r, b) => (b === 2 ? poison : r)) };
      const all = [state.online, state.target, state.firstMoment, state.secondMoment];
      const before = all.map((networks) => networks.values.slice());
      const applied = update(allocateWorkspace(shape, 6), state, poisoned, { ...settings, tau: 0.5 });
      expect(applied).toBe(false);
      expect(all.map((networks) => networks.values)).toEqual(before);
      expect(state.updates).toBe(0);
    }
  });
});
