import { expect, it } from 'vitest';
import type { KernelRow } from '../../src/bench/kernel_bench.ts';
import type { RolloutRow } from '../../src/bench/rollout_bench.ts';
import type { BenchReport } from '../../src/bench/run_bench.ts';
import type { SolveRow } from '../../src/bench/solve_bench.ts';
import {
  figure,
  KERNEL_TABLE,
  peakLine,
  ROLLOUT_TABLE,
  reportText,
  SOLVE_TABLE,
  type Table,
  UPDATE_TABLE,
} from '../../src/bench/tables.ts';
import type { UpdateRow } from '../../src/bench/update_bench.ts';

/** Cells by the titles of their columns. */
const shown = <Row>({ columns, cells }: Table<Row>, row: unknown): Record<string, string> => {
  const texts = cells(row as Row);
  expect(texts).toHaveLength(columns.length);
  return Object.fromEntries(columns.map((column, at) => [column, texts[at]]));
};

it('an update has every figure under its title', () => {
  const row: Partial<UpdateRow> = {
    ...{ learners: 8, batch: 32, agents: 2, ms: 12.4, spread: [11.1, 19.9], gflops: 33.4, share: 0.625 },
    ...{ dispatches: 3, passes: 1, submits: 2, bytesRead: 5 },
  };
  expect(shown<UpdateRow>(UPDATE_TABLE, row)).toEqual({
    ...{ learners: '8', batch: '32', agents: '2', ms: '12.4', 'least – most': '11.1 – 19.9' },
    ...{ 'ms a learner': '1.55', 'GFLOP/s': '33.4', 'share of peak': '62.5%' },
    ...{ dispatches: '3', passes: '1', submits: '2', 'bytes read': '5' },
  });
});

it('a kernel has every figure under its title', () => {
  const row: Partial<KernelRow> = {
    ...{
      name: 'gradient',
      learners: 3,
      ms: 0.254,
      spread: [0.25, 0.31],
      gflops: 20.1,
      gbps: 4.05,
      share: 0.36,
    },
  };
  expect(shown<KernelRow>(KERNEL_TABLE, row)).toEqual({
    ...{ kernel: 'gradient', learners: '3', ms: '0.254', 'least – most': '0.250 – 0.310' },
    ...{ 'GFLOP/s': '20.1', 'GB/s': '4.05', 'share of peak': '36.0%' },
  });
});

it('a rollout and an end-to-end run have every figure under its title', () => {
  const row = {
    ...{ kind: 'device', environments: 4096, ms: 5.48, spread: [5.1, 6.2], stepsPerSecond: 747_000 },
    step: { submits: 0.0156, bytesUp: 128, bytesDown: 16_384 },
  };
  expect(shown<RolloutRow>(ROLLOUT_TABLE, row)).toEqual({
    ...{ kind: 'device', environments: '4,096', 'steps a second': '747,000', 'ms a vector step': '5.48' },
    ...{ 'least – most': '5.10 – 6.20', submits: '0.0156', 'bytes up': '128', 'bytes down': '16,384' },
  });
  const solved = {
    ...{ preset: 'solve', seed: 2025, solved: true, seconds: 20.1, secondsToOpen: 3.25, updates: 7750 },
    environmentSteps: 249_024,
  };
  expect(shown<SolveRow>(SOLVE_TABLE, solved)).toEqual({
    ...{ preset: 'solve', seed: '2025', solved: 'yes', seconds: '20.1', 'to open': '3.25' },
    ...{ updates: '7,750', 'environment steps': '249,024' },
  });
});

it('figures are three, thousands apart, and a dash where there is none', () => {
  expect([0, 0.00012345, 0.0123, 0.999, 1, 12.34, 999.4, 1000.4, 1_234_567].map(figure)).toEqual([
    ...['0', '0.0001', '0.0123', '0.999', '1.00', '12.3', '999', '1,000', '1,234,567'],
  ]);
  expect([-0.5, -1500, Number.NaN, Number.POSITIVE_INFINITY].map(figure)).toEqual([
    '-0.500',
    '-1,500',
    '–',
    '–',
  ]);
});

/** A report of one operation, and one update of which no share is known. */
const REPORT = {
  ...{ adapter: 'an adapter', preset: 'solve', rollout: [], solve: [] },
  peak: {
    ...{ gflops: 55.2, gbps: 16.3, matmul: 'tiled/128', matmulShape: { m: 384, k: 256, n: 512 } },
    ...{ copy: 'copy/64×16', copyBytes: 16 * 2 ** 20, tried: [] },
  },
  kernels: [
    {
      ...{ name: 'td_error', operation: true, learners: 32, ms: 0.5, spread: [0.25, 1] },
      ...{ gflops: 2, gbps: 3, share: 0.5 },
    },
  ],
  updates: [
    {
      ...{ learners: 8, batch: 32, agents: 2, ms: 12, spread: [11, 20], gflops: 33 },
      ...{ dispatches: 3, passes: 1, submits: 2, bytesRead: 5 },
    },
  ],
  skipped: [{ part: 'updates', what: '4096 learners', reason: 'no room' }],
} as unknown as BenchReport;

it('a report as text has its peaks, the tables of which there are rows, and what was skipped', () => {
  const blocks = reportText(REPORT).replaceAll(/ {2,}/g, ' | ').split('\n\n');
  expect(blocks[0]).toBe(
    'an adapter, sizes of preset solve\npeak: 55.2 GFLOP/s (matmul tiled/128, 384×256×512), 16.3 GB/s (copy/64×16, 16 MiB)',
  );
  expect(blocks[0].split('\n')[1]).toBe(peakLine(REPORT.peak!));
  const [kernels, updates] = blocks.slice(1, 3).map((block) => block.split('\n'));
  expect(kernels.slice(1)).toEqual([
    'kernel | learners | ms | least – most | GFLOP/s | GB/s | share of peak',
    '· td_error | 32 | 0.500 | 0.250 – 1.00 | 2.00 | 3.00 | 50.0%',
  ]);
  expect(updates[2]).toBe('8 | 32 | 2 | 12.0 | 11.0 – 20.0 | 1.50 | 33.0 | – | 3 | 1 | 2 | 5');
  expect(blocks.slice(3)).toEqual(['skipped updates, 4096 learners: no room', '']);
});
