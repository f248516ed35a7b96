import { describe, expect, it } from 'vitest';
import type { LearnerSnapshot } from '../../src/learner/learner.ts';
import { below, philox, STREAM } from '../../src/random.ts';
import { createCpuLearner } from '../../src/reference/cpu_learner.ts';
import { decodeSafetensors, encodeSafetensors } from '../../src/safetensors.ts';
import { recordLayout } from '../../src/shapes.ts';
import { Play, smallOptions, trained } from './play.ts';
import { TestNumbers } from './random_case.ts';

/** Through a file and back, as a checkpoint goes. */
const throughFile = (snapshot: LearnerSnapshot): LearnerSnapshot =>
  decodeSafetensors(encodeSafetensors(snapshot, {}), 'snapshot').tensors;

describe('CpuLearner', () => {
  it.each([
    [{}],
    [{ overlap: false, updatesPerStep: 3 }],
    [{ sharedAgents: true }],
    [{ targetUpdate: 'hard' }],
    [{ mixer: 'none', sharedAgents: true, agentId: true }],
    [{ mixer: 'sum', optimizer: 'rmsprop' }],
    [{ positivity: 'abs', hyperLayers: 1, biasLayers: 1 }],
    [{ offGrid: 'illegal' }],
  ])('goes on from a saved state bit for bit: %o', async (changes) => {
    const play = await trained([5, 6], 23, changes);
    const saved = (await play.learner.save()).map(throughFile);
    const environments = play.environments.map((env) => env.save());
    const resumed = new Play(createCpuLearner(smallOptions([5, 6], changes)), 3);
    resumed.learner.load(saved);
    resumed.steps = play.steps;
    resumed.learner.inputs.transitions.set(play.learner.inputs.transitions);
    resumed.environments.forEach((env, l) => {
      env.load(environments[l]);
    });

    await play.advance(19, 0.5);
    await resumed.advance(19, 0.5);
    expect(await resumed.learner.save()).toEqual(await play.learner.save());
    expect(await resumed.learner.readMetrics()).toEqual(await play.learner.readMetrics());
  });

  it('saves copies', async () => {
    const play = await trained([5], 10);
    const [saved] = await play.learner.save();
    const before = throughFile(saved);
    await play.advance(10, 0.5);
    expect(saved).toEqual(before);
    expect((await play.learner.save())[0]).not.toEqual(before);
  });

  it('computes the same for a learner alone and for the same learner among others', async () => {
    const together = await trained([8, 5, 2], 40);
    const snapshots = await together.learner.save();
    for (const [l, seed] of [8, 5, 2].entries()) {
      const alone = await trained([seed], 40);
      expect((await alone.learner.save())[0]).toEqual(snapshots[l]);
    }
    expect(snapshots[0]).not.toEqual(snapshots[1]);
  });

  it('has taken what it needs of its inputs when step and store return', async () => {
    const run = async (scribble: boolean) => {
      const { learner } = await trained([5], 7);
      const { inputs } = learner;
      const promise = learner.step(7);
      if (scribble) {
        inputs.observations.fill(7);
        inputs.transitions.fill(1);
        inputs.epsilon.fill(1);
        inputs.copiesTarget.fill(1);
      }
      const actions = (await promise).slice();
      const snapshot = (await learner.save())[0];
      return { actions, snapshot };
    };
    expect(await run(true)).toEqual(await run(false));

    const { learner } = await trained([5], 7);
    learner.store();
    const before = (await learner.save())[0];
    learner.inputs.transitions.fill(0.5);
    expect((await learner.save())[0]).toEqual(before);
  });

  it('stores, trains and copies only where told to', async () => {
    const { learner } = await trained([5, 6, 7, 8], 7, { targetUpdate: 'hard' });
    const before = await learner.save();
    learner.inputs.stores.set([1, 0, 0, 0]);
    learner.inputs.trains.set([0, 1, 0, 0]);
    learner.inputs.copiesTarget.set([0, 0, 1, 0]);
    await learner.step(7);
    const after = await learner.save();
    const changed = after.map((snapshot, l) => {
      const names = [...snapshot].filter(([name, tensor]) => {
        try {
          expect(tensor).toEqual(before[l].get(name));
          return false;
        } catch {
          return true;
        }
      });
      return new Set(names.map(([name]) => name.split('.')[0]));
    });
    expect(changed[0]).toEqual(new Set(['replay', 'counters']));
    expect(changed[1]).toEqual(new Set(['online', 'optimizer', 'counters', 'metrics']));
    expect(changed[2]).toEqual(new Set(['target']));
    expect(changed[3]).toEqual(new Set());
    for (const [name, { data }] of after[2]) {
      if (name.startsWith('online.')) {
        expect(after[2].get(name.replace('online', 'target'))!.data).toEqual(data);
      }
    }
  });

  it('acts with the parameters before the update where overlap is on, with those after where it is off', async () => {
    // A learning rate of 1 changes the greedy actions in one update.
    const changes = { learningRate: 1, mixerLearningRate: 1, environments: 40, batchSize: 40 };
    for (const overlap of [true, false]) {
      const { learner } = await trained([5], 2, { ...changes, overlap });
      const { inputs } = learner;
      inputs.epsilon.fill(0);
      const before = await learner.greedy(inputs.observations, 40, 0, 1);
      const actions = (await learner.step(2)).slice();
      const after = await learner.greedy(inputs.observations, 40, 0, 1);
      expect(before).not.toEqual(after);
      expect(actions).toEqual(overlap ? before : after);
    }
  });

  it('explores by each learner’s own seed, the step’s number, environment and agent', async () => {
    const { learner } = await trained([5, 6], 2);
    learner.inputs.epsilon.fill(1);
    const { agents, actions: actionCount } = learner.options.shape;
    const rows = learner.options.environments * agents;
    const words = new Uint32Array(4);
    for (const step of [2, 900]) {
      const actions = await learner.step(step);
      for (const [l, seed] of [5, 6].entries()) {
        for (let r = 0; r < rows; r++) {
          philox(words, seed, STREAM.explore, step, r);
          expect(actions[l * rows + r]).toBe(below(words[1], actionCount));
        }
      }
    }
  });

  it('gives each learner’s greedy actions for any number of rows', async () => {
    const { learner } = await trained([5, 6, 7], 20);
    const { agents, observationSize } = learner.options.shape;
    const rows = 131;
    const observations = new Float32Array(rows * agents * observationSize);
    new TestNumbers(2).fill(observations, 1);
    const all = await learner.greedy(observations, rows, 0, 3);
    const pair = await learner.greedy(observations, rows, 1, 2);
    expect(pair).toEqual(all.slice(rows * agents));
    for (const row of [0, 63, 64, 130]) {
      const one = observations.slice(row * agents * observationSize, (row + 1) * agents * observationSize);
      expect(await learner.greedy(one, 1, 1, 1)).toEqual(pair.slice(row * agents, (row + 1) * agents));
    }
    await expect(learner.greedy(observations, rows + 1, 0, 1)).rejects.toThrow(/greedy: got 1572 numbers/);
    await expect(learner.greedy(observations, 1, 2, 2)).rejects.toThrow(/greedy: got learners 2 to 3/);
  });

  it('means its metrics over the updates since the last reading', async () => {
    const play = await trained([5], 1);
    expect(await play.learner.readMetrics()).toEqual([
      {
        updates: 0,
        failedUpdate: 0,
        count: 0,
        loss: Number.NaN,
        gradientNorm: Number.NaN,
        qTotal: Number.NaN,
      },
    ]);
    const single: { loss: number; gradientNorm: number; qTotal: number }[] = [];
    for (let k = 0; k < 4; k++) {
      await play.advance(1, 0.5);
      single.push((await play.learner.readMetrics())[0]);
    }
    const other = await trained([5], 5);
    const [metrics] = await other.learner.readMetrics();
    expect(metrics.updates).toBe(4);
    expect(metrics.count).toBe(4);
    for (const key of ['loss', 'gradientNorm', 'qTotal'] as const) {
      expect(metrics[key]).toBeCloseTo(single.reduce((sum, m) => sum + m[key], 0) / 4, 12);
    }
  });

  it('freezes a learner at a gradient that is not finite, says at which update, and leaves others alone', async () => {
    const seeds = [5, 6];
    const play = await trained(seeds, 10, { updatesPerStep: 2, replayCapacity: 3 });
    const { learner } = play;
    const before = await learner.save();
    const layout = recordLayout(learner.options.shape);
    const other = await trained(seeds, 10, { updatesPerStep: 2, replayCapacity: 3 });

    // The step stores an endless reward in all of learner 0's three slots: its next update, the 19th, fails.
    for (let e = 0; e < 3; e++) learner.inputs.transitions[e * layout.size + layout.reward] = Infinity;
    await learner.step(10);
    await other.learner.step(10);
    for (let k = 11; k < 14; k++) {
      await learner.step(k);
      await other.learner.step(k);
    }
    const [failed, sound] = await learner.readMetrics();
    expect(failed).toMatchObject({ updates: 18, failedUpdate: 19, count: 18 });
    expect(Number.isFinite(failed.loss)).toBe(true);
    expect(sound).toEqual((await other.learner.readMetrics())[1]);
    expect(sound).toMatchObject({ updates: 26, failedUpdate: 0 });

    const after = await learner.save();
    for (const [name, tensor] of after[0]) {
      if (/^(online|target|optimizer)/.test(name)) expect(tensor, name).toEqual(before[0].get(name));
    }
    expect(after[1]).toEqual((await other.learner.save())[1]);
  });

  it('refuses to update from an empty replay', async () => {
    const learner = createCpuLearner(smallOptions([1]));
    learner.inputs.trains.fill(1);
    await expect(learner.step(0)).rejects.toThrow('nothing is in replay');
  });

  it('lets timers through while it trains', async () => {
    const play = await trained([5], 1);
    let fired = 0;
    const timer = setInterval(() => fired++, 5);
    // Far more than it takes: some milliseconds each.
    for (let turn = 0; turn < 1000 && fired < 3; turn++) await play.advance(5, 0.5);
    clearInterval(timer);
    expect(fired).toBeGreaterThanOrEqual(3);
  });
});
