import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import type { Kept, StartOutcomes } from '../run/keeper.ts';
import type { MetricsRow } from '../train/metrics.ts';
import { messageOf } from './message_of.ts';
import type { KeptRun } from './service.ts';

const NAME = 'qmix-runs';
const VERSION = 1;
/** Bytes that a row takes, about: for the space that a run is said to take. */
const ROW_BYTES = 400;

/** A run's entry, and how many rows it has, in how many pieces. */
interface Entry extends KeptRun {
  readonly pieces: number;
  readonly rowCount: number;
}

interface Schema extends DBSchema {
  runs: { key: string; value: Entry };
  /** A whole run as a safetensors file, by the run's id. */
  checkpoints: { key: string; value: Uint8Array<ArrayBuffer> };
  /** Rows of the metrics, in pieces as they were saved: [id, number of the piece]. */
  rows: { key: [string, number]; value: readonly MetricsRow[] };
  /** How each start went at the last evaluation of each learner, by the run's id. */
  outcomes: { key: string; value: readonly StartOutcomes[] };
}

/** A run as it is kept, with all that is needed to go on and to show it. */
export interface StoredRun extends Kept {
  readonly run: KeptRun;
}

/**
 * Runs in the browser's database. A run is saved in one transaction, so that whatever ends the browser leaves the
 * run as it was saved last: checkpoint, rows and counts of one moment. What fails throws an Error for people.
 */
export class RunStore {
  private constructor(private readonly database: IDBPDatabase<Schema>) {}

  /** Throws where the browser denies storage, as private windows may. */
  static async open(): Promise<RunStore> {
    try {
      const database = await openDB<Schema>(NAME, VERSION, {
        upgrade: (created) => {
          created.createObjectStore('runs', { keyPath: 'id' });
          created.createObjectStore('checkpoints');
          created.createObjectStore('rows');
          created.createObjectStore('outcomes');
        },
        // Another tab waits to upgrade: it must not wait for this one.
        blocking: (_current, _blocked, event) => (event.target as IDBDatabase).close(),
      });
      return new RunStore(database);
    } catch (error) {
      throw new Error(`this browser keeps no data here: ${reason(error)}`);
    }
  }

  /** All runs, the last changed first. */
  async list(): Promise<KeptRun[]> {
    const runs = await this.database.getAll('runs');
    return runs.sort((a, b) => b.changed - a.changed);
  }

  async get(id: string): Promise<KeptRun | undefined> {
    return this.database.get('runs', id);
  }

  /** Everything of a run; undefined where there is none of this id. */
  async read(id: string): Promise<StoredRun | undefined> {
    const transaction = this.database.transaction(['runs', 'checkpoints', 'rows', 'outcomes']);
    const [run, checkpoint, rows, outcomes] = await Promise.all([
      transaction.objectStore('runs').get(id),
      transaction.objectStore('checkpoints').get(id),
      transaction.objectStore('rows').getAll(piecesOf(id)),
      transaction.objectStore('outcomes').get(id),
    ]);
    await transaction.done;
    if (!run || !checkpoint) return undefined;
    return { run, name: run.name, checkpoint, rows: rows.flat(), outcomes: outcomes ?? [] };
  }

  /** A run's rows alone. */
  async rows(id: string): Promise<MetricsRow[]> {
    return (await this.database.getAll('rows', piecesOf(id))).flat();
  }

  /** A name that no kept run has: this one, or with a number behind it. */
  async freeName(name: string): Promise<string> {
    const taken = new Set((await this.database.getAll('runs')).map((run) => run.name));
    if (!taken.has(name)) return name;
    for (let number = 2; ; number++) {
      const free = `${name} (${number})`;
      if (!taken.has(free)) return free;
    }
  }

