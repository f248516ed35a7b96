import { describe, expect, test, vi } from 'vitest';
import { RunLooks } from '../../src/app/run_looks.ts';
import { RunTeller } from '../../src/app/run_teller.ts';
import type { Progress, RunEnd, RunListener } from '../../src/app/service.ts';
import type { Config } from '../../src/config.ts';
import { DeviceError } from '../../src/gpu/gpu.ts';
import { createCpuLearner } from '../../src/reference/cpu_learner.ts';
import {
  type Keeper,
  type Kept,
  MemoryKeeper,
  progressOf,
  type RunState,
  rowsToGoOn,
  type Standing,
} from '../../src/run/keeper.ts';
import { NEW_RUN, Run, type RunStart } from '../../src/run/run.ts';
import type { Tensor } from '../../src/tensor.ts';
import { decodeCheckpoint } from '../../src/train/checkpoint.ts';
import { configuredShape } from '../../src/train/environments.ts';
import { hashParameters } from '../../src/train/hash.ts';
import type { MetricsRow } from '../../src/train/metrics.ts';
import { Population } from '../../src/train/population.ts';
import { advance, smallConfig, smallTrainer } from '../train/small.ts';

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

interface Told {
  readonly rows: MetricsRow[];
  readonly states: RunState[];
  /** Whether it could be saved, as far as that changed. */
  readonly saved: string[];
  /** The run's end. */
  readonly end: Promise<{ end: RunEnd; progress: Progress }>;
}

/** What was saved, and with what. */
type Saving = Kept & Pick<Standing, 'state' | 'hash' | 'reason' | 'seconds'>;

/** Keeps a run in memory, and every moment at which it was saved. */
class Savings extends MemoryKeeper {
  readonly all: Saving[] = [];

  override save(standing: Standing, checkpoint?: Uint8Array): void {
    super.save(standing, checkpoint);
    const { state, hash, reason, seconds } = standing;
    this.all.push({ ...this.read()!, state, hash, reason, seconds });
  }
}

interface Watched extends Told {
  readonly run: Run;
  readonly looks: RunLooks;
  readonly savings: readonly Saving[];
}

interface Begin {
  readonly start?: Partial<RunStart>;
  readonly learners?: readonly ReadonlyMap<string, Tensor>[];
  readonly keeper?: Keeper;
  /** Is called at every report. */
  readonly react?: (run: Run, state: RunState, looks: RunLooks) => void;
}

/** Begins a run. */
async function begin(own: Config, options: Begin = {}): Promise<Watched> {
  const rows: MetricsRow[] = [];
  const states: RunState[] = [];
  const saved: string[] = [];
  let finish: (value: Awaited<Told['end']>) => void;
  let failed: (error: unknown) => void;
  const end = new Promise<Awaited<Told['end']>>((resolve, reject) => {
    finish = resolve;
    failed = reject;
  });
  const { learners } = options;
  const run = await Run.prepare(
    own,
    async (given) => ({ learner: createCpuLearner(given), close: () => {} }),
    learners && { from: { learners, backend: 'cpu' } },
  );
  const looks = new RunLooks(run);
  const listener: RunListener = {
    begun: () => {},
    changed: () => {},
    restarted: () => {
      rows.length = 0;
    },
    lost: (text) => saved.push(text),
    progress: (state) => {
      states.push(state);
      options.react?.(run, state, looks);
    },
    rows: (more) => rows.push(...more),
    ended: (ended, progress) => finish({ end: ended, progress }),
    saved: (problem) => saved.push(problem),
  };
  const keeper = options.keeper ?? new Savings();
  run.begin(
    { ...NEW_RUN, saveMs: 3000, savesAtOnce: true, followsSaveEvery: true, ...options.start },
    keeper,
    new RunTeller(run, { id: 'own', name: 'own' }, listener),
  );
  run.live(true).catch((error) => failed(error));
  return { run, looks, rows, states, saved, savings: keeper instanceof Savings ? keeper.all : [], end };
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
    expect(shown.run.outcomes[1]).toEqual(last.outcomes[1]);
    expect(last.outcomes[1]).toHaveLength(504);
    // Shown alone it stays kept as it is; a step makes another of it, which has no hash yet.
    expect(shown.savings).toEqual([]);
    await shown.run.step();
    await shown.run.pause();
    await shown.run.change({ ...config, updates: 500 });
    expect(shown.savings.at(-1)).toMatchObject({ state: 'paused', hash: '' });
    const second = await begin(config, await goingOn(config, last));
    expect((await second.end).end.hash).toBe(expected.hash);
    expect(timeless(second.savings.at(-1)!.rows)).toEqual(timeless(expected.rows));
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
