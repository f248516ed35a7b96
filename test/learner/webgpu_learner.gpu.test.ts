import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../src/config.ts';
import { Gpu } from '../../src/gpu/gpu.ts';
import { Kernel } from '../../src/gpu/kernel.ts';
import { createWebGpuLearner } from '../../src/learner/joined_learner.ts';
import type { LearnerOptions, LearnerSnapshot } from '../../src/learner/learner.ts';
import { mostLearnersAtOnce } from '../../src/learner/limits.ts';
import { WebGpuLearner } from '../../src/learner/webgpu_learner.ts';
import { openNodeGpu } from '../../src/node/adapter.ts';
import { algorithms } from '../../src/presets.ts';
import { createCpuLearner } from '../../src/reference/cpu_learner.ts';
import { recordLayout } from '../../src/shapes.ts';
import { Play, smallOptions } from '../reference/play.ts';
import { useNodeGpu } from '../support/node_gpu.ts';

const GRID = 3;
const SEEDS = [3, 4];
const OPTIONS = smallOptions(SEEDS);

const PAPER = {
  sharedAgents: true,
  agentId: true,
  positivity: 'abs',
  hyperLayers: 1,
  biasLayers: 1,
  optimizer: 'rmsprop',
};

const gpu = useNodeGpu();

/** A learner for the time of a test. */
async function withLearner(
  work: (learner: WebGpuLearner) => Promise<void>,
  options: LearnerOptions = OPTIONS,
): Promise<void> {
  const learner = await WebGpuLearner.create(gpu(), options);
  try {
    await work(learner);
  } finally {
    learner.destroy();
  }
}

/** Bits of every tensor: −0 is not 0. */
function bits(snapshots: readonly LearnerSnapshot[]): Record<string, Uint8Array>[] {
  return snapshots.map((snapshot) =>
    Object.fromEntries([...snapshot].map(([name, { data }]) => [name, new Uint8Array(data.slice().buffer)])),
  );
}

function largestDifference(got: ArrayLike<number>, expected: ArrayLike<number>): number {
  let largest = 0;
  for (let j = 0; j < expected.length; j++) largest = Math.max(largest, Math.abs(got[j] - expected[j]));
  return largest;
}

describe('saving and loading', () => {
  test('a loaded learner goes on bit for bit', () =>
    withLearner(async (first) => {
      const play = new Play(first, GRID);
      await play.advance(25, 0.5);
      const saved = await first.save();
      expect(bits(await first.save())).toEqual(bits(saved));
      const environments = play.environments.map((environment) => environment.save());
      const lastTransitions = first.inputs.transitions.slice();
      await play.advance(6, 0.5);
      const expected = await first.save();
      expect(bits(expected)).not.toEqual(bits(saved));

      await withLearner(async (second) => {
        second.load(saved);
        expect(bits(await second.save())).toEqual(bits(saved));
        const resumed = new Play(second, GRID);
        resumed.environments.forEach((environment, l) => {
          environment.load(environments[l]);
        });
        resumed.steps = 25;
        // What the last step before the saving led to is stored by the next.
        second.inputs.transitions.set(lastTransitions);
        await resumed.advance(6, 0.5);
        expect(bits(await second.save())).toEqual(bits(expected));
      });
    }));

  test('a snapshot is a copy, and a broken one changes nothing', () =>
    withLearner(async (learner) => {
      await new Play(learner, GRID).advance(5, 1);
      const saved = await learner.save();
      const before = bits(saved);
      const broken = new Map(saved[1]);
      const weight = broken.get('online.agents.0.0.weight')!;
      broken.set('online.agents.0.0.weight', {
        ...weight,
        data: Float32Array.from(weight.data).fill(Number.NaN, 3, 4),
      });
      expect(() => learner.load([saved[0], broken])).toThrow(/"online\.agents\.0\.0\.weight": got NaN at 3/);
      broken.delete('online.agents.0.0.weight');
      expect(() => learner.load([saved[0], broken])).toThrow(ConfigError);
      for (const { data } of saved[0].values()) data.fill(1);
      expect(bits(await learner.save())).toEqual(before);
    }));
});

