// biome-ignore-all lint/suspicious/noTemplateCurlyInString: texts of sources, which are templates there
import { noticed } from './mutation.ts';

const of = noticed('compare');

/** Statistics, outcomes, measures and figures of what stands side by side. */
export const compareMutations = [
  ...of(
    'src/compare/statistics.ts',
    'test/compare/statistics.test.ts',
    ['squares / (values.length - 1)', 'squares / values.length', 'mean and sample standard deviation'],
    ['Math.floor(values.length / 4)', 'Math.ceil(values.length / 4)', 'interquartile mean of'],
    ['sum / (values.length - 2 * cut)', 'sum / (values.length - cut)', 'interquartile mean of'],
    ['(at - below) * (sorted[above]', '(above - at) * (sorted[above]', 'quantile'],
    ['share * (sorted.length - 1)', 'share * sorted.length', 'quantile'],
    ['CONFIDENCE = 0.95', 'CONFIDENCE = 0.9', 'is the percentile interval'],
    [
      'for (const runs of scores) {\n      for (let run',
      'for (const runs of [scores.flat()]) {\n      for (let run',
      'draws within tasks',
    ],
    ['Float64Array.from(values)', '(values as number[]) as unknown as Float64Array', 'changes none of what'],
  ),
  ...of('src/compare/statistics.ts', 'test/compare/rliable.test.ts', [
    'iqms[resample] = trimmedMean(drawn)',
    'iqms[resample] = sum / total',
    '95% intervals of both',
  ]),
  ...of(
    'src/compare/outcomes.ts',
    'test/compare/outcomes.test.ts',
    ['row.variant === variant && row.seed', 'row.seed', 'of a variant are its own'],
    ["row.kind !== 'training'", "row.kind === 'evaluation'", 'of each seed: the first evaluation'],
    ['success >= share', 'success > share', 'of each seed: the first evaluation'],
    ['first(0.9)', 'first(0.95)', 'of each seed: the first evaluation'],
    ['first(1)?.environmentSteps', 'first(1)?.updates', 'of each seed: the first evaluation'],
    [
      'updatesTo100: first(1)?.updates',
      'updatesTo100: first(0.9)?.updates',
      'of each seed: the first evaluation',
    ],
    ['own.some(seesSuccess)', 'rows.some(seesSuccess)', 'know whether success was seen'],
    ['reached: values.length', 'reached: learners.length', 'say how many came to 100%'],
    [
      'point.environmentSteps <= environmentSteps',
      'point.environmentSteps === environmentSteps',
      'make a curve, in which',
    ],
    ['[last[measure]]', '[last.success]', 'make a curve of return'],
    ['iqm, ...iqmInterval }', 'iqm, ...meanInterval }', 'make a curve, in which'],
    ['lengthRatio: entry.lengthRatio', 'lengthRatio: entry.return', 'of each seed: the first evaluation'],
  ),
  ...of(
    'src/compare/outcomes.ts',
    'test/cli/compare.test.ts',
    [
      'return: aggregate(learners.map((learner) => learner.return))',
      'return: aggregate(learners.map((learner) => learner.success))',
      'writes comparison.json',
    ],
    ['failedUpdate: entry.failedUpdate ?? null', 'failedUpdate: null', 'writes comparison.csv'],
  ),
  ...of(
    'src/compare/marl_eval.ts',
    'test/compare/outcomes.test.ts',
    ['`step_${index + 1}`', '`step_${index}`', 'in the layout of marl-eval'],
    ['step_count: point.environmentSteps', 'step_count: index + 1', 'in the layout of marl-eval'],
    [
      'success: [success], return: [total]',
      'success: [total], return: [success]',
      'in the layout of marl-eval',
    ],
    ['task.toLowerCase()', 'task', 'in the layout of marl-eval'],
  ),
  ...of(
    'src/compare/measure.ts',
    'test/compare/measure.test.ts',
    ['success > 0 || (trainingSuccess', 'success > 0 && (trainingSuccess', 'is success where one greedy'],
    ['learners.some(({ successSeen', 'learners.every(({ successSeen', 'is success for all learners'],
    ['(100 * share).toFixed(2)', '(100 * share).toFixed(1)', 'is written in percent'],
    ['Math.abs(value) < 1 ? 3 : 2', 'value < 1 ? 3 : 2', 'is written in percent'],
  ),
  ...of('src/compare/measure.ts', 'test/figures/curve.test.ts', [
    "training: 'trainingReturn'",
    "training: 'trainingSuccess'",
    'is of success in percent',
  ]),
  ...of(
    'src/figures/learner_curve.ts',
    'test/figures/curve.test.ts',
    [
      'greedy: points(measure), training: points(training)',
      'greedy: points(training), training: points(measure)',
      'is of success in percent',
    ],
    ['row.environmentSteps, factor', 'row.updates, factor', 'is of success in percent'],
    ['factor * row[column]', 'row[column]', 'is of success in percent'],
  ),
  ...of(
    'src/figures/curve.ts',
    'test/figures/curve.test.ts',
    [
      "`${name} greedy`, colour, 2, 'solid', greedy",
      "`${name} greedy`, colour, 2, 'solid', training",
      'draws greedy solid',
    ],
    ["1, 'dotted', training)", "1, 'solid', training)", 'draws greedy solid'],
  ),
  ...of('src/figures/start_words.ts', 'test/figures/curve.test.ts', [
    "allStarts ? 'all starts'",
    "!allStarts ? 'all starts'",
    'draws greedy solid',
  ]),
];
