import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Interrupt } from '../../src/cli/interrupt.ts';
import { RunFolder } from '../../src/cli/run_folder.ts';
import { runSession } from '../../src/cli/session.ts';
import { readFile } from '../../src/node/files.ts';
import { decodeCheckpoint } from '../../src/train/checkpoint.ts';
import { smallConfig } from '../train/small.ts';
import { temporaryFolder } from './command.ts';

const config = smallConfig({ seeds: [1, 2, 3], updates: 20 });

/** Trains in groups of one; interrupted once the run has so many final rows, at 0 before it begins. */
async function session(folder: RunFolder, finals: number, resumed = false) {
  const interrupt = new Interrupt();
  const append = folder.append.bind(folder);
  let left = finals;
  folder.append = (row) => {
    append(row);
    if (row.kind === 'final' && --left === 0) interrupt.request();
  };
  if (left === 0) interrupt.request();
  const checkpoint = resumed
    ? await decodeCheckpoint(readFile(folder.checkpoint, 'x', 'y'), folder.checkpoint)
    : undefined;
  const plan = { config, folder, backend: 'cpu', atOnce: 1, saveMs: 1e9, goOn: 'train --resume x' } as const;
  try {
    return await runSession({ ...plan, ...(checkpoint && { checkpoint }) }, interrupt);
  } finally {
    interrupt.release();
    folder.release();
  }
}

describe('a session that is interrupted before its first step', () => {
  it('leaves a checkpoint to go on from, to the same end', async () => {
    const whole = await session(RunFolder.create(join(temporaryFolder(), 'run')), Number.POSITIVE_INFINITY);
    const path = join(temporaryFolder(), 'run');
    const cut = await session(RunFolder.create(path), 0);
    expect([cut.interrupted, cut.seeds[0].updates]).toEqual([true, 0]);
    const again = await session(RunFolder.retake(path), Number.POSITIVE_INFINITY, true);
    expect([again.interrupted, again.hash]).toEqual([false, whole.hash]);
  });
});

describe('a session that is interrupted while it evaluates learners that were finished before', () => {
  it('is no finished run: what lacks seeds must not be taken for all of it', async () => {
    const path = join(temporaryFolder(), 'run');
    const whole = await session(RunFolder.create(path), Number.POSITIVE_INFINITY);
    expect([whole.interrupted, whole.seeds.length]).toEqual([false, 3]);
    const cut = await session(RunFolder.retake(path), 1, true);
    expect([cut.interrupted, cut.seeds.length]).toEqual([true, 2]);
    const again = await session(RunFolder.retake(path), Number.POSITIVE_INFINITY, true);
    expect([again.interrupted, again.seeds.length, again.hash]).toEqual([false, 3, whole.hash]);
  });
});