describe('reading parameters', () => {
  test('finds what a snapshot holds, of each learner, in one set of buffers or in several', async () => {
    for (const mostAtOnce of [2, 1]) {
      const learner = await createWebGpuLearner(gpu(), OPTIONS, mostAtOnce);
      await new Play(learner, GRID).advance(9, 0.5);
      const saved = await learner.save();
      for (const [index, snapshot] of saved.entries()) {
        const own = [...snapshot].filter(([name]) => /^(online|target)/.test(name));
        expect(new Map(await learner.readParameters(index))).toEqual(new Map(own));
      }
      expect(bits([await learner.readParameters(0)])).not.toEqual(bits([await learner.readParameters(1)]));
      learner.destroy();
    }
  });
});

describe('a step', () => {
  test('has copied its inputs by the time it returns', () =>
    withLearner(async (learner) => {
      const { inputs } = learner;
      const size = recordLayout(OPTIONS.shape).size;
      inputs.stores.fill(1);
      inputs.transitions.forEach((_, j) => {
        inputs.transitions[j] = j % 5;
      });
      const transitions = inputs.transitions.slice();
      const running = learner.step(0);
      inputs.transitions.fill(99);
      inputs.observations.fill(99);
      await running;
      inputs.stores.fill(0);
      inputs.trains.fill(1);
      await learner.step(1);
      const saved = await learner.save();
      const perLearner = OPTIONS.environments * size;
      saved.forEach((snapshot, l) => {
        const { shape, data } = snapshot.get('replay.transitions')!;
        expect(shape).toEqual([OPTIONS.environments, size]);
        expect(data).toEqual(transitions.slice(l * perLearner, (l + 1) * perLearner));
        expect([...snapshot.get('counters')!.data]).toEqual([1, 0, OPTIONS.environments]);
      });
    }));

  test.each([
    ['QMIX', {}],
    ['PS-DQN with masks', { ...algorithms['ps-dqn'], offGrid: 'illegal' }],
    ["the paper's mixer and optimiser", PAPER],
  ])(
    'agrees with the float64 reference on actions, replay and parameters over 20 steps: %s',
    (_, changes) => {
      const options = smallOptions(SEEDS, changes);
      return withLearner(async (learner) => {
        const onGpu = new Play(learner, GRID);
        const onCpu = new Play(createCpuLearner(options), GRID);
        for (let step = 0; step < 20; step++) {
          await onGpu.advance(1, 0.5);
          await onCpu.advance(1, 0.5);
          const cells = (play: Play) => play.environments.map((environment) => [...environment.cells]);
          expect(cells(onGpu), `where agents are after step ${step}`).toEqual(cells(onCpu));
        }
        const [got, expected] = [await learner.save(), await onCpu.learner.save()];
        for (let l = 0; l < SEEDS.length; l++) {
          expect(got[l].get('replay.transitions')).toEqual(expected[l].get('replay.transitions'));
          expect(got[l].get('counters')).toEqual(expected[l].get('counters'));
          for (const [name, { data }] of expected[l]) {
            if (!/^(online|target)/.test(name)) continue;
            const worst = largestDifference(got[l].get(name)!.data, data);
            expect(worst, `learner ${l}, ${name}`).toBeLessThan(1e-5);
          }
        }
        const { observations, available } = onCpu.environments[0];
        const legal = Float32Array.from(available);
        // Of one learner, then of both: in as many rows.
        for (const [first, count] of [
          [1, 1],
          [0, 2],
        ]) {
          const greedy = await learner.greedy(observations, options.environments, first, count, legal);
          expect(greedy).toEqual(
            await onCpu.learner.greedy(observations, options.environments, first, count, legal),
          );
        }
      }, options);
    },
  );
});

describe('metrics', () => {
  test('are means over the updates since the last reading, of which each is told once', () =>
    withLearner(async (learner) => {
      await new Play(learner, GRID).advance(10, 1);
      const saved = await learner.save();
      const { inputs } = learner;
      const read = async (updates: number) => {
        inputs.trains.set([1, 0]);
        learner.train(updates);
        return learner.readMetrics();
      };
      await learner.readMetrics();
      const single = [await read(1), await read(1), await read(1)].map(([first]) => first);
      expect(single.map(({ count }) => count)).toEqual([1, 1, 1]);
      learner.load(saved);
      await learner.readMetrics();
      const [first, second] = await read(3);
      expect([first.count, second.count]).toEqual([3, 0]);
      expect(first.updates).toBe(single[2].updates);
      for (const name of ['loss', 'gradientNorm', 'qTotal'] as const) {
        const mean = single.reduce((sum, metrics) => sum + metrics[name], 0) / 3;
        // Three sums in float32.
        expect(Math.abs(first[name] - mean)).toBeLessThan(1e-6 * Math.max(1, Math.abs(mean)));
      }
      expect((await learner.readMetrics()).map(({ count }) => count)).toEqual([0, 0]);
    }));
});

