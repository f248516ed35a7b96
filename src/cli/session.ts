import { existsSync } from 'node:fs';
import { type Config, ConfigError } from '../config.ts';
import { EnvironmentFailure } from '../env/failure.ts';
import { DeviceError } from '../gpu/gpu.ts';
import { FileError } from '../node/files.ts';
import { NEW_RUN, Run, type RunWatcher } from '../run/run.ts';
import { savedBest } from '../train/best.ts';
import { type Checkpoint, failedUpdate } from '../train/checkpoint.ts';
import { DivergenceError } from '../train/divergence.ts';
import { configuredShape, environmentFingerprint } from '../train/environments.ts';
import { hashParameters } from '../train/hash.ts';
import type { RolloutChoice } from '../train/open_rollout.ts';
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

/** Exit code, as shells report a process that Ctrl-C ended. */
export const INTERRUPTED = 130;

/**
 * Trains until the end or an interruption, and writes the run's folder. The environment has been loaded. Throws what is
 * told in a line of its own (isToldOf), with what is kept.
 */
export async function runSession(plan: Plan, interrupt: Interrupt): Promise<RunSummary> {
  const { folder } = plan;
  try {
    return await trainAndSummarise(plan, interrupt);
  } catch (error) {
    if (error instanceof FileError) throw new FileError(`${error.message}; ${whatIsKept(plan)}`);
    if (error instanceof DeviceError) {
      throw new DeviceError(`${error.message}; ${whatIsKept(plan)}`, error.lost, { cause: error });
    }
    if (!isToldOf(error) && folder.hasCheckpoint) say(`the last checkpoint is ${folder.checkpoint}`);
    throw error;
  }
}

async function trainAndSummarise(plan: Plan, interrupt: Interrupt): Promise<RunSummary> {
  const { config, folder, checkpoint, atOnce, rollout, part } = plan;
  const begun = performance.now();
  let tell = say;
  const run = await Run.prepare(config, (options, backend) => openLearner(backend ?? plan.backend, options), {
    ...(atOnce !== undefined && { atOnce }),
    ...(rollout && { rollout }),
    ...(part && {
      onDivergence: ({ message }) => tell(`${part.label}: ${message}; it stays as it was before`),
    }),
    ...(checkpoint && { from: checkpoint }),
  });
  let bar: ProgressBar | undefined;
  try {
    if (checkpoint) warnOfOtherAdapter(checkpoint, run);
    const { rows, seconds } = checkpoint ? folder.standing(config, run.progress) : NEW_RUN;
    const opened = (performance.now() - begun) / 1000;
    const start = { ...NEW_RUN, rows, seconds: seconds + opened, saveMs: plan.saveMs };
    bar = new ProgressBar(run, part);
    tell = (line) => bar?.say(line);
    run.begin({ ...start, followsSaveEvery: true, savesAtOnce: false }, folder, watcher(bar));
    // What goes wrong in it ends `live` too.
    const stop = () => void run.stop().catch(() => {});
    interrupt.onRequest = stop;
    if (interrupt.requested) stop();
    await run.live();
    bar.stop();
    if (run.error instanceof DivergenceError) {
      throw new DivergenceError(`${run.error.message}; checkpoint of before it: ${folder.checkpoint}`);
    }
    if (run.state === 'failed') throw failure(plan, run);
    return await summarise(run, folder);
  } finally {
    interrupt.onRequest = undefined;
    bar?.stop();
    run.close();
  }
}

/** Tells people on standard error how a run goes. */
const watcher = (bar: ProgressBar): RunWatcher => ({
  begun: () => {},
  row: (row) => bar.note(row),
  stepped: () => bar.update(),
  changed: () => {},
  ended: () => {},
  saved: (problem) => {
    if (problem) throw problem;
  },
  lost: (text) => bar.say(text),
});

/** What is left of a run that could not go on, and how it does. */
function whatIsKept({ folder, config, goOn }: Plan): string {
  if (!existsSync(folder.path)) return 'its folder is gone, with what had been saved of the run';
  if (!folder.hasCheckpoint) return 'nothing had been saved of the run';
  return `${folder.checkpoint} is as it was saved last; to go on from there: ${goOn}${environmentWords(config)}`;
}

/** The failure of a user's environment, with how to go on. */
function failure({ goOn, config }: Plan, { progress, reason }: Run): EnvironmentFailure {
  const { updates, environmentSteps } = progress.reduce((a, b) =>
    b.environmentSteps > a.environmentSteps ? b : a,
  );
  return new EnvironmentFailure(
    `${reason}; the run is saved as of update ${count(updates)} (${count(environmentSteps)} environment steps); ` +
      `once the module is mended, to go on: ${goOn}${environmentWords(config, true)}`,
  );
}

/** What users are told in a line of its own: no mistake of the program's. */
export const isToldOf = (error: unknown): boolean =>
  error instanceof ConfigError ||
  error instanceof DivergenceError ||
  error instanceof EnvironmentFailure ||
  error instanceof FileError ||
  error instanceof DeviceError;

async function summarise(run: Run, folder: RunFolder): Promise<RunSummary> {
  const { config, population, progress, hash, seconds } = run;
  const { members, learner, evaluations } = population;
  const saved = await population.save();
  const hashes = await hashParameters(configuredShape(config), saved);
  const fingerprint = environmentFingerprint(config);
  const summary: RunSummary = {
    backend: learner.backend,
    adapter: learner.adapter,
    checkpoint: folder.checkpoint,
    hash,
    run: folder.path,
    seconds: Number(seconds.toFixed(3)),
    ...(fingerprint && { environmentFingerprint: fingerprint }),
    interrupted: run.state === 'stopped',
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
  folder.saveCurve(await drawRun(folder.rows, config));
  // Last: by it a run of a larger work is known to be whole.
  folder.saveSummary(summary);
  return summary;
}

function warnOfOtherAdapter(checkpoint: Checkpoint, { population: { learner } }: Run): void {
  if (checkpoint.adapter === learner.adapter) return;
  say(
    `this run was on ${checkpoint.adapter} and goes on on ${learner.adapter}: results may differ in the last bits`,
  );
}
