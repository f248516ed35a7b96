import { describe, expect, it } from 'vitest';
import { algorithms } from '../../src/presets.ts';
import type { LearnerState } from '../../src/reference/optimise.ts';
import type { Batch } from '../../src/reference/sample.ts';
import { allocateWorkspace, backward, forward, type Workspace } from '../../src/reference/update.ts';
import type { NetworkShape } from '../../src/shapes.ts';
import { REPORT, randomBatch, randomState, TestNumbers } from './random_case.ts';

const B = 9;
const N = 3;
const O = 4;
const shapeOf = (algorithm: string, changes: Partial<NetworkShape> = {}): NetworkShape => ({
  ...REPORT,
  agents: N,
  observationSize: O,
  stateSize: 5,
  actions: 4,
  hidden: 7,
  mixerWidth: 6,
  hyperHidden: 5,
  ...algorithms[algorithm],
  ...changes,
});

function gradients(shape: NetworkShape, state: LearnerState, batch: Batch): Workspace {
  const work = allocateWorkspace(shape, B);
  forward(work, state, batch, 0.97);
  backward(work, state, batch);
  return work;
}

const draw = (shape: NetworkShape) => ({
  state: randomState(shape, new TestNumbers(50), 2),
  batch: randomBatch(shape, B, new TestNumbers(51)),
});

/** Agent i of the result is agent ORDER[i] of `values` [B, N, width]. */
const ORDER = [2, 0, 1];
function permuted<T extends Float64Array | Int32Array>(values: T): T {
  const width = values.length / (B * N);
  return values.map((_, j) => {
    const b = Math.floor(j / (N * width));
    const i = Math.floor(j / width) % N;
    return values[(b * N + ORDER[i]) * width + (j % width)];
  }) as T;
}

const permutedBatch = (batch: Batch): Batch => ({
  ...batch,
  observations: permuted(batch.observations),
  nextObservations: permuted(batch.nextObservations),
  actions: permuted(batch.actions),
});

/** The ids' columns of the first layer [H, O + N] in the order of the permuted agents. */
function permuteIds(weight: Float64Array): void {
  const before = weight.slice();
  for (let row = 0; row < weight.length; row += O + N) {
    for (let i = 0; i < N; i++) weight[row + O + i] = before[row + O + ORDER[i]];
  }
}

function expectClose(got: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(got.length).toBe(expected.length);
  for (let j = 0; j < got.length; j++) expect(Math.abs(got[j] - expected[j])).toBeLessThan(1e-12);
}

describe('PS-DQN', () => {
  it('gives permuted agents permuted values and the same gradient, where ids go with them', () => {
    const shape = shapeOf('ps-dqn');
    const { state, batch } = draw(shape);
    const work = gradients(shape, state, batch);
    for (const networks of [state.online, state.target]) permuteIds(networks.agents[0][0].weight);
    const other = gradients(shape, state, permutedBatch(batch));
    expectClose(other.agents.q, permuted(work.agents.q));
    expectClose(other.target, permuted(work.target));
    expect(other.loss).toBeCloseTo(work.loss, 12);
    permuteIds(work.gradient.agents[0][0].weight);
    expectClose(other.gradient.values, work.gradient.values);
  });

  it('tells agents apart by their ids alone', () => {
    const shape = shapeOf('ps-dqn');
    const { state, batch } = draw(shape);
    for (let j = 0; j < batch.observations.length; j++) batch.observations[j] = Math.floor(j / (N * O)) / B;
    const { agents } = gradients(shape, state, batch);
    for (let a = 0; a < 4; a++) expect(agents.q[a]).not.toBe(agents.q[4 + a]);

    const without = shapeOf('ps-dqn', { agentId: false });
    const same = gradients(without, randomState(without, new TestNumbers(50), 2), batch);
    for (let b = 0; b < B; b++) {
      const own = same.agents.q.subarray(b * N * 4, b * N * 4 + 4);
      for (let i = 1; i < N; i++) {
        expect(same.agents.q.subarray((b * N + i) * 4, (b * N + i) * 4 + 4)).toEqual(own);
      }
    }
  });

  it('without ids gives permuted agents permuted values and the same gradient', () => {
    const shape = shapeOf('ps-dqn', { agentId: false });
    const { state, batch } = draw(shape);
    const work = gradients(shape, state, batch);
    const other = gradients(shape, state, permutedBatch(batch));
    expectClose(other.agents.q, permuted(work.agents.q));
    expectClose(other.gradient.values, work.gradient.values);
  });
});

