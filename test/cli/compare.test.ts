import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { makeConfig } from '../../src/presets.ts';
import { readChart } from '../support/read_chart.ts';
import { temporaryFolder } from './command.ts';
import { compareFinished, type FinishedSeed, finishedSeed, writeFinishedRun } from './finished_run.ts';

const VDN = { sharedAgents: false, agentId: false, mixer: 'sum' };
const QMIX = { sharedAgents: false, agentId: false, mixer: 'monotonic' };
/** What both are to train with: 4 environments, and 8 steps before the first update. */
const COMMON = {
  ...{ gridSize: 3, agents: 3, sight: 'own', environments: 4, warmup: 32, evaluateEvery: 10 },
  ...{ seeds: [1, 2, 3, 4, 5], updates: 40, episodes: 0, stopWhenSolved: false },
};
const SETS = ['gridSize=3', 'agents=3', 'sight=own', 'environments=4', 'warmup=32', 'evaluateEvery=10'];

const OF_VDN = [
  finishedSeed(1, 1.01, [0.2, 3], [0.5, 4], [0.9984, 10]),
  finishedSeed(2, 1.02, [0.3, 3], [0.91, 5], [0.9951, 9]),
  finishedSeed(3, 1.03, [0.92, 6], [1, 7], [1, 8]),
  finishedSeed(4, 1.04, [0.4, 2], [0.95, 6], [0.9702, 7]),
  finishedSeed(5, 1.05, [0.05, -1], [0.1, 0], [0.8313, 1]),
];
const OF_QMIX = [
  finishedSeed(1, 1.5, [0, 0], [0.1, 1], [0.5, 3]),
  finishedSeed(2, 1.25, [0, 0], [0.1, 1], [0.25, 0]),
  finishedSeed(3, 1.75, [0, 0], [0.1, 1], [0.75, 1]),
  finishedSeed(4, 1.125, [0, 0], [0.1, 1], [1, 7]),
  { ...finishedSeed(5, null, [0, 0], [0, 1], [0, 2]), failedUpdate: 33 },
];
const OF_TUNED_QMIX = [1, 2, 3, 4, 5].map((number) => finishedSeed(number, 1, [0, 0], [1, 5], [1, 5]));

/** Of a small sweep with one seed: how the smaller learning rate came out, and the larger. */
const tried = (...successes: readonly number[]): FinishedSeed[] =>
  successes.map((success, variant) => ({
    ...{ seed: 8, variant, lengthRatio: null },
    evaluations: [[20, 112, success, 0]],
  }));

const out = mkdtempSync(join(tmpdir(), 'qmix-comparison-'));
afterAll(() => rmSync(out, { recursive: true, force: true }));
const read = (name: string): string => readFileSync(join(out, name), 'utf8');

const variants = [{ learningRate: 0.001 }, { learningRate: 0.002 }];
const tuning = { ...COMMON, seeds: [8], updates: 20, variants };
for (const [folder, changes, seconds, seeds] of [
  ['vdn', { ...COMMON, ...VDN }, 12.34, OF_VDN],
  ['qmix', { ...COMMON, ...QMIX }, 56.78, OF_QMIX],
  ['tune/vdn/group-1', { ...tuning, ...VDN }, 1, tried(0.9, 0.3)],
  ['tune/qmix/group-1', { ...tuning, ...QMIX }, 1, tried(0.2, 0.4)],
  ['tuned/qmix', { ...COMMON, ...QMIX, learningRate: 0.002 }, 9.1, OF_TUNED_QMIX],
] as const) {
  writeFinishedRun(join(out, folder), makeConfig('solve', changes), seconds, seeds);
}
const text = await compareFinished(
  out,
  {
    ...{ algorithms: ['vdn', 'qmix'], config: makeConfig('solve', COMMON) },
    ...{ tune: ['learningRate=0.001,0.002'], tuneSeeds: [8], tuneUpdates: 20 },
  },
  {
    ...{ algorithms: 'vdn,qmix', seeds: '1-5', updates: '40', set: SETS },
    ...{ tune: ['learningRate=0.001,0.002'], tuneSeeds: '8', tuneUpdates: '20' },
  },
);

