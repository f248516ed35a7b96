import { describe, expect, it } from 'vitest';
import type { Config } from '../../src/config.ts';
import type { Learner, StepInputs } from '../../src/learner/learner.ts';
import { recordLayout } from '../../src/shapes.ts';
import { savedBest } from '../../src/train/best.ts';
import type { MetricsRow } from '../../src/train/metrics.ts';
import { isGoodEnough, type Trainer } from '../../src/train/trainer.ts';
import { advance, smallConfig, smallTrainer } from './small.ts';

/** The learner's bits and the trainer's, of one seed. */
async function bits(trainer: Trainer, index: number): Promise<Record<string, number[]>> {
  const saved = (await trainer.save())[index];
  return Object.fromEntries(Array.from(saved, ([name, { data }]) => [name, Array.from(data)]));
}

/** Copies of what the learner was given at every step. */
function recordInputs(trainer: Trainer): StepInputs[] {
  const seen: StepInputs[] = [];
  const learner = trainer.learner as Learner & { step: Learner['step'] };
  const step = learner.step.bind(learner);
  learner.step = (number) => {
    seen.push(structuredClone(learner.inputs));
    return step(number);
  };
  return seen;
}

async function run(config: Config): Promise<{ trainer: Trainer; rows: MetricsRow[]; inputs: StepInputs[] }> {
  const rows: MetricsRow[] = [];
  const trainer = smallTrainer(config, { onRow: (row) => rows.push(row) });
  const inputs = recordInputs(trainer);
  await advance(trainer);
  return { trainer, rows, inputs };
}

