import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  LAUNCHER,
  qmix,
  SMALL,
  smallTrain,
  start,
  temporaryFolder,
  untilMade,
  untilRunning,
} from './command.ts';

const checkpoint = (folder: string): Buffer => readFileSync(join(folder, 'checkpoint.safetensors'));
/** A run of some seconds, which is saved by updates only at its end. */
const LONG = ['--seeds', '1,2', '--updates', '3000', '--set', 'saveEvery=1000000'];

/** A command in a shell, which may send its output where it likes; `$QMIX` begins the command line. */
function inShell(script: string): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn('bash', ['-c', script], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, QMIX: `${process.execPath} ${LAUNCHER}` },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (text) => {
    stdout += text;
  });
  child.stderr.on('data', (text) => {
    stderr += text;
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })));
}

describe('nothing that only tells ends anything', () => {
  it('a reader of results that leaves is no error', async () => {
    const { code, stderr, stdout } = await inShell('set -o pipefail; $QMIX train --help | true; echo $?');
    expect([code, stdout, stderr]).toEqual([0, '0\n', '']);
  });

  it('a broken pipe, or a full disk, behind standard error costs no checkpoint', async () => {
    const folder = temporaryFolder();
    for (const [name, sink] of [
      ['pipe', '2> >(true)'],
      ['full', '2>/dev/full'],
      ['closed', '2>&- >&-'],
    ]) {
      const run = join(folder, name);
      const args = smallTrain(...LONG, '--out', run).join(' ');
      // What an interruption says cannot be said.
      const { code } = await inShell(
        `$QMIX ${args} ${sink} & until [ -e ${run}/metrics.csv ] || ! kill -0 $!; do sleep 0.05; done; kill -TERM $!; wait $!`,
      );
      expect(code, name).toBe(130);
      expect(existsSync(join(run, 'checkpoint.safetensors')), name).toBe(true);
    }
  });

  it('results that are lost to a full disk are an error, of which a line is told', async () => {
    const folder = temporaryFolder();
    const run = join(folder, 'run');
    const args = smallTrain('--seeds', '1', '--updates', '50').join(' ');
    const { code, stderr } = await inShell(`$QMIX ${args} --out ${run} --json >/dev/full`);
    expect(stderr).toMatch(
      /^error: the results could not be written to standard output: .*no space left on device.*\n$/i,
    );
    expect(code).toBe(1);
    expect(existsSync(join(run, 'summary.json'))).toBe(true);
  });
});

