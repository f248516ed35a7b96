import { expose } from 'comlink';
import { type Config, ConfigError } from '../config.ts';
import { endingAs } from '../run/ending.ts';
import { type Keeper, MemoryKeeper, progressOf, rowsToGoOn, rowsUpTo } from '../run/keeper.ts';
import { NEW_RUN, Run, type RunStart } from '../run/run.ts';
import type { OpenLearners } from '../run/training.ts';
import { checkResumable, decodeCheckpoint } from '../train/checkpoint.ts';
import { BrowserBackend } from './backend.ts';
import { fieldGroups } from './fields.ts';
import { importRun } from './import_run.ts';
import { messageOf } from './message_of.ts';
import { defaultName } from './run_info.ts';
import { RunLooks } from './run_looks.ts';
import { holdRun, RunStore, type StoredRun } from './run_store.ts';
import { RunTeller } from './run_teller.ts';
import type { Begun, Manner, Problem, RunListener, TrainingService } from './service.ts';
import { describe, read, readSettings } from './settings.ts';
import { StoreKeeper } from './store_keeper.ts';

/**
 * The worker that trains. It holds at most one run in its life: for another, the page ends the worker and makes a
 * new one, which frees everything whatever state it was in.
 */

/** Milliseconds between two savings. */
const SAVE = 3000;

const backend = BrowserBackend.open();
const storage = RunStore.open();
// Whoever needs it hears why there is none.
storage.catch(() => {});
let held: { readonly run: Run; readonly looks: RunLooks } | undefined;
/** A run that has been prepared, and for which configuration (as JSON). */
let prepared: { readonly key: string; readonly run: Promise<Run> } | undefined;

const service: TrainingService = {
  backend: async () => (await backend).description,
  fields: async () => fieldGroups(),
  read: async (settings) => read(settings),

  prepare: async (settings) => {
    const { config } = readSettings(settings);
    if (config && !held) await prepare(config).catch(() => {});
  },

  begin: async (settings, keep, listener, paused = false) => {
    const { config, problems } = readSettings(settings);
    if (!config) return refused(problems);
    const start = { ...NEW_RUN, state: paused ? 'paused' : 'training', savesAtOnce: true } as const;
    return attempt(() => begin(() => prepare(config), start, { name: defaultName(config) }, keep, listener));
  },

  open: async (id, manner, listener, settings) => {
    const asked = settings && readSettings(settings);
    if (asked && !asked.config) return refused(asked.problems);
    const store = await storage;
    const kept = await store.read(id);
    if (!kept) return refused([{ field: 'run', message: 'run: it is not kept in this browser any more' }]);
    return attempt(() => reopen(kept, manner, listener, asked?.config));
  },

  pause: async () => held?.run.pause(),
  resume: async () => held?.run.resume(),
  step: async () => held?.run.step(),
  stop: async () => held?.run.stop(),
  setSpeed: async (stepsPerSecond) => held?.run.setSpeed(stepsPerSecond),

  goesFurther: async (settings) => {
    const { config } = readSettings(settings);
    return config !== undefined && theOne().run.goesFurther(config);
  },

  change: async (settings) => {
    const { config, problems } = readSettings(settings);
    if (!config) return problems;
    try {
      await theOne().run.change(config);
      return [];
    } catch (error) {
      return describe(error);
    }
  },

  episode: async (learner, exploring, cells) => theOne().looks.episode(learner, exploring, cells),
  outcomes: async (learner) => theOne().run.outcomes[learner],
  game: async (learner) => theOne().looks.game(learner),
  checkpoint: async () => (await theOne().run.checkpoint()) as Uint8Array<ArrayBuffer>,

  importRun: async (bytes, fileName) => {
    try {
      return { id: await importRun(await storage, newId(), bytes, fileName), problem: '' };
    } catch (error) {
      return { id: undefined, problem: messageOf(error) };
    }
  },
};
expose(service);

/** Pages that were loaded over plain http have no crypto.randomUUID. */
const newId = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  );

const refused = (problems: readonly Problem[]): Begun => ({ run: undefined, notice: '', problems });

/** What is wrong with what was asked for is told, what goes wrong otherwise is thrown. */
async function attempt(work: () => Promise<Begun>): Promise<Begun> {
  try {
    return await work();
  } catch (error) {
    // Sizes that this device cannot hold are as wrong here as any other.
    return refused(describe(error));
  }
}

function theOne(): NonNullable<typeof held> {
  if (!held) throw new Error('there is no run');
  return held;
}

