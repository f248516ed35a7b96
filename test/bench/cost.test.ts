import { afterEach, describe, expect, test, vi } from 'vitest';
import { kernelCosts, leastUpdateMs, peakShare, updateFlops } from '../../src/bench/cost.ts';
import { describeSizes } from '../../src/bench/run_bench.ts';
import { measure, summarise } from '../../src/bench/timing.ts';
import { updateSizes } from '../../src/bench/update_bench.ts';
import { PLAIN } from '../../src/kernels/tuning.ts';
import { learnerOptions } from '../../src/learner/learner.ts';
import { kernelSizes } from '../../src/learner/limits.ts';
import { makeConfig } from '../../src/presets.ts';
import { configuredShape } from '../../src/train/environments.ts';

const sizesOf = (changes: Readonly<Record<string, unknown>>) => {
  const config = makeConfig('report', { seeds: [1, 2, 3], ...changes });
  return kernelSizes(learnerOptions(config, configuredShape(config)), PLAIN);
};

describe('what a kernel has to do', () => {
  // The report: N = 2, O = 6, S = 6, H = 64, A = 5, M = K = 128, B = 32.
  const weights = { agent: 6 * 64 + 64 * 64 + 64 * 5, hyper: 4 * 6 * 128 + 128 * (256 + 128 + 128 + 1) };
  const biases = { agent: 64 + 64 + 5, hyper: 4 * 128 + 256 + 128 + 128 + 1 };
  const parameters = 2 * (weights.agent + biases.agent) + weights.hyper + biases.hyper;

  test('is counted from the equations', () => {
    const costs = kernelCosts(sizesOf({ environments: 7 }));
    expect(costs.agent_forward.flops).toBe(3 * 32 * 2 * 2 * weights.agent);
    expect(costs.act.flops).toBe(3 * 7 * 2 * 2 * weights.agent);
    expect(costs.hypernet_forward.flops).toBe(3 * 32 * 2 * weights.hyper);
    expect(costs.hypernet_backward.flops).toBe(3 * 32 * 2 * 128 * 513);
    expect(costs.agent_backward.flops).toBe(3 * 32 * 2 * 2 * (64 * 64 + 64 * 5));
    expect(costs.gradient.flops).toBe(3 * 32 * 2 * parameters);
    expect(costs.optimise).toEqual({ flops: 3 * 17 * parameters, bytes: 3 * 36 * parameters });
    expect(costs.copy_target).toEqual({ flops: 0, bytes: 3 * 8 * parameters });
    expect(costs.insert).toEqual({ flops: 0, bytes: 3 * 7 * 2 * 40 * 4 });
  });

  test('is in update_rows what its operations do, each as often as it runs there', () => {
    const costs = kernelCosts(sizesOf({}));
    const sum =
      3 * costs.agent_forward.flops +
      2 * (costs.hypernet_forward.flops + costs.mix_forward.flops) +
      costs.td_error.flops +
      costs.mix_backward.flops +
      costs.hypernet_backward.flops +
      costs.agent_backward.flops;
    expect(costs.update_rows.flops).toBe(sum);
    // 0.49 MFLOP a row, as the kernel's header says.
    expect(sum / (3 * 32) / 1e6).toBeCloseTo(0.49, 1);
  });

  test('has every number that must move move once', () => {
    // Of a row: 2 · 6 observations, 2 · 64 twice, 2 · 5 Q-values, 4 · 128 inside hypernetworks, which make 513 numbers.
    const costs = kernelCosts(sizesOf({ environments: 7 }));
    const networks = { agents: 3 * 9866, mixer: 3 * 69_761 };
    expect(networks.agents + networks.mixer).toBe(3 * parameters);
    const rows = 3 * 32;
    const numbers = {
      update_rows: rows * (40 + 2 * 267 + 1561 + 2) + 2 * (networks.agents + networks.mixer),
      gradient: rows * (2 * 267 + 1561) + networks.agents + networks.mixer,
      act: 3 * 7 * (12 + 2) + networks.agents,
      sample: rows * 2 * 40,
      agent_forward: rows * (12 + 256 + 10) + networks.agents,
      agent_backward: rows * (10 + 512) + networks.agents,
      hypernet_forward: rows * (6 + 512 + 513) + networks.mixer,
      hypernet_backward: rows * (513 + 1024) + networks.mixer,
      mix_forward: rows * (2 + 513 + 513),
      mix_backward: rows * (2 + 1026 + 513 + 10),
      next_actions: rows * (10 + 4),
      chosen_values: rows * 6,
      td_error: rows * 7,
    };
    for (const [name, count] of Object.entries(numbers)) {
      expect(costs[name as keyof typeof numbers].bytes, name).toBe(4 * count);
    }
    expect(costs.mix_forward.flops).toBe(rows * 128 * 10);
    expect(costs.mix_backward.flops).toBe(rows * (128 * 17 + 2));
    expect(costs.td_error.flops).toBe(rows * 6);
    const sum = kernelCosts(sizesOf({ mixer: 'sum' }));
    expect([sum.mix_forward.flops, sum.mix_backward.flops, sum.mix_forward.bytes]).toEqual([
      ...[rows * 2, rows * 2, 4 * rows * 3],
    ]);
    // Each agent has a TD error of its own.
    const none = kernelCosts(sizesOf({ mixer: 'none' }));
    expect([none.td_error.flops, none.td_error.bytes]).toEqual([rows * 12, 4 * rows * 12]);
  });

  test('counts a shared network once in memory and once an agent in arithmetic', () => {
    const shared = kernelCosts(sizesOf({ sharedAgents: true, agents: 4 }));
    const separate = kernelCosts(sizesOf({ agents: 4 }));
    expect(shared.agent_forward.flops).toBe(separate.agent_forward.flops);
    expect(shared.copy_target.bytes).toBeLessThan(separate.copy_target.bytes);
  });

  test('without a mixer has no hypernetworks', () => {
    const costs = kernelCosts(sizesOf({ mixer: 'none' }));
    expect(costs.hypernet_forward.flops).toBe(0);
    expect(costs.mix_forward.flops).toBe(0);
  });
});

