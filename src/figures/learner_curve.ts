import type { MetricsRow } from '../train/metrics.ts';

/** Of a learner: what is measured in percent, over environment steps. */
export interface LearnerCurve {
  readonly name: string;
  readonly greedy: readonly CurvePoint[];
  readonly training: readonly CurvePoint[];
}
export type CurvePoint = readonly [environmentSteps: number, percent: number];

/** The learning curve of a learner, from its rows. */
export function learnerCurve(name: string, rows: readonly MetricsRow[]): LearnerCurve {
  return { name, greedy: points(rows, 'success'), training: points(rows, 'trainingSuccess') };
}

function points(rows: readonly MetricsRow[], column: 'success' | 'trainingSuccess'): CurvePoint[] {
  return rows
    .filter((row) => Number.isFinite(row[column]))
    .map((row) => [row.environmentSteps, 100 * row[column]]);
}
