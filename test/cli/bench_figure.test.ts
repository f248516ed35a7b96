import { expect, it } from 'vitest';
import type { RolloutRow } from '../../src/bench/rollout_bench.ts';
import type { BenchReport } from '../../src/bench/run_bench.ts';
import type { UpdateRow } from '../../src/bench/update_bench.ts';
import { drawBench } from '../../src/cli/bench_figure.ts';
import { readChart } from '../support/read_chart.ts';

type Measured = readonly [ms: number, least: number, most: number];
const update = (learners: number, batch: number, agents: number, [ms, ...spread]: Measured) =>
  ({ learners, batch, agents, ms, spread }) as unknown as UpdateRow;
const rollout = (kind: string, environments: number, [ms, ...spread]: Measured) =>
  ({ kind, environments, spread, stepsPerSecond: (1000 * environments) / ms }) as unknown as RolloutRow;
const draw = (report: Partial<BenchReport>): Promise<string> =>
  drawBench({ adapter: 'an adapter', preset: 'report', updates: [], rollout: [], ...report } as BenchReport);

/** Lines of a chart of logarithms: its reader takes them for numbers that stand in equal steps. */
function lines(svg: string, [left, right]: Range, [low, high]: Range): number[][][] {
  const power = (value: number, from: number, to: number): number =>
    Number((from * (to / from) ** ((value - from) / (to - from))).toPrecision(2));
  return readChart(svg, 6).lines.map(({ points }) =>
    points.map(([x, y]) => [power(x, left, right), power(y, low, high)]),
  );
}
type Range = readonly [number, number];

it('draws the median of an update over what alone is varied, in order, each with its least and most', async () => {
  const updates = [
    update(8, 32, 2, [16, 12, 50]),
    update(1, 32, 2, [2, 1.5, 4]),
    // Alone in its batch and its agents.
    update(1, 64, 3, [9, 9, 9]),
  ];
  const svg = await draw({ updates });
  expect(lines(svg, [1, 8], [1, 100])).toEqual([
    [
      [1, 2],
      [8, 16],
    ],
    [
      [1, 1.5],
      [1, 4],
    ],
    [
      [8, 12],
      [8, 50],
    ],
  ]);
  const { texts } = readChart(svg);
  expect(texts).toContain('an adapter, sizes of preset report; median, least and most');
  expect(texts.filter((text) => text.startsWith('An update, over'))).toEqual([
    'An update, over learners that train together',
  ]);
});

it('has a part for each size that is varied, and for rollouts', async () => {
  const one: Measured = [2, 1, 3];
  const { texts } = readChart(
    await draw({
      updates: [update(1, 32, 2, one), update(1, 64, 2, one), update(1, 32, 4, one)],
      rollout: [rollout('gpu', 32, one)],
    }),
  );
  expect(texts.filter((text) => text.includes(', over '))).toEqual([
    'An update, over batch',
    'An update, over agents',
    'Rollout, over environments',
  ]);
});

it('draws the steps a second of each kind of rollout, of which most are those in the least time', async () => {
  const svg = await draw({
    rollout: [
      rollout('typescript', 32, [1, 0.5, 4]),
      rollout('typescript', 64, [1, 0.8, 1]),
      rollout('gpu', 32, [0.25, 0.25, 0.25]),
      rollout('gpu', 64, [0.1, 0.1, 0.1]),
    ],
  });
  const [typescript, ...whiskers] = lines(
    svg.replaceAll(' k<', '000<').replaceAll(' M<', '000000<'),
    [32, 64],
    [1000, 1e6],
  );
  expect(typescript).toEqual([
    [32, 32_000],
    [64, 64_000],
  ]);
  expect(whiskers.slice(0, 3)).toEqual([
    [
      [32, 8000],
      [32, 64_000],
    ],
    [
      [64, 64_000],
      [64, 80_000],
    ],
    [
      [32, 130_000],
      [64, 640_000],
    ],
  ]);
  expect(readChart(svg).texts).toEqual(expect.arrayContaining(['typescript', 'gpu', '1,000', '10 k', '1 M']));
});
