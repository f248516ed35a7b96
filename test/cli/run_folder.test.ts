import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { defaultRunPath, RunFolder, secondsToSolve } from '../../src/cli/run_folder.ts';
import { FileError } from '../../src/node/files.ts';
import { makeConfig } from '../../src/presets.ts';
import { formatRow, METRICS_HEADER, type MetricsRow, NOT_MEASURED } from '../../src/train/metrics.ts';
import { Progress } from '../../src/train/progress.ts';

const row = (seed: number, environmentSteps: number, seconds: number, more: Partial<MetricsRow> = {}) =>
  ({
    ...NOT_MEASURED,
    ...{ kind: 'evaluation', variant: 0, seed, updates: environmentSteps / 2, episodes: 1, epsilon: 0.5 },
    ...{ environmentSteps, seconds, trainingSuccess: 0, trainingReturn: 0 },
    ...more,
  }) as MetricsRow;

describe('the seconds that a learner took to solve every start', () => {
  it('are of its own first evaluation in which it did', () => {
    const rows = [
      row(2, 10, 1, { success: 1 }),
      row(1, 20, 2, { success: 0.9999, variant: 1 }),
      row(1, 20, 3, { success: 1 }),
      row(1, 30, 4, { success: 1, variant: 1 }),
      row(1, 40, 5, { success: 1, variant: 1 }),
    ];
    expect(secondsToSolve(rows, { seed: 1, variant: 1 })).toBe(4);
    expect(secondsToSolve(rows, { seed: 1 })).toBe(3);
    expect(secondsToSolve(rows, { seed: 3 })).toBeNull();
  });
});

const paths: string[] = [];
afterEach(() => {
  vi.useRealTimers();
  for (const path of paths.splice(0)) rmSync(path, { recursive: true, force: true });
});
function emptyFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'qmix-folder-'));
  paths.push(path);
  return path;
}

it('a run that is given no folder takes one below runs, named by preset and time, with a number where that is taken', () => {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date(2026, 0, 5, 7, 8, 9) });
  expect(defaultRunPath('solve')).toBe(join('runs', 'solve-20260105-070809'));
  const own = join(relative('runs', emptyFolder()), 'mine');
  const taken = ['', '-2', '-3'].map((ending) => {
    const path = defaultRunPath(own);
    expect(path).toBe(`${join('runs', own)}-20260105-070809${ending}`);
    mkdirSync(path);
    return path;
  });
  expect(taken).toHaveLength(3);
});

it('a folder that was lost to another process is not written any more', () => {
  const path = emptyFolder();
  const folder = RunFolder.create(path);
  rmSync(join(path, '.lock'));
  const standing = {} as Parameters<RunFolder['save']>[0];
  for (const write of [
    () => folder.begin(makeConfig('solve'), []),
    () => folder.save(standing, new Uint8Array(1)),
    () => folder.saveSummary({}),
  ]) {
    expect(write).toThrow(new FileError(`${path}: it was deleted, or another process has taken it`));
  }
  expect(readdirSync(path)).toEqual([]);
  folder.release();
});

describe('where a run goes on', () => {
  const config = makeConfig('solve', { seeds: [1, 2], environments: 2 });
  const rows = [
    row(1, 20, 1.5),
    row(2, 20, 2),
    row(1, 40, 3.5),
    row(2, 40, 4, { kind: 'final' }),
    row(1, 60, 8),
  ];

  /** What a folder says of learners that are so far, in environment steps; `summary`: what it ended with last. */
  function standing(reached: readonly number[], summary?: object) {
    const path = emptyFolder();
    writeFileSync(join(path, 'metrics.csv'), METRICS_HEADER + rows.map(formatRow).join(''));
    if (summary) writeFileSync(join(path, 'summary.json'), JSON.stringify(summary));
    const progress = reached.map((environmentSteps) =>
      Object.assign(new Progress(config), { environmentSteps }),
    );
    const folder = RunFolder.retake(path);
    const found = folder.standing(config, progress);
    folder.release();
    return {
      seconds: found.seconds,
      rows: found.rows.map(({ seed, environmentSteps }) => [seed, environmentSteps]),
    };
  }

  it('is after the rows on the way there, and after their seconds', () => {
    const upTo40 = [
      [1, 20],
      [2, 20],
      [1, 40],
    ];
    expect(standing([40, 40])).toEqual({ seconds: 3.5, rows: upTo40 });
    expect(standing([20, 40])).toEqual({ seconds: 2, rows: upTo40.slice(0, 2) });
  });

  it('is after the seconds of the last session, if that ended there', () => {
    const ended = (...steps: readonly number[]) => ({
      seconds: 11,
      seeds: steps.map((environmentSteps, index) => ({ seed: index + 1, environmentSteps })),
    });
    expect(standing([40, 40], ended(40, 40)).seconds).toBe(11);
    expect(standing([40, 40], ended(60, 40)).seconds).toBe(3.5);
    expect(standing([40, 40], { ...ended(40, 40), seconds: 1 }).seconds).toBe(3.5);
    // Of a session that ended before the first seed was evaluated.
    expect(standing([20, 40], { seconds: 11, seeds: [{ seed: 2, environmentSteps: 40 }] }).seconds).toBe(11);
    expect(standing([20, 40], { seconds: 11, seeds: [{ seed: 2, environmentSteps: 20 }] }).seconds).toBe(2);
  });
});
