import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { DeviceError } from '../../src/gpu/gpu.ts';
import { Jobs } from '../../src/run/jobs.ts';
import { MemoryKeeper } from '../../src/run/keeper.ts';
import { Population } from '../../src/train/population.ts';
import { smallConfig } from '../train/small.ts';
import { begin, type Watched } from './begun_run.ts';

// 107 steps, the first 7 without an update; then the tensors are kept, and the run is evaluated: 109 turns.
const config = smallConfig({ seeds: [1], updates: 100, evaluateEvery: 1000, logEvery: 50, saveEvery: 25 });
const advance = Population.prototype.advance;

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** Every turn takes so many milliseconds; `before`: is called with its number, from 1. */
function turnsTake(milliseconds: number, before: (turn: number) => void = () => {}): void {
  let turns = 0;
  vi.spyOn(Population.prototype, 'advance').mockImplementation(async function (this: Population) {
    vi.advanceTimersByTime(milliseconds);
    before(++turns);
    await advance.call(this);
  });
}

/** Tenths of a second that it had trained when it was saved. */
const tenths = ({ savings }: Watched) => savings.map(({ seconds }) => Math.round(10 * seconds));
const everySecond = { saveMs: 1000, followsSaveEvery: false };

describe('a run is saved', () => {
  test('at once, every so often, and at its end', async () => {
    turnsTake(100);
    const watched = await begin(config, { start: everySecond });
    await watched.end;
    expect(tenths(watched)).toEqual([0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 109]);
  });

  test('not at once where it is kept already', async () => {
    turnsTake(100);
    const watched = await begin(config, { start: { ...everySecond, savesAtOnce: false } });
    await watched.end;
    expect(tenths(watched)).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 109]);
  });

  test('more seldom where that takes long: for a twentieth of the time', async () => {
    turnsTake(100);
    const seconds: number[] = [];
    const keeper = new MemoryKeeper();
    keeper.save = (standing) => {
      seconds.push(Math.round(10 * standing.seconds));
      vi.advanceTimersByTime(100);
    };
    await (await begin(config, { keeper, start: everySecond })).end;
    expect(seconds).toEqual([0, 20, 41, 62, 83, 104, 114]);
  });

  test('after so many updates and with the last step, where it follows saveEvery', async () => {
    turnsTake(100);
    const watched = await begin(config, { start: { saveMs: 1e9 } });
    await watched.end;
    expect(tenths(watched)).toEqual([0, 32, 57, 82, 108, 109]);
  });

  test('sooner after its device was lost', async () => {
    const lost = new DeviceError('swiftshader: the device was lost', true);
    turnsTake(100, (turn) => {
      if (turn === 5) throw lost;
    });
    const watched = await begin(config, { start: everySecond });
    await watched.end;
    expect(tenths(watched)).toEqual([0, 6, 16, 26, 36, 46, 56, 66, 76, 86, 96, 106, 114]);
  });

  test('where it is paused, and as soon as it goes on', async () => {
    let paused: Promise<void> | undefined;
    let watched: Watched | undefined;
    turnsTake(100, (turn) => {
      if (turn === 15) paused = watched?.run.pause();
    });
    watched = await begin(config, { start: { ...everySecond, state: 'paused' } });
    const { run, savings, states, end } = watched;
    await run.step();
    expect(run.seconds).toBeCloseTo(0.1, 9);
    // What it did while it was paused is saved by itself.
    vi.advanceTimersByTime(5000);
    await run.resume();
    while (!paused) await new Promise((resolve) => setImmediate(resolve));
    await paused;
    vi.advanceTimersByTime(7000);
    expect(run.seconds).toBeCloseTo(1.5, 9);
    const told = states.length;
    await run.pause();
    expect(states).toHaveLength(told);
    await run.resume();
    await end;
    vi.advanceTimersByTime(9000);
    expect(run.seconds).toBeCloseTo(10.9, 9);
    expect(savings.slice(0, 6).map(({ state, seconds }) => [state, Math.round(10 * seconds)])).toEqual([
      ['paused', 0],
      ['paused', 1],
      ['training', 2],
      ['training', 12],
      ['paused', 15],
      ['training', 16],
    ]);
  });

  test('again where its end could not be', async () => {
    turnsTake(100);
    const keeper = new MemoryKeeper();
    let again: () => void = () => {};
    const saved = new Promise<void>((resolve) => {
      again = resolve;
    });
    let failures = 0;
    keeper.save = ({ state }) => {
      if (state === 'stopped' && failures++ === 0) throw new Error('no space');
      if (state === 'stopped') again();
    };
    const { run } = await begin(config, { keeper, start: { state: 'paused', saveMs: 0 } });
    await run.step();
    await run.stop();
    await saved;
  });

  test('no more once it has ended, whatever is pressed', async () => {
    turnsTake(100);
    const { run, savings, states, end } = await begin(config, { start: { ...everySecond, saveMs: 0 } });
    await end;
    const before = [savings.length, states.length];
    await run.pause();
    await run.stop();
    await run.resume();
    await run.step();
    await run.checkpoint();
    expect([savings.length, states.length]).toEqual(before);
    expect(run.state).toBe('finished');
  });
});

test('rows and savings tell the seconds of before, too', async () => {
  turnsTake(100);
  const { rows, savings, end } = await begin(config, { start: { saveMs: 1e9, seconds: 1000 } });
  await end;
  expect(savings[0].seconds).toBe(1000);
  const seconds = rows.map(({ kind, updates, seconds: at }) => [kind, updates, Math.round(10 * at)]);
  expect(seconds).toEqual([
    ['training', 50, 10_057],
    ['training', 100, 10_107],
    ['final', 100, 10_109],
  ]);
});

test('others are let in after 16 ms of training', async () => {
  turnsTake(10);
  const { end } = await begin(config, { start: { saveMs: 1e9 } });
  const turn = vi.spyOn(globalThis, 'setImmediate');
  await end;
  // After every second turn; the last ends the run.
  expect(turn).toHaveBeenCalledTimes(54);
});

test('a run that is slowed sleeps for what is left of a step’s time', async () => {
  turnsTake(20);
  const slept: number[] = [];
  const { sleep } = Jobs.prototype;
  vi.spyOn(Jobs.prototype, 'sleep').mockImplementation(function (this: Jobs, milliseconds?: number) {
    if (milliseconds === undefined) return sleep.call(this);
    slept.push(Math.round(milliseconds));
    vi.advanceTimersByTime(milliseconds);
    return Promise.resolve();
  });
  const { run, end } = await begin(config, { start: { state: 'paused', savesAtOnce: false, saveMs: 1e9 } });
  await run.setSpeed(10);
  await run.resume();
  await end;
  expect(slept).toEqual(Array(108).fill(80));
});
