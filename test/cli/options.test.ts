import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { compare } from '../../src/cli/compare.ts';
import {
  readConfig,
  readHow,
  refuseChanged,
  refuseOtherBackend,
  refuseSettled,
} from '../../src/cli/options.ts';
import { sweep } from '../../src/cli/sweep.ts';
import { train } from '../../src/cli/train.ts';

const folder = mkdtempSync(join(tmpdir(), 'qmix-options-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(fields: object): string {
  const path = join(folder, 'config.json');
  writeFileSync(path, JSON.stringify(fields));
  return path;
}

describe('options of a configuration', () => {
  it('take their preset by name, else from the file, else by the environment, else solve', () => {
    const config = file({ preset: 'report', environment: 'two-step' });
    expect(readConfig({ preset: 'game', config }).preset).toBe('game');
    expect(readConfig({ config }).preset).toBe('report');
    expect(readConfig({ environment: 'switch-and-door' }).preset).toBe('door');
    expect(readConfig({ set: ['environment=matrix'] }).preset).toBe('game');
    expect(readConfig({}).preset).toBe('solve');
    // Of several environments, that which counts.
    const other = file({ environment: 'matrix' });
    expect(readConfig({ config: other }).preset).toBe('game');
    expect(readConfig({ config: other, environment: 'switch-and-door' }).preset).toBe('door');
    expect(readConfig({ environment: 'matrix', set: ['environment=switch-and-door'] }).preset).toBe('door');
  });

  it('stand over one another: a file, then options by name, then --set', () => {
    const config = file({ mixer: 'none', seeds: [7], updates: 100, hidden: 8, gamma: 0.5 });
    expect(readConfig({ config })).toMatchObject({ mixer: 'none', seeds: [7], updates: 100, hidden: 8 });
    const named = { config, algorithm: 'vdn', seeds: '1-3', updates: '200' };
    expect(readConfig(named)).toMatchObject({ mixer: 'sum', seeds: [1, 2, 3], updates: 200, hidden: 8 });
    const set = ['mixer=monotonic', 'seeds=5', 'updates=300', 'gamma=0.25', 'gamma=0.75'];
    expect(readConfig({ ...named, set })).toMatchObject({
      ...{ mixer: 'monotonic', sharedAgents: false, seeds: [5], updates: 300, hidden: 8, gamma: 0.75 },
    });
  });
});

describe('a module in a file of a configuration', () => {
  it('is run only if it is named beside it, by an option or by --set', () => {
    const config = file({ environment: './mine.mjs' });
    expect(() => readConfig({ config })).toThrow(
      'names the module "./mine.mjs", which is run only if you name it: --environment ./mine.mjs',
    );
    expect(readConfig({ config, environment: './mine.mjs' }).environment).toBe('./mine.mjs');
    expect(readConfig({ config, set: ['environment=./mine.mjs'] }).environment).toBe('./mine.mjs');
  });
});

describe('where a work goes on', () => {
  const settled = {
    ...{
      preset: 'solve',
      algorithm: 'vdn',
      algorithms: 'vdn',
      environment: 'matrix',
      seeds: '1',
      updates: '1',
    },
    ...{ set: ['tau=0'], config: 'x', out: 'x', vary: ['tau=0'], tune: ['tau=0'] },
    ...{ tuneSeeds: '1', tuneUpdates: '1' },
  };
  it.each(Object.entries(settled))('%s is settled', (name, value) => {
    const option = { tuneSeeds: '--tune-seeds', tuneUpdates: '--tune-updates' }[name] ?? `--${name}`;
    expect(() => refuseSettled({ set: [], vary: [], tune: [], [name]: value }, ['--json'])).toThrow(
      `${option}: not with --resume, allowed: --json`,
    );
    refuseSettled({ [name]: value }, [option]);
  });

  it('a module may be said to be changed, and nowhere else', () => {
    expect(() => refuseChanged({ environmentChanged: true })).toThrow(
      '--environment-changed: only with --resume',
    );
    refuseChanged({});
  });

  /** In a folder that cannot be: nothing is made where it is not refused before. */
  const begun = { backend: 'cpu', environmentChanged: true, out: '' } as const;
  it.each([
    ['train', () => train({ ...begun, rollout: 'auto' })],
    ['sweep', () => sweep({ ...begun, vary: ['gamma=0,1'] })],
    ['compare', () => compare({ ...begun, tune: [] })],
  ])('%s begins nothing with a module that is said to be changed', async (_, command) => {
    await expect(command()).rejects.toThrow('--environment-changed: only with --resume');
  });

  it('the backend stays', () => {
    expect(() => refuseOtherBackend('webgpu', 'cpu')).toThrow(
      '--backend: got webgpu, allowed: cpu, as it was begun with',
    );
    for (const given of ['auto', 'cpu'] as const) refuseOtherBackend(given, 'cpu');
  });
});

describe('options of how a run is trained', () => {
  it('save every minute where nothing else is said, in seconds', () => {
    expect(readHow({})).toEqual({ atOnce: undefined, saveMs: 60_000 });
    expect(readHow({ atOnce: '4', saveSeconds: '2.5' })).toEqual({ atOnce: 4, saveMs: 2500 });
    expect(readHow({ atOnce: '1', saveSeconds: '1000000' })).toEqual({ atOnce: 1, saveMs: 1e9 });
  });

  it.each(['0', '-1', '1000001', '1e3', '', 'often'])('save after no "%s" seconds', (saveSeconds) => {
    expect(() => readHow({ saveSeconds })).toThrow('--save-seconds: got ');
  });

  it.each(['0', '-1', '1.5', '', 'all'])('train no "%s" learners together', (atOnce) => {
    expect(() => readHow({ atOnce })).toThrow('--at-once: got ');
  });
});
