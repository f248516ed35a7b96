import { describe, expect, test, vi } from 'vitest';
import type { Config } from '../../src/config.ts';
import { EnvironmentFailure } from '../../src/env/failure.ts';
import { DeviceError } from '../../src/gpu/gpu.ts';
import { MemoryKeeper, progressOf, rowsToGoOn } from '../../src/run/keeper.ts';
import { decodeCheckpoint, encodeCheckpoint, failedUpdate } from '../../src/train/checkpoint.ts';
import { configuredShape } from '../../src/train/environments.ts';
import { hashParameters } from '../../src/train/hash.ts';
import type { MetricsRow } from '../../src/train/metrics.ts';
import { Population } from '../../src/train/population.ts';
import { Trainer } from '../../src/train/trainer.ts';
import { until } from '../support/until.ts';
import { advance, smallConfig, smallTrainer } from '../train/small.ts';
import { type Begin, begin, type Saving } from './begun_run.ts';

const config = smallConfig({ updates: 400 });

/** Rows without the one column that a clock writes. */
const timeless = (rows: readonly MetricsRow[]) => rows.map((row) => ({ ...row, seconds: 0 }));

/** What the training loop comes to when nobody touches it. */
async function undisturbed(own: Config) {
  const rows: MetricsRow[] = [];
  const trainer = await advance(smallTrainer(own, { onRow: (row) => rows.push(row) }));
  const { all: hash } = await hashParameters(configuredShape(own), await trainer.save());
  await trainer.finish();
  return { rows, hash };
}

/** Goes on from a saving, as page and command line do. */
async function goingOn(own: Config, { checkpoint, name, rows, outcomes, seconds }: Saving): Promise<Begin> {
  const { learners } = await decodeCheckpoint(checkpoint, name);
  const start = { rows: rowsToGoOn(progressOf(own, learners), own, rows), outcomes, seconds };
  return { learners, start };
}

