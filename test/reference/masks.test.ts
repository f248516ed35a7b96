import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/config.ts';
import { below, philox, STREAM, unitInterval } from '../../src/random.ts';
import { act } from '../../src/reference/act.ts';
import { createCpuLearner } from '../../src/reference/cpu_learner.ts';
import { selectGreedy } from '../../src/reference/select.ts';
import { allocateWorkspace, forward, update } from '../../src/reference/update.ts';
import { type NetworkShape, recordLayout } from '../../src/shapes.ts';
import { Play, smallOptions, trained } from './play.ts';
import { fillMask, REPORT, randomBatch, randomState, TestNumbers } from './random_case.ts';

const ROWS = 3000;
const ACTIONS = 5;
const numbers = new TestNumbers(40);
const q = new Float64Array(ROWS * ACTIONS);
numbers.fill(q, 1);
const mask = new Float32Array(ROWS * ACTIONS);
fillMask(mask, ACTIONS, numbers);
const all = new Float32Array(ROWS * ACTIONS).fill(1);

describe('greedy actions', () => {
  it('are the best legal ones', () => {
    const actions = new Uint32Array(ROWS);
    const best = new Uint32Array(ROWS);
    selectGreedy(actions, q, ACTIONS, ROWS, mask);
    const masked = q.map((value, j) => (mask[j] ? value : -Infinity));
    selectGreedy(best, masked, ACTIONS, ROWS);
    expect(actions).toEqual(best);
    selectGreedy(best, q, ACTIONS, ROWS);
    expect(actions).not.toEqual(best);
    selectGreedy(actions, q, ACTIONS, ROWS, all);
    expect(actions).toEqual(best);
  });

  it('are the lowest of those that tie, and 0 where none is legal', () => {
    const actions = new Uint32Array(3).fill(9);
    const values = Float64Array.of(7, 1, 1, -4, -3, -3, 5, 6, 7);
    selectGreedy(actions, values, 3, 3, Float32Array.of(0, 1, 1, 1, 0, 1, 0, 0, 0));
    expect([...actions]).toEqual([1, 2, 0]);
  });
});

describe('random actions', () => {
  it('are the k-th legal one, k drawn below their number', () => {
    const actions = new Uint32Array(ROWS);
    const greedy = new Uint32Array(ROWS);
    const words = new Uint32Array(4);
    selectGreedy(greedy, q, ACTIONS, ROWS, mask);
    act(actions, q, ACTIONS, 0.6, 7, 11, mask);
    for (let r = 0; r < ROWS; r++) {
      philox(words, 7, STREAM.explore, 11, r);
      const legal = [0, 1, 2, 3, 4].filter((a) => mask[r * ACTIONS + a] === 1);
      const random = unitInterval(words[0]) < Math.fround(0.6);
      expect(actions[r]).toBe(random ? legal[below(words[1], legal.length)] : greedy[r]);
    }
  });

  it('are the same as without a mask where all are legal, and 0 where none is', () => {
    const actions = new Uint32Array(ROWS);
    const without = new Uint32Array(ROWS);
    act(actions, q, ACTIONS, 0.6, 7, 11, all);
    act(without, q, ACTIONS, 0.6, 7, 11);
    expect(actions).toEqual(without);
    act(actions, q, ACTIONS, 1, 7, 11, new Float32Array(ROWS * ACTIONS));
    expect(actions).toEqual(new Uint32Array(ROWS));
  });
});

const shape: NetworkShape = {
  ...REPORT,
  agents: 3,
  observationSize: 4,
  stateSize: 5,
  actions: ACTIONS,
  hidden: 7,
  mixerWidth: 6,
  hyperHidden: 5,
  masked: true,
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
  tau: 0.1,
};
const BATCH = 40;

