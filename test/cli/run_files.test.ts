import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, it, vi } from 'vitest';
import { evaluate } from '../../src/cli/evaluate.ts';
import { exportParameters } from '../../src/cli/export.ts';
import { Interrupt } from '../../src/cli/interrupt.ts';
import { RunFolder } from '../../src/cli/run_folder.ts';
import { type RunSummary, runSession } from '../../src/cli/session.ts';
import { train } from '../../src/cli/train.ts';
import { makeConfig } from '../../src/presets.ts';
import { decodeSafetensors } from '../../src/safetensors.ts';
import { parseRows } from '../../src/train/metrics.ts';
import { readChart } from '../support/read_chart.ts';
import { temporaryFolder } from './command.ts';
import { printed } from './finished_run.ts';

const path = mkdtempSync(join(tmpdir(), 'qmix-run-'));
afterAll(() => rmSync(path, { recursive: true, force: true }));

/**
 * A game of one action that pays 2.5 at once: every number of it is known by hand. 3 environments, and 7 steps before
 * the first update, as replay is to hold 20 transitions: after u updates, 3 · (7 + u) environment steps and episodes.
 */
const config = makeConfig('game', {
  ...{ environment: 'matrix', payoff: [[2.5]], hidden: 4, mixerWidth: 2, hyperHidden: 2, batchSize: 4 },
  ...{ environments: 3, warmup: 20, replayCapacity: 100, seeds: [5, 6], updates: 25 },
  ...{ evaluateEvery: 10, logEvery: 20, saveEvery: 1000, epsilonEnd: 0.5, epsilonDecaySteps: 192 },
});
const folder = RunFolder.create(path);
const interrupt = new Interrupt();
const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
const plan = { config, folder, backend: 'cpu', atOnce: undefined, saveMs: 1e9, goOn: '' } as const;
const summary = await runSession(plan, interrupt);
stderr.mockRestore();
interrupt.release();
folder.release();
const read = (name: string): string => readFileSync(join(path, name), 'utf8');

/** What a learner comes to, but for what a hash or a clock says. */
const LEARNER = {
  ...{ success: 1, lengthRatio: 1, return: 2.5, starts: 1, updates: 25, environmentSteps: 96, episodes: 96 },
  ...{ trainingSuccess: 1, trainingReturn: 2.5 },
  // To the first evaluation, not to the end.
  ...{ updatesToSolve: 10, environmentStepsToSolve: 51 },
  ...{ hash: expect.stringMatching(/^[0-9a-f]{64}$/), secondsToSolve: expect.any(Number) },
  best: {
    ...{ updates: 10, success: 1, lengthRatio: 1, return: 2.5 },
    chosenOn: 'the starts that evaluations play',
  },
};
const ADAPTER = 'float64 reference on one CPU core';
const checkpoint = join(path, 'checkpoint.safetensors');

it('a run leaves these files, and its configuration whole', () => {
  expect(readdirSync(path).sort()).toEqual([
    ...['checkpoint.safetensors', 'config.json', 'curve.svg', 'metrics.csv', 'summary.json'],
  ]);
  expect(JSON.parse(read('config.json'))).toEqual(config);
});

it('metrics.csv has a row for each log, evaluation and end', () => {
  // Seconds, loss, gradient norm and Q_tot, which are not known by hand, are shown as `#`.
  const rows = read('metrics.csv')
    .split('\n')
    .map((line) => {
      const cells = line.split(',');
      const hidden = [6, 10, 11, 12].filter((column) => cells[0] !== 'kind' && cells[column]);
      return cells.map((cell, column) => (hidden.includes(column) ? '#' : cell)).join(',');
    });
  // ε: 1 − 0.5 · steps / 192.
  expect(rows).toEqual([
    'kind,variant,seed,updates,environmentSteps,episodes,seconds,epsilon,trainingSuccess,trainingReturn,loss,gradientNorm,qTotal,success,lengthRatio,return',
    'evaluation,0,5,10,51,51,#,0.8671875,1,2.5,,,,1,1,2.5',
    'evaluation,0,6,10,51,51,#,0.8671875,1,2.5,,,,1,1,2.5',
    'training,0,5,20,81,81,#,0.7890625,1,2.5,#,#,#,,,',
    'training,0,6,20,81,81,#,0.7890625,1,2.5,#,#,#,,,',
    'evaluation,0,5,20,81,81,#,0.7890625,1,2.5,,,,1,1,2.5',
    'evaluation,0,6,20,81,81,#,0.7890625,1,2.5,,,,1,1,2.5',
    'final,0,5,25,96,96,#,0.75,1,2.5,,,,1,1,2.5',
    'final,0,6,25,96,96,#,0.75,1,2.5,,,,1,1,2.5',
    '',
  ]);
});

