import type { MetricsRow } from '../train/metrics.ts';

/** What learners are ranked, compared and drawn by: one measure for all that stand side by side. */
export type Measure = 'success' | 'return';

interface MeasureWords {
  /** Begins titles. */
  readonly title: string;
  /** Name of its axis. */
  readonly axis: string;
  /** What ranks or compares, and why where it is not success. */
  readonly by: string;
  /** Column of training episodes. */
  readonly training: 'trainingSuccess' | 'trainingReturn';
  /** What charts draw for 1, and how their axis is cut. */
  readonly factor: number;
  readonly range: { readonly min: 0; readonly max: 100 } | { readonly scale: true };
  readonly text: (value: number) => string;
}

export const MEASURES: Readonly<Record<Measure, MeasureWords>> = {
  success: {
    title: 'Success',
    axis: 'success, %',
    by: 'by success',
    training: 'trainingSuccess',
    factor: 100,
    range: { min: 0, max: 100 },
    text: (share) => `${(100 * share).toFixed(2)}%`,
  },
  return: {
    title: 'Return',
    axis: 'return',
    by: 'by return, as no seed has seen success',
    training: 'trainingReturn',
    factor: 1,
    // The chart library's word for: from the least to the largest value, whether 0 is among them or not.
    range: { scale: true },
    // A return below 1 has a third decimal: two would leave it at most two digits.
    text: (value) => value.toFixed(value !== 0 && Math.abs(value) < 1 ? 3 : 2),
  },
};

type Successes = Pick<MetricsRow, 'success'> & { readonly trainingSuccess: number | null };

/** Whether a greedy evaluation or a training episode succeeded; what was not measured (NaN, null) did not. */
export const seesSuccess = ({ success, trainingSuccess }: Successes): boolean =>
  success > 0 || (trainingSuccess ?? 0) > 0;

/** Success, unless none was seen: then every learner has the same, and only return tells them apart. */
export const measureFor = (successSeen: boolean): Measure => (successSeen ? 'success' : 'return');

export const measureOfRows = (rows: readonly Successes[]): Measure => measureFor(rows.some(seesSuccess));

export const measureOfLearners = (learners: readonly { readonly successSeen: boolean }[]): Measure =>
  measureFor(learners.some(({ successSeen }) => successSeen));
