import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/cli/options.ts';
import { ConfigError } from '../../src/config.ts';
import { decodeSafetensors } from '../../src/safetensors.ts';
import { sealed } from '../support/sealed.ts';
import { qmix, smallTrain, temporaryFolder } from './command.ts';

/** Refused: exit code 1, every expected word on standard error, no stack, and nothing on standard output. */
async function refused(args: readonly string[], ...words: string[]): Promise<void> {
  const { code, stdout, stderr } = await qmix(...args);
  for (const word of words) expect(stderr).toContain(word);
  expect(stderr).not.toMatch(/\n {4}at /);
  expect(code).toBe(1);
  expect(stdout).toBe('');
}

describe('words that are not understood', () => {
  it.each([
    [['trian'], "unknown command 'trian'"],
    [['train', '--sedes', '1'], "unknown option '--sedes'"],
    [['train', 'solve'], 'too many arguments'],
    [['train', '--backend', 'gpu'], "argument 'gpu' is invalid. Allowed choices are auto, webgpu, cpu"],
    [['train', '--rollout', 'webgpu'], "argument 'webgpu' is invalid. Allowed choices are auto, gpu, cpu"],
    [['evaluate'], "missing required argument 'checkpoint'"],
    [['evaluate', 'x', '--updates', '3'], "unknown option '--updates'"],
    [['verify', '--backend', 'cpu'], "unknown option '--backend'"],
    [['devices', '--sample'], "unknown option '--sample'"],
  ])('%j', (args, words) => refused(args, words));
});

/** The options of `train` that make a configuration, as Node reads them. */
const CONFIG_OPTIONS = {
  preset: { type: 'string' },
  algorithm: { type: 'string' },
  environment: { type: 'string' },
  updates: { type: 'string' },
  seeds: { type: 'string' },
  set: { type: 'string', multiple: true },
} as const;