it('summary.json has these keys and numbers', () => {
  expect(JSON.parse(read('summary.json'))).toEqual({
    ...{ backend: 'cpu', adapter: ADAPTER, checkpoint, run: path, interrupted: false },
    ...{ hash: LEARNER.hash, seconds: expect.any(Number) },
    seeds: [
      { seed: 5, ...LEARNER },
      { seed: 6, ...LEARNER },
    ],
  });
  const [first, second] = summary.seeds;
  expect(first.hash).not.toBe(second.hash);
  // Of the first evaluation: the first two rows.
  const seconds = [1, 2].map((line) => Number(read('metrics.csv').split('\n')[line].split(',')[6]));
  expect(first.secondsToSolve).toBeCloseTo(seconds[0], 3);
  expect(second.secondsToSolve).toBeCloseTo(seconds[1], 3);
});

it('curve.svg draws the greedy success of each seed', () => {
  const { lines } = readChart(read('curve.svg'));
  expect(lines.map(({ name, dashes, points }) => [name, dashes, points])).toEqual([
    [
      '5 greedy',
      '',
      [
        [51, 100],
        [81, 100],
        [96, 100],
      ],
    ],
    [
      undefined,
      '1',
      [
        [51, 100],
        [81, 100],
        [96, 100],
      ],
    ],
    [
      '6 greedy',
      '',
      [
        [51, 100],
        [81, 100],
        [96, 100],
      ],
    ],
    [
      undefined,
      '1',
      [
        [51, 100],
        [81, 100],
        [96, 100],
      ],
    ],
  ]);
});

it('evaluate prints the same numbers, as JSON and as a table', async () => {
  const asked = { backend: 'cpu', json: true } as const;
  expect(JSON.parse(await printed(() => evaluate(path, asked)))).toEqual({
    ...{ backend: 'cpu', adapter: ADAPTER, checkpoint, hash: summary.hash, trainedOn: 'cpu' },
    ...{ exhaustive: false, parameters: 'last' },
    seeds: [
      { seed: 5, ...LEARNER, hash: summary.seeds[0].hash },
      { seed: 6, ...LEARNER, hash: summary.seeds[1].hash },
    ],
  });
  const best = JSON.parse(await printed(() => evaluate(path, { ...asked, best: true, exhaustive: true })));
  expect(best).toMatchObject({ exhaustive: true, parameters: 'best' });
  expect(best.hash).not.toBe(summary.hash);

  const table = await printed(() => evaluate(path, { backend: 'cpu' }));
  expect(table.replace(/\d+\.\d\n/g, '#.#\n')).toBe(`game on matrix; cpu, float64 reference on one CPU core

seed  updates  environment steps  episodes  success in training  greedy success  starts  length / optimal  return  updates to 100%  seconds to 100%
────  ───────  ─────────────────  ────────  ───────────────────  ──────────────  ──────  ────────────────  ──────  ───────────────  ───────────────
   5       25                 96        96              100.00%         100.00%       1            1.0000    2.50               10              #.#
   6       25                 96        96              100.00%         100.00%       1            1.0000    2.50               10              #.#

parameters: SHA-256 ${summary.hash}
greedy: all 1 starts
`);
});

