import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { chosenValues, totalOf } from '../../src/app/understand/mixing.ts';
import { twoStepRules } from '../../src/env/two_step.ts';
import { jointValues } from '../../src/inspect/joint_values.ts';
import { Policy } from '../../src/inspect/policy.ts';
import { algorithms } from '../../src/presets.ts';
import type { LearnerState } from '../../src/reference/optimise.ts';
import type { NetworkShape } from '../../src/shapes.ts';
import { batchOf, stateOf } from '../../src/verify/reference_values.ts';
import { parseVectorFile } from '../../src/verify/vector_file.ts';
import { REPORT, randomBatch, randomState, TestNumbers } from '../reference/random_case.ts';

/** The files' float64 numbers are stored as float32: at most 2⁻²⁴ of the number away. */
const BOUND = 2 ** -24 * (1 + 1e-6);

const folder = new URL('../../src/verify/vectors/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.safetensors'));

/** Sizes that are all different, so that mixing up two of them shows. */
const SHAPE: NetworkShape = {
  ...REPORT,
  agents: 3,
  observationSize: 5,
  stateSize: 7,
  actions: 4,
  hidden: 11,
  mixerWidth: 6,
  hyperHidden: 9,
};

const policyOf = (shape: NetworkShape, { online }: LearnerState): Policy =>
  new Policy(shape, (name) => online.tensors.get(name)!);

/** Row b of a [B, …] array. */
const row = (values: ArrayLike<number>, b: number, batch: number): number[] => {
  const width = values.length / batch;
  return Array.from(values).slice(b * width, (b + 1) * width);
};

function expectNear(name: string, got: readonly number[], expected: readonly number[], bound: number): void {
  expect(got, name).toHaveLength(expected.length);
  for (const [index, value] of expected.entries()) {
    expect(
      Math.abs(got[index] - value),
      `${name}[${index}]: got ${got[index]}, expected ${value}`,
    ).toBeLessThanOrEqual(bound * Math.abs(value));
  }
}

describe.each(files)('%s', (name) => {
  const file = parseVectorFile(readFileSync(new URL(name, folder)), name);
  const { shape, batchSize } = file;
  const batch = batchOf(file);
  const policy = policyOf(shape, stateOf(file));
  const expected = (key: string, b: number): number[] => row(file.expected.get(key)!.data, b, batchSize);

  it('is what a look finds, row by row', () => {
    const available = new Array<number>(shape.masked ? shape.agents * shape.actions : 0).fill(1);
    for (let b = 0; b < batchSize; b++) {
      const observations = row(batch.observations, b, batchSize);
      const state = row(batch.states, b, batchSize);
      const look = policy.look(observations, available, state);
      expectNear('q', look.q.flat(), expected('q', b), BOUND);
      expect(look.mixing === undefined).toBe(shape.mixer !== 'monotonic');
      if (look.mixing) {
        const { w1, b1, w2, b2 } = look.mixing;
        expectNear('w1', w1.flat(), expected('w1', b), BOUND);
        expectNear('b1', [...b1], expected('b1', b), BOUND);
        expectNear('w2', [...w2], expected('w2', b), BOUND);
        expectNear('b2', [b2], expected('b2', b), BOUND);
        // As the tour computes it, from these weights alone.
        const total = totalOf(look, chosenValues(look, look.greedy))!;
        expect(Math.abs(total - look.qTotal!)).toBeLessThan(1e-12 * Math.max(1, Math.abs(total)));
      }
      const actions = Int32Array.from(row(batch.actions, b, batchSize));
      const total = policy.value(actions);
      const own = expected('q_tot', b);
      // Where there is no mixer, a mean of numbers that may cancel: as far off as the largest of them may be.
      const size = Math.max(...own.map(Math.abs));
      expect(Math.abs(total - own.reduce((sum, q) => sum + q, 0) / own.length)).toBeLessThanOrEqual(
        BOUND * size,
      );
      expectNear('dqtot_dq', policy.slopes(), expected('dqtot_dq', b), BOUND);
    }
  });
});

