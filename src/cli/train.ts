import { type Config, ConfigError, validateConfig } from '../config.ts';
import { type Learner, learnerOptions } from '../learner/learner.ts';
import { type Checkpoint, encodeCheckpoint } from '../train/checkpoint.ts';
import { DivergenceError } from '../train/divergence.ts';
import { configuredShape } from '../train/environments.ts';
import { hashParameters } from '../train/hash.ts';
import { Trainer } from '../train/trainer.ts';
import { type BackendChoice, openLearner } from './backend.ts';
import { drawCurve } from './curve.ts';
import { Interrupt } from './interrupt.ts';
import { type ConfigOptions, readConfig, readUpdates } from './options.ts';
import { ProgressBar } from './progress_bar.ts';
import { defaultRunPath, RunFolder } from './run_folder.ts';
import { formatSummary, type Summary, summariseSeed } from './summary.ts';

export interface TrainOptions extends ConfigOptions {
  readonly out?: string;
  readonly resume?: string;
  readonly backend: BackendChoice;
  readonly json?: boolean;
}

/** As shells report a process that Ctrl-C ended. */
const INTERRUPTED = 130;

/** What a session of training starts from. */
interface Plan {
  readonly config: Config;
  readonly folder: RunFolder;
  readonly backend: BackendChoice;
  /** Where to go on from. */
  readonly checkpoint?: Checkpoint;
}

/** Trains, and writes the run's folder. Returns the exit code. Throws ConfigError before anything is begun. */
export async function train(options: TrainOptions): Promise<number> {
  const plan = options.resume === undefined ? planNew(options) : planResumed(options, options.resume);
  const interrupt = new Interrupt();
  try {
    return await run(plan, interrupt, options.json === true);
  } finally {
    interrupt.release();
    plan.folder.discard();
  }
}

function planNew(options: TrainOptions): Plan {
  const config = readConfig(options);
  const folder = RunFolder.create(options.out ?? defaultRunPath(config.preset));
  return { config, folder, backend: options.backend };
}

function planResumed(options: TrainOptions, path: string): Plan {
  for (const name of ['preset', 'seeds', 'set', 'config', 'out'] as const) {
    const given = options[name];
    if (given !== undefined && given.length > 0) {
      throw new ConfigError(`--${name}: not with --resume, allowed: --updates, --backend, --json`);
    }
  }
  const { folder, checkpoint } = RunFolder.open(path);
  if (options.backend !== 'auto' && options.backend !== checkpoint.backend) {
    throw new ConfigError(
      `--backend: got ${options.backend}, allowed: ${checkpoint.backend}, which ${folder.checkpoint} was trained on`,
    );
  }
  let { config } = checkpoint;
  if (options.updates !== undefined) {
    config = validateConfig({ ...config, updates: readUpdates(options.updates) });
    const made = Math.max(...checkpoint.seeds.map((seed) => seed.get('counters')!.data[0]));
    if (config.updates < made) {
      throw new ConfigError(
        `updates: got ${config.updates}, allowed: at least ${made}, which are made already`,
      );
    }
  }
  return { config, folder, backend: checkpoint.backend, checkpoint };
}

async function run(plan: Plan, interrupt: Interrupt, json: boolean): Promise<number> {
  const { config, folder } = plan;
  const { learner, close } = await openLearner(plan.backend, learnerOptions(config, configuredShape(config)));
  try {
    return await trainOn(learner, plan, interrupt, json);
  } catch (error) {
    const expected = error instanceof ConfigError || error instanceof DivergenceError;
    if (!expected && folder.hasCheckpoint) {
      process.stderr.write(`the last checkpoint is ${folder.checkpoint}\n`);
    }
    throw error;
  } finally {
    close();
  }
}

async function trainOn(learner: Learner, plan: Plan, interrupt: Interrupt, json: boolean): Promise<number> {
  const { config, folder, checkpoint } = plan;
  const begun = performance.now();
  const seconds = (): number => folder.secondsBefore + (performance.now() - begun) / 1000;
  let bar: ProgressBar | undefined;
  const trainer = new Trainer(config, learner, {
    seconds,
    onRow: (row) => {
      folder.append(row);
      bar?.note(row);
    },
  });
  if (checkpoint) {
    warnOfOtherAdapter(checkpoint, learner);
    trainer.load(checkpoint.seeds);
    const steps = trainer.progress.map(
      ({ environmentSteps }, l) => [config.seeds[l], environmentSteps] as const,
    );
    folder.goOn(config, new Map(steps));
  } else {
    folder.begin(config);
  }
  const save = async () => {
    const saved = await trainer.save();
    folder.saveCheckpoint(encodeCheckpoint(trainer, saved));
    return saved;
  };

  bar = new ProgressBar(trainer);
  try {
    while (!trainer.finished && !interrupt.requested) {
      await trainer.advance();
      if (trainer.saveDue && !trainer.finished) await save();
      bar.update();
    }
    const saved = await save();
    const interrupted = !trainer.finished;
    const evaluations = await trainer.finish();
    bar.stop();
    const hashes = await hashParameters(learner.options.shape, saved);
    const summary = {
      backend: learner.backend,
      adapter: learner.adapter,
      checkpoint: folder.checkpoint,
      hash: hashes.all,
      run: folder.path,
      seconds: Number(seconds().toFixed(3)),
      interrupted,
      seeds: config.seeds.map((seed, index) =>
        summariseSeed(
          seed,
          hashes.each[index],
          evaluations[index],
          trainer.progress[index],
          folder.secondsToSolve(seed),
        ),
      ),
    } satisfies Summary & Record<string, unknown>;
    folder.saveSummary(summary);
    folder.saveCurve(await drawCurve(folder.rows, config));
    print(summary, config, interrupted, json);
    return interrupted ? INTERRUPTED : 0;
  } catch (error) {
    if (!(error instanceof DivergenceError)) throw error;
    await save();
    throw new DivergenceError(`${error.message}; checkpoint of before it: ${folder.checkpoint}`);
  } finally {
    bar.stop();
  }
}

function print(
  summary: Summary & { run: string },
  config: Config,
  interrupted: boolean,
  json: boolean,
): void {
  if (json) {
    process.stdout.write(`${JSON.stringify(summary)}\n`);
    return;
  }
  const more = interrupted ? `interrupted; to go on: train --resume ${summary.run}\n` : '';
  process.stdout.write(`${formatSummary(summary, config)}${more}run folder: ${summary.run}\n`);
}

function warnOfOtherAdapter(checkpoint: Checkpoint, learner: Learner): void {
  if (checkpoint.adapter === learner.adapter) return;
  process.stderr.write(
    `this run was on ${checkpoint.adapter} and goes on on ${learner.adapter}: results may differ in the last bits\n`,
  );
}
