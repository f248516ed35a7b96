import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/config.ts';
import type { LearnerOptions } from '../../src/learner/learner.ts';
import { createCpuLearner } from '../../src/reference/cpu_learner.ts';
import { memoryShares } from '../../src/reference/memory.ts';
import { smallOptions } from './play.ts';

/** Bytes of every buffer that an object leads to, each once. */
function bytesOf(root: object): number {
  const buffers = new Set<ArrayBufferLike>();
  const seen = new Set<unknown>();
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || seen.has(value)) return;
    seen.add(value);
    if (ArrayBuffer.isView(value)) buffers.add(value.buffer);
    else if (value instanceof Map) for (const own of value.values()) visit(own);
    else for (const own of Object.values(value)) visit(own);
  };
  visit(root);
  return [...buffers].reduce((sum, { byteLength }) => sum + byteLength, 0);
}

const wanted = (options: LearnerOptions): number =>
  memoryShares(options).reduce((sum, { bytes }) => sum + bytes, 0);

const message = (options: LearnerOptions, memory?: number): string => {
  try {
    createCpuLearner(options, memory);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message;
  }
  return '';
};

describe('the memory of the CPU learner', () => {
  it.each<[Record<string, unknown>]>([
    [{}],
    [{ environments: 500, replayCapacity: 500 }],
    [{ batchSize: 300, hidden: 40 }],
    [{ hidden: 200, hyperHidden: 9, mixerWidth: 70 }],
    [{ replayCapacity: 20_000 }],
    [{ sharedAgents: true, agentId: true, mixer: 'none', batchSize: 300 }],
    [{ mixer: 'sum', offGrid: 'illegal', environments: 300, replayCapacity: 300 }],
    [{ hyperLayers: 1, biasLayers: 1, batchSize: 300 }],
  ])('is what it allocates, and what its environments do: %o', (changes) => {
    const options = smallOptions([1, 2, 3], changes);
    const { agents, observationSize, stateSize } = options.shape;
    const own = 4 * 2 * 3 * options.environments * (agents * observationSize + stateSize);
    const allocated = bytesOf(createCpuLearner(options));
    // A learner's few counters and sums are not worth counting.
    expect(allocated - (wanted(options) - own)).toBeGreaterThanOrEqual(0);
    expect(allocated - (wanted(options) - own)).toBeLessThan(200);
  });

  it('is refused by the name of the field that needs most of it, before anything is allocated', () => {
    const options = smallOptions([1, 2]);
    const { shape } = options;
    const before = process.memoryUsage().arrayBuffers;
    for (const [field, big] of Object.entries({
      replayCapacity: { ...options, replayCapacity: 2 ** 45 },
      environments: { ...options, environments: 2 ** 28 },
      batchSize: { ...options, batchSize: 2 ** 24 },
      hidden: { ...options, shape: { ...shape, hidden: 2 ** 14 } },
      mixerWidth: { ...options, shape: { ...shape, mixerWidth: 2 ** 20, hyperHidden: 2 ** 12 } },
    })) {
      expect(message(big)).toMatch(
        new RegExp(
          `^${field}: got \\d+, which needs [\\d,]+ MiB of memory for 2 learners \\([\\d,]+ MiB with all else\\), ` +
            'allowed: at most 2,048 MiB in all on the CPU here$',
        ),
      );
    }
    expect(process.memoryUsage().arrayBuffers - before, 'bytes allocated').toBeLessThan(1e6);
  });

  it('may be half of what there is, as a checkpoint is a copy', () => {
    const options = smallOptions([1]);
    expect(message(options, 2 * wanted(options))).toBe('');
    expect(message(options, 2 * wanted(options) - 2)).toMatch(
      /^\w+: got \d+, which needs 1 MiB of memory \(/,
    );
  });
});
