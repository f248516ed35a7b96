import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Meter } from '../../src/run/meter.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());
const wait = (seconds: number) => vi.advanceTimersByTime(1000 * seconds);

const NONE = { updates: 0, steps: 0 };

describe('how long a run has trained', () => {
  it('goes on where it is started again while it runs', () => {
    const meter = new Meter(5);
    meter.start();
    wait(2);
    meter.start();
    wait(1);
    expect(meter.seconds).toBe(8);
  });
});

describe('how fast a run goes', () => {
  it('is known for longer after ten seconds with updates, over the last minute', () => {
    const meter = new Meter(0);
    meter.start();
    // Replay fills: such steps say nothing of those with updates.
    for (let n = 0; n < 30; n++) {
      meter.rates(0, 1000 * n);
      wait(1);
    }
    const lasting = (updates: number, steps: number) => meter.rates(updates, steps).lasting;
    expect(lasting(4, 30_000)).toEqual(NONE);
    wait(10);
    expect(lasting(44, 30_320)).toEqual(NONE);
    wait(10);
    expect(lasting(84, 30_640)).toEqual({ updates: 4, steps: 32 });
    // What is more than a minute ago counts no more.
    for (let n = 1; n <= 6; n++) {
      wait(20);
      lasting(84 + 200 * n, 30_640 + 2000 * n);
    }
    expect(lasting(1284, 42_640)).toEqual({ updates: 10, steps: 100 });
  });

  it('is told anew after a pause', () => {
    const meter = new Meter(0);
    meter.start();
    meter.rates(1, 10);
    wait(20);
    expect(meter.rates(201, 2010)).toEqual({
      ...{ updates: 10, steps: 100 },
      lasting: { updates: 10, steps: 100 },
    });
    meter.stop();
    expect(meter.rates(201, 2010)).toEqual({ ...NONE, lasting: NONE });
    wait(500);
    meter.start();
    expect(meter.rates(201, 2010)).toEqual({ ...NONE, lasting: NONE });
    wait(20);
    expect(meter.rates(301, 3010)).toEqual({
      ...{ updates: 5, steps: 50 },
      lasting: { updates: 5, steps: 50 },
    });
  });
});
