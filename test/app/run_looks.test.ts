import { afterEach, expect, test, vi } from 'vitest';
import { RunLooks } from '../../src/app/run_looks.ts';
import { runMembers } from '../../src/config.ts';
import type { Run } from '../../src/run/run.ts';
import type { Tensor } from '../../src/tensor.ts';
import { Progress } from '../../src/train/progress.ts';
import { advance, smallConfig, smallTrainer } from '../train/small.ts';

afterEach(() => vi.useRealTimers());

const zeroed = (tensor: Tensor): Tensor => ({ ...tensor, data: tensor.data.map(() => 0) }) as Tensor;

/** A run whose learners have the same parameters and differ in γ, and of whom these were read. */
async function look() {
  const config = smallConfig({ seeds: [1], variants: [{}, { gamma: 0.5 }] });
  const saved = (await (await advance(smallTrainer(config), 20)).save()).map((own) => new Map(own));
  const read: number[] = [];
  const population = () => ({
    members: runMembers(config),
    progress: runMembers(config).map(() => new Progress(config)),
  });
  const run = {
    ...{ config, state: 'training', population: population() },
    parameters: async (learner: number) => {
      read.push(learner);
      return { tensors: saved[0], updates: 100 * learner + read.length };
    },
  };
  const forgetTarget = () => {
    for (const [name, tensor] of saved[0]) if (name.startsWith('target.')) saved[0].set(name, zeroed(tensor));
  };
  return { run, read, population, forgetTarget, looks: new RunLooks(run as unknown as Run) };
}

test('parameters are read again after a fifth of a second, of another learner, at rest and after a loss', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const { run, read, population, looks } = await look();
  const updates = async (learner: number) => (await looks.episode(learner, false, [0, 1, 8])).updates;
  vi.advanceTimersByTime(1000);
  expect([await updates(0), await updates(0)]).toEqual([1, 1]);
  vi.advanceTimersByTime(199);
  expect(await updates(0)).toBe(1);
  vi.advanceTimersByTime(1);
  expect(await updates(0)).toBe(2);
  expect(await updates(1), 'of another learner').toBe(103);
  run.population = population();
  expect(await updates(1), 'of what was opened anew').toBe(104);
  run.state = 'paused';
  expect(await updates(1), 'at rest').toBe(105);
  expect(read).toEqual([0, 0, 1, 1, 1]);
});

test('an episode explores by the learner’s own ε, where it is to, and values what comes by its own γ', async () => {
  const { run, looks, forgetTarget } = await look();
  const errors = async (learner: number) =>
    (await looks.episode(learner, false, [0, 1, 8])).moments.map(({ tdError }) => tdError);
  const [, first] = await errors(0);
  const [, second] = await errors(1);
  expect(first).not.toBe(second);
  // Target networks of zeros expect nothing.
  run.state = 'paused';
  forgetTarget();
  const { moments } = await looks.episode(0, false, [0, 1, 8]);
  expect(moments.length).toBeGreaterThan(2);
  expect(moments[1].tdError).toBeCloseTo(moments[1].reward - moments[0].look.qTotal!, 10);
  /** Whether all moves of some episodes are greedy. */
  const greedy = async (learner: number, exploring: boolean) => {
    const all: boolean[] = [];
    for (let episodes = 0; episodes < 5; episodes++) {
      const { moments } = await looks.episode(learner, exploring, [0, 1, 8]);
      for (const [at, { actions }] of moments.entries())
        if (at > 0) all.push(String(actions) === String(moments[at - 1].look.greedy));
    }
    return all.every(Boolean);
  };
  const [own, other] = run.population.progress;
  own.epsilon = () => 0;
  other.epsilon = () => 1;
  expect(await greedy(0, true)).toBe(true);
  expect(await greedy(1, false)).toBe(true);
  expect(await greedy(1, true)).toBe(false);
});
