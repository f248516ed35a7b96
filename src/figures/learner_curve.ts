import { MEASURES, type Measure } from '../compare/measure.ts';
import type { MetricsRow } from '../train/metrics.ts';

/** Of a learner: its success in percent, or its return, over environment steps. */
export interface LearnerCurve {
  readonly name: string;
  readonly greedy: readonly CurvePoint[];
  readonly training: readonly CurvePoint[];
}
export type CurvePoint = readonly [environmentSteps: number, value: number];

/** The learning curve of a learner, from its rows. */
export function learnerCurve(name: string, rows: readonly MetricsRow[], measure: Measure): LearnerCurve {
  const { training, factor } = MEASURES[measure];
  const points = (column: Measure | typeof training): CurvePoint[] =>
    rows
      .filter((row) => Number.isFinite(row[column]))
      .map((row) => [row.environmentSteps, factor * row[column]]);
  return { name, greedy: points(measure), training: points(training) };
}
