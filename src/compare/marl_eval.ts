import type { Outcome } from './outcomes.ts';

/**
 * Outcomes in the layout that marl-eval reads (Gorsane et al. 2022, "Towards a Standardised Performance
 * Evaluation Protocol for Cooperative MARL"): environment → task → algorithm → run → step → { step_count, lists
 * of metrics }, and absolute_metrics last. It lower-cases environment, task and metric, and wants as many runs
 * and steps of every algorithm: a comparison, whose budgets are equal, has them.
 *
 * Metrics: greedy success (0..1) and return, each one number that is taken over all starts. The absolute metric
 * is that of the last parameters, not of the best met on the way, which would choose by the test.
 */
export function marlEval(
  environment: string,
  task: string,
  algorithms: readonly { readonly name: string; readonly learners: readonly Outcome[] }[],
): object {
  const runs = (learners: readonly Outcome[]) =>
    Object.fromEntries(learners.map((learner) => [`seed_${learner.seed}`, run(learner)]));
  const byAlgorithm = Object.fromEntries(algorithms.map(({ name, learners }) => [name, runs(learners)]));
  return { [environment.toLowerCase()]: { [task.toLowerCase()]: byAlgorithm } };
}

function run({ evaluations, success, return: total }: Outcome): object {
  const steps = evaluations.map((point, index) => [
    `step_${index + 1}`,
    { step_count: point.environmentSteps, success: [point.success], return: [point.return] },
  ]);
  return { ...Object.fromEntries(steps), absolute_metrics: { success: [success], return: [total] } };
}
