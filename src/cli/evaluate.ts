import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Measure, measureOfRows } from '../compare/measure.ts';
import { type Config, ConfigError, runMembers } from '../config.ts';
import { type Learner, type LearnerSnapshot, learnerOptions } from '../learner/learner.ts';
import { parameterTable } from '../shapes.ts';
import type { Tensor } from '../tensor.ts';
import { type Checkpoint, checkpointConfig, decodeCheckpoint } from '../train/checkpoint.ts';
import { configuredShape, loadEnvironment, startCount } from '../train/environments.ts';
import { createEvaluator, type EvaluatorOptions } from '../train/evaluate.ts';
import { hashParameters } from '../train/hash.ts';
import type { MetricsRow } from '../train/metrics.ts';
import { Progress } from '../train/progress.ts';
import { type BackendChoice, openLearner } from './backend.ts';
import { readFile } from './files.ts';
import { readRows, secondsToSolve } from './run_folder.ts';
import { count, formatSummary, type Summary, summariseSeed } from './summary.ts';

export interface EvaluateOptions {
  readonly exhaustive?: boolean;
  readonly backend: BackendChoice;
  readonly json?: boolean;
}

/** Starts played where --exhaustive is not given. */
export const SAMPLED_STARTS = 1000;
/** More than this no one waits for. */
const MOST_STARTS = 1e8;

/** Plays a checkpoint's greedy policies. Returns the exit code. Throws ConfigError for what is no checkpoint. */
export async function evaluate(path: string, options: EvaluateOptions): Promise<number> {
  const file = isFolder(path) ? join(path, 'checkpoint.safetensors') : path;
  const bytes = readFile(file, 'CHECKPOINT', 'a checkpoint.safetensors, or the folder of a run');
  await loadEnvironment(checkpointConfig(bytes, file));
  const checkpoint = decodeCheckpoint(bytes, file);
  const { config } = checkpoint;
  const starts = startCount(config);
  if (options.exhaustive && starts > MOST_STARTS) {
    throw new ConfigError(`--exhaustive: got ${starts} starts, allowed: at most ${count(MOST_STARTS)}`);
  }

  // Acting needs neither replay nor batch.
  const small: Config = { ...config, environments: 1, batchSize: 1, replayCapacity: 1 };
  const { learner, close } = await openLearner(
    options.backend,
    learnerOptions(small, configuredShape(config)),
  );
  try {
    const saved = await learner.save();
    learner.load(
      saved.map((snapshot, index) => withParameters(snapshot, checkpoint.learners[index], learner)),
    );
    const rows = readRows(dirname(file));
    const summary = await summarise(learner, checkpoint, file, rows, options);
    if (options.json) process.stdout.write(`${JSON.stringify(summary)}\n`);
    else process.stdout.write(describe(summary, config, measureOfRows([...rows, ...summary.seeds]), starts));
    return 0;
  } finally {
    close();
  }
}

async function summarise(
  learner: Learner,
  { config, learners, backend }: Checkpoint,
  file: string,
  rows: readonly MetricsRow[],
  { exhaustive }: EvaluateOptions,
) {
  const choice: EvaluatorOptions = exhaustive ? { exhaustive: true } : { sample: SAMPLED_STARTS };
  const evaluations = await createEvaluator(config, choice).evaluate(learner, 0, learners.length);
  const hashes = await hashParameters(learner.options.shape, learners);
  return {
    backend: learner.backend,
    adapter: learner.adapter,
    checkpoint: file,
    hash: hashes.all,
    trainedOn: backend,
    exhaustive: exhaustive === true,
    seeds: runMembers(config).map((member, index) => {
      const progress = new Progress(member.config);
      progress.load(learners[index]);
      const seconds = secondsToSolve(rows, member);
      return summariseSeed(config, member, hashes.each[index], evaluations[index], progress, seconds);
    }),
  } satisfies Summary & Record<string, unknown>;
}

/** A fresh learner's snapshot with the checkpoint's online parameters, in the numbers of its backend. */
function withParameters(
  fresh: LearnerSnapshot,
  saved: ReadonlyMap<string, Tensor>,
  { options, backend }: Learner,
): LearnerSnapshot {
  const merged = new Map(fresh);
  for (const { name, shape } of parameterTable(options.shape)) {
    const { data } = saved.get(`online.${name}`)!;
    merged.set(`online.${name}`, {
      shape,
      data: backend === 'cpu' ? Float64Array.from(data) : Float32Array.from(data),
    });
  }
  return merged;
}

function describe(summary: Summary, config: Config, measure: Measure, starts: number): string {
  const played = summary.seeds[0].starts;
  const note =
    played < starts
      ? `a random sample of ${count(played)} of ${count(starts)} starts; --exhaustive plays all`
      : `all ${count(starts)} starts`;
  return `${formatSummary(summary, config, measure)}greedy: ${note}\n`;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
