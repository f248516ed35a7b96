import { expect, it } from 'vitest';
import { formatSummary, type Summary, summariseSeed } from '../../src/cli/summary.ts';
import { makeConfig } from '../../src/presets.ts';
import { Progress } from '../../src/train/progress.ts';

const config = makeConfig('solve', { seeds: [7, 8], variants: [{}, { gamma: 0.9 }], environments: 1 });

/** A learner of which two of four episodes succeeded. */
function trained(changes: Partial<Progress> = {}): Progress {
  const progress = new Progress(config);
  for (const [success, reward] of [
    [1, 5],
    [0, -2],
    [1, 4],
    [0, 0],
  ]) {
    const ends = Uint8Array.of(1);
    progress.count({
      ...{ copies: 1, rewards: Float32Array.of(reward), terminations: ends, truncations: ends },
      successes: Uint8Array.of(success),
    });
  }
  return Object.assign(progress, { updates: 1200, environmentSteps: 4800, ...changes });
}
const evaluation = {
  success: 0.75,
  lengthRatio: 1.25,
  return: 9.5,
  starts: 504,
  outcomes: new Uint8Array(0),
};
const member = { name: 'variants.1.seeds.7', seed: 7, variant: 1, config };

it('a learner’s summary has what it came to, in training, greedily, and when it first solved every start', () => {
  const solved = trained({ solvedUpdates: 500, solvedSteps: 2000 });
  expect(summariseSeed(config, member, 'abc', evaluation, solved, 3.5)).toEqual({
    ...{ seed: 7, variant: 1, settings: { gamma: 0.9 }, hash: 'abc' },
    ...{ success: 0.75, lengthRatio: 1.25, return: 9.5, starts: 504 },
    ...{ updates: 1200, environmentSteps: 4800, episodes: 4, trainingSuccess: 0.5, trainingReturn: 1.75 },
    ...{ updatesToSolve: 500, environmentStepsToSolve: 2000, secondsToSolve: 3.5 },
  });
  const none = { ...evaluation, success: 0, lengthRatio: Number.NaN };
  expect(summariseSeed({ ...config, variants: [] }, member, 'abc', none, new Progress(config), null)).toEqual(
    {
      ...{ seed: 7, hash: 'abc', success: 0, lengthRatio: null, return: 9.5, starts: 504 },
      ...{ updates: 0, environmentSteps: 0, episodes: 0, trainingSuccess: null, trainingReturn: null },
      ...{ updatesToSolve: null, environmentStepsToSolve: null, secondsToSolve: null },
    },
  );
});

it('a table of learners has a line each, numbers below one another to the right, and a dash for what there is not', () => {
  const first = summariseSeed(config, { ...member, variant: 0 }, 'abc', evaluation, trained(), null);
  const second = { ...first, seed: 10, settings: { gamma: 0.9 }, trainingSuccess: 0, lengthRatio: null };
  const summary: Summary = {
    ...{ backend: 'cpu', adapter: 'reference', checkpoint: 'run/checkpoint.safetensors', hash: 'abc' },
    seeds: [first, { ...second, success: 0, updatesToSolve: 250, secondsToSolve: 1.25 }],
  };
  expect(
    formatSummary(summary, config, 'success'),
  ).toBe(`solve on meeting-gridworld 5×5, 2 agents; cpu, reference

     settings  seed  updates  environment steps  episodes  success in training  greedy success  starts  length / optimal  return  updates to 100%  seconds to 100%
─────────────  ────  ───────  ─────────────────  ────────  ───────────────────  ──────────────  ──────  ────────────────  ──────  ───────────────  ───────────────
as configured     7    1,200              4,800         4               50.00%          75.00%     504            1.2500    9.50                –                –
    gamma=0.9    10    1,200              4,800         4                0.00%           0.00%     504                 –    9.50              250              1.3

parameters: SHA-256 abc
`);
  expect(formatSummary(summary, { ...config, environment: 'two-step' }, 'success')).toMatch(
    /^solve on two-step; cpu, reference\n/,
  );
});
