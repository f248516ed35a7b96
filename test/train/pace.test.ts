import { describe, expect, it } from 'vitest';
import { Pace } from '../../src/train/pace.ts';

/** Steps of each submit, on a device that takes so many milliseconds a step. */
function submits(pace: Pace, count: number, milliseconds: number, trains = true): number[] {
  let time = 0;
  return Array.from({ length: count }, () => {
    const steps = pace.next(1_000_000, trains);
    const begun = time;
    time += steps * milliseconds;
    pace.took(steps, trains, begun, time);
    return steps;
  });
}

describe('a submit of steps', () => {
  it('holds as many as take 50 ms, at most twice as many as the one before', () => {
    expect(submits(new Pace(1000), 8, 1)).toEqual([1, 2, 4, 8, 16, 32, 50, 50]);
    // As slow as it may be, a step is made.
    expect(submits(new Pace(1000), 3, 200)).toEqual([1, 1, 1]);
  });

  it('is held to what there is room for', () => {
    expect(submits(new Pace(10), 6, 1)).toEqual([1, 2, 4, 8, 10, 10]);
  });

  it('shortens at once where steps take longer', () => {
    const pace = new Pace(1000);
    submits(pace, 8, 1);
    pace.took(50, true, 1000, 1500);
    expect(pace.next(1000, true)).toBe(5);
  });

  it('of acting alone and of training have a pace each', () => {
    const pace = new Pace(1000);
    submits(pace, 8, 1, false);
    expect([pace.next(1000, false), pace.next(1000, true)]).toEqual([50, 1]);
  });

  it('counts from the end of the one before, which it waited for', () => {
    const pace = new Pace(1000);
    pace.took(1, true, 0, 10);
    // Begun with the first; the device came to it at 10 ms.
    pace.took(2, true, 0, 30);
    expect(pace.next(1000, true)).toBe(4);
    pace.took(4, true, 0, 70);
    expect(pace.next(1000, true)).toBe(5);
  });

  it('leaves no short rest: what is left is shared out evenly', () => {
    const pace = new Pace(1000);
    submits(pace, 8, 1);
    expect(pace.next(51, true)).toBe(26);
    expect(pace.next(25, true)).toBe(25);
  });
});