describe('a run', () => {
  it('is saved by a closed terminal (SIGHUP) as by Ctrl-C', async () => {
    const folder = temporaryFolder();
    const whole = join(folder, 'whole');
    const undisturbed = await qmix(...smallTrain(...LONG, '--out', whole));
    expect(undisturbed.stdout).not.toContain('interrupted');
    const run = join(folder, 'run');
    const started = start(smallTrain(...LONG, '--out', run));
    await untilMade(started, join(run, 'metrics.csv'));
    started.child.kill('SIGHUP');
    const { code, stdout } = await started.ended;
    expect(code).toBe(130);
    expect(stdout).toContain(`\ninterrupted; to go on: train --resume ${run}\nrun folder: ${run}\n`);
    expect((await qmix('train', '--resume', run)).code).toBe(0);
    expect(checkpoint(run).equals(checkpoint(whole))).toBe(true);
  });

  it('is saved by time, and goes on from there after a kill', async () => {
    const folder = temporaryFolder();
    const whole = join(folder, 'whole');
    await qmix(...smallTrain(...LONG, '--out', whole));
    const run = join(folder, 'run');
    const started = start(smallTrain(...LONG, '--out', run, '--save-seconds', '0.05'));
    await untilMade(started, join(run, 'checkpoint.safetensors'));
    started.child.kill('SIGKILL');
    await started.ended;
    expect((await qmix('train', '--resume', run)).code).toBe(0);
    expect(checkpoint(run).equals(checkpoint(whole))).toBe(true);
    const { stderr } = await qmix('train', '--save-seconds', '0');
    expect(stderr).toContain('--save-seconds: got "0", allowed: a number of seconds above 0');
  });

  it('whose folder vanishes, or whose metrics are a folder, ends with a line and exit code 1', async () => {
    const folder = temporaryFolder();
    const run = join(folder, 'run');
    const started = start(smallTrain(...LONG, '--out', run));
    await untilMade(started, join(run, 'metrics.csv'));
    rmSync(run, { recursive: true });
    const { code, stderr } = await started.ended;
    expect(stderr).toMatch(
      /^error: .*run\/metrics\.csv: no such file or directory; its folder is gone, with what had been saved of the run\n$/,
    );
    expect(code).toBe(1);

    await qmix(...smallTrain('--seeds', '1', '--updates', '30', '--out', run));
    rmSync(join(run, 'metrics.csv'));
    mkdirSync(join(run, 'metrics.csv'));
    const resumed = await qmix('train', '--resume', run, '--updates', '60');
    expect(resumed.stderr).toMatch(
      /^error: .*run\/metrics\.csv: illegal operation on a directory; .*checkpoint\.safetensors is as it was saved last; to go on from there: train --resume .*run\n$/,
    );
    expect(resumed.code).toBe(1);
  });

  it('of a sweep that has lost a file is told of in a line', async () => {
    const out = join(temporaryFolder(), 'sweep');
    const sweep = ['sweep', '--backend', 'cpu', ...SMALL, '--vary', 'gamma=0.9,0.99', '--updates', '30'];
    expect((await qmix(...sweep, '--out', out)).code).toBe(0);
    const csv = readFileSync(join(out, 'sweep.csv'), 'utf8');
    // A summary is made again, metrics cannot be.
    rmSync(join(out, 'group-1', 'summary.json'));
    expect((await qmix('sweep', '--resume', out)).code).toBe(0);
    expect(readFileSync(join(out, 'sweep.csv'), 'utf8')).toBe(csv);
    rmSync(join(out, 'group-1', 'metrics.csv'));
    const { code, stderr } = await qmix('sweep', '--resume', out);
    expect(stderr).toMatch(/^error: .*group-1\/metrics\.csv: no such file or directory\n$/);
    expect(code).toBe(1);
  });
});

describe('two processes in one folder', () => {
  const small = (command: string, ...args: string[]): string[] => [
    command,
    '--backend',
    'cpu',
    ...SMALL,
    ...args,
  ];
  const endless = ['--updates', '1000000', '--set', 'saveEvery=1'];

  it.each([
    ['train', small('train', ...endless), 'checkpoint.safetensors'],
    ['sweep', small('sweep', '--vary', 'gamma=0.9,0.99', ...endless), 'group-1/checkpoint.safetensors'],
  ])('%s: the second is refused by name, and harms nothing', async (command, args, made) => {
    const out = join(temporaryFolder(), 'run');
    const started = start([...args, '--out', out]);
    const { child, ended } = started;
    await untilMade(started, join(out, made));
    for (const second of [
      [command, '--resume', out],
      [...args, '--out', out],
      // A run of a sweep is as much in use as the sweep.
      ['train', '--resume', join(out, made, '..')],
    ]) {
      const { code, stderr } = await qmix(...second);
      expect(stderr, second.join(' ')).toMatch(
        new RegExp(
          `^error: .*: is in use by process ${child.pid} on .*; allowed: a folder that no other process is writing\n$`,
        ),
      );
      expect(code).toBe(1);
    }
    child.kill('SIGKILL');
    await ended;
    // Nobody has it any more: the next one goes on, and saves.
    const left = checkpoint(join(out, made, '..'));
    const next = start([command, '--resume', out]);
    await untilRunning(next, 'it has saved', () => !checkpoint(join(out, made, '..')).equals(left));
    next.child.kill('SIGTERM');
    expect((await next.ended).code).toBe(130);
  });

  it('two new runs at once: one is refused, and the other ends', async () => {
    const out = join(temporaryFolder(), 'run');
    const both = [1, 2].map(() => qmix(...smallTrain('--seeds', '1', '--updates', '300', '--out', out)));
    const codes = (await Promise.all(both)).map(({ code }) => code);
    expect(codes.sort()).toEqual([0, 1]);
    expect(existsSync(join(out, 'summary.json'))).toBe(true);
    expect(existsSync(join(out, '.lock'))).toBe(false);
  });
});
