import { expose } from 'comlink';
import { type Config, ConfigError } from '../config.ts';
import { environmentNames } from '../env/registry.ts';
import type { LearnerOptions } from '../learner/learner.ts';
import { checkResumable, decodeCheckpoint, readCheckpoint, takeLearners } from '../train/checkpoint.ts';
import { Progress } from '../train/progress.ts';
import { BrowserBackend } from './backend.ts';
import { fieldGroups } from './fields.ts';
import { messageOf } from './message_of.ts';
import { Run, type RunStart } from './run.ts';
import { defaultName, describeProgress, describeRun } from './run_info.ts';
import { holdRun, type Kept, RunStore } from './run_store.ts';
import type { Begun, Imported, Manner, Problem, RunListener, RunState, TrainingService } from './service.ts';
import { describe, read, readSettings } from './settings.ts';

/**
 * The worker that trains. It holds at most one run in its life: for another, the page ends the worker and makes a
 * new one, which frees everything whatever state it was in.
 */

const backend = BrowserBackend.open();
const storage = RunStore.open();
// Whoever needs it hears why there is none.
storage.catch(() => {});
let run: Run | undefined;
/** A run that has been prepared, and for which configuration (as JSON). */
let prepared: { readonly key: string; readonly run: Promise<Run> } | undefined;