describe('what a device cannot hold', () => {
  const cases: [string, Partial<LearnerOptions>][] = [
    ['replayCapacity', { replayCapacity: 10_000_000_000 }],
    ['hidden', { shape: { ...OPTIONS.shape, hidden: 65_536 } }],
    ['batchSize', { batchSize: 1_000_000_000 }],
    ['environments', { environments: 100_000_000 }],
  ];
  test.each(cases)('%s: is refused by name, before anything is allocated', async (field, changes) => {
    const { device } = gpu();
    const { createBuffer } = device;
    let allocated = 0;
    device.createBuffer = (descriptor) => {
      allocated++;
      return createBuffer.call(device, descriptor);
    };
    try {
      const refused = createWebGpuLearner(gpu(), { ...OPTIONS, ...changes });
      await expect(refused).rejects.toThrow(ConfigError);
      await expect(refused).rejects.toThrow(new RegExp(`(^|\n)${field}: got .*, allowed: at most `));
      expect(allocated).toBe(0);
    } finally {
      device.createBuffer = createBuffer;
    }
  });
});

describe('learners in several sets of buffers', () => {
  test('as many sets as it takes', () => {
    const { maxStorageBufferBindingSize: limit } = gpu().limits;
    const record = recordLayout(OPTIONS.shape).size * 4;
    const replayCapacity = Math.floor((0.3 * limit) / record);
    const options = { ...OPTIONS, replayCapacity, learners: new Array(7).fill(OPTIONS.learners[0]) };
    expect(mostLearnersAtOnce(gpu(), options)).toBe(3);
    expect(mostLearnersAtOnce(gpu(), OPTIONS)).toBe(OPTIONS.learners.length);
  });

  test.each([1, 2])('of at most %d come to the same bits as in one', async (mostAtOnce) => {
    const options = smallOptions([3, 4, 5], { overlap: mostAtOnce === 1, offGrid: 'illegal' });
    const outcome = async (most?: number) => {
      const learner = await createWebGpuLearner(gpu(), options, most);
      try {
        const play = new Play(learner, GRID);
        await play.advance(12, 0.5);
        const halfway = await learner.save();
        await play.advance(12, 0.5);
        learner.load(halfway);
        await play.advance(12, 0.5);
        const success = [await play.success(0, GRID), await play.success(2, GRID)];
        const { observations, available } = play.environments[1];
        const greedy = await learner.greedy(observations, 3, 1, 2, Float32Array.from(available));
        const metrics = await learner.readMetrics();
        return { bits: bits(await learner.save()), success, greedy: [...greedy], metrics };
      } finally {
        learner.destroy();
      }
    };
    expect(options.shape.masked).toBe(true);
    expect(await outcome(mostAtOnce)).toEqual(await outcome());
  });
});

describe('a shader that does not compile', () => {
  const compile = (code: string) => Kernel.compile(gpu(), { name: 'broken', code, bindings: [] }, {});

  test('is told with line, column, message and source', async () => {
    const code = '@compute @workgroup_size(1)\nfn broken() {\n  let x: u32 = 1.5;\n}\n';
    await expect(compile(code)).rejects.toThrow(
      /^shader broken, line 3, column 16: .+\n {2} {2}let x: u32 = 1\.5;\n +\^/,
    );
  });

  test('is told by name where only its pipeline is wrong', async () => {
    await expect(compile('@compute @workgroup_size(1)\nfn other() {}\n')).rejects.toThrow(/^shader broken: /);
  });
});

test('after the device is lost, every call fails and says so', async () => {
  const opened = await openNodeGpu();
  const lost = await Gpu.open(opened.adapter);
  const learner = await createWebGpuLearner(lost, OPTIONS);
  await learner.step(0);
  lost.destroy();
  await lost.device.lost;
  const message = /device was lost/;
  expect(() => lost.check()).toThrow(message);
  await expect(learner.step(1)).rejects.toThrow(message);
  await expect(learner.readMetrics()).rejects.toThrow(message);
  await expect(learner.save()).rejects.toThrow(message);
  await expect(learner.greedy(new Float32Array(100), 1, 0, 1)).rejects.toThrow(message);
  expect(opened.name).not.toBe('');
  // A device of its own compiles everything once more.
}, 300_000);
