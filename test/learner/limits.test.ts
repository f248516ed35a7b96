import { expect, test } from 'vitest';
import { ConfigError } from '../../src/config.ts';
import type { Gpu } from '../../src/gpu/gpu.ts';
import { learnerOptions } from '../../src/learner/learner.ts';
import { checkLimits, mostLearnersAtOnce } from '../../src/learner/limits.ts';
import { makeConfig } from '../../src/presets.ts';
import { configuredShape } from '../../src/train/environments.ts';

const MIB = 2 ** 20;
/** Of meeting-gridworld, two agents: 18 numbers are seen and known before a step and after it, 2 actions, reward, end. */
const RECORD = 40 * 4;

const options = (changes: Parameters<typeof makeConfig>[1]) => {
  const config = makeConfig('solve', changes);
  return learnerOptions(config, configuredShape(config));
};
const gpu = (limits: Partial<Record<keyof GPUSupportedLimits, number>>) =>
  ({
    name: 'own',
    subgroupSize: 0,
    software: true,
    limits: {
      maxStorageBufferBindingSize: 1024 * MIB,
      maxBufferSize: 1024 * MIB,
      maxComputeWorkgroupsPerDimension: 65_535,
      ...limits,
    },
  }) as unknown as Gpu;

function refusal(device: Gpu, wanted: ReturnType<typeof options>): string | undefined {
  try {
    checkLimits(device, wanted);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).message;
  }
  return undefined;
}

test('what a device cannot hold is told with what it takes, what for, and what there is', () => {
  const wanted = options({ seeds: [1, 2], replayCapacity: 1_000_000 });
  // 2 · 1,000,000 · 160 bytes are 305.2 MiB; of two limits the lower counts.
  const message =
    'replayCapacity: got 1000000, which needs a buffer of 306 MiB for 2 learners, allowed: at most 300 MiB on own';
  expect(refusal(gpu({ maxStorageBufferBindingSize: 300 * MIB }), wanted)).toBe(message);
  expect(refusal(gpu({ maxBufferSize: 300 * MIB }), wanted)).toBe(message);
  expect(refusal(gpu({}), wanted)).toBeUndefined();
  const one = options({ seeds: [1], replayCapacity: 2_000_000 });
  expect(refusal(gpu({ maxBufferSize: 2_000_000 * RECORD }), one)).toBeUndefined();
  expect(refusal(gpu({ maxBufferSize: 2_000_000 * RECORD - 1 }), one)).toMatch(
    /^replayCapacity: got 2000000, which needs a buffer of 306 MiB, allowed/,
  );
});

test('learners are counted in workgroups, too', () => {
  const few = { replayCapacity: 100, warmup: 100, batchSize: 8, environments: 1 };
  const wanted = options({ seeds: Array.from({ length: 1500 }, (_, seed) => seed), ...few });
  expect(refusal(gpu({ maxComputeWorkgroupsPerDimension: 1499 }), wanted)).toBe(
    'seeds: got 1500, which needs workgroups, in number 1,500 for 1500 learners, allowed: at most 1,499 on own',
  );
  expect(mostLearnersAtOnce(gpu({ maxComputeWorkgroupsPerDimension: 1499 }), wanted)).toBe(1499);
  expect(mostLearnersAtOnce(gpu({ maxComputeWorkgroupsPerDimension: 1500 }), wanted)).toBe(1500);
  // At least one, fitting or not.
  expect(mostLearnersAtOnce(gpu({ maxBufferSize: 1 }), wanted)).toBe(1);
});