describe('configurations that cannot be', () => {
  it.each([
    [['--preset', 'sovle'], 'preset: got "sovle", allowed: solve, report'],
    [['--preset', 'toString'], 'preset: got "toString", allowed: solve, report'],
    [['--updates', 'many'], 'updates: got "many", allowed: a number'],
    [['--updates', '1.5'], 'updates: got 1.5, allowed: a whole number'],
    [['--updates=-1'], 'updates: got -1, allowed: at least 0'],
    [['--updates', ''], 'updates: got "", allowed: a number'],
    [['--seeds', '1,x'], 'seeds: got "x", allowed: whole numbers from 0 to 4294967295'],
    [['--seeds', '1,,2'], 'seeds: got "", allowed:'],
    [['--seeds', '9-3'], 'seeds: got "9-3", allowed:'],
    [['--seeds', '0-4294967295'], 'allowed: at most 4096 seeds'],
    [['--seeds', '4294967296'], 'seeds.0: got 4294967296, allowed: at most 4294967295'],
    [['--seeds', '3,1-5'], 'seeds: got [3,1,2,3,4,5], allowed: every seed once'],
    [['--set', 'gridSize=1'], 'gridSize: got 1, allowed: at least 2'],
    [['--set', 'batchSize=0'], 'batchSize: got 0, allowed: at least 1'],
    [['--set', 'learningRate=0'], 'learningRate: got 0, allowed: at least 1e-37'],
    [['--set', 'adamEpsilon=1e-39'], 'adamEpsilon: got 1e-39, allowed: at least 1e-37'],
    [['--set', 'learningRate=fast'], 'learningRate: got "fast", allowed: a number'],
    [['--set', 'gamma=1.01'], 'gamma: got 1.01, allowed: at most 1'],
    [['--set', 'gamma=NaN'], 'gamma: got "NaN", allowed: a number'],
    [['--set', 'tau=Infinity'], 'tau: got "Infinity", allowed: a number'],
    [['--set', 'overlap=maybe'], 'overlap: got "maybe", allowed: a boolean'],
    [['--set', 'targetUpdate=soft'], 'targetUpdate: got "soft", allowed: polyak, hard'],
    [['--set', 'warmup=500000'], 'warmup: got 500000, allowed: at most replayCapacity (100000)'],
    [['--set', 'agents=9', '--set', 'gridSize=3'], 'agents: got 9, allowed: at most 8'],
    [['--set', 'hidden=0x10'], 'hidden: got "0x10", allowed: a number'],
    [['--set', `hidden=${'9'.repeat(100_000)}x`], '99999…, allowed: a number'],
    [['--set', 'hiden=3'], 'hiden: unknown field, allowed: preset, environment'],
    [['--set', 'hidden'], '--set: got "hidden", allowed: FIELD=VALUE'],
    [['--set', '=3'], '--set: got "=3", allowed: FIELD=VALUE'],
    [['--algorithm', 'coma'], '--algorithm: got "coma", allowed: iql, ps-dqn, vdn, qmix'],
    [['--environment', 'chess'], 'environment: got "chess", allowed: meeting-gridworld, two-step'],
    [['--set', 'variants=[{"hidden":3}]'], 'hidden'],
    [['--set', 'variants=[{"gamma":3}]'], 'variants.0.gamma: got 3, allowed: at most 1'],
    [['--set', 'preset=report'], '--set preset: not a field to set'],
    [
      ['--set', 'gamma=2', '--set', 'tau=2'],
      'gamma: got 2, allowed: at most 1\ntau: got 2, allowed: at most 1',
    ],
  ])('%#', (args, words) => {
    const { values } = parseArgs({ args, options: CONFIG_OPTIONS });
    expect(() => readConfig(values)).toThrow(words);
    expect(() => readConfig(values)).toThrow(ConfigError);
  });

  it('end the command before it makes anything', async () => {
    const out = join(temporaryFolder(), 'run');
    const args = ['--set', 'gamma=2', '--set', 'tau=2', '--seeds', '7', '--out', out];
    await refused(
      ['train', ...args],
      'error: gamma: got 2, allowed: at most 1\ntau: got 2, allowed: at most 1\n',
    );
    await refused(['train', '--at-once', '0', '--out', out], 'error: --at-once: got "0", allowed: a whole');
    await refused(
      ['train', '--environment', './none.mjs', '--out', out],
      'error: environment: got "./none.mjs"',
    );
    await refused(['train', '--seeds', '9-3', '--out', out], 'error: seeds: got "9-3", allowed: ');
    expect(existsSync(out)).toBe(false);
  });

  it('in a file', async () => {
    const folder = temporaryFolder();
    const file = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const reading = (config: string) => expect(() => readConfig({ config }));
    reading(join(folder, 'none.json')).toThrow('--config: got');
    reading(folder).toThrow('which cannot be read (not a file)');
    reading(file('a.json', '{"hidden": ')).toThrow('which is not JSON');
    reading(file('b.json', '[1]')).toThrow('which holds no object');
    reading(file('c.json', '{"hidden": "wide"}')).toThrow('hidden: got "wide", allowed: a number');
    reading(file('d.json', '{"hiden": 3}')).toThrow('hiden: unknown field');
    reading(file('e.json', '{"preset": "mine"}')).toThrow('preset: got "mine", allowed: solve, report');
    reading(file('f.json', '{"preset": 7}')).toThrow('preset: got 7');
    const args = ['train', '--config', join(folder, 'd.json'), '--out', join(folder, 'run')];
    await refused(args, 'error: hiden: unknown field');
    expect(existsSync(join(folder, 'run'))).toBe(false);
  });

  it('with a rollout on a GPU that is none', async () => {
    const folder = temporaryFolder();
    const out = join(folder, 'run');
    await refused(
      ['train', '--backend', 'cpu', '--rollout', 'gpu', '--out', out],
      'rollout: got gpu, allowed: auto, cpu, as the backend is cpu',
    );
    await refused(
      ['train', '--environment', 'matrix', '--rollout', 'gpu', '--out', out],
      'rollout: got gpu, allowed: auto, cpu, as the GPU does not know matrix (it knows meeting-gridworld)',
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  it('too large for memory, with the folders that were made for it removed', async () => {
    const folder = temporaryFolder();
    const huge = ['--seeds', '1-4096', '--set', 'replayCapacity=10000000', '--set', 'agents=16'];
    const out = join(folder, 'some', 'run');
    await refused(
      ['train', '--backend', 'cpu', ...huge, '--out', out],
      'replayCapacity: got 10000000, which needs ',
      ' MiB of memory for 4096 learners (',
      ' MiB in all on the CPU here',
    );
    const wide = ['--set', 'hidden=4096', '--set', 'environments=65536', '--seeds', '1-64'];
    await refused(['train', '--backend', 'cpu', ...wide, '--out', out], ' of memory for 64 learners (');
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('long texts', () => {
  const long = 'x'.repeat(100_000);
  it.each([
    [['train', '--preset', long], 'preset: got "xxx'],
    [['train', '--seeds', long], 'seeds: got "xxx'],
    [['train', '--seeds', `${'1,'.repeat(40_000)}1`], 'seeds: got "1,1,'],
    [['train', '--algorithm', long], '--algorithm: got "xxx'],
    [['train', '--environment', long], 'environment: got "xxx'],
    [['train', '--environment', `${long}.mjs`], 'environment: got "xxx'],
    [['train', '--config', long], '--config: got "xxx'],
    [['train', '--at-once', long], '--at-once: got "xxx'],
    [['sweep', '--vary', long], '--vary: got "xxx'],
    [['sweep', '--vary', `gamma=${'0.5,'.repeat(20_000)}0.5`], '--vary gamma: got 0.5, 0.5'],
    [['sweep', '--vary', `environment=${long}.mjs`], '--vary environment: got "xxx'],
    [['compare', '--algorithms', long], '--algorithms: got "xxx'],
    [['bench', '--only', long], '--only: got "xxx'],
  ])('are cut: %#', async (args, words) => {
    const { code, stderr } = await qmix(...args);
    expect(stderr).toContain(words);
    expect(stderr.length).toBeLessThan(2500);
    expect(code).toBe(1);
  });

  it('of files are cut', async () => {
    const { encodeSafetensors } = await import('../../src/safetensors.ts');
    const { readCheckpoint } = await import('../../src/train/checkpoint.ts');
    const sealed = { sha256: '0'.repeat(64), format: 'qmix-webgpu checkpoint' };
    for (const metadata of [
      { format: long },
      { ...sealed, version: long },
      { ...sealed, version: '2', config: long },
    ]) {
      const bytes = encodeSafetensors(new Map(), metadata);
      const error = await readCheckpoint(bytes, 'mine').catch((thrown: Error) => thrown);
      expect((error as Error).message.length).toBeLessThan(600);
    }
  });
});

describe('output folders', () => {
  it('that are not empty, or no folders, or cannot be written', async () => {
    const folder = temporaryFolder();
    const full = join(folder, 'full');
    mkdirSync(full);
    writeFileSync(join(full, 'mine.txt'), 'mine');
    const file = join(folder, 'file');
    writeFileSync(file, 'mine');
    const train = (out: string) => smallTrain('--updates', '1', '--out', out);
    await refused(train(full), `--out: got "${full}" (not empty; --resume goes on with a run), allowed:`);
    await refused(train(file), `--out: got "${file}" (a file), allowed:`);
    await refused(
      train(join(file, 'below')),
      '--out: got',
      'allowed: a folder that is new or empty and can be written',
    );
    await refused(train('/proc/qmix/run'), '--out: got "/proc/qmix/run"', 'can be written');
    await refused(train(''), '--out: got "", allowed:');
    expect(readdirSync(full)).toEqual(['mine.txt']);
    expect(readFileSync(file, 'utf8')).toBe('mine');
  });
});

describe('runs that cannot go on, checkpoints that cannot be evaluated', () => {
  it('is refused, and nothing of the run is lost', async () => {
    const folder = temporaryFolder();
    const run = join(folder, 'run');
    expect((await qmix(...smallTrain('--updates', '9', '--out', run))).code).toBe(0);
    const path = join(run, 'checkpoint.safetensors');
    const good = readFileSync(path);
    const files = () =>
      readdirSync(run).map((name) => [name, readFileSync(join(run, name)).toString('base64')]);
    const before = files();

    await refused(['train', '--resume', join(folder, 'none')], '--resume: got', 'which is no folder');
    await refused(['train', '--resume', path], '--resume: got', 'which is no folder');
    await refused(
      ['train', '--resume', folder],
      '--resume: got',
      'which does not exist',
      'the folder of a run',
    );
    await refused(['train', '--resume', run, '--seeds', '1'], '--seeds: not with --resume');
    await refused(['train', '--resume', run, '--set', 'tau=0'], '--set: not with --resume');
    await refused(['train', '--resume', run, '--out', 'x'], '--out: not with --resume');
    await refused(['train', '--resume', run, '--updates', '8'], 'updates: got 8, allowed: at least 9');
    await refused(['train', '--resume', run, '--updates', 'x'], 'updates: got "x", allowed: a number');
    await refused(
      ['train', '--resume', run, '--backend', 'webgpu'],
      `--backend: got webgpu, allowed: cpu, which ${path} was trained on`,
    );
    await refused(['evaluate', join(folder, 'none')], 'CHECKPOINT: got', 'which does not exist');
    await refused(['evaluate', folder], 'CHECKPOINT: got', 'which does not exist');
    await refused(['evaluate', join(run, 'metrics.csv')], 'metrics.csv');
    await refused(['verify', join(folder, 'none')], 'FILE: got', 'which does not exist');
    expect(files()).toEqual(before);

    writeFileSync(path, good.subarray(0, 2000));
    await refused(['train', '--resume', run], path);
    await refused(['evaluate', run], path);
    const { tensors, metadata } = decodeSafetensors(good, path);
    const name = 'seeds.2025.online.agents.0.0.bias';
    tensors.get(name)!.data[3] = Number.NaN;
    const poisoned = sealed(tensors, metadata);
    writeFileSync(path, poisoned);
    const message = `error: ${path}: tensor "${name}": got NaN at 3, allowed: finite numbers\n`;
    await refused(['train', '--resume', run], message);
    await refused(['evaluate', run], message);
    expect(readFileSync(path).equals(poisoned)).toBe(true);

    // What a file says reaches the terminal as text, never as its commands.
    const clean = decodeSafetensors(good, path);
    const adapter = 'GPU \u001b[2J\u001b]0;title\u0007\r\u009b1A\u202e';
    writeFileSync(path, sealed(clean.tensors, { ...clean.metadata, adapter }));
    const { code, stderr } = await qmix('train', '--resume', run);
    expect(code).toBe(0);
    expect(stderr).toBe(
      'this run was on GPU \\u001b[2J\\u001b]0;title\\u0007\\u000d\\u009b1A\\u202e and goes on on ' +
        'float64 reference on one CPU core: results may differ in the last bits\n',
    );
    const config = JSON.stringify({ ...JSON.parse(clean.metadata.config), preset: 'a\u001b[31m' });
    writeFileSync(path, sealed(clean.tensors, { ...clean.metadata, config }));
    const shown = await qmix('evaluate', run, '--backend', 'cpu');
    expect(shown.stdout).toContain('a\\u001b[31m on meeting-gridworld 3×3');
    expect((await qmix('evaluate', run, '--backend', 'cpu', '--json')).stdout).not.toContain('\u001b');
  });

  it('says so as JSON too, where that is asked for', async () => {
    const { code, stdout } = await qmix('train', '--set', 'gamma=2', '--json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toEqual({ error: 'gamma: got 2, allowed: at most 1' });
  });
});
