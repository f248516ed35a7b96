import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { BenchReport } from '../../src/bench/run_bench.ts';
import { qmix, temporaryFolder } from './command.ts';

/** Everything but solving, at sizes that are measured soonest. */
const TINY = [
  ...['--preset', 'solve', '--learners', '1,2', '--batch', '8', '--agents', '3', '--environments', '4'],
  '--json',
];

const positive = (...values: readonly number[]): void => {
  for (const value of values) expect(value).toBeGreaterThan(0);
};

describe('bench', () => {
  test('measures kernels, updates and rollouts, and draws them', async () => {
    const folder = temporaryFolder();
    const saved = join(folder, 'bench.json');
    const { code, stdout, stderr } = await qmix('bench', ...TINY);
    expect(code, stderr).toBe(0);
    expect(stdout.trim().split('\n')).toHaveLength(1);
    const report = JSON.parse(stdout) as BenchReport;
    expect(report).toMatchObject({ preset: 'solve', solve: [], skipped: [] });
    expect(report.adapter).not.toBe('');
    expect(stderr).toMatch(/^peak: matmul /m);

    const { peak, kernels, updates, rollout } = report;
    positive(peak!.gflops, peak!.gbps);
    expect(peak!.tried.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['rows4/16', 'rows8/32', 'staged/64', 'tiled/128', 'copy/64×16']),
    );
    const whole = kernels
      .filter(({ operation }) => !operation)
      .map(({ name, learners }) => `${name} ${learners}`);
    const names = ['update_rows', 'gradient', 'optimise', 'copy_target', 'insert', 'act'];
    expect(whole).toEqual([1, 2].flatMap((learners) => names.map((name) => `${name} ${learners}`)));
    expect(new Set(kernels.filter(({ operation }) => operation).map(({ name }) => name)).size).toBe(10);
    for (const { name, ms, spread, gbps, share } of kernels) {
      positive(ms, gbps, share);
      expect(spread[0], name).toBeLessThanOrEqual(ms);
      expect(spread[1], name).toBeGreaterThanOrEqual(ms);
    }

    expect(updates.map(({ learners, batch, agents }) => [learners, batch, agents])).toEqual([
      [1, 128, 2],
      [2, 128, 2],
      [1, 8, 2],
      [1, 128, 3],
    ]);
    for (const row of updates) {
      expect(row).toMatchObject({ dispatches: 3, passes: 1, submits: 1, bytesRead: 0 });
      positive(row.ms, row.bytesWritten, row.step.bytesDown);
    }
    // By the equations: 134,334 operations for each of 128 rows, and 17 for each of 15,019 parameters.
    const operations = ({ gflops, ms }: { gflops: number; ms: number }) => Math.round(1e6 * gflops * ms);
    expect(updates.slice(0, 2).map(operations)).toEqual([17_450_075, 2 * 17_450_075]);
    const gradients = kernels.filter(({ name, operation }) => name === 'gradient' && !operation);
    expect(gradients.map(operations)).toEqual([3_844_864, 2 * 3_844_864]);
    expect(rollout.map(({ kind, environments }) => [kind, environments])).toEqual([
      ['typescript, no network', 4],
      ['typescript', 4],
      ['gpu', 4],
    ]);
    for (const { stepsPerSecond, ms } of rollout) expect(stepsPerSecond).toBeCloseTo(4000 / ms, 3);
    expect(rollout[1].step).toMatchObject({ submits: 1, dispatches: 2 });
    expect(rollout[2].step.submits).toBeLessThan(1);

    writeFileSync(saved, stdout);
    const figure = join(folder, 'bench.svg');
    expect(await qmix('bench', '--from', saved, '--figure', figure)).toMatchObject({ code: 0, stdout: '' });
    const svg = readFileSync(figure, 'utf8');
    expect(svg).toMatch(/^<svg[^>]*><title>/);
    for (const text of ['over learners that train together', 'over environments', report.adapter]) {
      expect(svg).toContain(text);
    }
  });

  test('prints rows for people', async () => {
    const figure = join(temporaryFolder(), 'bench.svg');
    const { code, stdout, stderr } = await qmix(
      'bench',
      ...['--only', 'rollout', '--preset', 'game', '--environments', '2', '--figure', figure],
    );
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/, sizes of preset game\n\nRollout: /);
    expect(stdout).toMatch(/^typescript, no network +2 +[\d,.]+ /m);
    // One title for all rows, and what this environment has no kernel for.
    expect(stdout.match(/^Rollout: /gm)).toHaveLength(1);
    expect(stdout).toMatch(/^skipped rollout, gpu, 2 environments: \S/m);
    expect(readFileSync(figure, 'utf8')).toContain('Rollout, over environments');
  });

  test.each([
    [['--preset', 'fast'], '--preset: got "fast", allowed: solve, report, game, door'],
    [['--only', 'kernels,speed'], '--only: got "speed", allowed: some of kernels,updates,rollout,solve'],
    [['--learners', '1,x'], '--learners: got "x", allowed: whole numbers 1 to 4096, with commas between'],
    [['--batch', '0'], '--batch: got "0", allowed: whole numbers 1 to 65536, with commas between'],
    [['--agents', '17'], '--agents: got "17", allowed: whole numbers 2 to 16, with commas between'],
    [
      ['--environments', '1.5'],
      '--environments: got "1.5", allowed: whole numbers 1 to 65536, with commas between',
    ],
    [['--seeds', 'one'], 'seeds: got "one", allowed: whole numbers from 0'],
    [['--from', 'absent.json'], '--from: needs --figure FILE'],
    [['--from', 'absent.json', '--figure', 'a.svg'], '--from: got "absent.json", which does not exist'],
    [['--from', 'package.json', '--figure', 'a.svg'], '--from: got "package.json", which holds no report'],
    [['--figure', '/absent/a.svg'], '--figure: got "/absent/a.svg", allowed: a file in a folder that exists'],
  ])('refuses %j', async (args, message) => {
    const { code, stdout, stderr } = await qmix('bench', ...args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(`error: ${message}`);
  });
});