it('prints a table with each number under its title', () => {
  expect(text).toBe(`solve on meeting-gridworld 3×3, 3 agents, seeds 1, 2, 3, 4, 5; an adapter
budget of every learner: 40 updates, 192 environment steps
compared by success; the policies are greedy, after the last update
tuned: the best of 2 settings (learningRate=0.001,0.002), 1 other seed (8), 20 updates each: 80 updates in all, beside 400 of the comparison; then trained as the others

 algorithm            settings  success, mean ± sd    IQM of it [95% interval]  return, mean ± sd  steps to 90%, mean ± sd  steps to 100%, mean ± sd  seconds
──────────  ──────────────────  ──────────────────  ──────────────────────────  ─────────────────  ───────────────────────  ────────────────────────  ───────
       vdn       as configured      95.90% ± 7.24%     98.79% [87.76%, 99.95%]        7.00 ± 3.54        122 ± 50 (4 of 5)          112 ± – (1 of 5)     12.3
      qmix       as configured     50.00% ± 39.53%      50.00% [8.33%, 91.67%]        2.60 ± 2.70         192 ± – (1 of 5)          192 ± – (1 of 5)     56.8
 vdn tuned  learningRate=0.001      95.90% ± 7.24%     98.79% [87.76%, 99.95%]        7.00 ± 3.54        122 ± 50 (4 of 5)          112 ± – (1 of 5)     12.3
qmix tuned  learningRate=0.002     100.00% ± 0.00%  100.00% [100.00%, 100.00%]        5.00 ± 0.00         112 ± 0 (5 of 5)          112 ± 0 (5 of 5)      9.1

Steps are those of the seeds that came so far (how many, in brackets).
Seconds are those of all seeds together.
1 of 20 learners diverged; what is told of them is of before (failedUpdate in the CSV).
comparison folder: ${out}
`);
});

it('writes comparison.csv, a line for each learner', () => {
  const learners = read('comparison.csv').split('\n');
  expect(learners.slice(0, 11)).toEqual([
    'algorithm,settings,seed,success,lengthRatio,return,updates,environmentSteps,stepsTo90,stepsTo100,updatesTo100,failedUpdate,hash',
    'vdn,as configured,1,0.9984,1.01,10,40,192,192,,,,hash-0-1',
    'vdn,as configured,2,0.9951,1.02,9,40,192,112,,,,hash-0-2',
    'vdn,as configured,3,1,1.03,8,40,192,72,112,20,,hash-0-3',
    'vdn,as configured,4,0.9702,1.04,7,40,192,112,,,,hash-0-4',
    'vdn,as configured,5,0.8313,1.05,1,40,192,,,,,hash-0-5',
    'qmix,as configured,1,0.5,1.5,3,40,192,,,,,hash-0-1',
    'qmix,as configured,2,0.25,1.25,0,40,192,,,,,hash-0-2',
    'qmix,as configured,3,0.75,1.75,1,40,192,,,,,hash-0-3',
    'qmix,as configured,4,1,1.125,7,40,192,192,192,40,,hash-0-4',
    'qmix,as configured,5,0,,2,40,192,,,,33,hash-0-5',
  ]);
  expect(learners.slice(11)).toEqual([
    ...learners.slice(1, 6).map((line) => line.replace('as configured', 'learningRate=0.001')),
    'qmix,learningRate=0.002,1,1,1,5,40,192,112,112,20,,hash-0-1',
    'qmix,learningRate=0.002,2,1,1,5,40,192,112,112,20,,hash-0-2',
    'qmix,learningRate=0.002,3,1,1,5,40,192,112,112,20,,hash-0-3',
    'qmix,learningRate=0.002,4,1,1,5,40,192,112,112,20,,hash-0-4',
    'qmix,learningRate=0.002,5,1,1,5,40,192,112,112,20,,hash-0-5',
    '',
  ]);
});

