import { describe, expect, it, vi } from 'vitest';
import type { Config } from '../../src/config.ts';
import { type LearnerOptions, learnerOptions } from '../../src/learner/learner.ts';
import { createCpuLearner } from '../../src/reference/cpu_learner.ts';
import type { Tensor } from '../../src/tensor.ts';
import {
  checkResumable,
  decodeCheckpoint,
  encodeCheckpoint,
  failedUpdate,
} from '../../src/train/checkpoint.ts';
import type { DivergenceError } from '../../src/train/divergence.ts';
import { configuredShape } from '../../src/train/environments.ts';
import { HostRollout } from '../../src/train/host_rollout.ts';
import { freshTensors } from '../../src/train/member_tensors.ts';
import type { MetricsRow } from '../../src/train/metrics.ts';
import { Population } from '../../src/train/population.ts';
import { Trainer } from '../../src/train/trainer.ts';
import { advance, smallConfig, smallTrainer } from './small.ts';

const config = smallConfig({
  seeds: [5, 6],
  variants: [{ learningRate: 0.01 }, { gamma: 0.5, epsilonEnd: 0.3 }, {}],
  updates: 41,
});
/** How many learners each opened one had, and how many are open. */
function counted() {
  const sizes: number[] = [];
  let open = 0;
  const openLearner = async (options: LearnerOptions) => {
    sizes.push(options.learners.length);
    open++;
    expect(open).toBe(1);
    return { learner: createCpuLearner(options), close: () => open-- };
  };
  return { sizes, openLearner };
}

async function train(
  own: Config,
  options: {
    atOnce?: number;
    saved?: readonly ReadonlyMap<string, Tensor>[];
    onRow?: (row: MetricsRow) => void;
    onDivergence?: (error: DivergenceError) => void;
  },
  steps = Number.POSITIVE_INFINITY,
) {
  const { sizes, openLearner } = counted();
  const population = await Population.open(own, openLearner, { seconds: () => 0, ...options });
  for (let step = 0; step < steps && !population.finished; step++) await population.advance();
  const bytes = await encodeCheckpoint(population, await population.save());
  return { population, bytes, sizes };
}

const sorted = (rows: MetricsRow[]) =>
  rows.toSorted((a, b) => a.variant - b.variant || a.seed - b.seed || a.updates - b.updates);

