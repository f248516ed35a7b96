import { expect, it } from 'vitest';
import type { LearnerMetrics } from '../../src/learner/learner.ts';
import type { Evaluation } from '../../src/train/evaluate.ts';
import type { MetricsRow } from '../../src/train/metrics.ts';
import { advance, smallConfig, smallTrainer } from './small.ts';

it('rows have each number of what was measured under its name, of the learner that they name', async () => {
  const config = smallConfig({
    ...{ seeds: [21, 22], variants: [{}, { epsilonEnd: 0.5 }], updates: 20, epsilonDecaySteps: 120 },
    ...{ evaluateEvery: 20, logEvery: 10 },
  });
  const rows: MetricsRow[] = [];
  const metrics: LearnerMetrics[][] = [];
  const evaluations: [index: number, evaluation: Evaluation][] = [];
  const trainer = smallTrainer(config, {
    onRow: (row) => rows.push(row),
    onEvaluation: (...evaluated) => evaluations.push(evaluated),
    seconds: () => 12.5,
  });
  const { learner } = trainer;
  const read = learner.readMetrics.bind(learner);
  learner.readMetrics = async () => {
    metrics.push(await read());
    return metrics[metrics.length - 1];
  };
  await advance(trainer);

  const members = [
    [0, 21],
    [0, 22],
    [1, 21],
    [1, 22],
  ];
  const training = rows.filter(({ kind }) => kind === 'training');
  expect(training.map(({ variant, seed }) => [variant, seed])).toEqual([...members, ...members]);
  expect(training.map(({ loss, gradientNorm, qTotal }) => [loss, gradientNorm, qTotal])).toEqual(
    metrics.flat().map(({ loss, gradientNorm, qTotal }) => [loss, gradientNorm, qTotal]),
  );
  expect(metrics.flat()).toHaveLength(8);
  for (const { loss, gradientNorm, qTotal, success, lengthRatio, return: total } of training) {
    expect(new Set([loss, gradientNorm, qTotal]).size).toBe(3);
    expect([success, lengthRatio, total]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
  }

  const evaluated = rows.filter(({ kind }) => kind === 'evaluation');
  expect(evaluated.map(({ variant, seed }) => [variant, seed])).toEqual(members);
  expect(evaluations.map(([index]) => index)).toEqual([0, 1, 2, 3]);
  expect(evaluated.map(({ success, lengthRatio, return: total }) => [success, lengthRatio, total])).toEqual(
    evaluations.map(([, { success, lengthRatio, return: total }]) => [success, lengthRatio, total]),
  );

  // 7 steps of 3 environments fill 20 of replay; an update follows each of the 20 after that. 81 of 120 steps on,
  // epsilon has 39 of 120 of its way left: of that of the next step.
  const left = (120 - 81) / 120;
  for (const row of rows.filter(({ updates }) => updates === 20)) {
    expect([row.environmentSteps, row.seconds]).toEqual([81, 12.5]);
    const end = row.variant === 0 ? config.epsilonEnd : 0.5;
    expect(row.epsilon).toBeCloseTo(end + (config.epsilonStart - end) * left, 12);
    expect(row.episodes).toBe(trainer.progress[2 * row.variant + row.seed - 21].episodes);
    expect(row.trainingReturn).toBe(trainer.progress[2 * row.variant + row.seed - 21].trainingReturn);
  }
});
