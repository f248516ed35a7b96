import { expect, test } from 'vitest';
import { importRun } from '../../src/app/import_run.ts';
import type { RunStore } from '../../src/app/run_store.ts';
import { StoreKeeper } from '../../src/app/store_keeper.ts';
import type { Config } from '../../src/config.ts';
import type { Standing } from '../../src/run/keeper.ts';
import { encodeCheckpoint } from '../../src/train/checkpoint.ts';
import type { MetricsRow } from '../../src/train/metrics.ts';
import { Progress } from '../../src/train/progress.ts';
import { smallConfig, smallTrainer } from '../train/small.ts';

const row = (updates: number) => ({ updates }) as MetricsRow;

/** A store that keeps what it was asked to save, and has space where `full` is not set. */
function openStore() {
  const saved: unknown[][] = [];
  const store = {
    saved,
    full: false,
    freeName: async (name: string) => `${name} (2)`,
    save: async (...given: unknown[]) => {
      if (store.full) throw new Error('no space');
      saved.push(given);
    },
  };
  return store;
}

function standing(config: Config): Standing {
  return {
    ...{ config, state: 'paused', hash: 'abc', reason: 'why', seconds: 7 },
    progress: config.seeds.map(() => new Progress(config)),
    ...{ measured: [], outcomes: [new Uint8Array([1])] },
  };
}

test('rows are saved once, anew where the run begins, and again where there was no space', async () => {
  const store = openStore();
  const config = smallConfig();
  const keeper = new StoreKeeper(store as unknown as RunStore, 'own', 'a run');
  /** Saves, and tells which rows were saved, and whether anew. */
  const save = async (checkpoint?: Uint8Array) => {
    await keeper.save(standing(config), checkpoint);
    const [, , , rows, anew] = store.saved.at(-1)!;
    return [(rows as MetricsRow[]).map(({ updates }) => updates), anew];
  };
  keeper.begin(config, [row(1), row(2)]);
  keeper.append(row(3));
  const checkpoint = new Uint8Array([9]);
  expect(await save(checkpoint)).toEqual([[1, 2, 3], true]);
  expect(store.saved[0].slice(0, 3)).toEqual([
    expect.objectContaining({ id: 'own', name: 'a run', state: 'paused', hash: 'abc', reason: 'why' }),
    checkpoint,
    [new Uint8Array([1])],
  ]);
  expect(store.saved[0][0]).toMatchObject({
    info: { id: 'own', name: 'a run', updates: 77 },
    progress: { updates: 0, seconds: 7 },
  });
  expect(await save()).toEqual([[], false]);
  keeper.append(row(4));
  expect(await save()).toEqual([[4], false]);
  keeper.append(row(5));
  // From where it was saved last, after a loss.
  keeper.begin(config, [row(1)]);
  store.full = true;
  await expect(keeper.save(standing(config))).rejects.toThrow('no space');
  store.full = false;
  keeper.append(row(6));
  expect(await save()).toEqual([[1, 6], true]);
});

test('a file is kept paused, or finished where all its learners are, under a name that is free', async () => {
  const kept = async (changes: Partial<Config>, isEnough: (finished: readonly boolean[]) => boolean) => {
    const store = openStore();
    const trainer = smallTrainer(smallConfig(changes));
    do await trainer.advance();
    while (!isEnough(trainer.progress.map(({ finished }) => finished)));
    const bytes = await encodeCheckpoint(trainer, await trainer.save());
    await trainer.finish();
    const id = await importRun(store as unknown as RunStore, 'own', bytes, 'Mine.SafeTensors');
    const [[run, checkpoint, outcomes, rows]] = store.saved;
    expect([id, outcomes, rows]).toEqual(['own', [], []]);
    expect(Buffer.compare(checkpoint as Uint8Array, bytes)).toBe(0);
    return run as { name: string; state: string; hash: string; progress: { updates: number } };
  };
  const finished = await kept({ updates: 5 }, (finished) => finished.every(Boolean));
  expect(finished).toMatchObject({ name: 'Mine (2)', state: 'finished', progress: { updates: 5 } });
  expect(finished.hash).toMatch(/^[0-9a-f]{64}$/);
  const some = await kept({ episodes: 25, updates: 1000 }, (finished) => finished.includes(true));
  expect(some).toMatchObject({ state: 'paused', hash: '' });
});