  /**
   * Saves where a run stands, with rows that come after those saved before; `anew`: instead of those. Without a
   * `checkpoint` the one saved before stays. Throws, with nothing changed, where there is no space.
   */
  async save(
    run: Omit<KeptRun, 'bytes' | 'changed'>,
    checkpoint: Uint8Array | undefined,
    outcomes: readonly StartOutcomes[],
    rows: readonly MetricsRow[],
    anew: boolean,
  ): Promise<void> {
    const { id } = run;
    try {
      const transaction = this.database.transaction(
        ['runs', 'checkpoints', 'rows', 'outcomes'],
        'readwrite',
        { durability: 'strict' },
      );
      const runs = transaction.objectStore('runs');
      const before = await runs.get(id);
      const pieces = anew ? 0 : (before?.pieces ?? 0);
      const bytes = checkpoint?.byteLength ?? (before ? before.bytes - before.rowCount * ROW_BYTES : 0);
      const rowCount = (anew ? 0 : (before?.rowCount ?? 0)) + rows.length;
      if (anew) await transaction.objectStore('rows').delete(piecesOf(id));
      await Promise.all([
        rows.length > 0 ? transaction.objectStore('rows').put(rows, [id, pieces]) : undefined,
        checkpoint && transaction.objectStore('checkpoints').put(checkpoint as Uint8Array<ArrayBuffer>, id),
        transaction.objectStore('outcomes').put(outcomes, id),
        runs.put({
          ...run,
          // Whoever renamed it meanwhile has the last word.
          name: before?.name ?? run.name,
          changed: Date.now(),
          bytes: bytes + rowCount * ROW_BYTES,
          pieces: pieces + (rows.length > 0 ? 1 : 0),
          rowCount,
        }),
        transaction.done,
      ]);
    } catch (error) {
      throw new Error(reason(error));
    }
  }

  /** Throws Error where a tab trains it. */
  async remove(id: string): Promise<void> {
    await whileUnused(id, async () => {
      const transaction = this.database.transaction(
        ['runs', 'checkpoints', 'rows', 'outcomes'],
        'readwrite',
        { durability: 'strict' },
      );
      await Promise.all([
        transaction.objectStore('runs').delete(id),
        transaction.objectStore('checkpoints').delete(id),
        transaction.objectStore('rows').delete(piecesOf(id)),
        transaction.objectStore('outcomes').delete(id),
        transaction.done,
      ]);
    });
  }

  /** A run whose tab let go of it while it trained is paused. */
  async settle(id: string): Promise<void> {
    const transaction = this.database.transaction('runs', 'readwrite');
    const run = await transaction.store.get(id);
    if (run?.state === 'training') await transaction.store.put({ ...run, state: 'paused' });
    await transaction.done;
  }

  async rename(id: string, name: string): Promise<void> {
    const transaction = this.database.transaction('runs', 'readwrite');
    const run = await transaction.store.get(id);
    if (run) await transaction.store.put({ ...run, name });
    await transaction.done;
  }
}

/** All pieces of a run's rows: in the order in which they were saved. */
const piecesOf = (id: string): IDBKeyRange => IDBKeyRange.bound([id, 0], [id, Number.POSITIVE_INFINITY]);

/** What a tab holds for as long as it has a run open; the browser lets go of it when the tab ends, however. */
const PREFIX = 'qmix-run-';
const lockName = (id: string): string => `${PREFIX}${id}`;

/** Undefined on pages that were loaded over plain http: there no tab knows of another. */
const locks = navigator.locks as LockManager | undefined;

/** Holds a run until `released` resolves. False, at once, where another tab has it open. */
export function holdRun(id: string, released: Promise<void>): Promise<boolean> {
  if (!locks) return Promise.resolve(true);
  return new Promise((resolve, reject) => {
    locks
      .request(lockName(id), { ifAvailable: true }, (lock) => {
        resolve(lock !== null);
        return lock ? released : undefined;
      })
      .catch(reject);
  });
}

/** Ids of the runs that tabs have open, this one among them. */
export async function openRuns(): Promise<ReadonlySet<string>> {
  const names = (await locks?.query())?.held?.map(({ name }) => name ?? '') ?? [];
  return new Set(names.filter((name) => name.startsWith(PREFIX)).map((name) => name.slice(PREFIX.length)));
}

async function whileUnused(id: string, work: () => Promise<void>): Promise<void> {
  if (!locks) {
    await work();
    return;
  }
  await locks.request(lockName(id), { ifAvailable: true }, async (lock) => {
    if (!lock) throw new Error('this run is open; Reset, in the tab that has it, lets go of it');
    await work();
  });
}

const reason = (error: unknown): string => {
  if (error instanceof DOMException && error.name === 'QuotaExceededError') {
    return 'there is no space left for it in this browser';
  }
  return messageOf(error);
};
