import { describe, expect, it, vi } from 'vitest';
import { MeetingGridworld } from '../../src/env/meeting_gridworld.ts';
import { type Learner, learnerOptions } from '../../src/learner/learner.ts';
import { makeConfig } from '../../src/presets.ts';
import { createCpuLearner } from '../../src/reference/cpu_learner.ts';
import { configuredShape, startCount } from '../../src/train/environments.ts';
import { createEvaluator, evaluatedStarts } from '../../src/train/evaluate.ts';
import { START_OUTCOME } from '../../src/train/start_outcome.ts';
import { advance, smallConfig, smallTrainer } from './small.ts';

/** A learner whose greedy policy is written by hand; for each agent from what it observes, raw coordinates. */
function handWritten(policy: (ownX: number, ownY: number, goalX: number, goalY: number) => number): Learner {
  const config = smallConfig({ observationScale: 'raw', seeds: [1] });
  const learner: Learner = createCpuLearner(learnerOptions(config, configuredShape(config)));
  learner.greedy = async (observations, rows, _first, count) => {
    const { agents, observationSize } = learner.options.shape;
    const actions = new Uint32Array(count * rows * agents);
    for (let at = 0; at < actions.length; at++) {
      const seen = (at % (rows * agents)) * observationSize;
      const goal = seen + observationSize - 2;
      actions[at] = policy(
        observations[seen],
        observations[seen + 1],
        observations[goal],
        observations[goal + 1],
      );
    }
    return actions;
  };
  return learner;
}

const towards = (x: number, y: number, goalX: number, goalY: number): number => {
  if (x !== goalX) return x > goalX ? 0 : 1;
  if (y !== goalY) return y > goalY ? 2 : 3;
  return 4;
};