/** The run of this configuration, ready to begin. Rejects with ConfigError where the device cannot hold it. */
function prepare(config: Config): Promise<Run> {
  const key = JSON.stringify(config);
  if (prepared?.key !== key) {
    const before = prepared?.run;
    prepared = { key, run: Run.prepare(config, openLearners) };
    // It is freed after the other is there, as they may share what was compiled.
    const either = prepared.run.catch(() => {});
    void before?.then(
      async (other) => {
        await either;
        other.close();
      },
      () => {},
    );
  }
  return prepared.run;
}

const openLearners: OpenLearners = async (options, kind) => {
  const learner = await (await backend).createLearner(options, kind);
  return { learner, close: () => learner.destroy() };
};

/** Whether a run is being begun, or was. */
let taken = false;

/** `whose`: its name, and its id where it is kept already. */
async function begin(
  preparing: () => Promise<Run>,
  start: Omit<RunStart, 'saveMs' | 'followsSaveEvery'>,
  whose: { readonly name: string; readonly id?: string },
  keep: boolean,
  listener: RunListener,
): Promise<Begun> {
  if (taken) throw new Error('this worker has a run already');
  taken = true;
  const { id = newId() } = whose;
  let { name } = whose;
  let store: RunStore | undefined;
  let notice = '';
  // The run is held until the worker ends, or it comes to nothing.
  let letGo = () => {};
  const released = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  let run: Run;
  let teller: RunTeller;
  let keeper: Keeper;
  try {
    if (keep) {
      try {
        const open = await storage;
        if (whose.id === undefined) name = await open.freeName(name);
        store = open;
      } catch (error) {
        notice = `This run is not kept: ${messageOf(error)}.`;
      }
      if (store && !(await holdRun(id, released))) {
        throw new ConfigError(`run: "${name}" is open in another tab, allowed: one tab at a time`);
      }
    }
    run = await preparing();
    teller = new RunTeller(run, { id, name }, listener);
    keeper = store ? new StoreKeeper(store, id, name) : new MemoryKeeper();
    run.begin({ ...start, saveMs: SAVE, followsSaveEvery: false }, keeper, teller);
  } catch (error) {
    letGo();
    taken = false;
    throw error;
  }
  held = { run, looks: new RunLooks(run) };
  void run.live(true).catch(async (error) => {
    const kept = await Promise.resolve(keeper.read()).catch(() => undefined);
    teller.failed(error, store !== undefined && kept !== undefined);
  });
  return { run: teller.info, notice, problems: [] };
}

async function reopen(
  kept: StoredRun,
  manner: Manner,
  listener: RunListener,
  asked?: Config,
): Promise<Begun> {
  const { name, run: entry } = kept;
  const checkpoint = await decodeCheckpoint(kept.checkpoint, name);
  const { learners, backend: trainedOn, adapter } = checkpoint;
  const config = asked ? endingAs(checkpoint.config, asked) : checkpoint.config;
  const { description } = await backend;
  if (trainedOn === 'webgpu' && description.kind === 'cpu') {
    throw new ConfigError(
      `run: got one of WebGPU (${adapter}), allowed: one of the CPU, as ${description.notice}`,
    );
  }
  const goesOn = manner !== 'show';
  if (goesOn) checkResumable(checkpoint, name);
  const rows = (goesOn ? rowsToGoOn : rowsUpTo)(progressOf(config, learners), config, kept.rows);
  const shown = manner === 'show' && entry.state !== 'training';
  const start = {
    state: shown ? entry.state : manner === 'train' ? 'training' : 'paused',
    rows,
    outcomes: kept.outcomes,
    seconds: entry.progress.seconds,
    hash: goesOn ? '' : entry.hash,
    reason: goesOn ? '' : entry.reason,
    savesAtOnce: !shown,
  } as const;
  // What was prepared in case somebody begins a new one is not wanted any more.
  void prepared?.run.then((other) => other.close()).catch(() => {});
  prepared = undefined;
  const preparing = () => Run.prepare(config, openLearners, { from: { learners, backend: trainedOn } });
  const begun = await begin(preparing, start, { id: entry.id, name }, true, listener);
  const elsewhere = trainedOn === 'webgpu' && adapter !== description.adapter;
  if (!begun.run || !elsewhere) return begun;
  const notice = `This run was on ${adapter} and goes on on ${description.adapter}: results may differ in the last bits.`;
  return { ...begun, notice: [begun.notice, notice].filter(Boolean).join(' ') };
}