describe('a run', () => {
  test('comes to the same, whatever is paused, stepped, slowed, looked at and exported meanwhile', async () => {
    const expected = await undisturbed(config);
    let reports = 0;
    let seen = 0;
    const watched = await begin(config, {
      react: (run, state, looks) => {
        reports++;
        if (state === 'training' && reports < 60) void run.pause();
        if (state !== 'paused') return;
        void looks.episode(reports % 3, reports % 2 === 0).then(({ moments }) => {
          seen += moments.length;
        });
        if (reports % 3 === 0) void run.step();
        else if (reports % 7 === 0) void run.setSpeed(2000).then(() => run.resume());
        else if (reports % 11 === 0) {
          const full = () => run.setSpeed(Number.POSITIVE_INFINITY);
          void run
            .checkpoint()
            .then(full)
            .then(() => run.resume());
        } else void run.resume();
      },
    });
    const { end, progress } = await watched.end;
    expect(end).toEqual({ state: 'finished', hash: expected.hash, reason: '', goesOn: false });
    expect(timeless(watched.rows)).toEqual(timeless(expected.rows));
    expect(progress).toMatchObject({ updates: 400, updatesPerSecond: 0 });
    expect(progress.success).toEqual(expected.rows.slice(-3).map(({ success }) => success));
    expect(seen).toBeGreaterThan(10);
    expect(reports).toBeGreaterThan(5);
  });

  test('goes on exactly from each of its savings, rows and all', async () => {
    const expected = await undisturbed(config);
    let pauses = 0;
    const first = await begin(config, {
      react: (run, state) => {
        if (state === 'training' && pauses < 30) void run.pause();
        if (state !== 'paused') return;
        pauses++;
        void run.resume();
      },
    });
    await first.end;
    const saved = first.savings.filter(({ state }) => state === 'paused');
    expect(saved.length).toBeGreaterThan(1);
    for (const [number, saving] of [saved[0], saved[Math.floor(saved.length / 2)]].entries()) {
      const second = await begin(config, await goingOn(config, saving));
      const { end } = await second.end;
      expect(end.hash, `saving ${number}`).toBe(expected.hash);
      expect(timeless(second.rows)).toEqual(timeless(expected.rows));
      expect(timeless(second.savings.at(-1)!.rows)).toEqual(timeless(expected.rows));
    }
  });

  test('is stopped where it stands, evaluated, and goes on from there as if it had not been', async () => {
    const expected = await undisturbed(config);
    const first = await begin(config, { react: (run, state) => void (state === 'training' && run.stop()) });
    const { end, progress } = await first.end;
    expect(end.state).toBe('stopped');
    expect(progress.updates).toBeLessThan(400);
    expect(first.rows.slice(-3).map(({ kind }) => kind)).toEqual(['final', 'final', 'final']);
    const last = first.savings.at(-1)!;
    expect(last).toMatchObject({ state: 'stopped', hash: end.hash });
    const { learners } = await goingOn(config, last);
    const { state, rows, outcomes, hash } = last;
    const shown = await begin(config, {
      ...(learners && { learners }),
      start: { state, rows, outcomes, hash, savesAtOnce: false },
    });
    expect(shown.states).toEqual(['stopped']);
    expect(shown.run.hash).toBe(last.hash);
    expect(shown.run.measured.map((own) => own?.success)).toEqual(
      last.rows.slice(-3).map(({ success }) => success),
    );
    expect(shown.run.outcomes[1]).toEqual(last.outcomes[1]);
    expect(last.outcomes[1]).toHaveLength(504);
    // Shown alone it stays kept as it is; a step makes another of it, which has no hash yet.
    expect(shown.savings).toEqual([]);
    await shown.run.step();
    await shown.run.pause();
    const reports = shown.states.length;
    await shown.run.change({ ...config, updates: 500 });
    expect(shown.states).toHaveLength(reports + 1);
    expect(shown.savings.at(-1)).toMatchObject({ state: 'paused', hash: '' });
    expect((await decodeCheckpoint(shown.savings.at(-1)!.checkpoint, 'changed')).config.updates).toBe(500);
    const second = await begin(config, await goingOn(config, last));
    expect((await second.end).end.hash).toBe(expected.hash);
    expect(timeless(second.savings.at(-1)!.rows)).toEqual(timeless(expected.rows));
  });

  test('that was stopped goes on in the same place, with nothing left of its end', async () => {
    const expected = await undisturbed(config);
    const { run, savings, learnersOpen, end } = await begin(config, { start: { state: 'paused' } });
    await run.step();
    await run.stop();
    expect((await end).end).toMatchObject({ state: 'stopped', hash: run.hash, reason: '' });
    expect(savings.at(-1)).toMatchObject({ state: 'stopped', hash: run.hash });
    expect(run.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(learnersOpen.now).toBe(0);
    await run.resume();
    expect([run.state, run.hash]).toEqual(['training', '']);
    await until('it has ended', () => run.hash);
    expect([run.state, run.hash]).toEqual(['finished', expected.hash]);
    expect(learnersOpen).toEqual({ now: 0, most: 1 });
  });

  test('that is stopped with nothing left to do is finished, if all were evaluated', async () => {
    const own = { ...config, seeds: [11, 12] };
    const first = await begin(own, { start: { state: 'paused' } });
    while (first.run.progress[0].updates < 10) await first.run.step();
    const { learners } = await decodeCheckpoint(await first.run.checkpoint(), 'exported');
    const endOf = async (atOnce: number) => {
      const { run, end } = await begin(own, { learners, atOnce, start: { state: 'paused' } });
      expect([await run.goesFurther(own), await run.goesFurther({ ...own, updates: 10 })]).toEqual([
        true,
        false,
      ]);
      await run.change({ ...own, updates: 10 });
      expect(run.state).toBe('paused');
      await run.stop();
      expect((await run.parameters(1)).updates).toBe(10);
      return (await end).end.state;
    };
    expect(await endOf(2)).toBe('finished');
    expect(await endOf(1)).toBe('stopped');
  });

  test('that is told what no run can end by refuses it, and goes on', async () => {
    const { run, end } = await begin(config, { start: { state: 'paused' } });
    await expect(run.change({ ...config, updates: -1 })).rejects.toThrow('updates: got -1');
    await run.change({ ...config, updates: 3 });
    await run.resume();
    expect((await end).progress.updates).toBe(3);
  });

  test('whose environment fails is saved where it stands, but not in the evaluation at its end', async () => {
    const failure = new EnvironmentFailure('my.mjs: step: threw');
    for (const [interrupted, state, reason] of [
      [false, 'failed', failure.message],
      [true, 'stopped', ''],
    ] as const) {
      const { run, savings, learnersOpen, end } = await begin(config, { start: { state: 'paused' } });
      for (let step = 0; step < 3; step++) await run.step();
      // Saved: what fails comes right after that.
      await run.pause();
      await run.change({ ...config, updates: 300 });
      const error = new EnvironmentFailure(failure.message, interrupted);
      const { advance } = Population.prototype;
      vi.spyOn(Population.prototype, 'advance').mockImplementationOnce(async function (this: Population) {
        await advance.call(this);
        throw error;
      });
      await run.resume();
      expect((await end).end).toMatchObject({ state, reason });
      vi.restoreAllMocks();
      expect(run.error).toBe(error);
      const { learners } = await decodeCheckpoint(savings.at(-1)!.checkpoint, 'failed');
      expect(progressOf(config, learners).map(({ environmentSteps }) => environmentSteps)).toEqual([
        12, 12, 12,
      ]);
      expect(learnersOpen.now).toBe(0);
    }
    const last = await begin(config, { start: { state: 'paused', saveMs: 1e9 } });
    for (let step = 0; step < 10; step++) await last.run.step();
    const before = await last.run.checkpoint();
    // It cannot be saved right before the evaluation, which starts new means of the metrics.
    vi.spyOn(MemoryKeeper.prototype, 'save').mockImplementationOnce(() => {
      throw new Error('no space');
    });
    vi.spyOn(Trainer.prototype, 'finish').mockImplementationOnce(async function (this: Trainer) {
      await this.learner.readMetrics();
      throw failure;
    });
    await last.run.stop();
    vi.restoreAllMocks();
    expect(last.run).toMatchObject({ state: 'failed', reason: failure.message });
    expect(last.savings.at(-1)!.checkpoint).toEqual(before);
    await last.run.step();
    expect(last.run.progress[0].environmentSteps).toBe(30);
  });

  test('makes one step at a time where it is told to, each with its updates', async () => {
    const { run, states } = await begin(config, { start: { state: 'paused' } });
    const seen: number[] = [];
    for (let step = 0; step < 8; step++) {
      await run.step();
      seen.push(run.progress[0].environmentSteps);
    }
    expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((step) => step * config.environments));
    expect(run.progress[0].updates).toBe(8 - Math.ceil(config.warmup / config.environments));
    expect(new Set(states)).toEqual(new Set(['paused']));
  });

  test('ends with the step that reaches its end', async () => {
    const expected = await undisturbed({ ...config, updates: 3 });
    const { run, end } = await begin({ ...config, updates: 3 }, { start: { state: 'paused' } });
    while (run.progress[0].updates < 3) await run.step();
    expect(run.state).toBe('finished');
    expect((await end).end.hash).toBe(expected.hash);
  });

  test('changed just when its device is found to be lost, is changed all the same, and saved so', async () => {
    const lost = new DeviceError('swiftshader: the device was lost', true);
    const { run, savings } = await begin(config, { start: { state: 'paused' } });
    for (let step = 0; step < 20; step++) await run.step();
    await run.setSpeed(Number.POSITIVE_INFINITY);
    vi.spyOn(Population.prototype, 'save').mockRejectedValueOnce(lost);
    await run.change({ ...config, updates: 150 });
    vi.restoreAllMocks();
    expect(run.config.updates).toBe(150);
    const { config: kept } = await decodeCheckpoint(savings.at(-1)!.checkpoint, 'kept');
    expect(kept.updates).toBe(150);
  });

  test('goes on where it cannot be saved, says so, and saves all rows once it can', async () => {
    let savings = 0;
    const keeper = new MemoryKeeper();
    const save = keeper.save.bind(keeper);
    keeper.save = (...given) => {
      savings++;
      if (savings < 3) throw new Error('no space');
      save(...given);
    };
    const watched = await begin(config, {
      keeper,
      react: (run, state) => {
        if (state === 'training' && savings < 5) void run.pause();
        if (state === 'paused') void run.resume();
      },
    });
    await watched.end;
    expect(savings).toBeGreaterThan(3);
    expect(watched.saved).toEqual(['no space', '']);
    expect(keeper.read()!.rows).toEqual(watched.rows);
  });

  test('ends at another moment where that is changed while it goes on', async () => {
    const expected = await undisturbed({ ...config, updates: 150 });
    const watched = await begin(config, { start: { state: 'paused' } });
    for (let step = 0; step < 40; step++) await watched.run.step();
    await watched.run.change({ ...config, updates: 150 });
    expect(watched.run.config.updates).toBe(150);
    await watched.run.resume();
    const { end, progress } = await watched.end;
    expect(progress.updates).toBe(150);
    expect(end.hash).toBe(expected.hash);
    expect(timeless(watched.rows)).toEqual(timeless(expected.rows));
  });

  test('goes on training where that is changed while it trains', async () => {
    const expected = await undisturbed({ ...config, updates: 60 });
    let changed: Promise<void> | undefined;
    const { end } = await begin(config, {
      react: (run) => {
        changed ??= run.change({ ...config, updates: 60 });
      },
    });
    expect((await end).end).toMatchObject({ state: 'finished', hash: expected.hash });
    await changed;
  });

  test('keeps its own in all that cannot change while it goes on', async () => {
    const expected = await undisturbed({ ...config, updates: 150 });
    const { run, states, end } = await begin(config, { start: { state: 'paused' } });
    await run.step();
    const reports = states.length;
    await run.change({ ...config, gamma: 0.5, mixer: 'sum', gridSize: 4 });
    expect(states).toHaveLength(reports);
    await run.change({ ...config, gamma: 0.5, mixer: 'sum', updates: 150 });
    expect(run.config).toMatchObject({ updates: 150, mixer: 'monotonic', gamma: config.gamma });
    await run.resume();
    expect((await end).end.hash).toBe(expected.hash);
  });

  test('knows the last evaluation of each learner, whatever rows of training come after it', async () => {
    const own = { ...config, evaluateEvery: 50, logEvery: 5 };
    const { run, rows } = await begin(own, { start: { state: 'paused' } });
    const last = (kind: string) => rows.findLast((row) => row.kind === kind);
    expect(run.measured[0]).toBeUndefined();
    while ((last('training')?.updates ?? 0) < 55) await run.step();
    expect(last('evaluation')).toMatchObject({ updates: 50, seed: config.seeds.at(-1) });
    const evaluated = rows.filter(({ kind }) => kind === 'evaluation');
    expect(run.measured).toEqual(evaluated.map(({ success, lengthRatio }) => ({ success, lengthRatio })));
    expect(run.measured).toHaveLength(config.seeds.length);
  });

  test('keeps what is known of its starts where it is changed', async () => {
    const { run } = await begin({ ...config, evaluateEvery: 5 }, { start: { state: 'paused' } });
    while (!run.outcomes[0]) await run.step();
    const before = run.outcomes[0];
    await run.change({ ...config, updates: 150 });
    expect(run.outcomes[0]).toEqual(before);
  });

  test('ends where all there was to do is done, although it was paused', async () => {
    const expected = await undisturbed({ ...config, updates: 10 });
    const { run, end } = await begin(config, { start: { state: 'paused' } });
    while (run.progress[0].updates < 10) await run.step();
    expect(run.state).toBe('paused');
    await run.change({ ...config, updates: 10 });
    await run.resume();
    expect((await end).end).toMatchObject({ state: 'finished', hash: expected.hash });
    // Nothing is left: neither of these does anything, or waits for something.
    await run.resume();
    await run.step();
  });

  test('that cannot go on refuses what it is asked for', async () => {
    const watched = await begin(config, { start: { state: 'paused' } });
    const broken = new Error('the device is gone');
    vi.spyOn(Population.prototype, 'advance').mockRejectedValueOnce(broken);
    const ended = expect(watched.end).rejects.toBe(broken);
    await watched.run.resume();
    await ended;
    await expect(watched.run.checkpoint()).rejects.toBe(broken);
    vi.restoreAllMocks();
  });

  test('goes on from where it was saved last where its device is lost, rows and all', async () => {
    const expected = await undisturbed(config);
    const lost = new DeviceError('swiftshader: the device was lost', true);
    const advance = Population.prototype.advance;
    const losses = new Set([3, 60, 61, 140, 230]);
    let calls = 0;
    vi.spyOn(Population.prototype, 'advance').mockImplementation(async function (this: Population) {
      if (losses.has(++calls)) throw lost;
      await advance.call(this);
    });
    const watched = await begin({ ...config, saveEvery: 20 }, { start: { saveMs: 1e9 } });
    const { end } = await watched.end;
    vi.restoreAllMocks();
    expect(end).toMatchObject({ state: 'finished', hash: expected.hash });
    expect(timeless(watched.rows)).toEqual(timeless(expected.rows));
    expect(timeless(watched.savings.at(-1)!.rows)).toEqual(timeless(expected.rows));
    const told = `${lost.message}: the run goes on from where it was saved last.`;
    expect(watched.saved.filter((text) => text.endsWith(told))).toHaveLength(losses.size);
  });

  test('whose device is lost three times with nothing saved between fails by that', async () => {
    const lost = new DeviceError('swiftshader: the device was lost', true);
    const watched = await begin(config, { start: { state: 'paused' } });
    await watched.run.pause();
    vi.spyOn(Population.prototype, 'advance').mockRejectedValue(lost);
    const ended = expect(watched.end).rejects.toBe(lost);
    await watched.run.resume();
    await ended;
    vi.restoreAllMocks();
    expect(watched.saved.filter((text) => text !== '')).toHaveLength(2);
  });

  test('whose device is lost tells where it goes on, and on what', async () => {
    const lost = new DeviceError('swiftshader: the device was lost', true);
    const began = { savesAtOnce: false, followsSaveEvery: false, saveMs: 1e9 };
    const adapters = ['swiftshader', 'swiftshader', 'llvmpipe'];
    const { run, saved, rows, savings, learnersOpen, end } = await begin(config, { start: began, adapters });
    vi.spyOn(Population.prototype, 'advance').mockRejectedValueOnce(lost).mockRejectedValueOnce(lost);
    await end;
    const expected = await undisturbed(config);
    expect(timeless(rows)).toEqual(timeless(expected.rows));
    // What has ended is still what it was, with its final rows; it is only on another device.
    vi.spyOn(Population.prototype, 'save').mockRejectedValueOnce(lost);
    const outcomes = [...run.outcomes];
    await run.checkpoint();
    vi.restoreAllMocks();
    expect(run).toMatchObject({ state: 'finished', hash: expected.hash, outcomes });
    expect(timeless(rows)).toEqual(timeless(expected.rows));
    expect(timeless(savings.at(-1)!.rows)).toEqual(timeless(expected.rows));
    expect(learnersOpen).toEqual({ now: 1, most: 1 });
    const text = (where: string) =>
      expect.stringMatching(
        new RegExp(`^At [0-9:]+, swiftshader: the device was lost: the run goes on from ${where}\\.$`),
      );
    const beginning = 'the beginning, as nothing was saved yet';
    expect(saved).toEqual([
      text(beginning),
      text(`${beginning}, on llvmpipe: results may differ in the last bits`),
      text(
        'where it was saved last, on float64 reference on one CPU core: results may differ in the last bits',
      ),
    ]);
  });

  test('that is paused when its device is lost goes on from there or from its beginning, and has no end', async () => {
    const lost = new DeviceError('swiftshader: the device was lost', true);
    const began = { savesAtOnce: false, followsSaveEvery: false, saveMs: 1e9, state: 'paused' } as const;
    const { run, rows, savings } = await begin(config, { start: began });
    const lose = async () => {
      vi.spyOn(Population.prototype, 'save').mockRejectedValueOnce(lost);
      await run.checkpoint();
      vi.restoreAllMocks();
    };
    await lose();
    await run.stop();
    expect(savings.at(-1)!.checkpoint).toBeInstanceOf(Uint8Array);
    expect(savings.at(-1)!.rows).toHaveLength(3);
    await run.resume();
    await run.pause();
    await lose();
    expect(run.state).toBe('paused');
    expect(rows.filter(({ kind }) => kind === 'final')).toEqual([]);
  });

  test('reads what was saved by its own configuration: the one in the file may name a module’s former place', async () => {
    const keeper = new MemoryKeeper();
    const { run } = await begin(config, { keeper, start: { state: 'paused' } });
    await run.step();
    const { learners, ...kept } = await decodeCheckpoint(await run.checkpoint(), 'exported');
    const other = { learner: kept, config: { ...config, hidden: 5 } };
    const checkpoint = await encodeCheckpoint(other, learners);
    keeper.read = () => ({ checkpoint, name: 'moved', rows: [], outcomes: [] });
    vi.spyOn(Population.prototype, 'save').mockRejectedValueOnce(
      new DeviceError('swiftshader: the device was lost', true),
    );
    await run.checkpoint();
    vi.restoreAllMocks();
    expect(run.progress[0].environmentSteps).toBe(3);
  });

  test('whose device is lost, and what was saved cannot be read, says why it does not go on', async () => {
    const lost = new DeviceError('swiftshader: the device was lost', true);
    const keeper = new MemoryKeeper();
    keeper.read = () => {
      throw new Error('checkpoint.safetensors: no such file');
    };
    const { end } = await begin(config, { keeper });
    vi.spyOn(Population.prototype, 'advance').mockRejectedValueOnce(lost);
    const failed = await end.then(undefined, (error: unknown) => error);
    vi.restoreAllMocks();
    expect(failed).toEqual(
      new DeviceError(
        `${lost.message}; the run does not go on by itself: checkpoint.safetensors: no such file`,
        true,
      ),
    );
  });

  test('that diverges fails, with the parameters of before', async () => {
    const first = await begin(config, { start: { state: 'paused' } });
    for (let step = 0; step < 20; step++) await first.run.step();
    const bytes = await first.run.checkpoint();
    const { learners } = await decodeCheckpoint(bytes, 'exported');
    for (const layer of [0, 2, 4]) learners[1].get(`online.agents.0.${layer}.weight`)!.data.fill(1e300);
    const second = await begin(config, { learners });
    const { end } = await second.end;
    expect(end.state).toBe('failed');
    expect(end.reason).toMatch(/^seed \d+: the gradient of update \d+ is not finite/);
    expect(second.savings.at(-1)).toMatchObject({ state: 'failed', reason: end.reason });
    const updates = second.run.progress[0].updates;
    await second.run.step();
    expect([second.run.state, second.run.progress[0].updates]).toEqual(['failed', updates]);
    // So too where that is found only as it is stopped; what is kept of it can be read.
    const third = await begin(config, { learners, start: { state: 'paused' } });
    for (let step = 0; step < 2; step++) await third.run.step();
    expect(third.run.state).toBe('paused');
    await third.run.stop();
    expect((await third.end).end.state).toBe('failed');
    expect(third.run.reason).toContain('seed 12: the gradient of update 14 is not finite');
    const kept = await decodeCheckpoint(third.savings.at(-1)!.checkpoint, 'kept');
    expect(kept.learners.map(failedUpdate)).toEqual([0, 14, 0]);
  });

  test('of a game tells what was learned of its states', async () => {
    const { looks } = await begin(smallConfig({ environment: 'two-step', seeds: [1], gamma: 0.5 }), {
      start: { state: 'paused' },
    });
    const states = await looks.game(0);
    expect(states[2].joint).toHaveLength(2);
    // The first step pays nothing, the second 7, or in state 2B up to 8.
    expect(states.map(({ state, optimal }) => [state, optimal])).toEqual([
      [
        '1',
        [
          [3.5, 3.5],
          [4, 4],
        ],
      ],
      [
        '2A',
        [
          [7, 7],
          [7, 7],
        ],
      ],
      [
        '2B',
        [
          [0, 1],
          [1, 8],
        ],
      ],
    ]);
    await expect(looks.episode(0, false)).rejects.toThrow('environment: got two-step');
  });
});

test('a run has solved its task if every one of its learners has', async () => {
  const easy = smallConfig({
    ...{ gridSize: 2, hidden: 16, mixerWidth: 4, hyperHidden: 8, environments: 8, batchSize: 32 },
    ...{ replayCapacity: 4000, episodeLimit: 10, epsilonDecaySteps: 3000, seeds: [1] },
    ...{ updates: 1000, evaluateEvery: 100, logEvery: 1000, saveEvery: 1000 },
  });
  // Who hardly moves a parameter learns nothing.
  const idle = { learningRate: 1e-9, mixerLearningRate: 1e-9 };
  const endOf = async (variants: Config['variants']) => {
    const { end } = await begin({ ...easy, variants });
    return (await end).end.state;
  };
  expect(await endOf([{}, { tau: 0.02 }])).toBe('solved');
  expect(await endOf([{}, idle])).toBe('finished');
});