describe('a look', () => {
  it.each([
    ['softplus', SHAPE],
    ['abs, one layer', { ...SHAPE, positivity: 'abs', hyperLayers: 1, biasLayers: 1 }],
    ['a sum', { ...SHAPE, mixer: 'sum' }],
  ] as [string, NetworkShape][])('has the slopes of Q_tot, by finite differences (%s)', (_, shape) => {
    const numbers = new TestNumbers(31);
    const state = randomState(shape, numbers, 2);
    const batch = randomBatch(shape, 1, numbers);
    const look = () => policyOf(shape, state).look(batch.observations, [], batch.states);
    const { slopes, greedy, qTotal } = look();
    expect(slopes).toHaveLength(shape.agents);
    const step = 1e-5;
    for (let agent = 0; agent < shape.agents; agent++) {
      // All Q-values of one agent rise together: the greedy joint action stays.
      const { bias } = state.online.agents[agent][2];
      const moved = [step, -2 * step].map((by) => {
        for (let action = 0; action < shape.actions; action++) bias[action] += by;
        const found = look();
        expect(found.greedy).toEqual(greedy);
        return found.qTotal!;
      });
      for (let action = 0; action < shape.actions; action++) bias[action] += step;
      expect(slopes![agent]).toBeGreaterThan(0);
      expect(Math.abs((moved[0] - moved[1]) / (2 * step) - slopes![agent])).toBeLessThan(1e-7);
    }
    expect(qTotal).toBeCloseTo(look().qTotal!, 9);
  });

  it('prefers what is legal, and says what is', () => {
    const shape = { ...SHAPE, masked: true };
    const numbers = new TestNumbers(32);
    const policy = policyOf(shape, randomState(shape, numbers, 2));
    const batch = randomBatch(shape, 1, numbers);
    const free = policy.look(batch.observations, new Array(12).fill(1), batch.states);
    expect(free.legal).toEqual(Array(3).fill(Array(4).fill(true)));
    // The best action of each agent becomes illegal: the second best is taken.
    const available = free.q.flatMap((_, agent) =>
      [0, 1, 2, 3].map((a) => (a === free.greedy[agent] ? 0 : 1)),
    );
    const bound = policy.look(batch.observations, available, batch.states);
    expect(bound.q).toEqual(free.q);
    expect(bound.legal.flat().map(Number)).toEqual(available);
    for (const [agent, q] of bound.q.entries()) {
      expect(q.indexOf([...q].sort((a, b) => b - a)[1])).toBe(bound.greedy[agent]);
    }
    expect(bound.qTotal).toBeLessThan(free.qTotal!);
  });

  it('has neither Q_tot nor slopes nor mixing weights without a mixer, and no weights of a sum', () => {
    const numbers = new TestNumbers(33);
    const shared = { ...SHAPE, sharedAgents: true, agentId: true };
    const batch = randomBatch(shared, 1, numbers);
    const [none, sum] = (['none', 'sum'] as const).map((mixer) => {
      const shape = { ...shared, mixer };
      return policyOf(shape, randomState(shape, new TestNumbers(34), 1)).look(
        batch.observations,
        [],
        batch.states,
      );
    });
    expect(none).toMatchObject({ qTotal: undefined, slopes: undefined, mixing: undefined });
    expect(sum).toMatchObject({ slopes: [1, 1, 1], mixing: undefined });
    expect(sum.qTotal).toBeCloseTo(
      sum.q.reduce((total, q, agent) => total + q[sum.greedy[agent]], 0),
      12,
    );
    // With its number, each agent sees something else.
    const same = new Float64Array(15).fill(0.5);
    const shape = { ...shared, mixer: 'none' as const };
    const { q } = policyOf(shape, randomState(shape, numbers, 1)).look(same, [], batch.states);
    expect(q[0]).not.toEqual(q[1]);
  });

  it('stays as it is when the next comes', () => {
    const numbers = new TestNumbers(35);
    const policy = policyOf(SHAPE, randomState(SHAPE, numbers, 1));
    const [first, second] = [1, 2].map(() => randomBatch(SHAPE, 1, numbers));
    const look = policy.look(first.observations, [], first.states);
    const kept = structuredClone(look);
    expect(policy.look(second.observations, [], second.states)).not.toEqual(kept);
    expect(look).toEqual(kept);
    policy.load((name) => randomState(SHAPE, new TestNumbers(36), 1).online.tensors.get(name)!);
    expect(look).toEqual(kept);
    expect(policy.look(first.observations, [], first.states)).not.toEqual(kept);
  });

  it.each(['qmix', 'vdn'])('finds in a game what its table of Q_tot has (%s)', (algorithm) => {
    const shape = {
      ...SHAPE,
      ...{ agents: 2, observationSize: 3, stateSize: 3, actions: 2 },
      mixer: algorithms[algorithm].mixer as NetworkShape['mixer'],
    };
    const state = randomState(shape, new TestNumbers(37), 2);
    const policy = policyOf(shape, state);
    const tables = jointValues(shape, (name) => state.online.tensors.get(name)!, twoStepRules);
    for (const [index, { joint, greedy, agents }] of tables.entries()) {
      const oneHot = [0, 1, 2].map((at) => (at === index ? 1 : 0));
      const look = policy.look([...oneHot, ...oneHot], [], oneHot);
      expect(look.greedy).toEqual(greedy);
      expectNear('q', look.q.flat(), agents.flat(), 1e-12);
      expectNear('Q_tot', [look.qTotal!], [joint![greedy[0]][greedy[1]]], 1e-12);
      for (const [first, values] of joint!.entries()) {
        for (const [second, value] of values.entries()) {
          expectNear('Q_tot', [policy.value(Int32Array.of(first, second))], [value], 1e-12);
        }
      }
    }
  });
});
