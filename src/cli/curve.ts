import { type Config, runMembers } from '../config.ts';
import { drawCurve } from '../figures/curve.ts';
import { learnerCurve } from '../figures/learner_curve.ts';
import { evaluatedStarts } from '../train/evaluate.ts';
import type { MetricsRow } from '../train/metrics.ts';
import { describeEnvironment, describeSettings } from './summary.ts';

/** The learning curve of a run, from its rows, as SVG. */
export function drawRun(rows: readonly MetricsRow[], config: Config): Promise<string> {
  const learners = runMembers(config).map(({ seed, variant }) =>
    learnerCurve(
      config.variants.length > 0 ? `${describeSettings(config.variants[variant])}, ${seed}` : String(seed),
      rows.filter((row) => row.seed === seed && row.variant === variant),
    ),
  );
  const title = `Success of ${config.preset} on ${describeEnvironment(config)}`;
  return drawCurve({ title, learners, ...evaluatedStarts(config) });
}