test('the share of the peak is of the nearer bound', () => {
  const peak = { gflops: 10, gbps: 5 };
  // 1 ms at the arithmetic peak, 2 ms at that of memory.
  const cost = { flops: 10e6, bytes: 10e6 };
  expect(peakShare(cost, 4, peak)).toBeCloseTo(0.5, 12);
  expect(peakShare({ ...cost, bytes: 0 }, 4, peak)).toBeCloseTo(0.25, 12);
});

test('an update is bounded dispatch by dispatch', () => {
  const sizes = sizesOf({});
  const { update_rows, gradient, optimise } = kernelCosts(sizes);
  expect(updateFlops(sizes)).toBe(update_rows.flops + gradient.flops + optimise.flops);
  // Memory that costs nothing: arithmetic alone.
  const arithmetic = leastUpdateMs(sizes, { gflops: 10, gbps: Number.POSITIVE_INFINITY });
  expect(arithmetic).toBeCloseTo(updateFlops(sizes) / 10e6, 12);
  // As on two cores: the optimiser waits for memory, the other two compute.
  const both = leastUpdateMs(sizes, { gflops: 30, gbps: 10 });
  expect(both).toBeCloseTo((update_rows.flops + gradient.flops) / 30e6 + optimise.bytes / 10e6, 12);
});

test('a timing is the median, the least and the most', () => {
  expect(summarise([3, 1, 2])).toEqual({ ms: 2, least: 1, most: 3, repeats: 3 });
  expect(summarise([4, 1, 2, 3])).toEqual({ ms: 2.5, least: 1, most: 4, repeats: 4 });
});

describe('a measurement', () => {
  afterEach(() => vi.restoreAllMocks());

  /** How often the work is asked for where it takes so many milliseconds each time, and 10 more to wait for its end. */
  async function measured(each: number, options: object) {
    let now = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => now);
    const counts: number[] = [];
    const timing = await measure(async (count) => {
      counts.push(count);
      now += each * count + 10;
    }, options);
    return { counts, timing };
  }

  test('finds in steps how many fill a repeat, and divides by them', async () => {
    const { counts, timing } = await measured(2, { repeats: 3, repeatMs: 80, most: 100 });
    // 80 / 12 is 7, 80 / (24 / 7) is 23, and 80 / (56 / 23) is 33.
    expect(counts).toEqual([1, 1, 1, 7, 7, 23, 23, 33, 33, 33]);
    expect(timing).toEqual({ ms: 76 / 33, least: 76 / 33, most: 76 / 33, repeats: 3 });
  });

  test('takes no more of them than is said, and one of what takes long', async () => {
    expect((await measured(2, { repeats: 1, most: 5 })).counts).toEqual([1, 1, 1, 5, 5, 5]);
    expect((await measured(5000, { repeats: 2 })).counts).toEqual([1, 1, 1, 1, 1]);
  });
});

test('sizes are varied one at a time, each asked for once', () => {
  const lists = { learners: [1, 8], batch: [32, 64], agents: [2] };
  expect(updateSizes({ batchSize: 32, agents: 2 }, lists)).toEqual([
    { learners: 1, batch: 32, agents: 2 },
    { learners: 8, batch: 32, agents: 2 },
    { learners: 1, batch: 64, agents: 2 },
  ]);
});

test('sizes that are skipped are named', () => {
  expect(describeSizes({ learners: 1, batch: 32, agents: 3 })).toBe('1 learner, batch 32, 3 agents');
  expect(describeSizes({ learners: 8, batch: 64, agents: 2 })).toBe('8 learners, batch 64, 2 agents');
});