describe('population', () => {
  it('ends with the same bytes, rows and evaluations in groups of any size as all at once', async () => {
    const rows: MetricsRow[] = [];
    const together = await train(config, { onRow: (row) => rows.push(row) });
    expect(together.sizes).toEqual([6]);
    const trainer = await advance(smallTrainer(config));
    const expected = await encodeCheckpoint(trainer, await trainer.save());
    expect(Buffer.compare(together.bytes, expected)).toBe(0);
    expect(together.population.evaluations).toEqual(await trainer.finish());
    for (const [atOnce, sizes] of [
      [1, [1, 1, 1, 1, 1, 1]],
      [4, [4, 2]],
      [9, [6]],
    ] as const) {
      const own: MetricsRow[] = [];
      const groups = await train(config, { atOnce, onRow: (row) => own.push(row) });
      expect(groups.sizes).toEqual(sizes);
      expect(Buffer.compare(groups.bytes, expected), `${atOnce} at once`).toBe(0);
      expect(sorted(own)).toEqual(sorted(rows));
      expect(groups.population.evaluations).toEqual(together.population.evaluations);
      expect(groups.population.progress.map((progress) => progress.save())).toEqual(
        trainer.progress.map((progress) => progress.save()),
      );
    }
  });

  it('goes on from a checkpoint of any moment, in groups of any size', async () => {
    const { bytes: expected } = await train(config, {});
    for (const [before, steps, after] of [
      [4, 7, 4],
      [4, 60, 4],
      [4, 60, 6],
      [6, 20, 1],
      [1, 130, 3],
    ]) {
      const { bytes } = await train(config, { atOnce: before }, steps);
      const saved = (await decodeCheckpoint(bytes, 'interrupted')).learners;
      const resumed = await train(config, { atOnce: after, saved });
      expect(Buffer.compare(resumed.bytes, expected), `${before}, ${steps} steps, ${after}`).toBe(0);
      expect(resumed.population.evaluations).not.toContain(undefined);
    }
  });

  it('goes on without a learner that diverges, where it is told to', async () => {
    const { bytes: expected } = await train(config, {});
    const { bytes } = await train(config, {}, 20);
    const saved = (await decodeCheckpoint(bytes, 'interrupted')).learners;
    // Finite parameters, so large that the products of the next update are not.
    for (const layer of [0, 2, 4]) saved[2].get(`online.agents.0.${layer}.weight`)!.data.fill(1e300);
    await expect(train(config, { saved })).rejects.toThrow('variant 1, seed 5: the gradient of');
    const told: string[] = [];
    const others = await train(config, { saved, onDivergence: ({ message }) => told.push(message) });
    expect(told).toHaveLength(1);
    expect(told[0]).toContain('variant 1, seed 5: the gradient of');
    const after = await decodeCheckpoint(others.bytes, 'after');
    expect(() => checkResumable(after, 'after')).not.toThrow();
    const whole = (await decodeCheckpoint(expected, 'expected')).learners;
    for (const index of [0, 1, 3, 4, 5]) expect(after.learners[index]).toEqual(whole[index]);
    expect(after.learners[2].get('online.agents.1.0.weight')).toEqual(
      saved[2].get('online.agents.1.0.weight'),
    );
    expect(failedUpdate(after.learners[2])).toBeGreaterThan(0);
  });

  it('tells every learner’s parameters, of those that wait and of those that are done too', async () => {
    const { population } = await train(config, { atOnce: 2 }, 60);
    const saved = await population.save();
    for (const [index, own] of saved.entries()) {
      const parameters = await population.parameters(index);
      for (const name of ['online.agents.1.4.bias', 'target.mixer.hyper_w1.2.weight']) {
        expect(parameters.get(name), `${name} of ${index}`).toEqual(own.get(name));
      }
    }
    expect(saved[0].get('online.agents.0.0.weight')).not.toEqual(saved[0].get('target.agents.0.0.weight'));
  });

  it('is evaluating only while it evaluates, or where that failed, one group after another', async () => {
    const { openLearner } = counted();
    const own = smallConfig({ seeds: [5, 6, 7], updates: 1 });
    const population = await Population.open(own, openLearner, { atOnce: 2 });
    population.stepsAtOnce = 7;
    const closed = vi.spyOn(HostRollout.prototype, 'close');
    expect(population.groups).toEqual([
      { first: 0, count: 2 },
      { first: 2, count: 1 },
    ]);
    // Seven steps without an update, one with it; then what they come to is kept, and evaluated.
    const due: boolean[] = [];
    for (let step = 1; step <= 10; step++) {
      await population.advance();
      due.push(population.saveDue);
      expect(population.evaluating).toBe(false);
    }
    expect(due).toEqual([...Array(8).fill(false), true, false]);
    const { running } = population as unknown as { running: { trainer: Trainer } };
    expect(running.trainer.rollout.stepsAtOnce).toBe(7);
    expect(population.progress.map(({ updates }) => updates)).toEqual([1, 1, 0]);
    expect(closed).toHaveBeenCalledTimes(1);
    vi.spyOn(Trainer.prototype, 'finish').mockRejectedValueOnce(new Error('in vain'));
    await expect(population.evaluate()).rejects.toThrow('in vain');
    vi.restoreAllMocks();
    expect(population.evaluating).toBe(true);
    population.close();
  });

  it('keeps learners together of which some owe the step that the others have made', async () => {
    const own = smallConfig({ seeds: [5, 6] });
    const saved = await (await advance(smallTrainer(own), 4)).save();
    saved[0].get('progress.counters')!.data[0] -= own.environments;
    const open = async () => {
      const population = await Population.open(own, counted().openLearner, { saved });
      population.close();
      return population.groups.map(({ count }) => count);
    };
    expect(await open()).toEqual([1, 1]);
    saved[0].get('owed.actions')!.data.fill(0);
    expect(await open()).toEqual([2]);
    // So too where the one that is behind has stopped.
    saved[0].get('owed.actions')!.data.fill(-1);
    saved[0].get('progress.counters')!.data[6] = 1;
    expect(await open()).toEqual([2]);
  });

  it('knows a learner that has not begun without making it', async () => {
    const { members, learner } = smallTrainer(config);
    const saved = await smallTrainer(config).save();
    for (const [index, member] of members.entries()) {
      expect(await freshTensors(member, learner.backend)).toEqual(saved[index]);
    }
  });

  it('frees what it has opened where a learner does not fit its options', async () => {
    let closed = 0;
    const openLearner = async (options: LearnerOptions) => {
      const other = learnerOptions(config, { ...configuredShape(config), stateSize: 1 });
      return { learner: createCpuLearner({ ...other, ...options, environments: 1 }), close: () => closed++ };
    };
    const saved = [new Map<string, Tensor>()];
    await expect(Population.open(smallConfig({ seeds: [1] }), openLearner, { saved })).rejects.toThrow();
    expect(closed).toBe(0);
    const wrong = await smallTrainer(smallConfig({ seeds: [1], hidden: 7 })).save();
    await expect(
      Population.open(smallConfig({ seeds: [1] }), openLearner, { saved: wrong }),
    ).rejects.toThrow();
    expect(closed).toBe(1);
    // What fails in the first reset fails before a run has begun.
    vi.spyOn(HostRollout.prototype, 'begin').mockRejectedValueOnce(new Error('reset: threw'));
    await expect(Population.open(smallConfig({ seeds: [1] }), openLearner)).rejects.toThrow('reset: threw');
    vi.restoreAllMocks();
    expect(closed).toBe(2);
  });
});