describe('trainer', () => {
  it('hands the learner whole transitions: one step chains to the next, ends included', async () => {
    const config = smallConfig({ gridSize: 2, episodeLimit: 5, epsilonEnd: 1, seeds: [11, 12] });
    const { trainer, inputs } = await run(config);
    const { shape } = trainer.learner.options;
    const layout = recordLayout(shape);
    const seen = shape.agents * shape.observationSize;
    let ends = 0;
    let timeOuts = 0;
    for (let step = 1; step < inputs.length; step++) {
      for (let row = 0; row < 2 * config.environments; row++) {
        const record = inputs[step].transitions.subarray(row * layout.size, (row + 1) * layout.size);
        const before = inputs[step - 1].observations.subarray(row * seen, (row + 1) * seen);
        const after = inputs[step].observations.subarray(row * seen, (row + 1) * seen);
        expect(record.slice(0, seen)).toEqual(before.slice());
        const next = record.slice(layout.nextObservations, layout.nextObservations + seen);
        const met = record[layout.reward] === 10;
        expect(record[layout.terminated]).toBe(met ? 1 : 0);
        if (met) {
          ends++;
          // All agents on the goal: own and goal coordinates of each are equal.
          for (let agent = 0; agent < shape.agents; agent++) {
            const at = agent * shape.observationSize;
            expect(next.slice(at, at + 2)).toEqual(
              next.slice(at + shape.observationSize - 2, at + shape.observationSize),
            );
          }
        } else if (next.some((value, index) => value !== after[index])) {
          timeOuts++;
        }
      }
    }
    expect(ends).toBeGreaterThan(3);
    expect(timeOuts).toBeGreaterThan(3);
  });

  it('stores from the second step on, trains from warm-up on, and stops after the updates asked for', async () => {
    const config = smallConfig({ warmup: 21, environments: 3, updates: 7, seeds: [5] });
    const { trainer, inputs } = await run(config);
    expect(inputs.map(({ stores }) => stores[0])).toEqual([0, ...new Array(inputs.length - 1).fill(1)]);
    // 7 steps of 3 environments fill a warm-up of 21 to the last transition.
    expect(inputs.map(({ trains }) => trains[0])).toEqual([...new Array(7).fill(0), ...new Array(7).fill(1)]);
    expect(trainer.progress[0].updates).toBe(7);
    expect((await bits(trainer, 0)).counters).toEqual([7, 0, 13 * 3]);
  });

  it('lowers epsilon linearly in the environment steps of one learner', async () => {
    const config = smallConfig({ epsilonStart: 0.9, epsilonEnd: 0.1, epsilonDecaySteps: 60, seeds: [5, 6] });
    const { inputs } = await run(config);
    for (const [step, { epsilon }] of inputs.entries()) {
      const expected = 0.9 - 0.8 * Math.min(1, (3 * step) / 60);
      expect(epsilon[0]).toBeCloseTo(expected, 6);
      expect(epsilon[1]).toBe(epsilon[0]);
    }
  });

  it('copies targets on the step that trains on the transition that ended the episode', async () => {
    const config = smallConfig({ targetUpdate: 'hard', targetInterval: 4, seeds: [11, 12] });
    const { trainer, inputs } = await run(config);
    const layout = recordLayout(trainer.learner.options.shape);
    for (const learner of [0, 1]) {
      let episodes = 0;
      let copies = 0;
      const steps = new Array(config.environments).fill(0);
      for (let step = 1; step < inputs.length; step++) {
        const before = Math.floor(episodes / 4);
        for (let copy = 0; copy < config.environments; copy++) {
          const row = learner * config.environments + copy;
          steps[copy]++;
          const met = inputs[step].transitions[row * layout.size + layout.terminated] === 1;
          if (!met && steps[copy] < config.episodeLimit) continue;
          episodes++;
          steps[copy] = 0;
        }
        const due = Math.floor(episodes / 4) > before;
        expect(inputs[step].copiesTarget[learner]).toBe(due ? 1 : 0);
        if (due) copies++;
      }
      expect(copies).toBeGreaterThan(3);
    }
  });

  it('makes rows at multiples of their intervals, whatever the updates per step', async () => {
    const config = smallConfig({
      updatesPerStep: 3,
      logEvery: 10,
      evaluateEvery: 7,
      updates: 30,
      seeds: [1],
    });
    const { rows } = await run(config);
    const at = (kind: string) => rows.filter((row) => row.kind === kind).map((row) => row.updates);
    expect(at('training')).toEqual([12, 21, 30]);
    expect(at('evaluation')).toEqual([9, 15, 21, 30]);
    for (const row of rows.filter(({ kind }) => kind === 'training')) {
      expect(row.loss).toBeGreaterThan(0);
      expect(row.gradientNorm).toBeGreaterThan(0);
    }
  });

  it('counts the last 100 finished episodes', async () => {
    const config = smallConfig({ seeds: [3], updates: 700, epsilonEnd: 1, logEvery: 700 });
    const { inputs, rows, trainer } = await run(config);
    const layout = recordLayout(trainer.learner.options.shape);
    const outcomes: { success: number; total: number }[] = [];
    const running = new Array(config.environments).fill(0).map(() => ({ steps: 0, total: 0 }));
    // The last step's transitions are not handed over any more: they stand in the inputs.
    for (const { transitions } of [...inputs.slice(1), trainer.learner.inputs]) {
      for (const [copy, episode] of running.entries()) {
        const record = transitions.subarray(copy * layout.size, (copy + 1) * layout.size);
        episode.steps++;
        episode.total += record[layout.reward];
        const met = record[layout.terminated];
        if (met === 0 && episode.steps < config.episodeLimit) continue;
        outcomes.push({ success: met, total: episode.total });
        running[copy] = { steps: 0, total: 0 };
      }
    }
    const last = outcomes.slice(-100);
    expect(outcomes.length).toBeGreaterThan(150);
    const row = rows.findLast(({ kind }) => kind === 'training')!;
    expect(row.episodes).toBe(outcomes.length);
    expect(row.trainingSuccess).toBeCloseTo(last.reduce((sum, { success }) => sum + success, 0) / 100, 12);
    expect(row.trainingReturn).toBeCloseTo(last.reduce((sum, { total }) => sum + total, 0) / 100, 9);
  });
});

