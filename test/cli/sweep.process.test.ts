import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { qmix, SMALL, start, temporaryFolder, untilMade, withoutProgress } from './command.ts';

const small = (command: string, ...args: string[]): string[] => [
  command,
  '--backend',
  'cpu',
  ...SMALL,
  ...args,
];
const json = (...path: string[]) => JSON.parse(readFileSync(join(...path), 'utf8'));
const checkpoint = (...path: string[]): Buffer => readFileSync(join(...path, 'checkpoint.safetensors'));

describe('sweep', () => {
  it('ranks a cross product, whose learners end as they do alone', async () => {
    const folder = temporaryFolder();
    const out = join(folder, 'sweep');
    const vary = ['--vary', 'learningRate=0.02,0.0001', '--vary', 'batchSize=3,5', '--seeds', '1,2'];
    const swept = await qmix(...small('sweep', ...vary, '--updates', '150', '--out', out));
    expect(withoutProgress(swept.stderr)).toBe('');
    expect(swept.code).toBe(0);
    expect(swept.stdout).toContain('learningRate=0.0001 batchSize=5');
    expect(swept.stdout).toContain(`sweep folder: ${out}`);
    expect(readdirSync(out).sort()).toEqual(
      ['curves.svg', 'group-1', 'group-2', 'plan.json', 'sweep.csv', 'sweep.json'].sort(),
    );

    const { settings } = json(out, 'sweep.json');
    expect(settings).toHaveLength(4);
    const means = settings.map((entry: { success: { mean: number } }) => entry.success.mean);
    expect(means).toEqual(means.toSorted((a: number, b: number) => b - a));
    const csv = readFileSync(join(out, 'sweep.csv'), 'utf8').trimEnd().split('\n');
    expect(csv).toHaveLength(1 + 4 * 2);
    expect(csv[0]).toMatch(/^settings,seed,success,/);
    const svg = readFileSync(join(out, 'curves.svg'), 'utf8');
    for (const word of [
      'Sweep on meeting-gridworld 3×3',
      'environment steps per learner',
      'greedy success, %',
    ]) {
      expect(svg).toContain(word);
    }

    const alone = join(folder, 'alone');
    const set = ['--set', 'learningRate=0.0001', '--set', 'batchSize=5', '--seeds', '2'];
    const trained = await qmix(...small('train', ...set, '--updates', '150', '--out', alone, '--json'));
    const entry = settings.find(
      (own: { settings: object }) => JSON.stringify(own.settings) === '{"learningRate":0.0001,"batchSize":5}',
    );
    const [only] = JSON.parse(trained.stdout).seeds;
    const own = entry.seeds.find(({ seed }: { seed: number }) => seed === 2);
    expect(own.hash).toBe(only.hash);
    expect(own).toMatchObject({
      success: only.success,
      updates: 150,
      environmentSteps: only.environmentSteps,
    });
    expect(entry.success.mean).toBeCloseTo((entry.seeds[0].success + entry.seeds[1].success) / 2, 12);

    // In groups, the same files.
    const groups = join(folder, 'groups');
    expect(
      (await qmix(...small('sweep', ...vary, '--updates', '150', '--at-once', '3', '--out', groups))).code,
    ).toBe(0);
    for (const group of ['group-1', 'group-2']) {
      expect(checkpoint(groups, group).equals(checkpoint(out, group))).toBe(true);
    }
  });

  it('interrupted, goes on without what is finished, to the same end', async () => {
    const folder = temporaryFolder();
    const args = [
      '--vary',
      'batchSize=4,5,6',
      '--vary',
      'gamma=0.9,0.8',
      '--seeds',
      '1,2',
      '--updates',
      '1200',
    ];
    const [whole, parts] = [join(folder, 'whole'), join(folder, 'parts')];
    expect((await qmix(...small('sweep', ...args, '--out', whole))).code).toBe(0);
    const started = start(small('sweep', ...args, '--out', parts, '--json'));
    await untilMade(started, join(parts, 'group-2', 'checkpoint.safetensors'));
    started.child.kill('SIGINT');
    const first = await started.ended;
    expect(first.code).toBe(130);
    expect(first.stderr).toContain(`interrupted; to go on: sweep --resume ${parts}`);
    expect(JSON.parse(first.stdout)).toEqual({ sweep: parts, interrupted: true });
    expect(existsSync(join(parts, 'group-3'))).toBe(false);
    expect(existsSync(join(parts, 'sweep.json'))).toBe(false);
    const before = statSync(join(parts, 'group-1', 'checkpoint.safetensors')).mtimeMs;
    // Title, and a row of each of four learners: what was made before, seconds included, is not made again.
    const made = () =>
      readFileSync(join(parts, 'group-2', 'metrics.csv'), 'utf8')
        .split('\n')
        .slice(0, 5);
    const kept = made();
    const second = await qmix('sweep', '--resume', parts, '--json');
    expect(second.code).toBe(0);
    expect(made()).toEqual(kept);
    expect(statSync(join(parts, 'group-1', 'checkpoint.safetensors')).mtimeMs).toBe(before);
    for (const group of ['group-1', 'group-2', 'group-3']) {
      expect(checkpoint(parts, group).equals(checkpoint(whole, group)), group).toBe(true);
    }
    expect(readFileSync(join(parts, 'sweep.csv'), 'utf8')).toBe(
      readFileSync(join(whole, 'sweep.csv'), 'utf8'),
    );
    // Once more, with the same options: nothing is left to do.
    const again = await qmix(...small('sweep', ...args, '--out', parts, '--json'));
    expect(JSON.parse(again.stdout)).toEqual(JSON.parse(second.stdout));
    expect(statSync(join(parts, 'group-1', 'checkpoint.safetensors')).mtimeMs).toBe(before);
  });

  it('refuses bad input before anything is made', async () => {
    const folder = temporaryFolder();
    const out = join(folder, 'sweep');
    const refused = async (args: readonly string[], words: string) => {
      const { code, stderr, stdout } = await qmix(...args);
      expect(stderr).toContain(words);
      expect(stderr).not.toMatch(/\n {4}at /);
      expect(code).toBe(1);
      expect(stdout).toBe('');
    };
    await refused(small('sweep', '--out', out), '--vary: got nothing, allowed: FIELD=A,B,…');
    await refused(small('sweep', '--vary', 'gamma=0.9,2', '--out', out), 'gamma: got 2, allowed: at most 1');
    await refused(small('sweep', '--vary', 'gamma=1', '--at-once', 'x', '--out', out), '--at-once: got "x"');
    expect(existsSync(out)).toBe(false);
    await refused(['sweep', '--resume', folder], '--resume: got');
    expect((await qmix(...small('sweep', '--vary', 'gamma=1', '--updates', '0', '--out', out))).code).toBe(0);
    const resume = ['sweep', '--resume', out];
    await refused(
      [...resume, '--vary', 'gamma=1'],
      '--vary: not with --resume, allowed: --environment, --at-once, --json',
    );
    await refused([...resume, '--backend', 'webgpu'], '--backend: got webgpu, allowed: cpu');
    await refused(['compare', '--resume', out], 'is no plan of a comparison');
    await refused(
      small('sweep', '--vary', 'gamma=0.5', '--updates', '0', '--out', out),
      'plan.json plans something else',
    );
  });
});
