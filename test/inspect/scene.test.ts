import { describe, expect, it } from 'vitest';
import { type Config, ConfigError } from '../../src/config.ts';
import type { GridEnv } from '../../src/env/grid_env.ts';
import type { Episode } from '../../src/inspect/look.ts';
import { Scene } from '../../src/inspect/scene.ts';
import type { LearnerSnapshot } from '../../src/learner/learner.ts';
import { algorithms } from '../../src/presets.ts';
import type { LearnerState } from '../../src/reference/optimise.ts';
import { allocateBatch } from '../../src/reference/sample.ts';
import { allocateWorkspace, forward } from '../../src/reference/update.ts';
import type { NetworkShape } from '../../src/shapes.ts';
import { configuredShape, createEnvironment } from '../../src/train/environments.ts';
import { createEvaluator } from '../../src/train/evaluate.ts';
import { randomState, TestNumbers } from '../reference/random_case.ts';
import { advance, smallConfig, smallTrainer } from '../train/small.ts';
import { startCells } from './start_cells.ts';

/** A scene of random online and target networks. */
function randomScene(config: Config, seed = 41): { scene: Scene; state: LearnerState; shape: NetworkShape } {
  const shape = configuredShape(config);
  const state = randomState(shape, new TestNumbers(seed), 1.5);
  const scene = new Scene(config);
  scene.use(
    (name) => state.online.tensors.get(name)!,
    (name) => state.target.tensors.get(name)!,
    7,
  );
  return { scene, state, shape };
}

/** TD errors of an episode's transitions, by the update's own forward pass on batches of one. */
function tdErrors(config: Config, state: LearnerState, shape: NetworkShape, episode: Episode): number[] {
  const environment = createEnvironment(config, 0, 1) as GridEnv;
  environment.load(Int32Array.of(...episode.moments[0].cells, 0, 0));
  const batch = allocateBatch(shape, 1);
  const work = allocateWorkspace(shape, 1);
  return episode.moments.slice(1).map(({ actions }) => {
    batch.observations.set(environment.observations);
    batch.states.set(environment.states);
    batch.actions.set(actions);
    environment.step(Uint32Array.from(actions));
    batch.nextObservations.set(environment.nextObservations);
    batch.nextStates.set(environment.nextStates);
    batch.nextAvailable.set(environment.nextAvailable);
    batch.rewards.set(environment.rewards);
    batch.terminated.set(environment.terminations);
    forward(work, state, batch, config.gamma);
    const errors = [...work.target].map((target, j) => target - work.mix.qTotal[j]);
    return errors.reduce((sum, error) => sum + error, 0) / errors.length;
  });
}

