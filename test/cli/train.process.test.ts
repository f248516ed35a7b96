import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { configFields } from '../../src/config.ts';
import { decodeSafetensors } from '../../src/safetensors.ts';
import { parseRows } from '../../src/train/metrics.ts';
import { sealed } from '../support/sealed.ts';
import { qmix, smallTrain, temporaryFolder, withoutProgress } from './command.ts';

const read = (...path: string[]): string => readFileSync(join(...path), 'utf8');
const checkpoint = (folder: string): Buffer => readFileSync(join(folder, 'checkpoint.safetensors'));
/** Rows that say where training was, without the clock. */
const rows = (folder: string) =>
  parseRows(read(folder, 'metrics.csv'))
    .filter(({ kind }) => kind !== 'final')
    .map((row) => ({ ...row, seconds: 0 }));

describe('train', () => {
  it('writes a run folder, prints one JSON object and nothing else, and evaluate agrees with it', async () => {
    const out = join(temporaryFolder(), 'deep', 'run');
    const trained = await qmix(...smallTrain('--seeds', '4,7-8', '--updates', '333', '--out', out, '--json'));
    expect(withoutProgress(trained.stderr)).toBe('');
    expect(trained.code).toBe(0);
    expect(trained.stdout.trimEnd().split('\n')).toHaveLength(1);
    const summary = JSON.parse(trained.stdout);
    expect(summary).toMatchObject({
      backend: 'cpu',
      adapter: expect.any(String),
      checkpoint: join(out, 'checkpoint.safetensors'),
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      interrupted: false,
    });
    expect(summary.seeds.map(({ seed }: { seed: number }) => seed)).toEqual([4, 7, 8]);
    for (const seed of summary.seeds) {
      expect(seed).toMatchObject({
        starts: 504,
        updates: 333,
        hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      });
      expect(seed.environmentSteps).toBe(3 * (333 + 14));
    }
    const names = ['checkpoint.safetensors', 'config.json', 'curve.svg', 'metrics.csv', 'summary.json'];
    expect(readdirSync(out).sort()).toEqual(names);
    expect(JSON.parse(read(out, 'summary.json'))).toEqual(summary);
    expect(JSON.parse(read(out, 'config.json'))).toMatchObject({ seeds: [4, 7, 8], updates: 333, hidden: 6 });
    expect(read(out, 'curve.svg')).toMatch(/^<svg [\s\S]*4 greedy[\s\S]*<\/svg>$/);
    const kinds = rows(out).filter(({ seed }) => seed === 7);
    expect(kinds.filter(({ kind }) => kind === 'training').map(({ updates }) => updates)).toEqual(
      Array.from({ length: 16 }, (_, index) => 20 * (index + 1)),
    );
    expect(kinds.filter(({ kind }) => kind === 'evaluation')).toHaveLength(6);

    const evaluated = await qmix('evaluate', out, '--exhaustive', '--backend', 'cpu', '--json');
    expect(evaluated.code).toBe(0);
    const again = JSON.parse(evaluated.stdout);
    expect(again.seeds).toEqual(summary.seeds);
    expect(again.hash).toBe(summary.hash);
  });

  it('makes byte-equal checkpoints of equal configurations, given in different ways', async () => {
    const folder = temporaryFolder();
    const [first, second] = [join(folder, 'first'), join(folder, 'second')];
    const args = ['--seeds', '1,2', '--updates', '120'];
    const table = await qmix(...smallTrain(...args, '--out', first));
    expect(table.code).toBe(0);
    expect(table.stdout).toContain('greedy success');
    expect(table.stdout).toContain(`run folder: ${first}`);
    const byFile = ['train', '--backend', 'cpu', '--config', join(first, 'config.json'), '--out', second];
    expect((await qmix(...byFile)).code).toBe(0);
    expect(checkpoint(first).equals(checkpoint(second))).toBe(true);
    expect(rows(second)).toEqual(rows(first));
  });

  it('goes on in a new process as if it had never stopped, to more updates', async () => {
    const folder = temporaryFolder();
    const [whole, parts] = [join(folder, 'whole'), join(folder, 'parts')];
    expect((await qmix(...smallTrain('--seeds', '1,2', '--updates', '211', '--out', whole))).code).toBe(0);
    expect((await qmix(...smallTrain('--seeds', '1,2', '--updates', '57', '--out', parts))).code).toBe(0);
    const shorter = parseRows(read(parts, 'metrics.csv')).at(-1)!;
    for (const updates of ['133', '211']) {
      const resumed = await qmix('train', '--resume', parts, '--updates', updates, '--json');
      expect(resumed.code).toBe(0);
      expect(JSON.parse(resumed.stdout).backend).toBe('cpu');
    }
    expect(checkpoint(parts).equals(checkpoint(whole))).toBe(true);
    // As many as are made are allowed, and change nothing.
    const same = await qmix('train', '--resume', parts, '--updates', '211', '--json');
    expect([same.code, withoutProgress(same.stderr)]).toEqual([0, '']);
    expect(checkpoint(parts).equals(checkpoint(whole))).toBe(true);
    expect(rows(parts)).toEqual(rows(whole));
    const seconds = parseRows(read(parts, 'metrics.csv')).map((row) => row.seconds);
    expect(seconds).toEqual(seconds.toSorted((a, b) => a - b));
    expect(seconds.at(-1)).toBeGreaterThan(shorter.seconds);
    expect(JSON.parse(read(parts, 'config.json')).updates).toBe(211);
    // A run that is over stays as it is.
    const before = checkpoint(parts);
    expect((await qmix('train', '--resume', parts)).code).toBe(0);
    expect(checkpoint(parts).equals(before)).toBe(true);
    expect(rows(parts)).toEqual(rows(whole));
  });

  it('trains variants, in groups too, with the same bytes', async () => {
    const folder = temporaryFolder();
    const variants = ['--set', 'variants=[{"learningRate":0.01},{"gamma":0.5}]'];
    const args = ['--seeds', '1,2', '--updates', '120', ...variants];
    const [all, groups] = [join(folder, 'all'), join(folder, 'groups')];
    expect((await qmix(...smallTrain(...args, '--out', all))).code).toBe(0);
    const trained = await qmix(...smallTrain(...args, '--at-once', '3', '--out', groups, '--json'));
    expect(trained.code).toBe(0);
    expect(checkpoint(groups).equals(checkpoint(all))).toBe(true);
    const summary = JSON.parse(trained.stdout);
    expect(summary.hash).toBe(JSON.parse(read(all, 'summary.json')).hash);
    expect(
      summary.seeds.map(({ seed, variant, settings }: Record<string, unknown>) => [seed, variant, settings]),
    ).toEqual([
      [1, 0, { learningRate: 0.01 }],
      [2, 0, { learningRate: 0.01 }],
      [1, 1, { gamma: 0.5 }],
      [2, 1, { gamma: 0.5 }],
    ]);
    const table = await qmix('evaluate', groups, '--backend', 'cpu', '--exhaustive', '--json');
    expect(JSON.parse(table.stdout).seeds).toEqual(summary.seeds);
    expect(rows(groups).filter(({ variant, seed }) => variant === 1 && seed === 2)).toEqual(
      rows(all).filter(({ variant, seed }) => variant === 1 && seed === 2),
    );
    const longer = await qmix('train', '--resume', groups, '--updates', '150', '--at-once', '1');
    expect(longer.code).toBe(0);
    expect(longer.stdout).toContain('learningRate=0.01');
    expect((await qmix('train', '--resume', all, '--updates', '150')).code).toBe(0);
    expect(checkpoint(groups).equals(checkpoint(all))).toBe(true);
  });

  it('takes an algorithm by name, which --set overrides', async () => {
    const folder = temporaryFolder();
    const config = async (name: string, ...args: string[]) => {
      const out = join(folder, name);
      expect((await qmix(...smallTrain('--updates', '0', ...args, '--out', out))).code).toBe(0);
      const { sharedAgents, agentId, mixer } = JSON.parse(read(out, 'config.json'));
      return { sharedAgents, agentId, mixer };
    };
    const qmixed = { sharedAgents: false, agentId: false, mixer: 'monotonic' };
    expect(await config('none')).toEqual(qmixed);
    expect(await config('qmix', '--algorithm', 'qmix')).toEqual(qmixed);
    expect(await config('shared', '--algorithm', 'qmix', '--set', 'sharedAgents=true')).toEqual({
      ...qmixed,
      sharedAgents: true,
    });
  });

  it('stops at a gradient that is not finite, with what was seen and a checkpoint of before', async () => {
    const folder = temporaryFolder();
    const out = join(folder, 'run');
    expect((await qmix(...smallTrain('--seeds', '3,5', '--updates', '61', '--out', out))).code).toBe(0);
    // Finite parameters, so large that the products of the next update are not.
    const path = join(out, 'checkpoint.safetensors');
    const { tensors, metadata } = decodeSafetensors(readFileSync(path), path);
    for (const layer of [0, 2, 4]) tensors.get(`seeds.5.online.agents.0.${layer}.weight`)!.data.fill(1e300);
    writeFileSync(path, sealed(tensors, metadata));
    const failed = await qmix('train', '--resume', out, '--updates', '200', '--json');
    expect(failed.code).toBe(1);
    expect(failed.stderr).toMatch(
      /^error: seed 5: the gradient of update 62 is not finite; .*epsilon 0\.\d+; checkpoint of before it: .*safetensors\n$/,
    );
    expect(JSON.parse(failed.stdout).error).toContain('seed 5');
    const after = decodeSafetensors(readFileSync(path), path).tensors;
    const name = 'seeds.5.online.agents.1.2.weight';
    expect(after.get(name)).toEqual(tensors.get(name));
    expect(Array.from(after.get('seeds.5.counters')!.data.slice(0, 2))).toEqual([61, 62]);
    expect((await qmix('evaluate', out, '--backend', 'cpu', '--json')).code).toBe(0);
    const again = await qmix('train', '--resume', out);
    expect(again.code).toBe(1);
    expect(again.stderr).toContain('seed 5 failed at update 62');
  });

  it('evaluate plays a sample of 1,000 starts, says so, and all where asked', async () => {
    const out = join(temporaryFolder(), 'run');
    const larger = ['--set', 'gridSize=5', '--updates', '3', '--out', out];
    expect((await qmix(...smallTrain(...larger))).code).toBe(0);
    const sampled = await qmix('evaluate', join(out, 'checkpoint.safetensors'), '--backend', 'cpu');
    expect(sampled.stdout).toContain('a random sample of 1,000 of 13,800 starts');
    const all = await qmix('evaluate', out, '--backend', 'cpu', '--exhaustive');
    expect(all.stdout).toContain('all 13,800 starts');
  });
});

describe('help', () => {
  it.each(['', 'train', 'sweep', 'compare', 'evaluate', 'verify', 'devices'])('of qmix %s', async (name) => {
    const command = name === '' ? [] : [name];
    const { code, stdout, stderr } = await qmix(...command, '--help');
    expect(code).toBe(0);
    expect(withoutProgress(stderr)).toBe('');
    expect(stdout).toContain('Usage: qmix');
    if (command.length > 0) expect(stdout).toContain('Examples:');
    if (command[0] !== 'train') return;
    for (const field of configFields.filter((name) => name !== 'preset')) {
      expect(stdout).toMatch(new RegExp(`^  ${field} +\\S.*\\[.+\\]$`, 'm'));
    }
  });
});