const service: TrainingService = {
  backend: async () => (await backend).description,
  fields: async () => fieldGroups(),
  read: async (settings) => read(settings),

  prepare: async (settings) => {
    const { config } = readSettings(settings);
    if (config && !run) await prepare(config).catch(() => {});
  },

  begin: async (settings, keep, listener, paused = false) => {
    const { config, problems } = readSettings(settings);
    if (!config) return refused(problems);
    const state: RunState = paused ? 'paused' : 'training';
    const start = { id: newId(), name: defaultName(config), state };
    return attempt(() => begin(() => prepare(config), start, keep, listener));
  },

  open: async (id, manner, listener) => {
    const store = await storage;
    const kept = await store.read(id);
    if (!kept) return refused([{ field: 'run', message: 'run: it is not kept in this browser any more' }]);
    return attempt(() => reopen(kept, manner, listener));
  },

  pause: async () => run?.pause(),
  resume: async () => run?.resume(),
  step: async () => run?.step(),
  stop: async () => run?.stop(),
  setSpeed: async (stepsPerSecond) => run?.setSpeed(stepsPerSecond),

  change: async (settings) => {
    const { config, problems } = readSettings(settings);
    if (!config) return problems;
    try {
      await theRun().change(config);
      return [];
    } catch (error) {
      return describe(error);
    }
  },

  episode: async (learner, exploring, cells) => theRun().episode(learner, exploring, cells),
  outcomes: async (learner) => theRun().outcomes(learner),
  game: async (learner) => theRun().game(learner),
  checkpoint: async () => theRun().checkpoint(),
  importRun,
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

function theRun(): Run {
  if (!run) throw new Error('there is no run');
  return run;
}

/** The run of this configuration, ready to begin. Rejects with ConfigError where the device cannot hold it. */
function prepare(config: Config): Promise<Run> {
  const key = JSON.stringify(config);
  if (prepared?.key !== key) {
    const before = prepared?.run;
    prepared = { key, run: Run.prepare(config, openLearners()) };
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

/** `kind`: as BrowserBackend.createLearner has it. */
function openLearners(kind?: 'webgpu' | 'cpu') {
  return async (options: LearnerOptions) => {
    const learner = await (await backend).createLearner(options, kind);
    return { learner, close: () => learner.destroy() };
  };
}

/** Whether a run is being begun, or was. */
let taken = false;

async function begin(
  preparing: () => Promise<Run>,
  start: RunStart,
  keep: boolean,
  listener: RunListener,
): Promise<Begun> {
  if (taken) throw new Error('this worker has a run already');
  taken = true;
  let store: RunStore | undefined;
  let notice = '';
  // The run is held until the worker ends, or it comes to nothing.
  let letGo = () => {};
  const released = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  let begun: Run;
  try {
    if (keep) {
      try {
        store = await storage;
      } catch (error) {
        notice = `This run is not kept: ${messageOf(error)}.`;
      }
      if (store && !(await holdRun(start.id, released))) {
        throw new ConfigError(`run: "${start.name}" is open in another tab, allowed: one tab at a time`);
      }
    }
    begun = await preparing();
  } catch (error) {
    letGo();
    taken = false;
    throw error;
  }
  run = begun;
  begun.begin(start, listener, store);
  void begun.live().catch(async (error) => {
    const why = await (await backend).explain(error);
    listener.ended({ state: 'failed', hash: '', reason: why }, begun.progress);
  });
  return { run: begun.info, notice, problems: [] };
}

async function reopen(
  { run: kept, checkpoint, rows, outcomes }: Kept,
  manner: Manner,
  listener: RunListener,
) {
  const decoded = await decodeCheckpoint(checkpoint, kept.name);
  const { config, learners, backend: trainedOn, adapter } = decoded;
  const { description } = await backend;
  if (trainedOn === 'webgpu' && description.kind === 'cpu') {
    throw new ConfigError(
      `run: got one of WebGPU (${adapter}), allowed: one of the CPU, as ${description.notice}`,
    );
  }
  const goesOn = manner !== 'show';
  if (goesOn) checkResumable(decoded, kept.name);
  const { info, progress, hash, reason, name, id } = kept;
  let state: RunState = manner === 'train' ? 'training' : 'paused';
  if (manner === 'show' && kept.state !== 'training') state = kept.state;
  const reached = new Map(
    info.learners.map(({ seed, variant }, index) => {
      const own = new Progress(config);
      own.load(learners[index]);
      return [`${variant} ${seed}`, own.environmentSteps];
    }),
  );
  const start: RunStart = {
    id,
    name,
    state,
    before: {
      // A final row belongs to where the run was evaluated to its end, which is none where it goes on.
      rows: rows.filter(
        (row) =>
          (!goesOn || row.kind !== 'final') &&
          row.environmentSteps <= (reached.get(`${row.variant} ${row.seed}`) ?? -1),
      ),
      outcomes,
      seconds: progress.seconds,
      hash: goesOn ? '' : hash,
      reason: goesOn ? '' : reason,
      asKept: manner === 'show' && state === kept.state,
    },
  };
  const begun = await begin(
    () => Run.prepare(config, openLearners(trainedOn), learners),
    start,
    true,
    listener,
  );
  const elsewhere = trainedOn === 'webgpu' && adapter !== description.adapter;
  if (!begun.run || !elsewhere) return begun;
  const notice = `This run was on ${adapter} and goes on on ${description.adapter}: results may differ in the last bits.`;
  return { ...begun, notice: [begun.notice, notice].filter(Boolean).join(' ') };
}

async function importRun(bytes: Uint8Array, fileName: string): Promise<Imported> {
  try {
    const store = await storage;
    const file = await readCheckpoint(bytes, fileName);
    const { environment } = file.config;
    if (!environmentNames.includes(environment)) {
      throw new ConfigError(
        `${fileName}: metadata config: environment: got "${environment}", allowed on this page: ${environmentNames.join(', ')}`,
      );
    }
    const { config, learners } = takeLearners(file, fileName);
    const id = newId();
    const name = fileName.replace(/\.safetensors$/i, '') || defaultName(config);
    const progress = learners.map((tensors) => {
      const own = new Progress(config);
      own.load(tensors);
      return own;
    });
    const run = {
      id,
      name,
      state: 'paused' as const,
      hash: '',
      reason: '',
      info: describeRun(config, id, name),
      progress: describeProgress(config, progress, [], { seconds: 0, updates: 0, steps: 0 }),
    };
    await store.save({ run, checkpoint: bytes.slice(), outcomes: [] }, []);
    return { id, problem: '' };
  } catch (error) {
    return { id: undefined, problem: messageOf(error) };
  }
}