describe('greedy evaluation', () => {
  const config = smallConfig({ observationScale: 'raw', seeds: [1] });

  for (const rollout of [false, true]) {
    it(`finds a perfect policy perfect (${rollout ? 'rollouts' : 'table'})`, async () => {
      const evaluator = createEvaluator(config, { rollout });
      const [evaluation] = await evaluator.evaluate(handWritten(towards), 0, 1);
      expect(evaluation.starts).toBe(9 * 8 * 7);
      expect(evaluation.success).toBe(1);
      expect(evaluation.lengthRatio).toBe(1);
      expect(new Set(evaluation.outcomes)).toEqual(new Set([START_OUTCOME.optimal]));
      const environment = new MeetingGridworld(config, 0, 1);
      let total = 0;
      for (let start = 0; start < 504; start++) total += 10 - 0.01 * (environment.optimalLength(start) - 1);
      expect(evaluation.return).toBeCloseTo(total / 504, 6);
    });

    it(`takes the mean, over starts, of length / optimal of each (${rollout ? 'rollouts' : 'table'})`, async () => {
      // An agent that is not in the goal's column goes up to row 0, along it, and down: row + columns + goal's row.
      const byTheTop = (x: number, y: number, goalX: number, goalY: number): number =>
        y === goalY || x === 0 ? towards(x, y, y === goalY ? goalX : x, goalY) : 0;
      const [evaluation] = await createEvaluator(config, { rollout }).evaluate(handWritten(byTheTop), 0, 1);
      // Over the 504 ordered choices of three cells, the longer way of two agents by the longer distance: the mean of
      // the ratios is 295/189 (the ratio of the means 455/317), the mean length 65/18; 248 are as short as can be.
      expect(evaluation.success).toBe(1);
      expect(evaluation.lengthRatio).toBeCloseTo(295 / 189, 12);
      expect(evaluation.return).toBeCloseTo(10 - 0.01 * (65 / 18 - 1), 6);
      expect(evaluation.outcomes.filter((outcome) => outcome === START_OUTCOME.optimal)).toHaveLength(248);
      expect(evaluation.outcomes.filter((outcome) => outcome === START_OUTCOME.longer)).toHaveLength(256);
    });

    it(`counts what never arrives, and arrives only by the last step (${rollout ? 'rollouts' : 'table'})`, async () => {
      const still = await createEvaluator(config, { rollout }).evaluate(
        handWritten(() => 4),
        0,
        1,
      );
      expect(still[0].success).toBe(0);
      expect(still[0].lengthRatio).toBeNaN();
      expect(still[0].return).toBeCloseTo(-0.01 * config.episodeLimit, 6);
      // With a limit of 2, starts of optimal length 3 and 4 run out of time.
      const short = smallConfig({ observationScale: 'raw', seeds: [1], episodeLimit: 2 });
      const environment = new MeetingGridworld(short, 0, 1);
      let near = 0;
      for (let start = 0; start < 504; start++) if (environment.optimalLength(start) <= 2) near++;
      const [evaluation] = await createEvaluator(short, { rollout }).evaluate(handWritten(towards), 0, 1);
      expect(near).toBeGreaterThan(50);
      expect(evaluation.success).toBe(near / 504);
      for (let start = 0; start < 504; start++) {
        expect(evaluation.outcomes[start] > 0).toBe(environment.optimalLength(start) <= 2);
      }
      expect(evaluation.lengthRatio).toBe(1);
    });
  }

  it('rolls out more starts than go together, and tells how it went from each', async () => {
    const large = smallConfig({ gridSize: 5, observationScale: 'raw', seeds: [1], episodeLimit: 8 });
    const learner = handWritten((x, y, goalX, goalY) => (goalX === 4 ? 4 : towards(x, y, goalX, goalY)));
    const [evaluation] = await createEvaluator(large, { rollout: true }).evaluate(learner, 0, 1);
    const environment = new MeetingGridworld(large, 0, 1);
    const expected = Array.from({ length: 13_800 }, (_, start) => {
      environment.begin(0, start);
      const inLastRow = environment.cells[2] >= 20;
      return inLastRow ? START_OUTCOME.unsolved : START_OUTCOME.optimal;
    });
    expect([...evaluation.outcomes]).toEqual(expected);
    expect([evaluation.success, evaluation.lengthRatio]).toEqual([0.8, 1]);
  });

  it('finds the same by table and by rollouts, for learners trained a little, together or one by one', async () => {
    const trainer = await advance(smallTrainer(smallConfig({ updates: 300 })));
    for (const sample of [undefined, 60]) {
      const options = sample === undefined ? {} : { sample };
      const table = await createEvaluator(trainer.config, options).evaluate(trainer.learner, 0, 3);
      const rolled = await createEvaluator(trainer.config, { ...options, rollout: true }).evaluate(
        trainer.learner,
        0,
        3,
      );
      expect(table.map(({ success }) => success).some((success) => success > 0)).toBe(true);
      expect(table[0].starts).toBe(sample ?? 504);
      for (const [index, evaluation] of table.entries()) {
        expect(rolled[index].success).toBe(evaluation.success);
        expect(rolled[index].lengthRatio).toBeCloseTo(evaluation.lengthRatio, 12);
        expect(rolled[index].return).toBeCloseTo(evaluation.return, 12);
        expect(rolled[index].outcomes).toEqual(evaluation.outcomes);
        const solved = evaluation.outcomes.filter((outcome) => outcome !== START_OUTCOME.unsolved).length;
        expect(solved / evaluation.starts).toBe(evaluation.success);
      }
      const [second] = await createEvaluator(trainer.config, options).evaluate(trainer.learner, 1, 1);
      expect(second).toEqual(table[1]);
    }
  });

  it('draws a sample of any number at once: the starts of one reset', async () => {
    const large = smallConfig({ gridSize: 5, observationScale: 'raw', seeds: [1], episodeLimit: 8 });
    const learner = handWritten((x, y, goalX, goalY) => (goalX === 4 ? 4 : towards(x, y, goalX, goalY)));
    const [table] = await createEvaluator(large, { sample: 12_000 }).evaluate(learner, 0, 1);
    const [rolled] = await createEvaluator(large, { sample: 12_000, rollout: true }).evaluate(learner, 0, 1);
    expect(table.starts).toBe(12_000);
    expect(rolled.outcomes).toEqual(table.outcomes);
  });

  it('changes nothing in the learner', async () => {
    const trainer = await advance(smallTrainer(smallConfig()), 30);
    const before = await trainer.save();
    await createEvaluator(trainer.config, { rollout: true }).evaluate(trainer.learner, 0, 3);
    await createEvaluator(trainer.config).evaluate(trainer.learner, 0, 3);
    expect(await trainer.save()).toEqual(before);
  });

  it('plays a fixed sample where starts are too many, of any number', () => {
    const many = smallConfig({ gridSize: 10, agents: 2 });
    expect(startCount(many)).toBe(970_200);
    expect(createEvaluator(many).starts).toBe(10_000);
    expect(createEvaluator(many, { exhaustive: true }).starts).toBe(970_200);
    expect(createEvaluator(smallConfig({ gridSize: 64, agents: 3 })).starts).toBe(10_000);
    expect(createEvaluator(smallConfig(), { sample: 1000 }).starts).toBe(504);
  });

  it('plays all starts up to 200,000 of them', () => {
    const startsOf = (gridSize: number) => evaluatedStarts(smallConfig({ gridSize, agents: 2 }));
    expect(startsOf(3)).toEqual({ starts: 504, allStarts: true });
    expect(startsOf(7)).toEqual({ starts: 110_544, allStarts: true });
    expect(startsOf(8)).toEqual({ starts: 10_000, allStarts: false });
  });

  it('asks once for the actions everywhere, to walk all 13,800 starts for five learners', async () => {
    const five = makeConfig('solve', { seeds: [1, 2, 3, 4, 5], observationScale: 'raw' });
    const evaluator = createEvaluator(five);
    // Agents that stand still are the slowest to walk: every start takes the whole limit.
    const learner = handWritten(() => 4);
    const greedy = vi.spyOn(learner, 'greedy');
    const evaluations = await evaluator.evaluate(learner, 0, 5);
    expect(greedy).toHaveBeenCalledTimes(1);
    expect(evaluations).toHaveLength(5);
    expect(evaluations[4].starts).toBe(13_800);
  });
});
