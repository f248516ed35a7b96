import { describe, expect, it } from 'vitest';
import { countCalls } from '../../src/bench/count_calls.ts';
import { openRolloutRun } from '../../src/bench/rollout_run.ts';
import { type Config, ConfigError, runMembers } from '../../src/config.ts';
import type { Gpu } from '../../src/gpu/gpu.ts';
import { createWebGpuLearner } from '../../src/learner/joined_learner.ts';
import { learnerOptions } from '../../src/learner/learner.ts';
import { createCpuLearner } from '../../src/reference/cpu_learner.ts';
import type { Tensor } from '../../src/tensor.ts';
import { encodeCheckpoint } from '../../src/train/checkpoint.ts';
import { DeviceRollout } from '../../src/train/device_rollout.ts';
import { configuredShape } from '../../src/train/environments.ts';
import { hashParameters } from '../../src/train/hash.ts';
import { HostRollout } from '../../src/train/host_rollout.ts';
import type { MetricsRow } from '../../src/train/metrics.ts';
import { openRollout, type RolloutChoice } from '../../src/train/open_rollout.ts';
import { Population } from '../../src/train/population.ts';
import { Trainer, type TrainerOptions } from '../../src/train/trainer.ts';
import { useNodeGpu } from '../support/node_gpu.ts';
import { advance, smallConfig } from './small.ts';

interface How extends TrainerOptions {
  readonly rollout?: never;
  readonly choice: RolloutChoice;
  /** Steps a submit; as many as fit the time where not given. */
  readonly steps?: number;
  /** Learners in one set of buffers. */
  readonly mostAtOnce?: number;
  readonly saved?: readonly ReadonlyMap<string, Tensor>[];
}

async function open(gpu: Gpu, config: Config, how: How): Promise<Trainer> {
  const options = learnerOptions(config, configuredShape(config));
  const learner = await createWebGpuLearner(gpu, options, how.mostAtOnce);
  const rollout = await openRollout(how.choice, config, learner, runMembers(config), how.steps);
  const trainer = new Trainer(config, learner, { ...how, rollout, seconds: () => 0 });
  if (how.saved) await trainer.load(how.saved);
  return trainer;
}

/** Everything that a run leaves behind. */
async function outcome(gpu: Gpu, config: Config, how: How) {
  const rows: MetricsRow[] = [];
  const trainer = await open(gpu, config, { ...how, onRow: (row) => rows.push(row) });
  try {
    await advance(trainer);
    const saved = await trainer.save();
    const bytes = await encodeCheckpoint(trainer, saved);
    const { all } = await hashParameters(configuredShape(config), saved);
    await trainer.finish();
    return { hash: all, rows, bytes: Buffer.from(bytes) };
  } finally {
    trainer.learner.destroy();
  }
}

/** Grids of which many episodes end by themselves, and many by time-outs. */
const base = (changes: Partial<Config> = {}) =>
  smallConfig({ gridSize: 2, episodeLimit: 5, epsilonEnd: 0.5, updates: 120, logEvery: 25, ...changes });

