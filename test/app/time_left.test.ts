import { afterEach, expect, test, vi } from 'vitest';
import { describeProgress } from '../../src/app/run_info.ts';
import { makeConfig } from '../../src/presets.ts';
import { Meter } from '../../src/run/meter.ts';
import { Progress } from '../../src/train/progress.ts';

afterEach(() => vi.useRealTimers());

/** A meter, and what it tells so many seconds later. */
function metered(secondsBefore = 0) {
  vi.useFakeTimers({ toFake: ['performance'] });
  const meter = new Meter(secondsBefore);
  const ratesAfter = (seconds: number, updates: number, steps: number) => {
    vi.advanceTimersByTime(1000 * seconds);
    return meter.rates(updates, steps);
  };
  return { meter, ratesAfter };
}

test('rates are of the last two seconds, those that last of the last minute, from the tenth second on', () => {
  const { meter, ratesAfter } = metered();
  expect(ratesAfter(1, 0, 0)).toEqual({ updates: 0, steps: 0, lasting: { updates: 0, steps: 0 } });
  meter.start();
  ratesAfter(0, 100, 3200);
  // 30 updates a second, and 960 steps.
  expect(ratesAfter(1, 130, 4160)).toEqual({ updates: 30, steps: 960, lasting: { updates: 0, steps: 0 } });
  expect(ratesAfter(9, 190, 6080).lasting).toEqual({ updates: 0, steps: 0 });
  // (230 − 100) / 20 over all; (230 − 190) / 10 since the last look, which is more than two seconds ago.
  expect(ratesAfter(10, 230, 7360)).toEqual({
    updates: 4,
    steps: 128,
    lasting: { updates: 6.5, steps: 208 },
  });
  expect(ratesAfter(1, 240, 7680).updates).toBeCloseTo(50 / 11, 12);
  expect(ratesAfter(1, 250, 8000).updates).toBe(10);
  // A minute later: (850 − 250) / 60.
  expect(ratesAfter(60, 850, 27_200).lasting).toEqual({ updates: 10, steps: 320 });
  meter.stop();
  expect(meter.rates(850, 27_200)).toEqual({ updates: 0, steps: 0, lasting: { updates: 0, steps: 0 } });
});

test('seconds are those trained, before and now, without pauses', () => {
  const { meter } = metered(40);
  meter.start();
  vi.advanceTimersByTime(2500);
  expect(meter.seconds).toBe(42.5);
  meter.stop();
  vi.advanceTimersByTime(10_000);
  expect(meter.seconds).toBe(42.5);
  meter.start();
  vi.advanceTimersByTime(500);
  expect(meter.seconds).toBe(43);
});

/** Two learners, the second of which is further. */
function standing() {
  const config = makeConfig('solve', { seeds: [1, 2], updates: 1000 });
  const progress = config.seeds.map(() => new Progress(config));
  Object.assign(progress[0], { updates: 300, environmentSteps: 10_624, episodes: 40, solvedUpdates: 250 });
  Object.assign(progress[1], { updates: 400, environmentSteps: 13_824, episodes: 50 });
  const measured = [{ success: 1, lengthRatio: 1.25 }, undefined];
  return { config, progress, measured, seconds: 12, state: 'training', hash: '', reason: '' } as const;
}

test('the time to the last update is what the learner that is furthest has left, at the rate that lasts', () => {
  const rates = { updates: 50, steps: 1600, lasting: { updates: 8, steps: 256 } };
  expect(describeProgress(standing(), rates)).toEqual({
    ...{ updates: 400, environmentSteps: 13_824, episodes: 50, seconds: 12 },
    ...{ updatesPerSecond: 50, stepsPerSecond: 1600 },
    // 600 updates, 8 a second.
    secondsLeft: 75,
    // 1 − 0.95 · 13,824 / 107,000
    epsilon: expect.closeTo(0.877264, 6),
    trainingSuccess: 0,
    success: [1, Number.NaN],
    lengthRatio: [1.25, Number.NaN],
    solvedUpdates: [250, 0],
  });
});

test('the time left is not known at rest, nor before the rate is', () => {
  expect(describeProgress(standing()).secondsLeft).toBeNaN();
  const rates = { updates: 50, steps: 1600, lasting: { updates: 0, steps: 0 } };
  expect(describeProgress(standing(), rates).secondsLeft).toBeNaN();
});
