import { MEASURES, type Measure } from '../compare/measure.ts';
import type { Config, Member } from '../config.ts';
import type { Learner } from '../learner/learner.ts';
import { type BestEvaluation, isBetter } from '../train/best.ts';
import type { Evaluation } from '../train/evaluate.ts';
import type { Progress } from '../train/progress.ts';

/** How one learner came out, as `train` and `evaluate` print it. */
export interface SeedSummary {
  readonly seed: number;
  /** Where there are variants: which, and what it sets. */
  readonly variant?: number;
  readonly settings?: Config['variants'][number];
  /** Where it diverged, of which only larger works go on: the update whose gradient was not finite. */
  readonly failedUpdate?: number;
  /** Greedy, share of starts solved, 0..1. */
  readonly success: number;
  /** Greedy, mean length / optimal length over solved starts; null where none was. */
  readonly lengthRatio: number | null;
  /** Greedy, mean undiscounted return. */
  readonly return: number;
  /** Starts that were played. */
  readonly starts: number;
  /** SHA-256 of its online parameters. */
  readonly hash: string;
  readonly updates: number;
  readonly environmentSteps: number;
  readonly episodes: number;
  /** Share of the last 100 training episodes that succeeded; null before the first. */
  readonly trainingSuccess: number | null;
  readonly trainingReturn: number | null;
  /** To the first evaluation with 100%; null where there was none. */
  readonly updatesToSolve: number | null;
  readonly environmentStepsToSolve: number | null;
  readonly secondsToSolve: number | null;
  /** Its best evaluation, whose parameters are kept beside the last; only a session's end tells it. */
  readonly best?: BestSummary | null;
}

/** Of a run; of a run that was interrupted, `seeds` has the learners whose training had begun. */
export interface Summary {
  readonly backend: Learner['backend'];
  readonly adapter: string;
  readonly checkpoint: string;
  readonly hash: string;
  readonly seeds: readonly SeedSummary[];
}

/** How a learner's best evaluation went, in JSON; null: there was none. */
export interface BestSummary extends Omit<BestEvaluation, 'lengthRatio'> {
  readonly lengthRatio: number | null;
  /** What its parameters were chosen by: what they reach there says too much of other starts. */
  readonly chosenOn: 'the starts that evaluations play';
}

export const bestSummary = (best: BestEvaluation | undefined): BestSummary | null =>
  best
    ? { ...best, lengthRatio: finiteOrNull(best.lengthRatio), chosenOn: 'the starts that evaluations play' }
    : null;

export function summariseSeed(
  config: Config,
  { seed, variant }: Member,
  hash: string,
  evaluation: Evaluation,
  progress: Progress,
  secondsToSolve: number | null,
): SeedSummary {
  const solved = progress.solvedUpdates > 0;
  return {
    seed,
    ...(config.variants.length > 0 && { variant, settings: config.variants[variant] }),
    success: evaluation.success,
    lengthRatio: finiteOrNull(evaluation.lengthRatio),
    return: evaluation.return,
    starts: evaluation.starts,
    hash,
    updates: progress.updates,
    environmentSteps: progress.environmentSteps,
    episodes: progress.episodes,
    trainingSuccess: finiteOrNull(progress.trainingSuccess),
    trainingReturn: finiteOrNull(progress.trainingReturn),
    updatesToSolve: solved ? progress.solvedUpdates : null,
    environmentStepsToSolve: solved ? progress.solvedSteps : null,
    secondsToSolve: solved ? secondsToSolve : null,
  };
}

/** The table that people see at the end. Where no seed has seen success, what all would have alike is left out. */
export function formatSummary(summary: Summary, config: Config, measure: Measure): string {
  const bySuccess = measure === 'success';
  const { training, text, by } = MEASURES[measure];
  const varied = summary.seeds.some(({ variant }) => variant !== undefined);
  const header = [
    ...(varied ? ['settings'] : []),
    'seed',
    'updates',
    'environment steps',
    'episodes',
    `${measure} in training`,
    `greedy ${measure}`,
    'starts',
    ...(bySuccess ? ['length / optimal', 'return', 'updates to 100%', 'seconds to 100%'] : []),
  ];
  const rows = summary.seeds.map((seed) => [
    ...(varied ? [describeSettings(seed.settings ?? {})] : []),
    String(seed.seed),
    count(seed.updates),
    count(seed.environmentSteps),
    count(seed.episodes),
    orDash(seed[training], text),
    text(seed[measure]),
    count(seed.starts),
    ...(bySuccess
      ? [
          orDash(seed.lengthRatio, (ratio) => ratio.toFixed(4)),
          MEASURES.return.text(seed.return),
          orDash(seed.updatesToSolve, count),
          orDash(seed.secondsToSolve, (seconds) => seconds.toFixed(1)),
        ]
      : []),
  ]);
  return [
    `${config.preset} on ${describeEnvironment(config)}; ${summary.backend}, ${summary.adapter}`,
    ...(bySuccess ? [] : [`measured ${by}`]),
    '',
    ...(rows.length > 0 ? formatTable(header, rows) : ['no learner has been evaluated yet']),
    '',
    `parameters: SHA-256 ${summary.hash}`,
    '',
  ].join('\n');
}

/** A line for each learner that an evaluation on the way found better than it is at its end. */
export function bestLines({ seeds }: Summary, measure: Measure): string {
  const lines = seeds.flatMap(({ seed, settings, best, success, lengthRatio, return: total }) => {
    const orUnknown = (ratio: number | null): number => ratio ?? Number.NaN;
    const end = { success, lengthRatio: orUnknown(lengthRatio), return: total };
    if (!best || !isBetter({ ...best, lengthRatio: orUnknown(best.lengthRatio) }, end)) return [];
    const { text } = MEASURES[measure];
    const whose = `${settings ? `${describeSettings(settings)}, ` : ''}seed ${seed}`;
    const parts = [
      `greedy ${measure} ${text(best[measure])}`,
      ...(best.lengthRatio === null ? [] : [`length / optimal ${best.lengthRatio.toFixed(4)}`]),
      ...(measure === 'return' ? [] : [`return ${MEASURES.return.text(best.return)}`]),
      `at update ${count(best.updates)}`,
    ];
    return [`best of ${whose}: ${parts.join(', ')}\n`];
  });
  const note =
    'kept in the checkpoint (evaluate --best, export --best); chosen on the starts that evaluations play\n';
  return lines.length > 0 ? lines.join('') + note : '';
}

/** Lines of a table: a header, a rule, and rows, each column as wide as it has to be, numbers to the right. */
export function formatTable(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column].length)),
  );
  const line = (cells: readonly string[]): string =>
    cells.map((cell, column) => cell.padStart(widths[column])).join('  ');
  return [line(header), widths.map((width) => '─'.repeat(width)).join('  '), ...rows.map(line)];
}

/** `learningRate=0.001 gamma=0.9`; what changes nothing is `as configured`. */
export function describeSettings(settings: Readonly<Record<string, unknown>>): string {
  const words = Object.entries(settings).map(([field, value]) => `${field}=${value}`);
  return words.length > 0 ? words.join(' ') : 'as configured';
}

/** Name and size, as titles tell them. */
export const describeEnvironment = ({ environment, gridSize, agents }: Config): string =>
  environment === 'meeting-gridworld'
    ? `${environment} ${gridSize}×${gridSize}, ${agents} agents`
    : environment;

export const count = (value: number): string => value.toLocaleString('en');
const orDash = (value: number | null, text: (value: number) => string): string =>
  value === null ? '–' : text(value);
const finiteOrNull = (value: number): number | null => (Number.isFinite(value) ? value : null);
