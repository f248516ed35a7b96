import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readConfig, readHow } from '../../src/cli/options.ts';

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

describe('options of how a run is trained', () => {
  it('save every minute where nothing else is said, in seconds', () => {
    expect(readHow({})).toEqual({ atOnce: undefined, saveMs: 60_000 });
    expect(readHow({ atOnce: '4', saveSeconds: '2.5' })).toEqual({ atOnce: 4, saveMs: 2500 });
  });
});
