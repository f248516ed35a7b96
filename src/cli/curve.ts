import { measureOfRows } from '../compare/measure.ts';
import { type Config, runMembers } from '../config.ts';
import { drawCurve } from '../figures/curve.ts';
import { learnerCurve } from '../figures/learner_curve.ts';
import { evaluatedStarts } from '../train/evaluate.ts';
import type { MetricsRow } from '../train/metrics.ts';
import { describeEnvironment, describeSettings } from './summary.ts';

/** The learning curve of a run, from its rows, as SVG. */
export function drawRun(rows: readonly MetricsRow[], config: Config): Promise<string> {
  const measure = measureOfRows(rows);
  const learners = runMembers(config).map(({ seed, variant }) =>
    learnerCurve(
      config.variants.length > 0 ? `${describeSettings(config.variants[variant])}, ${seed}` : String(seed),
      rows.filter((row) => row.seed === seed && row.variant === variant),
      measure,
    ),
  );
  const run = `${config.preset} on ${describeEnvironment(config)}`;
  return drawCurve({ run, measure, learners, ...evaluatedStarts(config) });
}
