import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { sweep } from '../../src/cli/sweep.ts';
import { makeConfig } from '../../src/presets.ts';
import { readChart } from '../support/read_chart.ts';
import { temporaryFolder } from './command.ts';
import { type FinishedSeed, printed, writeFinishedRun } from './finished_run.ts';

/** Seeds 1 to 5 of a variant, each with its success after 20 updates (112 environment steps) and 40 (192), and return. */
const setting = (
  variant: number,
  lengthRatio: number | null,
  seeds: readonly (readonly [before: number, success: number, total: number])[],
): FinishedSeed[] =>
  seeds.map(([before, success, total], index) => ({
    ...{ seed: index + 1, variant, lengthRatio },
    evaluations: [
      [20, 112, before, 0],
      [40, 192, success, total],
    ],
  }));

/** By batch size, each with a learning rate of 0.001 (variant 0) and of 0.002. */
const SMALL_BATCH = [
  ...setting(0, 1.5, [
    [0.1, 0.9984, 3],
    [0.2, 0.9951, 0],
    [0.3, 1, 1],
    [0.4, 0.9702, 7],
    [0.5, 0.8313, 2],
  ]),
  ...setting(1, 1.25, [
    [1, 1, 9],
    [0.5, 1, 8],
    [0.95, 1, 7],
    [0, 1, 6],
    [0, 1, 5],
  ]),
];
const LARGE_BATCH = [
  ...setting(0, 1.125, [
    [1, 1, 4],
    [1, 1, 3],
    [1, 1, 2],
    [1, 1, 1],
    [1, 1, 0],
  ]),
  ...setting(1, null, [
    [0, 0.5, 3],
    [0, 0.25, 0],
    [0, 0.75, 1],
    [0, 1, 7],
  ]),
  { ...setting(1, null, Array(5).fill([0, 0, 2]))[4], failedUpdate: 33 },
];

const out = mkdtempSync(join(tmpdir(), 'qmix-sweep-'));
afterAll(() => rmSync(out, { recursive: true, force: true }));
const read = (name: string): string => readFileSync(join(out, name), 'utf8');

const config = makeConfig('solve', {
  gridSize: 4,
  environments: 4,
  warmup: 32,
  seeds: [1, 2, 3, 4, 5],
  updates: 40,
});
const variants = [{ learningRate: 0.001 }, { learningRate: 0.002 }];
for (const [folder, batchSize, seconds, seeds] of [
  ['group-1', 8, 1.25, SMALL_BATCH],
  ['group-2', 16, 2.5, LARGE_BATCH],
] as const) {
  writeFinishedRun(join(out, folder), { ...config, batchSize, variants }, seconds, seeds);
}
const vary = ['batchSize=8,16', 'learningRate=0.001,0.002'];
const plan = { kind: 'sweep', config, vary, backend: 'cpu', fingerprint: '' };
writeFileSync(join(out, 'plan.json'), `${JSON.stringify(plan, null, 2)}\n`);
const set = ['gridSize=4', 'environments=4', 'warmup=32'];
const text = await printed(() => sweep({ vary, seeds: '1-5', updates: '40', set, backend: 'cpu', out }));

// Means and intervals as rliable gives them (test/compare/rliable.test.ts says how); here they are exact.
it('prints settings best first: by success, then by updates to 100%', () => {
  expect(text).toBe(`solve on meeting-gridworld 4×4, 2 agents, 5 seeds each; an adapter
ranked by success

                       settings  greedy success, mean      sd      IQM  95% interval of it  seeds with 100%  updates to it
───────────────────────────────  ────────────────────  ──────  ───────  ──────────────────  ───────────────  ─────────────
batchSize=16 learningRate=0.001               100.00%   0.00%  100.00%   100.00% – 100.00%           5 of 5             20
 batchSize=8 learningRate=0.002               100.00%   0.00%  100.00%   100.00% – 100.00%           5 of 5             36
 batchSize=8 learningRate=0.001                95.90%   7.24%   98.79%     87.76% – 99.95%           1 of 5             40
batchSize=16 learningRate=0.002                50.00%  39.53%   50.00%      8.33% – 91.67%           1 of 5             40

1 of 20 learners diverged; what is told of them is of before (failedUpdate in the CSV).
sweep folder: ${out}
`);
});

it('writes sweep.csv, a line for each learner', () => {
  const lines = read('sweep.csv').split('\n');
  expect(lines).toHaveLength(22);
  expect([0, 5, 6, 8, 11, 19, 20].map((line) => lines[line])).toEqual([
    'settings,seed,success,lengthRatio,return,updates,environmentSteps,stepsTo90,stepsTo100,updatesTo100,failedUpdate,hash',
    'batchSize=16 learningRate=0.001,5,1,1.125,0,40,192,112,112,20,,hash-0-5',
    'batchSize=8 learningRate=0.002,1,1,1.25,9,40,192,112,112,20,,hash-1-1',
    'batchSize=8 learningRate=0.002,3,1,1.25,7,40,192,112,192,40,,hash-1-3',
    'batchSize=8 learningRate=0.001,1,0.9984,1.5,3,40,192,192,,,,hash-0-1',
    'batchSize=16 learningRate=0.002,4,1,,7,40,192,192,192,40,,hash-1-4',
    'batchSize=16 learningRate=0.002,5,0,,2,40,192,,,,33,hash-1-5',
  ]);
});

