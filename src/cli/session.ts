import { type Config, ConfigError } from '../config.ts';
import { EnvironmentFailure } from '../env/failure.ts';
import { DeviceError } from '../gpu/gpu.ts';
import type { LearnerOptions } from '../learner/learner.ts';
import { FileError, readFile } from '../node/files.ts';
import { savedBest } from '../train/best.ts';
import {
  type Checkpoint,
  encodeCheckpoint,
  failedUpdate,
  readCheckpoint,
  takeLearners,
} from '../train/checkpoint.ts';
import { DivergenceError } from '../train/divergence.ts';
import { configuredShape, environmentFingerprint } from '../train/environments.ts';
import { hashParameters } from '../train/hash.ts';
import type { RolloutChoice } from '../train/open_rollout.ts';
import { Population } from '../train/population.ts';
import { type BackendChoice, openLearner } from './backend.ts';
import { drawRun } from './curve.ts';
import type { Interrupt } from './interrupt.ts';
import { say } from './output.ts';
import { environmentWords } from './own_environment.ts';
import { type Part, ProgressBar } from './progress_bar.ts';
import { type RunFolder, secondsToSolve } from './run_folder.ts';
import { bestSummary, count, type Summary, summariseSeed } from './summary.ts';

/** What a session of training starts from. */
export interface Plan {
  readonly config: Config;
  readonly folder: RunFolder;
  readonly backend: BackendChoice;
  /** What steps the environments; undefined: auto. */
  readonly rollout?: RolloutChoice;
  /** Learners that train together at most; undefined: all. */
  readonly atOnce: number | undefined;
  /** Where to go on from. */
  readonly checkpoint?: Checkpoint;
  /** Milliseconds between two savings at most, whatever saveEvery says. */
  readonly saveMs: number;
  /** The command that goes on with the run, or with the larger work it is a part of. */
  readonly goOn: string;
  /** Which part of a larger work it is: then a learner that diverges does not end it. */
  readonly part?: Part;
}

/** What a session leaves behind, in summary.json too. */
export interface RunSummary extends Summary {
  /** Folder of the run. */
  readonly run: string;
  /** Over all sessions. */
  readonly seconds: number;
  /** Of the user's environment that it was trained on last. */
  readonly environmentFingerprint?: string;
  readonly interrupted: boolean;
}

/** Savings are further apart where they take long: so many times what one takes. */
const SAVE_SHARE = 20;

/** Exit code, as shells report a process that Ctrl-C ended. */
export const INTERRUPTED = 130;

/** Losses of the device in a row, with nothing saved between them, after which a run stops. */
const MOST_LOSSES = 3;

/**
 * Trains until the end or an interruption, and writes the run's folder. The environment has been loaded. A device that
 * is lost is replaced, and the run goes on from where it was saved last.
 */
export async function runSession(plan: Plan, interrupt: Interrupt): Promise<RunSummary> {
  const { folder } = plan;
  let current = plan;
  for (let losses = 1; ; losses++) {
    const saved = folder.savings;
    try {
      return await runOnDevice(current, interrupt);
    } catch (error) {
      if (!(error instanceof DeviceError && error.lost)) throw error;
      if (folder.savings > saved) losses = 1;
      if (losses >= MOST_LOSSES || interrupt.requested) {
        throw new DeviceError(`${error.message}; ${whatIsKept(plan)}`, true);
      }
      const from = folder.hasCheckpoint
        ? 'where it was saved last'
        : 'the beginning, as nothing was saved yet';
      say(`${error.message}: the run goes on from ${from}`);
      current = await anew(plan);
    }
  }
}

/** The same run from where it was saved last, on a device of the same kind. */
async function anew({ checkpoint: _, ...plan }: Plan): Promise<Plan> {
  const { folder, config } = plan;
  const onDevice: Plan = { ...plan, backend: 'webgpu' };
  if (!folder.hasCheckpoint) return onDevice;
  const file = await readCheckpoint(readFile(folder.checkpoint, 'run', 'its checkpoint'), folder.checkpoint);
  return { ...onDevice, checkpoint: takeLearners({ ...file, config }, folder.checkpoint) };
}