describe('rollout on the GPU', () => {
  const gpu = useNodeGpu();

  /** Final rows of a run that comes to the same in all these ways. */
  const compared = async (config: Config, hows: readonly Omit<How, 'choice'>[], least = 20) => {
    const expected = await outcome(gpu(), config, { choice: 'cpu' });
    expect(expected.rows.at(-1)!.episodes).toBeGreaterThan(least);
    for (const how of hows) {
      const got = await outcome(gpu(), config, { choice: 'gpu', ...how });
      expect(got.hash).toBe(expected.hash);
      expect(got.rows).toEqual(expected.rows);
      expect(Buffer.compare(got.bytes, expected.bytes), `bytes, ${JSON.stringify(how)}`).toBe(0);
    }
    return expected.rows.filter(({ kind }) => kind === 'final');
  };
  const same = async (...parameters: Parameters<typeof compared>): Promise<void> => {
    await compared(...parameters);
  };

  it.each([true, false])('ends in the same bits, rows and bytes as in TypeScript, overlap %s', (overlap) =>
    same(base({ overlap }), [{}, { steps: 1 }, { steps: 7 }, { steps: 1000 }]),
  );

  it('with masks, own sight, three agents and several updates a step', () =>
    same(
      base({ gridSize: 3, agents: 3, sight: 'own', offGrid: 'illegal', updatesPerStep: 3, logEvery: 10 }),
      [{}, { steps: 7 }],
    ));

  it('with variants, in several sets of buffers', () =>
    same(base({ seeds: [5, 6], variants: [{}, { gamma: 0.5, epsilonEnd: 0.2 }] }), [
      { mostAtOnce: 3 },
      { mostAtOnce: 1, steps: 7 },
    ]));

  it('with targets copied and learners finished by the number of episodes', () =>
    same(
      base({
        preset: 'report',
        targetUpdate: 'hard',
        targetInterval: 7,
        episodes: 60,
        environments: 2,
        overlap: false,
        updates: 1000,
        stopWhenSolved: false,
      }),
      [{}, { steps: 1 }, { steps: 1000 }],
      59,
    ));

  it('with learners that are stopped where they are good enough', async () => {
    const ends = await compared(
      smallConfig({
        gridSize: 2,
        hidden: 16,
        mixerWidth: 4,
        hyperHidden: 8,
        environments: 8,
        batchSize: 32,
        replayCapacity: 4000,
        episodeLimit: 10,
        epsilonDecaySteps: 3000,
        seeds: [2, 1],
        updates: 3000,
        evaluateEvery: 50,
        logEvery: 50,
      }),
      [{}],
    );
    // The first of them earlier, so that the others go on without it.
    expect(ends[0].updates).toBeLessThan(ends[1].updates);
  });

  it('goes on from what the other kind saved, within episodes and steps under way', async () => {
    const config = base({ updates: 90 });
    const expected = await outcome(gpu(), config, { choice: 'cpu' });
    for (const [choice, then] of [
      ['gpu', 'cpu'],
      ['cpu', 'gpu'],
      ['gpu', 'gpu'],
    ] as const) {
      const rows: MetricsRow[] = [];
      const onRow = (row: MetricsRow) => rows.push(row);
      const first = await open(gpu(), config, { choice, steps: 4, onRow });
      await advance(first, choice === 'gpu' ? 9 : 39);
      const saved = await first.save();
      expect(first.finished).toBe(false);
      expect(first.progress[0].updates % 10).not.toBe(0);
      first.learner.destroy();
      const second = await open(gpu(), config, { choice: then, saved, onRow });
      await advance(second);
      const bytes = await encodeCheckpoint(second, await second.save());
      expect(Buffer.compare(bytes, expected.bytes), `${choice}, then ${then}`).toBe(0);
      await second.finish();
      expect(rows).toEqual(expected.rows);
      second.learner.destroy();
    }
  });

  it('makes a step at a time where it is told to, leaves none under way, and comes to the same', async () => {
    const config = base({ updates: 90 });
    const expected = await outcome(gpu(), config, { choice: 'cpu' });
    const trainer = await open(gpu(), config, { choice: 'gpu' });
    await advance(trainer, 4);
    await trainer.settle();
    const steps = () => trainer.progress[0].environmentSteps / config.environments;
    trainer.rollout.stepsAtOnce = 1;
    for (let step = 0; step < 12; step++) {
      const before = steps();
      await trainer.advance();
      expect(steps()).toBe(before + 1);
      expect(trainer.rollout.underWay).toBe(false);
    }
    expect(trainer.finished).toBe(false);
    trainer.rollout.stepsAtOnce = undefined;
    await advance(trainer);
    const bytes = await encodeCheckpoint(trainer, await trainer.save());
    expect(Buffer.compare(bytes, expected.bytes)).toBe(0);
    trainer.learner.destroy();
  });

  it('is the one that groups of a population take', async () => {
    const config = base({ updates: 40 });
    const whole = await outcome(gpu(), config, { choice: 'cpu' });
    const population = await Population.open(
      config,
      async (options) => {
        const learner = await createWebGpuLearner(gpu(), options);
        return { learner, close: () => learner.destroy() };
      },
      { rollout: 'gpu', atOnce: 2, seconds: () => 0 },
    );
    while (!population.finished) await population.advance();
    const bytes = await encodeCheckpoint(population, await population.save());
    expect(Buffer.compare(bytes, whole.bytes)).toBe(0);
  });

  it('submits many steps at once, in one pass, and brings back a word an environment', async () => {
    const config = base({ updates: 100, logEvery: 100, evaluateEvery: 1000, saveEvery: 1000, warmup: 3 });
    const trainer = await open(gpu(), config, { choice: 'gpu', steps: 50 });
    await trainer.advance();
    expect(trainer.progress[0]).toMatchObject({ environmentSteps: 3, updates: 0 });
    const counts = await countCalls(() => trainer.advance());
    expect(trainer.progress[0].updates).toBe(50);
    const [learners, environments] = [config.seeds.length, config.environments];
    // The first 50 updates and, behind them, the other 50; insert, act, three of the update, step.
    expect(counts).toMatchObject({ submits: 2, passes: 2, dispatches: 100 * 6 });
    expect(counts.bytesDown).toBe(100 * learners * environments * 4);
    expect(counts.bytesUp).toBe(100 * 512);
    trainer.learner.destroy();
  });

  it('can be had alone, without training, and leaves environments where TypeScript does', async () => {
    const config = base({ environments: 37 });
    const stand: Int32Array[][] = [];
    for (const choice of ['cpu', 'gpu'] as const) {
      const run = await openRolloutRun(gpu(), config, choice, 25);
      // One that is under way after 75 steps makes it 100.
      expect(await run.steps(choice === 'gpu' ? 75 : 100)).toMatchObject({
        steps: choice === 'gpu' ? 75 : 100,
      });
      stand.push((await run.environments()).states);
      run.close();
    }
    expect(stand[1]).toEqual(stand[0]);
    expect(new Set(stand[0][0]).size).toBeGreaterThan(3);
  });

  it('is taken by itself wherever it can be', async () => {
    const config = base();
    const learner = await createWebGpuLearner(gpu(), learnerOptions(config, configuredShape(config)));
    const kinds = ['auto', 'gpu', 'cpu'] as const;
    const rollouts = await Promise.all(
      kinds.map((choice) => openRollout(choice, config, learner, runMembers(config))),
    );
    expect(rollouts.map((rollout) => rollout.constructor)).toEqual([
      DeviceRollout,
      DeviceRollout,
      HostRollout,
    ]);
    learner.destroy();
    const cpu = createCpuLearner(learnerOptions(config, configuredShape(config)));
    expect(await openRollout('auto', config, cpu, runMembers(config))).toBeInstanceOf(HostRollout);
  });

  it('is refused by name where it is impossible', async () => {
    const game = smallConfig({ environment: 'two-step' });
    const learner = await createWebGpuLearner(gpu(), learnerOptions(game, configuredShape(game)));
    expect(await openRollout('auto', game, learner, runMembers(game))).toBeInstanceOf(HostRollout);
    await expect(openRollout('gpu', game, learner, runMembers(game))).rejects.toThrow(
      'rollout: got gpu, allowed: auto, cpu, as the GPU does not know two-step (it knows meeting-gridworld)',
    );
    learner.destroy();
    const config = base();
    const cpu = createCpuLearner(learnerOptions(config, configuredShape(config)));
    const refused = openRollout('gpu', config, cpu, runMembers(config));
    await expect(refused).rejects.toThrow(ConfigError);
    await expect(refused).rejects.toThrow('rollout: got gpu, allowed: auto, cpu, as the backend is cpu');
  });
});
