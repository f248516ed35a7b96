import { dirname } from 'node:path';
import { type Measure, measureOfRows } from '../compare/measure.ts';
import { type Config, ConfigError, runMembers } from '../config.ts';
import { type Learner, type LearnerSnapshot, learnerOptions } from '../learner/learner.ts';
import { parameterTable } from '../shapes.ts';
import type { Tensor } from '../tensor.ts';
import { savedBest } from '../train/best.ts';
import type { Checkpoint } from '../train/checkpoint.ts';
import { describeMember } from '../train/divergence.ts';
import { configuredShape, startCount } from '../train/environments.ts';
import { createEvaluator, type EvaluatorOptions } from '../train/evaluate.ts';
import { hashParameters } from '../train/hash.ts';
import type { MetricsRow } from '../train/metrics.ts';
import { Progress } from '../train/progress.ts';
import { type BackendChoice, openLearner } from './backend.ts';
import { openCheckpointFile } from './checkpoint_file.ts';
import { print, printJson } from './output.ts';
import type { EnvironmentOptions } from './own_environment.ts';
import { readRows, secondsToSolve } from './run_folder.ts';
import { bestSummary, count, formatSummary, type Summary, summariseSeed } from './summary.ts';

export interface EvaluateOptions extends EnvironmentOptions {
  readonly exhaustive?: boolean;
  /** The parameters of each learner's best evaluation instead of the last. */
  readonly best?: boolean;
  readonly backend: BackendChoice;
  readonly json?: boolean;
}

/** Starts played where --exhaustive is not given. */
export const SAMPLED_STARTS = 1000;
/** More than this no one waits for. */
const MOST_STARTS = 1e8;

/** Plays a checkpoint's greedy policies. Returns the exit code. Throws ConfigError for what is no checkpoint. */
export async function evaluate(path: string, options: EvaluateOptions): Promise<number> {
  const { file, checkpoint } = await openCheckpointFile(path, options);
  const { config } = checkpoint;
  const starts = startCount(config);
  if (options.exhaustive && starts > MOST_STARTS) {
    throw new ConfigError(`--exhaustive: got ${starts} starts, allowed: at most ${count(MOST_STARTS)}`);
  }
  const members = runMembers(config);
  const without = checkpoint.learners.findIndex((saved) => options.best && !savedBest(saved));
  if (without >= 0) {
    throw new ConfigError(
      `--best: ${file}: ${describeMember(members[without])} had no evaluation on the way (evaluateEvery), allowed: its last parameters`,
    );
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
      saved.map((fresh, index) =>
        withParameters(fresh, checkpoint.learners[index], copyOf(options), learner),
      ),
    );
    const rows = readRows(dirname(file));
    const summary = await summarise(learner, checkpoint, file, rows, options);
    if (options.json) printJson(summary);
    else print(describe(summary, config, measureOfRows([...rows, ...summary.seeds]), starts));
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
  options: EvaluateOptions,
) {
  const { exhaustive } = options;
  const choice: EvaluatorOptions = exhaustive ? { exhaustive: true } : { sample: SAMPLED_STARTS };
  const evaluations = await createEvaluator(config, choice).evaluate(learner, 0, learners.length);
  const hashes = await hashParameters(learner.options.shape, learners, copyOf(options));
  return {
    backend: learner.backend,
    adapter: learner.adapter,
    checkpoint: file,
    hash: hashes.all,
    trainedOn: backend,
    exhaustive: exhaustive === true,
    parameters: options.best ? 'best' : 'last',
    seeds: runMembers(config).map((member, index) => {
      const progress = new Progress(member.config);
      progress.load(learners[index]);
      const seconds = secondsToSolve(rows, member);
      return {
        ...summariseSeed(config, member, hashes.each[index], evaluations[index], progress, seconds),
        best: bestSummary(savedBest(learners[index])),
      };
    }),
  } satisfies Summary & Record<string, unknown>;
}

const copyOf = ({ best }: EvaluateOptions): 'best' | 'online' => (best ? 'best' : 'online');

/** A fresh learner's snapshot with the checkpoint's parameters as its own, in the numbers of its backend. */
function withParameters(
  fresh: LearnerSnapshot,
  saved: ReadonlyMap<string, Tensor>,
  copy: 'best' | 'online',
  { options, backend }: Learner,
): LearnerSnapshot {
  const merged = new Map(fresh);
  for (const { name, shape } of parameterTable(options.shape)) {
    const { data } = saved.get(`${copy}.${name}`)!;
    merged.set(`online.${name}`, {
      shape,
      data: backend === 'cpu' ? Float64Array.from(data) : Float32Array.from(data),
    });
  }
  return merged;
}

function describe(
  summary: Summary & { readonly parameters: string },
  config: Config,
  measure: Measure,
  starts: number,
): string {
  const played = summary.seeds[0].starts;
  const note = startsNote(played, starts);
  const chosen = summary.seeds.map(({ best }) => count(best?.updates ?? 0)).join(', ');
  const which =
    summary.parameters === 'best'
      ? `parameters: each learner's best, of update ${chosen}; they were chosen on the starts that evaluations play, ` +
        'where success therefore says too much\n'
      : '';
  return `${formatSummary(summary, config, measure)}${which}greedy: ${note}\n`;
}

function startsNote(played: number, starts: number): string {
  if (played === starts) return `all ${count(starts)} starts`;
  if (starts === Number.POSITIVE_INFINITY) return `${count(played)} starts, the same every time`;
  return `a random sample of ${count(played)} of ${count(starts)} starts; --exhaustive plays all`;
}