describe('agent ids', () => {
  it('add to the first layer’s bias a column of its weight, each agent its own', () => {
    const withId = shapeOf('qmix', { agentId: true });
    const { state, batch } = draw(withId);
    const work = gradients(withId, state, batch);
    const without = shapeOf('qmix');
    const plain = randomState(without, new TestNumbers(50), 2);
    for (const copy of ['online', 'target'] as const) {
      for (const [name, { data }] of plain[copy].tensors) {
        const source = state[copy].tensors.get(name)!.data;
        const agent = /^agents\.(\d)\.0\.(weight|bias)$/.exec(name);
        if (!agent) {
          data.set(source);
          continue;
        }
        const i = Number(agent[1]);
        const weight = state[copy].agents[i][0].weight;
        for (let j = 0; j < data.length; j++) {
          data[j] =
            agent[2] === 'weight'
              ? weight[Math.floor(j / O) * (O + N) + (j % O)]
              : source[j] + weight[j * (O + N) + O + i];
        }
      }
    }
    const other = gradients(without, plain, batch);
    expectClose(other.agents.q, work.agents.q);
    expectClose(other.mix.qTotal, work.mix.qTotal);
    for (let i = 0; i < N; i++) {
      const { weight, bias } = work.gradient.agents[i][0];
      expectClose(other.gradient.agents[i][0].bias, bias);
      for (let h = 0; h < 7; h++) {
        for (let k = 0; k < N; k++) {
          expect(weight[h * (O + N) + O + k]).toBeCloseTo(k === i ? bias[h] : 0, 12);
        }
      }
    }
  });
});

describe('IQL', () => {
  it('teaches each agent from what it sees alone', () => {
    const shape = shapeOf('iql');
    const { state, batch } = draw(shape);
    const work = gradients(shape, state, batch);
    const changed = { ...batch, observations: batch.observations.slice(), actions: batch.actions.slice() };
    for (let b = 0; b < B; b++) {
      for (let j = 0; j < O; j++) changed.observations[(b * N + 1) * O + j] += 0.5;
      changed.actions[b * N + 1] = (changed.actions[b * N + 1] + 1) % 4;
    }
    changed.states = batch.states.map((value) => value + 1);
    const other = gradients(shape, state, changed);
    expect(other.gradient.agents[0]).toEqual(work.gradient.agents[0]);
    expect(other.gradient.agents[1]).not.toEqual(work.gradient.agents[1]);
    expect(other.gradient.agents[2]).toEqual(work.gradient.agents[2]);
    expect(state.online.agentCount).toBe(state.online.values.length);
  });
});

describe('VDN', () => {
  it('has the sum of the agents’ values as Q_tot, and gives each agent its whole slope', () => {
    const shape = shapeOf('vdn');
    const { state, batch } = draw(shape);
    const work = gradients(shape, state, batch);
    for (let b = 0; b < B; b++) {
      const own = work.qChosen.subarray(b * N, (b + 1) * N);
      expect(work.mix.qTotal[b]).toBeCloseTo(own[0] + own[1] + own[2], 14);
      const next = work.nextQ.subarray(b * N, (b + 1) * N);
      const y = batch.rewards[b] + 0.97 * (1 - batch.terminated[b]) * (next[0] + next[1] + next[2]);
      expect(work.target[b]).toBeCloseTo(y, 13);
      for (let i = 0; i < N; i++) expect(work.chosenDelta[b * N + i]).toBe(work.lossSlope[b]);
    }
  });
});
