import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeCheckpoint } from '../../src/train/checkpoint.ts';
import { parseRows } from '../../src/train/metrics.ts';
import { type Ended, qmix, smallTrain, start, temporaryFolder, withoutProgress } from './command.ts';

/** More moments than the suite takes: QMIX_INTERRUPTS=20 npx vitest run test/cli/interrupt.process.test.ts */
const MOMENTS = Number(process.env.QMIX_INTERRUPTS ?? 4);
/** A warm-up of hundreds of steps, and a save at every third update: both are met by chance. */
const ARGS = ['--seeds', '1,2', '--updates', '1501', '--set', 'warmup=299', '--set', 'saveEvery=3'];

const checkpoint = (folder: string): Buffer => readFileSync(join(folder, 'checkpoint.safetensors'));

/** Starts a run and, `delay` milliseconds after its folder has files, interrupts it. */
async function interrupt(args: readonly string[], out: string, delay: number): Promise<Ended> {
  const { child, ended } = start(args);
  while (!existsSync(join(out, 'metrics.csv')) && child.exitCode === null) await sleep(5);
  await sleep(delay);
  child.kill('SIGINT');
  return ended;
}

describe('Ctrl-C', () => {
  let expected: Buffer;
  let duration: number;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'qmix-'));
    const out = join(folder, 'run');
    const begun = performance.now();
    expect((await qmix(...smallTrain(...ARGS, '--out', out))).code).toBe(0);
    duration = performance.now() - begun;
    expected = checkpoint(out);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(Array.from({ length: MOMENTS }, (_, index) => index))(
    'at a random moment (%i) leaves a checkpoint to go on from exactly',
    async (index) => {
      const out = join(temporaryFolder(), 'run');
      // The first at once, before any update; the others wherever chance has it.
      const delay = index === 0 ? 0 : Math.random() * 0.6 * duration;
      const first = await interrupt(smallTrain(...ARGS, '--out', out, '--json'), out, delay);
      const summary = JSON.parse(first.stdout);
      if (summary.interrupted) {
        expect(first.code).toBe(130);
        expect(first.stderr).toContain('interrupted: ending with a checkpoint');
      }
      if (index === 0) expect(summary.seeds[0].updates).toBeLessThan(1501);
      // And once more while it goes on.
      const second = await interrupt(['train', '--resume', out, '--json'], out, Math.random() * 500);
      expect([0, 130, null]).toContain(second.code);
      const last = await qmix('train', '--resume', out, '--json');
      expect(withoutProgress(last.stderr)).toBe('');
      expect(last.code).toBe(0);
      expect(checkpoint(out).equals(expected), `interrupted after ${delay} ms`).toBe(true);
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
    const { child, ended } = start(smallTrain(...slow, '--out', out));
    while (!existsSync(join(out, 'checkpoint.safetensors'))) await sleep(20);
    child.kill('SIGINT');
    await sleep(700);
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
    const { child, ended } = start(smallTrain(...ARGS, '--updates', '100000', '--out', out, '--json'));
    while (!existsSync(join(out, 'checkpoint.safetensors'))) await sleep(20);
    child.kill('SIGINT');
    await sleep(20);
    child.kill('SIGINT');
    const { code, stdout } = await ended;
    expect(code).toBe(130);
    expect(JSON.parse(stdout).interrupted).toBe(true);
  });
});
