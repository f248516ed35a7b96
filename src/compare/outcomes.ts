import type { MetricsRow } from '../train/metrics.ts';
import { type Measure, seesSuccess } from './measure.ts';
import { type Aggregate, aggregate, type Interval } from './statistics.ts';

/** Of what a run's summary tells about a learner, what an outcome is made from. */
interface Entry {
  readonly seed: number;
  readonly variant?: number;
  readonly success: number;
  readonly lengthRatio: number | null;
  readonly return: number;
  readonly hash: string;
  readonly updates: number;
  readonly environmentSteps: number;
  readonly failedUpdate?: number;
}

/** One greedy evaluation, on the way or at the end. */
interface Evaluated {
  readonly updates: number;
  readonly environmentSteps: number;
  /** 0..1 */
  readonly success: number;
  readonly return: number;
}

/** How one learner came out. Greedy, over all starts (or the sample of them that evaluations play). */
export interface Outcome {
  readonly seed: number;
  /** At the end, 0..1. */
  readonly success: number;
  readonly lengthRatio: number | null;
  readonly return: number;
  /** Whether it ever succeeded, greedily or in training. */
  readonly successSeen: boolean;
  readonly updates: number;
  readonly environmentSteps: number;
  /** To the first evaluation with 90% and with 100%; null where there was none. */
  readonly stepsTo90: number | null;
  readonly stepsTo100: number | null;
  readonly updatesTo100: number | null;
  /** The update whose gradient was not finite, where it diverged: it stays as it was before. */
  readonly failedUpdate: number | null;
  readonly hash: string;
  readonly evaluations: readonly Evaluated[];
}

/** How many of some learners reached something, and what it took those that did. */
export interface Reached {
  readonly reached: number;
  readonly of: number;
  /** null where none did. Where not all did it says nothing of the others, which take longer. */
  readonly steps: Aggregate | null;
}

/** What is told of every measure, of learners at their end. */
export type Aggregates = Readonly<Record<Measure, Aggregate>>;

/** Mean and interval of a greedy measure over learners, at one number of environment steps of each. */
export interface CurvePoint extends Interval {
  readonly environmentSteps: number;
  /** Interquartile mean; of success, 0..1. */
  readonly iqm: number;
}

/** Resamples of each point of a curve. */
const CURVE_RESAMPLES = 2000;

/** Outcomes of a run's learners of one variant, in the order of its summary. */
export function outcomes(entries: readonly Entry[], rows: readonly MetricsRow[], variant: number): Outcome[] {
  return entries
    .filter((entry) => (entry.variant ?? 0) === variant)
    .map((entry) => {
      const own = rows.filter((row) => row.variant === variant && row.seed === entry.seed);
      const evaluated = own.filter((row) => row.kind !== 'training');
      const first = (share: number) => evaluated.find(({ success }) => success >= share);
      return {
        seed: entry.seed,
        success: entry.success,
        lengthRatio: entry.lengthRatio,
        return: entry.return,
        successSeen: own.some(seesSuccess),
        updates: entry.updates,
        environmentSteps: entry.environmentSteps,
        stepsTo90: first(0.9)?.environmentSteps ?? null,
        stepsTo100: first(1)?.environmentSteps ?? null,
        updatesTo100: first(1)?.updates ?? null,
        failedUpdate: entry.failedUpdate ?? null,
        hash: entry.hash,
        evaluations: evaluated
          // That of the end stands beside the one on the way where both are due.
          .filter((row, index) => row.updates !== evaluated[index - 1]?.updates)
          .map(({ updates, environmentSteps, success, return: total }) => ({
            updates,
            environmentSteps,
            success,
            return: total,
          })),
      };
    });
}

export const aggregates = (learners: readonly Outcome[]): Aggregates => ({
  success: aggregate(learners.map(({ success }) => success)),
  return: aggregate(learners.map((learner) => learner.return)),
});

export function reached(
  learners: readonly Outcome[],
  field: 'stepsTo90' | 'stepsTo100' | 'updatesTo100',
): Reached {
  const values = learners.map((learner) => learner[field]).filter((value) => value !== null);
  return {
    reached: values.length,
    of: learners.length,
    steps: values.length > 0 ? aggregate(values) : null,
  };
}

/** A learner that has stopped keeps what its last evaluation found. */
export function curve(learners: readonly Outcome[], measure: Measure): CurvePoint[] {
  const all = learners.flatMap(({ evaluations }) => evaluations.map((point) => point.environmentSteps));
  return [...new Set(all)]
    .sort((a, b) => a - b)
    .map((environmentSteps) => {
      const values = learners.flatMap(({ evaluations }) => {
        const last = evaluations.findLast((point) => point.environmentSteps <= environmentSteps);
        return last ? [last[measure]] : [];
      });
      const { iqm, iqmInterval } = aggregate(values, CURVE_RESAMPLES);
      return { environmentSteps, iqm, ...iqmInterval };
    });
}
