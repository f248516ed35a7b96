import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { moduleSource } from '../env/broken_modules.ts';
import { qmix, start, temporaryFolder } from './command.ts';

const PLATES = 'src/env/examples/plates.mjs';

function file(text: string): string {
  const path = join(temporaryFolder(), 'my.mjs');
  writeFileSync(path, text);
  return path;
}

const sha256 = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

describe('check-environment', () => {
  it('says of a sound module how it was played, its sizes and its fingerprint', async () => {
    const { code, stdout, stderr } = await qmix('check-environment', PLATES);
    expect(stdout).toBe(
      `${PLATES} keeps the rules: 20 random episodes, 265 steps, 4 of the episodes a success\n` +
        'agents 2, actions 3 (masked), observation 2, state 4, at most 15 steps an episode\n' +
        `SHA-256 ${sha256(PLATES)}\n`,
    );
    expect(stderr).toBe('');
    expect(code).toBe(0);
  });

  it('keeps what the module prints off standard output, which is one JSON object', async () => {
    const path = file(
      moduleSource({ before: "console.log('at import');", step: "process.stdout.write('stepped\\n');" }),
    );
    const { code, stdout, stderr } = await qmix('check-environment', path, '--json');
    expect(JSON.parse(stdout)).toEqual({
      file: path,
      fingerprint: sha256(path),
      broken: null,
      advice: [],
      sizes: {
        agents: 2,
        actions: 3,
        observationSize: 1,
        stateSize: 1,
        episodeLimit: 10,
        masked: false,
      },
      episodes: 20,
      steps: 200,
      successes: 0,
    });
    expect(stderr).toMatch(/^at import\nstepped\n/);
    expect(code).toBe(0);
  });

  it('gives advice on what is safe here only', async () => {
    const made = 'let last; const reused = [[0], [0]];';
    const step = 'const changed = last?.[0] !== actions[0]; last = actions; reused[0][0] = t;';
    const result = 'reward: changed ? 1 : 0, observations: reused';
    const path = file(moduleSource({ made, step, result, reset: 'last = undefined;' }));
    const sound = await qmix('check-environment', path);
    expect(sound.stdout).toContain(`${path} keeps the rules: 20 random episodes, 200 steps`);
    expect(sound.stdout).toContain('\nadvice: new arrays: a step changes what was handed out before it; ');
    expect(sound.stdout).toContain('\nadvice: actions: step keeps the array of actions that it is given; ');
    expect(sound.code).toBe(0);
  });

  it('ends with 1 where a rule is broken, and names it', async () => {
    const path = file(moduleSource({ result: 'reward: [1, 1]' }));
    const found =
      'got [1,1], allowed: a finite number, the team’s: the sum over its agents, in step 1 of episode 0 of the check, ' +
      'actions 2, 0';
    const text = await qmix('check-environment', path);
    expect(text.stdout).toContain(`${path} breaks a rule of environments: reward: ${found}\n`);
    expect(text.code).toBe(1);
    const json = await qmix('check-environment', path, '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({ broken: { rule: 'reward', found }, episodes: 0 });
    expect(json.code).toBe(1);
  });

  it('refuses what is no module', async () => {
    const { code, stdout, stderr } = await qmix('check-environment', 'none.mjs');
    expect(stderr).toBe(
      'error: environment: got "none.mjs" (no such file), allowed: a JavaScript module (.js, .mjs) whose default export ' +
        'makes an environment\n',
    );
    expect([code, stdout]).toEqual([1, '']);
  });

  it('tells how far it is where that takes long', async () => {
    const slow = 'const end = Date.now() + 20; while (Date.now() < end);';
    const path = file(moduleSource({ step: slow }));
    const { code, stdout, stderr } = await qmix('check-environment', path);
    expect(stderr).toMatch(new RegExp(`^checking ${path}: \\d+ of 20 episodes\nchecking ${path}: `));
    // At most 50 steps a second: it stops before the twentieth, and says how much it played.
    expect(stdout).toMatch(/keeps the rules: 1?\d random episodes?, \d+ steps/);
    expect(code).toBe(0);
  });

  it('is ended by Ctrl-C while the module hangs', async () => {
    const path = file(moduleSource({ before: "console.log('imported');", step: 'for (;;);' }));
    const { child, ended } = start(['check-environment', path]);
    child.stderr?.once('data', () => child.kill('SIGINT'));
    const { code, signal, stdout } = await ended;
    expect([code, signal]).toEqual([null, 'SIGINT']);
    expect(stdout).toBe('');
  });
});
