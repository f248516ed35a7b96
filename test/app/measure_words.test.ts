import { expect, test } from 'vitest';
import { describeMeasured } from '../../src/app/verify/measure_words.ts';
import type { BenchReport } from '../../src/bench/run_bench.ts';

/** Rows that have what the sentence tells, and nothing else. */
const report = (updates: readonly object[], rollout: readonly object[]): BenchReport =>
  ({ adapter: 'a GPU', updates, rollout }) as unknown as BenchReport;

test('an update that was timed, and the fastest rollout of actions from the GPU, are told in figures', () => {
  const update = { batch: 32, ms: 0.32, spread: [0.25, 0.5] };
  const alone = { kind: 'cpu', environments: 256, stepsPerSecond: 9e6, ms: 0.03, spread: [0.03, 0.03] };
  const rollout = (kind: string, environments: number, ms: number) => ({
    ...{ kind, environments, ms, spread: [0.8 * ms, 1.25 * ms], step: { submits: 0.1 } },
    stepsPerSecond: (1000 * environments) / ms,
  });
  const rows = [
    { ...alone, step: { submits: 0 } },
    rollout('actions', 256, 4),
    rollout('gpu', 256, 2),
    rollout('gpu', 32, 0.5),
  ];
  expect(describeMeasured(report([update], rows))).toBe(
    'On a GPU, one update of batch 32 takes 0.320 ms (0.250 – 0.500), 3,125 a second; ' +
      '256 environments make 128,000 steps a second (102,400 – 160,000), stepped by the GPU.',
  );
  expect(describeMeasured(report([], rows.slice(0, 2)))).toBe(
    'On a GPU, 256 environments make 64,000 steps a second (51,200 – 80,000), stepped by TypeScript.',
  );
  expect(describeMeasured(report([], []))).toBe('Nothing was measured on a GPU.');
});