it('writes sweep.json, each number under its name', () => {
  const { settings, ...whole } = JSON.parse(read('sweep.json'));
  expect(whole).toEqual({
    ...{ sweep: out, interrupted: false, environment: 'meeting-gridworld', adapters: ['an adapter'] },
    ...{ seconds: 3.75, measure: 'success' },
  });
  expect(settings.map(({ run }: { run: string }) => run)).toEqual([
    'group-2',
    'group-1',
    'group-1',
    'group-2',
  ]);
  const { seeds, ...third } = settings[2];
  const close = (value: number) => expect.closeTo(value, 12);
  expect(third).toEqual({
    ...{ settings: { batchSize: 8, learningRate: 0.001 }, run: 'group-1' },
    success: {
      ...{
        count: 5,
        mean: close(0.959),
        standardDeviation: close(0.07240390182856167),
        iqm: close(0.9879),
      },
      meanInterval: { low: close(0.89282), high: close(0.99838) },
      iqmInterval: { low: close(0.8776), high: close(0.9994666666666667) },
    },
    return: {
      ...{ count: 5, mean: close(2.6), standardDeviation: close(2.701851217221259), iqm: 2 },
      meanInterval: { low: close(0.8), high: close(5) },
      iqmInterval: { low: close(1 / 3), high: close(17 / 3) },
    },
    updatesTo100: { reached: 1, of: 5, steps: expect.objectContaining({ count: 1, mean: 40 }) },
  });
  expect(seeds[4]).toEqual({
    ...{ seed: 5, success: 0.8313, lengthRatio: 1.5, return: 2, successSeen: true, hash: 'hash-0-5' },
    ...{ updates: 40, environmentSteps: 192, failedUpdate: null },
    ...{ stepsTo90: null, stepsTo100: null, updatesTo100: null },
    evaluations: [
      { updates: 20, environmentSteps: 112, success: 0.5, return: 0 },
      { updates: 40, environmentSteps: 192, success: 0.8313, return: 2 },
    ],
  });
});

it('draws the interquartile mean of each setting in a colour of its own, over its interval', () => {
  const { lines, bands, texts } = readChart(read('curves.svg'));
  expect(lines.map(({ name, colour, points }) => [name, colour, points])).toEqual([
    [
      'batchSize=16 learningRate=0.001',
      '#0072b2',
      [
        [112, 100],
        [192, 100],
      ],
    ],
    [
      'batchSize=8 learningRate=0.002',
      '#d55e00',
      [
        [112, 48],
        [192, 100],
      ],
    ],
    [
      'batchSize=8 learningRate=0.001',
      '#009e73',
      [
        [112, 30],
        [192, 99],
      ],
    ],
    [
      'batchSize=16 learningRate=0.002',
      '#cc79a7',
      [
        [112, 0],
        [192, 50],
      ],
    ],
  ]);
  expect(bands[3]).toEqual({
    colour: '#cc79a7',
    points: [
      [112, 0],
      [192, 92],
      [192, 8],
      [112, 0],
    ],
  });
  expect(texts).toEqual(
    expect.arrayContaining([
      'Sweep on meeting-gridworld 4×4, 2 agents',
      'Greedy success: IQM of 5 seeds and its 95% bootstrap interval',
    ]),
  );
});

it('draws the best fourteen settings, told apart by colour and then by dashes, and says that there are more', async () => {
  const folder = temporaryFolder();
  // Names so long that the legend has more lines than columns.
  const rates = Array.from({ length: 15 }, (_, index) => Number(`${(index + 1) / 1000}0000000001`));
  const many = { ...config, seeds: [1], variants: rates.map((learningRate) => ({ learningRate })) };
  // The larger the rate, the better.
  const seeds = rates.map((_, variant) => setting(variant, null, [[0, (variant + 1) / 100, 0]])[0]);
  writeFinishedRun(join(folder, 'group-1'), many, 1, seeds);
  const whole = { kind: 'sweep', config: { ...config, seeds: [1] }, vary: [`learningRate=${rates}`] };
  writeFileSync(
    join(folder, 'plan.json'),
    `${JSON.stringify({ ...whole, backend: 'cpu', fingerprint: '' }, null, 2)}\n`,
  );
  const printedText = await printed(() =>
    sweep({ vary: whole.vary, seeds: '1', updates: '40', set, backend: 'cpu', out: folder }),
  );
  expect(printedText.match(/^ *learningRate=/gm)).toHaveLength(15);
  const svg = readFileSync(join(folder, 'curves.svg'), 'utf8');
  const { lines, texts } = readChart(svg);
  expect(lines.map(({ name }) => name)).toEqual(
    rates
      .slice(1)
      .reverse()
      .map((rate) => `learningRate=${rate}`),
  );
  expect([0, 6, 7, 13].map((line) => [lines[line].colour, lines[line].dashes !== ''])).toEqual([
    ['#0072b2', false],
    ['#000000', false],
    ['#0072b2', true],
    ['#000000', true],
  ]);
  expect(texts).toContain(
    'Greedy success: IQM of 1 seeds and its 95% bootstrap interval; the best 14 of 15 settings',
  );
});
