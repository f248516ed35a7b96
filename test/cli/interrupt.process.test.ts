import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeCheckpoint } from '../../src/train/checkpoint.ts';
import { parseRows } from '../../src/train/metrics.ts';
import { Draws } from '../endurance/draws.ts';
import {
  type Ended,
  qmix,
  smallTrain,
  start,
  temporaryFolder,
  untilMade,
  untilRunning,
  withoutProgress,
} from './command.ts';

/** More moments than the suite takes: QMIX_INTERRUPTS=20 npx vitest run test/cli/interrupt.process.test.ts */
const MOMENTS = Number(process.env.QMIX_INTERRUPTS ?? 4);
/** A warm-up of hundreds of steps, and a save at every third update: both are met by chance. */
const ARGS = ['--seeds', '1,2', '--updates', '1501', '--set', 'warmup=299', '--set', 'saveEvery=3'];

const checkpoint = (folder: string): Buffer => readFileSync(join(folder, 'checkpoint.safetensors'));

/** Rows of the metrics of an undisturbed run's training. */
const ROWS = 150;
const TWICE = 'once more to end at once';

/** Lines of a run's metrics; 0 where there is no file yet. */
function lines(out: string): number {
  const file = join(out, 'metrics.csv');
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').length - 1 : 0;
}

/** Starts a run, and interrupts it once its metrics have so many lines, and so many milliseconds have passed. */
async function interrupt(args: readonly string[], out: string, count: number, delay = 0): Promise<Ended> {
  const started = start(args);
  await untilRunning(started, `its metrics have ${count} lines`, () => lines(out) >= count);
  await sleep(delay);
  started.child.kill('SIGINT');
  return started.ended;
}

describe('Ctrl-C', () => {
  let expected: Buffer;
  let folder: string;
  const draws = new Draws(1, 7);

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'qmix-'));
    const out = join(folder, 'run');
    expect((await qmix(...smallTrain(...ARGS, '--out', out))).code).toBe(0);
    expected = checkpoint(out);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(Array.from({ length: MOMENTS }, (_, index) => index))(
    'at a random moment (%i) leaves a checkpoint to go on from exactly',
    async (index) => {
      const out = join(temporaryFolder(), 'run');
      // The first at once, before any update; the others anywhere.
      const count = index === 0 ? 1 : 1 + draws.below(0.6 * ROWS);
      const first = await interrupt(smallTrain(...ARGS, '--out', out, '--json'), out, count);
      const summary = JSON.parse(first.stdout);
      expect(summary.interrupted).toBe(true);
      expect(first.code).toBe(130);
      expect(first.stderr).toContain('interrupted: ending with a checkpoint');
      expect(summary.seeds[0].updates).toBeLessThan(1501);
      // And once more while it starts or goes on: where that is, is up to the machine.
      const second = await interrupt(['train', '--resume', out, '--json'], out, 1, draws.below(500));
      expect([0, 130, null]).toContain(second.code);
      const last = await qmix('train', '--resume', out, '--json');
      expect(withoutProgress(last.stderr)).toBe('');
      expect(last.code).toBe(0);
      expect(checkpoint(out).equals(expected), `interrupted after ${count} lines`).toBe(true);
      const updates = parseRows(readFileSync(join(out, 'metrics.csv'), 'utf8'))
        .filter(({ kind, seed }) => kind === 'training' && seed === 2)
        .map((row) => row.updates);
      expect(updates).toEqual(Array.from({ length: 75 }, (_, row) => 20 * (row + 1)));
    },
  );

  it('twice ends the process at once, and the checkpoint on the disk is whole', async () => {
    const out = join(temporaryFolder(), 'run');
    // An evaluation at the end that takes seconds: time for the second.
    const slow = [
      '--set',
      'gridSize=7',
      '--set',
      'hidden=256',
      '--set',
      'evaluateEvery=100000',
      '--updates',
      '100000',
    ];
    const started = start(smallTrain(...slow, '--out', out));
    const { child, ended, told } = started;
    await untilMade(started, join(out, 'checkpoint.safetensors'));
    child.kill('SIGINT');
    await untilRunning(started, 'it has told of the first', () => told().includes(TWICE));
    // Two within half a second are one.
    await sleep(550);
    child.kill('SIGINT');
    const { signal, stdout } = await ended;
    expect(signal).toBe('SIGINT');
    expect(stdout).toBe('');
    expect(
      (await decodeCheckpoint(checkpoint(out), out)).learners[0].get('counters')!.data[0],
    ).toBeGreaterThan(0);
  });

  it('reaching the process twice within half a second, as through npm, is one', async () => {
    const out = join(temporaryFolder(), 'run');
    const started = start(smallTrain(...ARGS, '--updates', '100000', '--out', out, '--json'));
    const { child, ended } = started;
    await untilMade(started, join(out, 'checkpoint.safetensors'));
    child.kill('SIGINT');
    await sleep(20);
    child.kill('SIGINT');
    const { code, stdout } = await ended;
    expect(code).toBe(130);
    expect(JSON.parse(stdout).interrupted).toBe(true);
  });
});