it('writes comparison.json, each number under its name', () => {
  const { algorithms, ...whole } = JSON.parse(read('comparison.json'));
  expect(whole).toEqual({
    ...{ comparison: out, interrupted: false, environment: 'meeting-gridworld', preset: 'solve' },
    ...{ seeds: [1, 2, 3, 4, 5], updates: 40, measure: 'success' },
    budget: { comparison: 400, tuning: { settings: 2, seeds: 1, updates: 20, total: 80 } },
    ...{ tune: ['learningRate=0.001,0.002'], tuneSeeds: [8] },
  });
  const [, qmix, vdnTuned, qmixTuned] = algorithms;
  const { seeds, ...told } = qmix;
  // Intervals and means as rliable gives them (test/compare/rliable.test.ts says how); here they are exact.
  const close = (value: number) => expect.closeTo(value, 12);
  expect(told).toEqual({
    ...{ name: 'qmix', algorithm: 'qmix', tuned: null, tunedBy: null, run: join(out, 'qmix') },
    ...{ adapter: 'an adapter', seconds: 56.78 },
    success: {
      ...{ count: 5, mean: 0.5, standardDeviation: close(0.3952847075210474), iqm: 0.5 },
      meanInterval: { low: close(0.2), high: close(0.8) },
      iqmInterval: { low: close(1 / 12), high: close(11 / 12) },
    },
    return: {
      ...{ count: 5, mean: 2.6, standardDeviation: close(2.701851217221259), iqm: 2 },
      meanInterval: { low: close(0.8), high: close(5) },
      iqmInterval: { low: close(1 / 3), high: close(17 / 3) },
    },
    stepsTo90: { reached: 1, of: 5, steps: expect.objectContaining({ count: 1, mean: 192 }) },
    stepsTo100: { reached: 1, of: 5, steps: expect.objectContaining({ count: 1, mean: 192 }) },
  });
  expect(seeds[3]).toEqual({
    ...{ seed: 4, success: 1, lengthRatio: 1.125, return: 7, successSeen: true, hash: 'hash-0-4' },
    ...{ updates: 40, environmentSteps: 192, failedUpdate: null },
    ...{ stepsTo90: 192, stepsTo100: 192, updatesTo100: 40 },
    evaluations: [
      { updates: 10, environmentSteps: 72, success: 0, return: 0 },
      { updates: 20, environmentSteps: 112, success: 0.1, return: 1 },
      { updates: 40, environmentSteps: 192, success: 1, return: 7 },
    ],
  });
  // What the small sweep finds best is as configured for vdn: that run is not made again.
  expect([vdnTuned, qmixTuned].map(({ name, tuned, tunedBy, run }) => [name, tuned, tunedBy, run])).toEqual([
    ['vdn tuned', { learningRate: 0.001 }, 'success', join(out, 'vdn')],
    ['qmix tuned', { learningRate: 0.002 }, 'success', join(out, 'tuned/qmix')],
  ]);
});

/**
 * marl-eval (instadeepai/marl-eval at 5675ad67e8ee) finds this very file valid in all that it checks
 * (DiagnoseData(raw).check_data()), and reads from it what is expected here:
 *
 *   processed = data_process_pipeline(raw_data=raw, metrics_to_normalize=[])
 *   create_matrices_for_rliable(processed, 'Meeting-Gridworld', [])[0]['mean_success']['vdn']
 */
it('writes marl-eval.json as marl-eval reads it', () => {
  const file = JSON.parse(read('marl-eval.json'));
  expect(Object.keys(file)).toEqual(['meeting-gridworld']);
  expect(Object.keys(file['meeting-gridworld'])).toEqual(['3x3-3-agents-own-sight']);
  const algorithms = file['meeting-gridworld']['3x3-3-agents-own-sight'];
  expect(algorithms.vdn.seed_3).toEqual({
    step_1: { step_count: 72, success: [0.92], return: [6] },
    step_2: { step_count: 112, success: [1], return: [7] },
    step_3: { step_count: 192, success: [1], return: [8] },
    absolute_metrics: { success: [1], return: [8] },
  });
  const absolute = (metric: string) =>
    Object.entries<Record<string, Record<string, Record<string, unknown>>>>(algorithms).map(
      ([name, runs]) => [name, Object.values(runs).flatMap((run) => run.absolute_metrics[metric])],
    );
  expect(absolute('success')).toEqual([
    ['vdn', [0.9984, 0.9951, 1, 0.9702, 0.8313]],
    ['qmix', [0.5, 0.25, 0.75, 1, 0]],
    ['vdn_tuned', [0.9984, 0.9951, 1, 0.9702, 0.8313]],
    ['qmix_tuned', [1, 1, 1, 1, 1]],
  ]);
  expect(absolute('return')).toEqual([
    ['vdn', [10, 9, 8, 7, 1]],
    ['qmix', [3, 0, 1, 7, 2]],
    ['vdn_tuned', [10, 9, 8, 7, 1]],
    ['qmix_tuned', [5, 5, 5, 5, 5]],
  ]);
  for (const runs of Object.values<Record<string, object>>(algorithms)) {
    expect(Object.keys(runs)).toEqual(['seed_1', 'seed_2', 'seed_3', 'seed_4', 'seed_5']);
    for (const run of Object.values(runs)) {
      expect(Object.keys(run)).toEqual(['step_1', 'step_2', 'step_3', 'absolute_metrics']);
    }
  }
});