describe('finished learners', () => {
  const config = smallConfig({ gridSize: 2, seeds: [11, 12, 13], episodes: 20, updates: 1000, logEvery: 3 });

  it('end at different steps, and no bit of theirs changes while others go on', async () => {
    const trainer = smallTrainer(config);
    const frozen = new Map<number, Record<string, number[]>>();
    const ended: number[] = [];
    for (let step = 0; !trainer.finished; step++) {
      await trainer.advance();
      for (const index of [0, 1, 2]) {
        if (!trainer.progress[index].finished || frozen.has(index)) continue;
        frozen.set(index, await bits(trainer, index));
        ended.push(step);
      }
    }
    expect(new Set(ended).size).toBeGreaterThan(1);
    for (const [index, before] of frozen) expect(await bits(trainer, index)).toEqual(before);
    for (const { episodes } of trainer.progress) expect(episodes).toBeGreaterThanOrEqual(12);
  });

  it('are the same alone as among others', async () => {
    const among = await advance(smallTrainer(config));
    for (const [index, seed] of config.seeds.entries()) {
      const alone = await advance(smallTrainer({ ...config, seeds: [seed] }));
      expect(await bits(alone, 0)).toEqual(await bits(among, index));
    }
  });

  it('leave the others to go on from where those stand', async () => {
    const own = smallConfig({ updates: 30 });
    const whole = await advance(smallTrainer(own), 10);
    whole.progress[0].stopped = 1;
    await advance(whole, 10);
    const second = smallTrainer(own);
    await second.load(await whole.save());
    await advance(whole);
    await advance(second);
    for (const index of [0, 1, 2]) expect(await bits(second, index)).toEqual(await bits(whole, index));
  });

  it.each([
    [true, 10],
    [false, 20],
  ])('are those that are good enough, where learners stop there: %s', async (stopWhenSolved, updates) => {
    const good = { success: 1, lengthRatio: 1, return: 9, starts: 504, outcomes: new Uint8Array(504) };
    const evaluator = { starts: 504, evaluate: async () => [good], close: () => {} };
    const trainer = smallTrainer(smallConfig({ seeds: [11], updates: 20, stopWhenSolved }));
    Object.assign(trainer, { evaluator });
    expect((await advance(trainer)).progress[0]).toMatchObject({ updates, solvedUpdates: 10 });
  });

  it('are not evaluated with those around them that go on', async () => {
    const rows: MetricsRow[] = [];
    const evaluated: number[] = [];
    const trainer = smallTrainer(smallConfig({ updates: 10 }), {
      onRow: (row) => rows.push(row),
      onEvaluation: (index) => evaluated.push(index),
    });
    trainer.progress[1].stopped = 1;
    const saved = await (await advance(trainer)).save();
    expect(rows.filter(({ kind }) => kind === 'evaluation').map(({ seed }) => seed)).toEqual([11, 13]);
    expect(evaluated).toEqual([0, 2]);
    expect(saved.map((tensors) => savedBest(tensors)?.updates)).toEqual([10, undefined, 10]);
  });

  it('are stopped by the first evaluation that is good enough, and keep when they first solved', async () => {
    // 2×2 with one look at every start: easy enough for tiny networks.
    const easy = smallConfig({
      gridSize: 2,
      hidden: 16,
      mixerWidth: 4,
      hyperHidden: 8,
      environments: 8,
      batchSize: 32,
      replayCapacity: 4000,
      episodeLimit: 10,
      epsilonDecaySteps: 3000,
      seeds: [1, 2],
      updates: 6000,
      evaluateEvery: 50,
      logEvery: 50,
    });
    const { trainer, rows } = await run(easy);
    for (const [index, seed] of easy.seeds.entries()) {
      const evaluations = rows.filter((row) => row.kind === 'evaluation' && row.seed === seed);
      const solved = evaluations.filter((row) => row.success === 1);
      const enough = solved.filter((row) => row.lengthRatio <= 1.01);
      expect(enough).toHaveLength(1);
      expect(evaluations.at(-1)).toBe(enough[0]);
      expect(trainer.progress[index].updates).toBe(enough[0].updates);
      expect(trainer.progress[index].solvedUpdates).toBe(solved[0].updates);
      // Nothing is told of it afterwards.
      const told = rows.filter((row) => row.kind === 'training' && row.seed === seed);
      expect(new Set(told.map(({ updates }) => updates)).size).toBe(told.length);
      expect(trainer.progress[index].solvedSteps).toBe(solved[0].environmentSteps);
    }
  });

  it.each([
    [1, 1.01, true],
    [1, 1.0101, false],
    [0.9999, 1, false],
    [1, Number.NaN, true],
  ])('are good enough with success %d and length / optimal %d: %s', (success, lengthRatio, enough) => {
    expect(isGoodEnough({ success, lengthRatio })).toBe(enough);
  });
});
