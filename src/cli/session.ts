import { type Config, ConfigError } from '../config.ts';
import type { LearnerOptions } from '../learner/learner.ts';
import { type Checkpoint, encodeCheckpoint, failedUpdate } from '../train/checkpoint.ts';
import { DivergenceError } from '../train/divergence.ts';
import { configuredShape } from '../train/environments.ts';
import { hashParameters } from '../train/hash.ts';
import type { RolloutChoice } from '../train/open_rollout.ts';
import { Population } from '../train/population.ts';
import { type BackendChoice, openLearner } from './backend.ts';
import { drawRun } from './curve.ts';
import type { Interrupt } from './interrupt.ts';
import { type Part, ProgressBar } from './progress_bar.ts';
import { type RunFolder, secondsToSolve } from './run_folder.ts';
import { type Summary, summariseSeed } from './summary.ts';

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
  /** Which part of a larger work it is: then a learner that diverges does not end it. */
  readonly part?: Part;
}

/** What a session leaves behind, in summary.json too. */
export interface RunSummary extends Summary {
  /** Folder of the run. */
  readonly run: string;
  /** Over all sessions. */
  readonly seconds: number;
  readonly interrupted: boolean;
}

/** Exit code, as shells report a process that Ctrl-C ended. */
export const INTERRUPTED = 130;

/** Trains until the end or an interruption, and writes the run's folder. The environment has been loaded. */
export async function runSession(plan: Plan, interrupt: Interrupt): Promise<RunSummary> {
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
      onDivergence: ({ message }) =>
        process.stderr.write(`${plan.part?.label}: ${message}; it stays as it was before\n`),
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
    await trainToEnd(population, folder, interrupt, bar);
    bar.stop();
    return await summarise(population, folder, seconds());
  } catch (error) {
    const expected = error instanceof ConfigError || error instanceof DivergenceError;
    if (!expected && folder.hasCheckpoint) {
      process.stderr.write(`the last checkpoint is ${folder.checkpoint}\n`);
    }
    throw error;
  } finally {
    bar?.stop();
    population.close();
  }
}

async function trainToEnd(
  population: Population,
  folder: RunFolder,
  interrupt: Interrupt,
  bar: ProgressBar,
): Promise<void> {
  const save = async () => folder.saveCheckpoint(encodeCheckpoint(population, await population.save()));
  try {
    while (!population.finished && !interrupt.requested) {
      await population.advance();
      if (population.saveDue) await save();
      bar.update();
    }
    if (population.finished) return;
    await save();
    await population.evaluate();
  } catch (error) {
    if (!(error instanceof DivergenceError)) throw error;
    await save();
    throw new DivergenceError(`${error.message}; checkpoint of before it: ${folder.checkpoint}`);
  }
}

async function summarise(population: Population, folder: RunFolder, seconds: number): Promise<RunSummary> {
  const { config, members, learner, evaluations, progress } = population;
  const saved = await population.save();
  const hashes = await hashParameters(configuredShape(config), saved);
  const summary: RunSummary = {
    backend: learner.backend,
    adapter: learner.adapter,
    checkpoint: folder.checkpoint,
    hash: hashes.all,
    run: folder.path,
    seconds: Number(seconds.toFixed(3)),
    interrupted: !progress.every(({ finished }) => finished),
    seeds: members.flatMap((member, index) => {
      const evaluation = evaluations[index];
      if (!evaluation) return [];
      const toSolve = secondsToSolve(folder.rows, member);
      const failed = failedUpdate(saved[index]);
      return [
        {
          ...summariseSeed(config, member, hashes.each[index], evaluation, progress[index], toSolve),
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
  process.stderr.write(
    `this run was on ${checkpoint.adapter} and goes on on ${learner.adapter}: results may differ in the last bits\n`,
  );
}