it('draws each algorithm’s interquartile mean in its colour, dashed where it is tuned, over its interval', () => {
  const { lines, bands, texts } = readChart(read('curves.svg'));
  // Middle three of five: of 0.2, 0.3, 0.92, 0.4, 0.05 they are 0.2, 0.3, 0.4.
  const vdn = [
    [72, 30],
    [112, 79],
    [192, 99],
  ];
  expect(lines).toEqual([
    { name: 'vdn', colour: '#0072b2', dashes: '', points: vdn },
    {
      name: 'qmix',
      colour: '#d55e00',
      dashes: '',
      points: [
        [72, 0],
        [112, 10],
        [192, 50],
      ],
    },
    { name: 'vdn tuned: learningRate=0.001', colour: '#0072b2', dashes: '10,5', points: vdn },
    {
      ...{ name: 'qmix tuned: learningRate=0.002', colour: '#d55e00', dashes: '10,5' },
      points: [
        [72, 0],
        [112, 100],
        [192, 100],
      ],
    },
  ]);
  expect(bands[1]).toEqual({
    colour: '#d55e00',
    points: [
      [72, 0],
      [112, 10],
      [192, 92],
      [192, 8],
      [112, 3],
      [72, 0],
    ],
  });
  expect(texts).toEqual(
    expect.arrayContaining([
      'Greedy success on meeting-gridworld 3×3, 3 agents',
      'IQM of 5 seeds and its 95% bootstrap interval, over all starts; 40 updates each',
      'greedy success, %',
    ]),
  );
});

/** A comparison of vdn alone that has seen no success, on this environment. Returns its folder and what is printed. */
async function withoutSuccess(
  environment: string,
  preset: string,
): Promise<{ folder: string; text: string }> {
  const folder = temporaryFolder();
  const common = { environment, seeds: [1, 2], updates: 40, episodes: 0, stopWhenSolved: false };
  const config = makeConfig(preset, common);
  const seeds = [
    finishedSeed(1, null, [0, 1], [0, 2], [0, 3]),
    finishedSeed(2, null, [0, 1], [0, 2], [0, 7]),
  ];
  writeFinishedRun(join(folder, 'vdn'), makeConfig(preset, { ...common, ...VDN }), 1.5, seeds);
  const text = await compareFinished(
    folder,
    { algorithms: ['vdn'], config, tune: [], tuneSeeds: [], tuneUpdates: 40 },
    { algorithms: 'vdn', environment, seeds: '1,2', updates: '40' },
  );
  return { folder, text };
}

it.each([
  ['meeting-gridworld', 'solve', '5x5-2-agents'],
  ['switch-and-door', 'door', 'default'],
])('names the task of %s (preset %s) %s for marl-eval', async (environment, preset, task) => {
  const { folder } = await withoutSuccess(environment, preset);
  const [[name, tasks]] = Object.entries(JSON.parse(readFileSync(join(folder, 'marl-eval.json'), 'utf8')));
  expect([name, Object.keys(tasks as object)]).toEqual([environment, [task]]);
});

it('prints and draws return where no seed has seen success', async () => {
  const { folder, text } = await withoutSuccess('two-step', 'game');
  // Of two seeds the interval reaches from one to the other; the deviation is 4 / √2.
  expect(text).toBe(`game on two-step, seeds 1, 2; an adapter
budget of every learner: 40 updates, 192 environment steps
compared by return, as no seed has seen success; the policies are greedy, after the last update

algorithm       settings  return, mean ± sd  IQM of it [95% interval]  seconds
─────────  ─────────────  ─────────────────  ────────────────────────  ───────
      vdn  as configured        5.00 ± 2.83         5.00 [3.00, 7.00]      1.5

Seconds are those of all seeds together.
comparison folder: ${folder}
`);
  const { lines } = readChart(readFileSync(join(folder, 'curves.svg'), 'utf8'));
  expect(lines.map(({ name, points }) => [name, points])).toEqual([
    [
      'vdn',
      [
        [72, 1],
        [112, 2],
        [192, 5],
      ],
    ],
  ]);
});
