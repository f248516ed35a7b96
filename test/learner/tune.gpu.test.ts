import { afterEach, describe, expect, test, vi } from 'vitest';
import { PLAIN, type Tuning } from '../../src/kernels/tuning.ts';
import { createWebGpuLearner } from '../../src/learner/joined_learner.ts';
import { knownTuning } from '../../src/learner/known_tuning.ts';
import { learnerOptions } from '../../src/learner/learner.ts';
import { describeTuning, measureTuning } from '../../src/learner/measure_tuning.ts';
import { chooseTuning, recall, rememberTunings, type TuningStore, tune } from '../../src/learner/tune.ts';
import { makeConfig } from '../../src/presets.ts';
import { configuredShape } from '../../src/train/environments.ts';
import { useNodeGpu } from '../support/node_gpu.ts';

const config = makeConfig('solve', {
  seeds: [1],
  hidden: 4,
  mixerWidth: 4,
  hyperHidden: 4,
  batchSize: 8,
  environments: 2,
});
const options = learnerOptions(config, configuredShape(config));

/** Keeps what it is given, and counts. */
class Memory implements TuningStore {
  reads = 0;
  constructor(public text?: string) {}
  async read() {
    this.reads++;
    return this.text;
  }
  async write(text: string) {
    this.text = text;
  }
}

afterEach(() => rememberTunings(undefined));

describe('tuning', () => {
  const gpu = useNodeGpu();

  test('is one of the candidates, all of which are tried', async () => {
    const candidates: Tuning[] = [PLAIN, { ...PLAIN, tile: 16, rowThreads: 32 }];
    const tried: string[] = [];
    const best = await measureTuning(gpu(), options, candidates, (text) => tried.push(text));
    expect(tried).toEqual(candidates.map(describeTuning));
    expect(candidates).toContainEqual(best);
  });

  test('is kept once measured, and taken from there by learners', async () => {
    const memory = new Memory(JSON.stringify({ other: PLAIN }));
    rememberTunings(memory);
    expect(await recall(gpu(), options)).toBeUndefined();
    const measured = await tune(gpu(), options);
    expect(Object.values(JSON.parse(memory.text!))).toEqual([PLAIN, measured]);
    expect(await chooseTuning(gpu(), options)).toEqual(measured);
    // Other sizes are another matter.
    const { shape, learners } = options;
    for (const changes of [
      { batchSize: 9 },
      { environments: 3 },
      { learners: [...learners, ...learners] },
      { shape: { ...shape, hidden: 5 } },
    ]) {
      expect(await recall(gpu(), { ...options, ...changes })).toBeUndefined();
    }
    for (const value of [{ name: { value: 'another' } }, { subgroupSize: { value: 64 } }]) {
      expect(await recall(Object.create(gpu(), value), options)).toBeUndefined();
    }
    expect(await recall(gpu(), { ...options, replayCapacity: 7, overlap: false })).toEqual(measured);
    // What is remembered goes before what is known.
    const other: Tuning = { ...measured, tile: measured.tile === 8 ? 16 : 8 };
    memory.text = JSON.stringify({ [Object.keys(JSON.parse(memory.text!))[1]]: other });
    const learner = await createWebGpuLearner(gpu(), options);
    expect(learner).toMatchObject({ sizes: { tuning: other } });
    learner.destroy();
  });

  test.each([
    ['no JSON', '{'],
    ['an older version', '{"key":{"tile":8}}'],
    ['a number that no adapter has', JSON.stringify({ key: { ...PLAIN, gradientThreads: 12 } })],
  ])('that was kept is not taken where it is %s', async (_, text) => {
    rememberTunings(new Memory(text));
    expect(await recall(gpu(), options)).toBeUndefined();
  });

  test('is measured where nothing is known of an adapter, once', async () => {
    const memory = new Memory();
    rememberTunings(memory);
    const unknown = Object.create(gpu(), {
      subgroupSize: { value: 0 },
      name: { value: 'unknown' },
      software: { value: false },
    });
    expect(knownTuning(unknown, options)).toBeUndefined();
    expect(knownTuning({ subgroupSize: 0, software: true }, options)).toEqual(PLAIN);
    const first = await chooseTuning(unknown, options);
    expect(first.spread).toBe(0);
    const submit = vi.spyOn(gpu().device.queue, 'submit');
    expect(await chooseTuning(unknown, options)).toEqual(first);
    expect(submit).not.toHaveBeenCalled();
    submit.mockRestore();
  });
});
