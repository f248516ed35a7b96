import { describe, expect, test, vi } from 'vitest';
import { type Keeper, Run, type RunStart } from '../../src/app/run.ts';
import type { Standing } from '../../src/app/run_store.ts';
import type { Progress, RunEnd, RunListener, RunState } from '../../src/app/service.ts';
import type { Config } from '../../src/config.ts';
import { createCpuLearner } from '../../src/reference/cpu_learner.ts';
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

interface Watched extends Told {
  readonly run: Run;
  readonly savings: (Standing & { rows: readonly MetricsRow[] })[];
}

/** Begins a run; `react` is called at every report. */
async function begin(
  own: Config,
  options: {
    before?: Before;
    state?: RunState;
    keeper?: Keeper;
    react?: (run: Run, state: RunState) => void;
  } = {},
): Promise<Watched> {
  const rows: MetricsRow[] = [];
  const states: RunState[] = [];
  const saved: string[] = [];
  const savings: Watched['savings'] = [];
  const kept: MetricsRow[] = [];
  let run: Run | undefined;
  let finish: (value: Awaited<Told['end']>) => void;
  let failed: (error: unknown) => void;
  const end = new Promise<Awaited<Told['end']>>((resolve, reject) => {
    finish = resolve;
    failed = reject;
  });
  const listener: RunListener = {
    begun: () => {},
    progress: (state) => {
      states.push(state);
      options.react?.(run!, state);
    },
    rows: (more) => rows.push(...more),
    ended: (ended, progress) => finish({ end: ended, progress }),
    saved: (problem) => saved.push(problem),
  };
  const keeper: Keeper = options.keeper ?? {
    save: async (standing, more, anew) => {
      if (anew) kept.length = 0;
      kept.push(...more);
      savings.push({ ...standing, rows: [...kept] });
    },
  };
  const start: RunStart = {
    id: 'own',
    name: 'own',
    state: options.state ?? 'training',
    ...(options.before && { before: options.before }),
  };
  const openLearner = async (given: Parameters<typeof createCpuLearner>[0]) => ({
    learner: createCpuLearner(given),
    close: () => {},
  });
  run = await Run.prepare(own, openLearner, options.before?.learners);
  run.begin(start, listener, keeper);
  run.live().catch((error) => failed(error));
  return { run, rows, states, saved, savings, end };
}

type Before = NonNullable<RunStart['before']> & { readonly learners: readonly Map<string, Tensor>[] };

/** Goes on from a saving, as the worker does. */
const goingOn = async ({ checkpoint, rows, run, outcomes }: Watched['savings'][number]): Promise<Before> => {
  const { learners } = await decodeCheckpoint(checkpoint, 'saved');
  return {
    learners,
    rows: rows.filter(({ kind }) => kind !== 'final'),
    outcomes,
    seconds: run.progress.seconds,
    hash: '',
    reason: '',
    asKept: false,
  };
};

