import { describe, expect, it } from 'vitest';
import { Pace } from '../../src/train/pace.ts';

describe('a submit', () => {
  it('holds as many steps as take 50 ms, twice as many as before at most', () => {
    const pace = new Pace(1000);
    expect(pace.next(640, true)).toBe(1);
    // A step takes 5 ms.
    const sizes: number[] = [];
    for (let clock = 0; sizes.length < 6; ) {
      const steps = pace.next(640, true);
      sizes.push(steps);
      pace.took(steps, true, clock, clock + 5 * steps);
      clock += 5 * steps;
    }
    expect(sizes).toEqual([1, 2, 4, 8, 10, 10]);
    // Steps without training have a time of their own; what is left goes evenly.
    expect(pace.next(640, false)).toBe(1);
    expect(pace.next(11, true)).toBe(6);
    expect(pace.next(3, true)).toBe(3);
  });

  it('is measured from the end of the one before it, which it waited for', () => {
    const pace = new Pace(1000);
    pace.took(1, true, 0, 10);
    pace.took(2, true, 0, 20);
    expect(pace.next(640, true)).toBe(4);
    pace.took(4, true, 10, 420);
    expect(pace.next(640, true)).toBe(1);
  });

  it('counts the time of a submit from the end of the one before it', () => {
    const pace = new Pace(100);
    pace.took(1, true, 0, 10);
    // Two steps from 10 to 60, although they were submitted at 0.
    pace.took(2, true, 0, 60);
    expect(pace.next(640, true)).toBe(2);
    // And not from before it began.
    pace.took(2, true, 160, 180);
    expect(pace.next(640, true)).toBe(4);
  });

  it('holds no more than the device can, nor than it is told to', () => {
    const pace = new Pace(3);
    for (let n = 0; n < 4; n++) pace.took(1, true, n, n);
    expect(pace.next(640, true)).toBe(3);
    expect(new Pace(100, 8).next(640, true)).toBe(8);
    expect(new Pace(100, 8).next(5, true)).toBe(5);
    expect(new Pace(4, 8).next(640, true)).toBe(4);
  });
});