async function runOnDevice(plan: Plan, interrupt: Interrupt): Promise<RunSummary> {
  const { config, folder, checkpoint, atOnce } = plan;
  const begun = performance.now();
  const seconds = (): number => folder.secondsBefore + (performance.now() - begun) / 1000;
  let bar: ProgressBar | undefined;
  const open = (options: LearnerOptions) => openLearner(plan.backend, options);
  const population = await Population.open(config, open, {
    seconds,
    onRow: (row) => {
      folder.append(row);
      bar?.note(row);
    },
    ...(plan.part && {
      onDivergence: ({ message }) => say(`${plan.part?.label}: ${message}; it stays as it was before`),
    }),
    ...(plan.rollout && { rollout: plan.rollout }),
    ...(atOnce !== undefined && { atOnce }),
    ...(checkpoint && { saved: checkpoint.learners }),
  });
  try {
    if (checkpoint) {
      warnOfOtherAdapter(checkpoint, population);
      folder.goOn(
        config,
        population.progress.map(({ environmentSteps }) => environmentSteps),
      );
    } else {
      folder.begin(config);
    }
    bar = new ProgressBar(population, plan.part);
    const interrupted = await trainToEnd(population, plan, interrupt, bar);
    bar.stop();
    return await summarise(population, folder, seconds(), interrupted);
  } catch (error) {
    if (error instanceof FileError) {
      throw new FileError(`${error.message}; ${whatIsKept(plan)}`);
    } else if (!isToldOf(error) && folder.hasCheckpoint) {
      say(`the last checkpoint is ${folder.checkpoint}`);
    }
    throw error;
  } finally {
    bar?.stop();
    population.close();
  }
}

/** What is left of a run that could not go on, and how it does. */
function whatIsKept({ folder, config, goOn }: Plan): string {
  if (!folder.hasCheckpoint) return 'nothing had been saved of the run';
  return `${folder.checkpoint} is as it was saved last; to go on from there: ${goOn}${environmentWords(config)}`;
}

/** What users are told in a line of its own: no mistake of the program's. */
export const isToldOf = (error: unknown): boolean =>
  error instanceof ConfigError ||
  error instanceof DivergenceError ||
  error instanceof EnvironmentFailure ||
  error instanceof FileError ||
  error instanceof DeviceError;

/** Trains and saves. True where something of it is left to do. */
async function trainToEnd(
  population: Population,
  { folder, config, goOn, saveMs }: Plan,
  interrupt: Interrupt,
  bar: ProgressBar,
): Promise<boolean> {
  let saveAt = performance.now() + saveMs;
  const save = async () => {
    const begun = performance.now();
    folder.saveCheckpoint(await encodeCheckpoint(population, await population.save()));
    const now = performance.now();
    saveAt = now + Math.max(saveMs, SAVE_SHARE * (now - begun));
  };
  try {
    while (!population.finished && !interrupt.requested) {
      await population.advance();
      if (population.saveDue || performance.now() >= saveAt) await save();
      bar.update();
    }
    if (population.finished) return false;
    await save();
    await population.evaluate();
    // Groups of learners that were finished before have not been evaluated in this session.
    return !(population.progress.every(({ finished }) => finished) && population.evaluations.every(Boolean));
  } catch (error) {
    if (error instanceof DivergenceError) {
      await save();
      throw new DivergenceError(`${error.message}; checkpoint of before it: ${folder.checkpoint}`);
    }
    if (!(error instanceof EnvironmentFailure)) throw error;
    // What was saved before the evaluation that ends a session goes on exactly; after it, it would not.
    if (!population.evaluating) await save();
    if (error.interrupted) return true;
    const { updates, environmentSteps } = furthest(population);
    throw new EnvironmentFailure(
      `${error.message}; the run is saved as of update ${count(updates)} (${count(environmentSteps)} environment steps); ` +
        `once the module is mended, to go on: ${goOn}${environmentWords(config, true)}`,
    );
  }
}

const furthest = ({ progress }: Population) =>
  progress.reduce((a, b) => (b.environmentSteps > a.environmentSteps ? b : a));

async function summarise(
  population: Population,
  folder: RunFolder,
  seconds: number,
  interrupted: boolean,
): Promise<RunSummary> {
  const { config, members, learner, evaluations, progress } = population;
  const saved = await population.save();
  const hashes = await hashParameters(configuredShape(config), saved);
  const fingerprint = environmentFingerprint(config);
  const summary: RunSummary = {
    backend: learner.backend,
    adapter: learner.adapter,
    checkpoint: folder.checkpoint,
    hash: hashes.all,
    run: folder.path,
    seconds: Number(seconds.toFixed(3)),
    ...(fingerprint && { environmentFingerprint: fingerprint }),
    interrupted,
    seeds: members.flatMap((member, index) => {
      const evaluation = evaluations[index];
      if (!evaluation) return [];
      const toSolve = secondsToSolve(folder.rows, member);
      const failed = failedUpdate(saved[index]);
      return [
        {
          ...summariseSeed(config, member, hashes.each[index], evaluation, progress[index], toSolve),
          best: bestSummary(savedBest(saved[index])),
          ...(failed > 0 && { failedUpdate: failed }),
        },
      ];
    }),
  };
  folder.saveSummary(summary);
  folder.saveCurve(await drawRun(folder.rows, config));
  return summary;
}

function warnOfOtherAdapter(checkpoint: Checkpoint, { learner }: Population): void {
  if (checkpoint.adapter === learner.adapter) return;
  say(
    `this run was on ${checkpoint.adapter} and goes on on ${learner.adapter}: results may differ in the last bits`,
  );
}