it('export says what it has written, and writes over nothing', async () => {
  const out = temporaryFolder();
  const file = join(out, 'policy.safetensors');
  // Of each learner: two agents of three layers, and a mixer of four hypernetworks of two; weights and biases.
  expect(await printed(() => exportParameters(path, { out: file }))).toBe(
    `${file}: 56 tensors of seeds.5, seeds.6; parameters: last\n`,
  );
  const best = join(out, 'best.safetensors');
  expect(
    JSON.parse(await printed(() => exportParameters(path, { out: best, best: true, json: true }))),
  ).toEqual({
    ...{ file: best, parameters: 'best, chosen on the starts that evaluations play' },
    ...{ learners: ['seeds.5', 'seeds.6'], tensors: 56 },
  });
  const words = [file, best].map((name) => decodeSafetensors(readFileSync(name), name).metadata);
  const metadata = { format: 'pt', environment: 'matrix', preset: 'game', mixer: 'monotonic' };
  expect(words).toEqual([
    { ...metadata, parameters: 'last' },
    { ...metadata, parameters: 'best, chosen on the starts that evaluations play' },
  ]);
  await expect(exportParameters(path, { out: file })).rejects.toThrow('which exists; allowed: a new file');
  await expect(exportParameters(path, { out: join(out, 'none', 'x.safetensors') })).rejects.toThrow(
    'x.safetensors: no such file or directory), allowed: a file that can be written',
  );
});

/** Trains for so many updates, one learner at a time if so wished; interrupted once there is a row of an end. */
async function session(
  run: RunFolder,
  updates: number,
  { interrupted = false, resumed = false } = {},
): Promise<RunSummary> {
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const interrupt = new Interrupt();
  const append = run.append.bind(run);
  run.append = (row) => {
    append(row);
    if (interrupted && row.kind === 'final') interrupt.request();
  };
  const from = resumed ? { checkpoint: await run.readCheckpoint({}) } : {};
  const atOnce = interrupted ? 1 : undefined;
  try {
    const own = { ...plan, ...from, folder: run, config: { ...config, updates, evaluateEvery: 5 }, atOnce };
    return await runSession(own, interrupt);
  } finally {
    interrupt.release();
    run.release();
  }
}
afterEach(() => vi.restoreAllMocks());

it('seconds are those of all sessions, opening included', async () => {
  // A clock that stands still, but for 7 s that it takes to open a learner.
  let now = 1000;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  vi.spyOn(process, 'constrainedMemory').mockImplementation(() => {
    now += 7000;
    return 2 ** 40;
  });
  const own = join(temporaryFolder(), 'run');
  const seconds = () =>
    parseRows(readFileSync(join(own, 'metrics.csv'), 'utf8')).map((row) => [row.updates, row.seconds]);
  const first = await session(RunFolder.create(own), 5);
  expect([first.seconds, ...first.seeds.map(({ secondsToSolve }) => secondsToSolve)]).toEqual([7, 7, 7]);
  const second = await session(RunFolder.retake(own), 10, { resumed: true });
  expect([second.seconds, ...second.seeds.map(({ secondsToSolve }) => secondsToSolve)]).toEqual([14, 7, 7]);
  // Of both seeds the evaluations, and what they come to at their end.
  expect(seconds()).toEqual([
    [5, 7],
    [5, 7],
    [10, 14],
    [10, 14],
    [10, 14],
    [10, 14],
  ]);
});

it('a run goes on to no fewer updates than the learner that is furthest has made', async () => {
  const own = join(temporaryFolder(), 'run');
  const cut = await session(RunFolder.create(own), 10, { interrupted: true });
  expect(cut.seeds.map(({ seed, updates }) => [seed, updates])).toEqual([
    [5, 10],
    [6, 0],
  ]);
  await expect(train({ resume: own, updates: '9', backend: 'auto', rollout: 'auto' })).rejects.toThrow(
    'updates: got 9, allowed: at least 10, which are made already',
  );
});
