import { describe, expect, it } from 'vitest';
import type { Config } from '../../src/config.ts';
import { matrixRules } from '../../src/env/matrix.ts';
import type { GameRules } from '../../src/env/table_game.ts';
import { twoStepRules } from '../../src/env/two_step.ts';
import { jointValues, type StateValues } from '../../src/inspect/joint_values.ts';
import { algorithms, makeConfig } from '../../src/presets.ts';
import { advance, smallTrainer } from './small.ts';

/** What each seed has learned of a game, with the preset's choices at sizes that take seconds. */
async function learn(algorithm: string, rules: GameRules, changes: Partial<Config> = {}) {
  const config = makeConfig('game', {
    ...algorithms[algorithm],
    environment: rules.name,
    seeds: [1, 2],
    hidden: 16,
    mixerWidth: 8,
    hyperHidden: 8,
    environments: 64,
    batchSize: 32,
    replayCapacity: 50_000,
    warmup: 2000,
    learningRate: 1e-3,
    updates: 1500,
    evaluateEvery: 1000,
    ...changes,
  });
  const trainer = await advance(smallTrainer(config));
  const [evaluation] = await trainer.finish();
  const saved = await trainer.save();
  const tables = saved.map((each) =>
    jointValues(trainer.learner.options.shape, (name) => each.get(`online.${name}`)!, rules),
  );
  return { tables, evaluation, trainer };
}

const flat = (values: StateValues): number[] => values.joint!.flat();

function expectNear(got: readonly number[], expected: readonly number[], within: number): void {
  for (const [index, value] of expected.entries()) {
    expect(Math.abs(got[index] - value), `entry ${index}: ${got[index]}, ${value}`).toBeLessThan(within);
  }
}

describe('the two-step game', () => {
  it('is represented by QMIX, which finds the 8', async () => {
    const { tables, evaluation, trainer } = await learn('qmix', twoStepRules, { updates: 3500 });
    for (const [first, safe, risky] of tables) {
      expectNear(flat(first), [6.93, 6.93, 7.92, 7.92], 0.15);
      expectNear(flat(safe), [7, 7, 7, 7], 0.15);
      expectNear(flat(risky), [0, 1, 1, 8], 0.15);
      expect([first.greedy[0], ...risky.greedy]).toEqual([1, 1, 1]);
    }
    expect(evaluation).toMatchObject({ success: 1, lengthRatio: 1, return: 8, starts: 1 });
    // The greedy joint actions are those of the learner itself.
    const seen = Float32Array.from([1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1]);
    const greedy = await trainer.learner.greedy(seen, 3, 0, 2);
    expect([...greedy]).toEqual(tables.flatMap((states) => states.flatMap((state) => state.greedy)));
  });

  it('is averaged by VDN, which takes the 7', async () => {
    const { tables, evaluation } = await learn('vdn', twoStepRules);
    for (const [first, safe, risky] of tables) {
      expectNear(flat(safe), [7, 7, 7, 7], 0.4);
      expectNear(flat(risky), [-1.5, 2.5, 2.5, 6.5], 0.4);
      expect(first.greedy[0]).toBe(0);
      for (const { agents, joint } of [first, safe, risky]) {
        joint!.forEach((row, a) => {
          row.forEach((value, b) => {
            expect(value).toBeCloseTo(agents[0][a] + agents[1][b], 12);
          });
        });
      }
    }
    expect(evaluation).toMatchObject({ success: 0, return: 7 });
  });
});

describe('the game of 8 and −12', () => {
  it('is averaged by VDN', async () => {
    const { tables } = await learn('vdn', matrixRules(makeConfig('game').payoff));
    const expected = [-6.22, -4.89, -4.89, -4.89, -3.56, -3.56, -4.89, -3.56, -3.56];
    for (const [state] of tables) expectNear(flat(state), expected, 0.8);
  });
});