describe('a scene', () => {
  it.each([
    ['qmix', {}],
    ['vdn', { offGrid: 'illegal' }],
    ['iql', {}],
    ['ps-dqn', {}],
    ['qmix', { offGrid: 'illegal', agents: 3, gridSize: 2 }],
    ['qmix', { environment: 'switch-and-door' }],
  ] as [string, Partial<Config>][])(
    'has the TD errors that the update would have (%s, %o)',
    (algorithm, changes) => {
      const config = smallConfig({ ...algorithms[algorithm], ...changes });
      const { scene, state, shape } = randomScene(config);
      let terminated = 0;
      let truncated = 0;
      for (let played = 0; played < 60; played++) {
        const episode = scene.episode(0.9);
        expect(episode.updates).toBe(7);
        const expected = tdErrors(config, state, shape, episode);
        for (const [index, { tdError }] of episode.moments.slice(1).entries()) {
          expect(tdError, `step ${index + 1}`).toBeCloseTo(expected[index], 10);
        }
        if (episode.outcome === 'solved') terminated++;
        else truncated++;
      }
      expect(truncated).toBeGreaterThan(0);
      expect(terminated).toBeGreaterThan(0);
    },
  );

  it('tells an episode as the environment plays it', () => {
    const config = smallConfig({ offGrid: 'illegal' });
    const { scene } = randomScene(config);
    const environment = createEnvironment(config, 0, 1) as GridEnv;
    for (let played = 0; played < 40; played++) {
      const { moments, optimal, outcome } = scene.episode(played % 2);
      const [start, ...steps] = moments;
      expect(start.actions).toEqual([]);
      expect(start.reward).toBeNaN();
      expect(start.tdError).toBeNaN();
      environment.load(Int32Array.of(...start.cells, 0, 0));
      expect(optimal).toBe(environment.optimalSteps(0));
      let look = start.look;
      for (const [index, moment] of steps.entries()) {
        for (const [agent, action] of moment.actions.entries()) expect(look.legal[agent][action]).toBe(true);
        if (played % 2 === 0) expect(moment.actions).toEqual(look.greedy);
        environment.step(Uint32Array.from(moment.actions));
        const last = index === steps.length - 1;
        expect(environment.terminations[0] + environment.truncations[0]).toBe(last ? 1 : 0);
        if (!last) expect(moment.cells).toEqual([...environment.cells]);
        expect(moment.reward).toBe(environment.rewards[0]);
        expect(moment.look.legal.flat().map(Number)).toEqual([...environment.nextAvailable]);
        look = moment.look;
      }
      expect(outcome).toBe(environment.terminations[0] === 1 ? 'solved' : 'timeout');
      const [first, second, goal] = steps[steps.length - 1].cells;
      expect(first === goal && second === goal).toBe(outcome === 'solved');
    }
  });

  it('plays greedily what an evaluation plays, from every start', async () => {
    const trainer = await advance(smallTrainer(smallConfig({ seeds: [11], updates: 300 })));
    const [saved] = await trainer.save();
    const scene = new Scene(trainer.config);
    const named = (prefix: string) => (name: string) => (saved as LearnerSnapshot).get(`${prefix}.${name}`)!;
    scene.use(named('online'), named('target'), 300);
    const evaluator = createEvaluator(trainer.config);
    const [evaluation] = await evaluator.evaluate(trainer.learner, 0, 1);
    expect(evaluation.success).toBeGreaterThan(0);
    expect(evaluation.success).toBeLessThan(1);
    let solved = 0;
    let ratios = 0;
    let total = 0;
    for (let start = 0; start < evaluation.starts; start++) {
      const { moments, optimal, outcome } = scene.episode(0, startCells(start, 3));
      const length = moments.length - 1;
      for (const { reward } of moments.slice(1)) total += reward;
      if (outcome === 'timeout') expect(length).toBe(trainer.config.episodeLimit);
      if (outcome !== 'solved') continue;
      solved++;
      ratios += length / optimal;
    }
    expect(solved / evaluation.starts).toBe(evaluation.success);
    expect(ratios / solved).toBeCloseTo(evaluation.lengthRatio, 12);
    expect(total / evaluation.starts).toBeCloseTo(evaluation.return, 6);
  });

  it('begins elsewhere each time, and where it is told to', () => {
    const config = smallConfig({ gridSize: 5 });
    const { scene } = randomScene(config);
    const starts = new Set<string>();
    for (let played = 0; played < 50; played++) {
      starts.add(String(scene.episode(0).moments[0].cells));
      expect(scene.episode(0, [3, 24, 0]).moments[0].cells).toEqual([3, 24, 0]);
    }
    expect(starts.size).toBeGreaterThan(45);
    // Where it goes on does not depend on where it was told to begin.
    for (const cells of starts) expect(new Set(cells.split(',')).size, cells).toBe(3);
  });

  it('explores otherwise in every episode from one start', () => {
    const { scene } = randomScene(smallConfig({ gridSize: 5 }));
    const played = Array.from({ length: 20 }, () =>
      JSON.stringify(scene.episode(1, [0, 12, 24]).moments.map(({ actions }) => actions)),
    );
    expect(new Set(played).size).toBe(20);
    const greedy = Array.from({ length: 3 }, () => JSON.stringify(scene.episode(0, [0, 12, 24])));
    expect(new Set(greedy).size).toBe(1);
  });

  it('takes a step where the team stands on the goal from the start', () => {
    const { scene } = randomScene(smallConfig());
    const episode = scene.episode(0, [4, 4, 4]);
    expect(episode.optimal).toBe(1);
    expect(episode.moments.length).toBeGreaterThan(1);
    expect(scene.episode(0, [4, 4, 3]).optimal).toBe(1);
    const door = randomScene(smallConfig({ environment: 'switch-and-door' })).scene;
    expect(door.episode(0, [1, 2, 2, 1]).optimal).toBe(1);
    expect(door.episode(0, [0, 0, 8, 8]).optimal).toBe(4);
  });

  it('plays with the parameters that it was given last, and with their γ', () => {
    const config = smallConfig();
    const shape = configuredShape(config);
    const [first, second] = [51, 52].map((seed) => randomState(shape, new TestNumbers(seed), 1));
    const scene = new Scene(config);
    expect(() => scene.episode(0)).toThrow('no parameters');
    const use = ({ online, target }: LearnerState, updates: number, gamma?: number) =>
      scene.use(
        (name) => online.tensors.get(name)!,
        (name) => target.tensors.get(name)!,
        updates,
        gamma,
      );
    const cells = [0, 8, 2];
    use(first, 1);
    const before = scene.episode(0, cells);
    // A copy: what becomes of the tensors changes nothing.
    const { values } = first.online;
    const kept = values.slice();
    values.fill(0);
    expect(scene.episode(0, cells)).toEqual(before);
    values.set(kept);
    use(second, 2);
    const after = scene.episode(0, cells);
    expect(after.updates).toBe(2);
    expect(after.moments[0].look).not.toEqual(before.moments[0].look);
    use(first, 1);
    expect(scene.episode(0, cells)).toEqual(before);
    use(first, 1, 0);
    const [, step] = scene.episode(0, cells).moments;
    expect(step.tdError).toBeCloseTo(step.reward - before.moments[0].look.qTotal!, 12);
  });

  it('refuses cells that are none, by their places, and plays on', () => {
    const { scene } = randomScene(smallConfig());
    const refused = (cells: number[], message: string) => {
      expect(() => scene.episode(0, cells)).toThrow(ConfigError);
      expect(() => scene.episode(0, cells)).toThrow(message);
    };
    refused([0, 1], 'cells: got 2, allowed: 3, one of each piece');
    refused([0, 9, 1], 'cells.1: got 9, allowed: whole numbers from 0 to 8');
    refused([-1, 2, 1], 'cells.0: got -1, allowed: whole numbers from 0 to 8');
    refused([0, 2, 1.5], 'cells.2: got 1.5, allowed: whole numbers from 0 to 8');
    refused([0, 2, Number.NaN], 'cells.2: got NaN, allowed: whole numbers from 0 to 8');
    expect(scene.episode(0).moments.length).toBeGreaterThan(1);
    expect(() => new Scene(smallConfig({ environment: 'two-step' }))).toThrow(
      'environment: got two-step, allowed: one on a grid',
    );
  });
});