describe('a run', () => {
  test('comes to the same, whatever is paused, stepped, slowed, looked at and exported meanwhile', async () => {
    const expected = await undisturbed(config);
    let reports = 0;
    let looks = 0;
    const watched = await begin(config, {
      react: (run, state) => {
        reports++;
        if (state === 'training' && reports < 60) void run.pause();
        if (state !== 'paused') return;
        void run.episode(reports % 3, reports % 2 === 0).then(({ moments }) => {
          looks += moments.length;
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
    expect(end).toEqual({ state: 'finished', hash: expected.hash, reason: '' });
    expect(timeless(watched.rows)).toEqual(timeless(expected.rows));
    expect(progress).toMatchObject({ updates: 400, updatesPerSecond: 0 });
    expect(progress.success).toEqual(expected.rows.slice(-3).map(({ success }) => success));
    expect(looks).toBeGreaterThan(10);
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
    const saved = first.savings.filter(({ run }) => run.state === 'paused');
    expect(saved.length).toBeGreaterThan(1);
    for (const [number, saving] of [saved[0], saved[Math.floor(saved.length / 2)]].entries()) {
      const second = await begin(config, { before: await goingOn(saving) });
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
    expect(last.run).toMatchObject({ state: 'stopped', hash: end.hash });
    const asKept = { ...(await goingOn(last)), rows: last.rows, hash: end.hash, asKept: true };
    const shown = await begin(config, { before: asKept, state: 'stopped' });
    expect(shown.states).toEqual(['stopped']);
    expect(shown.run.outcomes(1)).toEqual(last.outcomes[1]);
    expect(last.outcomes[1]).toHaveLength(504);
    // Shown alone it stays kept as it is; a step makes another of it, which has no hash yet.
    expect(shown.savings).toEqual([]);
    await shown.run.step();
    await shown.run.pause();
    await shown.run.change({ ...config, updates: 500 });
    expect(shown.savings.at(-1)!.run).toMatchObject({ state: 'paused', hash: '' });
    const second = await begin(config, { before: await goingOn(last) });
    expect((await second.end).end.hash).toBe(expected.hash);
    expect(timeless(second.savings.at(-1)!.rows)).toEqual(timeless(expected.rows));
  });

  test('makes one step at a time where it is told to, each with its updates', async () => {
    const { run, states } = await begin(config, { state: 'paused' });
    const seen: number[] = [];
    for (let step = 0; step < 8; step++) {
      await run.step();
      seen.push(run.progress.environmentSteps);
    }
    expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((step) => step * config.environments));
    expect(run.progress.updates).toBe(8 - Math.ceil(config.warmup / config.environments));
    expect(new Set(states)).toEqual(new Set(['paused']));
  });

  test('goes on where it cannot be saved, says so, and saves all rows once it can', async () => {
    let savings = 0;
    const rows: MetricsRow[] = [];
    const keeper: Keeper = {
      save: async (_, more) => {
        savings++;
        if (savings < 3) throw new Error('no space');
        rows.push(...more);
      },
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
    expect(rows).toEqual(watched.rows);
  });

  test('ends at another moment where that is changed while it goes on', async () => {
    const expected = await undisturbed({ ...config, updates: 150 });
    const watched = await begin(config, { state: 'paused' });
    for (let step = 0; step < 40; step++) await watched.run.step();
    await watched.run.change({ ...config, updates: 150 });
    expect(watched.run.info.updates).toBe(150);
    await watched.run.resume();
    const { end, progress } = await watched.end;
    expect(progress.updates).toBe(150);
    expect(end.hash).toBe(expected.hash);
    expect(timeless(watched.rows)).toEqual(timeless(expected.rows));
  });

  test('keeps its own in all that cannot change while it goes on', async () => {
    const expected = await undisturbed({ ...config, updates: 150 });
    const { run, states, end } = await begin(config, { state: 'paused' });
    await run.step();
    const reports = states.length;
    await run.change({ ...config, gamma: 0.5, mixer: 'sum', gridSize: 4 });
    expect(states).toHaveLength(reports);
    await run.change({ ...config, gamma: 0.5, mixer: 'sum', updates: 150 });
    expect(run.info).toMatchObject({ updates: 150, algorithm: 'qmix' });
    await run.resume();
    expect((await end).end.hash).toBe(expected.hash);
  });

  test('keeps what is known of its starts where it is changed', async () => {
    const { run } = await begin({ ...config, evaluateEvery: 5 }, { state: 'paused' });
    while (!run.outcomes(0)) await run.step();
    const before = run.outcomes(0);
    await run.change({ ...config, updates: 150 });
    expect(run.outcomes(0)).toEqual(before);
  });

  test('ends where all there was to do is done, although it was paused', async () => {
    const expected = await undisturbed({ ...config, updates: 10 });
    const { run, end } = await begin(config, { state: 'paused' });
    while (run.progress.updates < 10) await run.step();
    await run.change({ ...config, updates: 10 });
    await run.resume();
    expect((await end).end).toMatchObject({ state: 'finished', hash: expected.hash });
    // Nothing is left: neither of these does anything, or waits for something.
    await run.resume();
    await run.step();
  });

  test('that cannot go on refuses what it is asked for', async () => {
    const watched = await begin(config, { state: 'paused' });
    const broken = new Error('the device is gone');
    vi.spyOn(Population.prototype, 'advance').mockRejectedValueOnce(broken);
    const ended = expect(watched.end).rejects.toBe(broken);
    await watched.run.resume();
    await ended;
    await expect(watched.run.checkpoint()).rejects.toBe(broken);
    vi.restoreAllMocks();
  });

  test('that diverges fails, with the parameters of before', async () => {
    const first = await begin(config, { state: 'paused' });
    for (let step = 0; step < 20; step++) await first.run.step();
    const bytes = await first.run.checkpoint();
    const { learners } = await decodeCheckpoint(bytes, 'exported');
    for (const layer of [0, 2, 4]) learners[1].get(`online.agents.0.${layer}.weight`)!.data.fill(1e300);
    const before = {
      learners,
      rows: [],
      outcomes: [],
      seconds: 0,
      hash: '',
      reason: '',
      asKept: false,
    } as const;
    const second = await begin(config, { before });
    const { end } = await second.end;
    expect(end.state).toBe('failed');
    expect(end.reason).toMatch(/^seed \d+: the gradient of update \d+ is not finite/);
    expect(second.savings.at(-1)!.run).toMatchObject({ state: 'failed', reason: end.reason });
  });

  test('of a game tells what was learned of its states', async () => {
    const { run } = await begin(smallConfig({ environment: 'two-step', seeds: [1] }), { state: 'paused' });
    const states = await run.game(0);
    expect(states.map(({ state }) => state)).toHaveLength(3);
    expect(states[2].joint).toHaveLength(2);
    expect(run.info).toMatchObject({ picture: 'game', mapped: false });
    await expect(run.episode(0, false)).rejects.toThrow('environment: got two-step');
  });
});