describe.each(['none', 'sum', 'monotonic'] as const)('the target, mixer %s', (mixer) => {
  const ownShape = { ...shape, mixer };

  it('bootstraps from legal actions only', () => {
    const state = randomState(ownShape, new TestNumbers(41), 2);
    const batch = randomBatch(ownShape, BATCH, new TestNumbers(42));
    const work = allocateWorkspace(ownShape, BATCH);
    forward(work, state, batch, 0.99);
    for (const [r, action] of work.nextActions.entries()) {
      expect(batch.nextAvailable[r * ACTIONS + action]).toBe(1);
    }
    const unmasked = allocateWorkspace(ownShape, BATCH);
    forward(unmasked, state, { ...batch, nextAvailable: new Float64Array(0) }, 0.99);
    expect(unmasked.nextActions).not.toEqual(work.nextActions);
    expect(unmasked.target).not.toEqual(work.target);

    // What no mask lets through may be worth anything.
    for (let j = 3; j < batch.nextAvailable.length; j += ACTIONS) {
      batch.nextAvailable[j] = 0;
      batch.nextAvailable[j + 1] = 1;
    }
    forward(work, state, batch, 0.99);
    const before = work.target.slice();
    for (const networks of [state.online, state.target]) {
      for (const layers of networks.agents) layers[2].bias[3] += 1000;
    }
    forward(work, state, batch, 0.99);
    expect(work.target).toEqual(before);
    forward(unmasked, state, { ...batch, nextAvailable: new Float64Array(0) }, 0.99);
    expect(unmasked.nextActions.every((action) => action === 3)).toBe(true);
  });

  it('is the same, bit for bit, with all actions legal and without masks', () => {
    const batch = randomBatch(ownShape, BATCH, new TestNumbers(42));
    const states = [batch.nextAvailable.fill(1), new Float64Array(0)].map((nextAvailable) => {
      const state = randomState(ownShape, new TestNumbers(41), 2);
      const work = allocateWorkspace(ownShape, BATCH);
      for (let k = 0; k < 5; k++) update(work, state, { ...batch, nextAvailable }, settings);
      return state;
    });
    expect(states[0]).toEqual(states[1]);
  });
});

describe('CpuLearner with masks', () => {
  it('never takes an illegal action, random or greedy', async () => {
    for (const overlap of [false, true]) {
      const play = await trained([5, 6], 1, { offGrid: 'illegal', overlap });
      const { shape: own, environments } = play.learner.options;
      const layout = recordLayout(own);
      const width = own.agents * own.actions;
      let illegal = 0;
      for (let step = 0; step < 60; step++) {
        const legal = play.environments.map((env) => env.available.slice());
        await play.advance(1, step % 2 ? 1 : 0);
        for (let l = 0; l < 2; l++) {
          for (let e = 0; e < environments; e++) {
            for (let i = 0; i < own.agents; i++) {
              const record = (l * environments + e) * layout.size;
              const action = play.learner.inputs.transitions[record + layout.actions + i];
              expect(legal[l][e * width + i * own.actions + action]).toBe(1);
            }
          }
          illegal += legal[l].filter((one) => one === 0).length;
        }
      }
      expect(illegal).toBeGreaterThan(100);
    }
  });

  it('learns the same, bit for bit, with masks of 1 and without masks', async () => {
    const options = smallOptions([5, 6]);
    const masked = createCpuLearner({ ...options, shape: { ...options.shape, masked: true } });
    const plays = [new Play(masked, 3, 'stay'), new Play(createCpuLearner(options), 3)];
    for (const play of plays) await play.advance(40, 0.5);
    expect(plays[0].environments.map((env) => env.save())).toEqual(
      plays[1].environments.map((env) => env.save()),
    );
    const networks = async ({ learner }: Play) =>
      (await learner.save()).map(
        (snapshot) => new Map([...snapshot].filter(([name]) => !/^replay/.test(name))),
      );
    expect(await networks(plays[0])).toEqual(await networks(plays[1]));
  });

  it('gives greedy actions that are legal, for any number of rows, and asks for the masks', async () => {
    const { learner } = await trained([5, 6], 20, { offGrid: 'illegal' });
    const { agents, observationSize, actions } = learner.options.shape;
    const rows = 131;
    const observations = new Float32Array(rows * agents * observationSize);
    new TestNumbers(2).fill(observations, 1);
    const legal = new Float32Array(rows * agents * actions);
    fillMask(legal, actions, new TestNumbers(3));
    const chosen = await learner.greedy(observations, rows, 0, 2, legal);
    for (const [j, action] of chosen.entries()) {
      expect(legal[(j % (rows * agents)) * actions + action]).toBe(1);
    }
    await expect(learner.greedy(observations, rows, 0, 1)).rejects.toThrow(
      'greedy: got available of 0 numbers, allowed: at least 1310',
    );
  });

  it('refuses a snapshot whose legality is neither 0 nor 1', async () => {
    const { learner } = await trained([5], 20, { offGrid: 'illegal' });
    const [snapshot] = await learner.save();
    const layout = recordLayout(learner.options.shape);
    const { shape: size, data } = snapshot.get('replay.transitions')!;
    const copy = data.slice();
    copy[2 * layout.size + layout.nextAvailable + 9] = 0.5;
    const load = () =>
      learner.load([new Map(snapshot).set('replay.transitions', { shape: size, data: copy })]);
    expect(load).toThrow(ConfigError);
    expect(load).toThrow(
      `tensor "replay.transitions": got 0.5 at ${2 * layout.size + layout.nextAvailable + 9}, allowed: 0 or 1`,
    );
  });
});
