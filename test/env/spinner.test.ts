import { afterEach, expect, it, vi } from 'vitest';
import { Spinner } from '../../src/env/spinner.ts';

afterEach(() => vi.restoreAllMocks());

it('spins ever less often where it is in vain, and at once where it was not', () => {
  let looks = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => looks++);
  const words = new Int32Array(new SharedArrayBuffer(4));
  const spinner = new Spinner(3);
  /** Which of so many waits for word 0 to change from `value` looked at the clock, and what all of them said. */
  const waits = (count: number, value: number) => {
    const spun: number[] = [];
    const said = new Set<boolean>();
    for (let wait = 0; wait < count; wait++) {
      const before = looks;
      said.add(spinner.changes(words, 0, value));
      if (looks > before) spun.push(wait);
    }
    return { spun, said: [...said] };
  };
  // 1, 3, 7, … 63 waits are skipped in between, then 64 each time.
  expect(waits(257, 0)).toEqual({ spun: [0, 2, 6, 14, 30, 62, 126, 191, 256], said: [false] });
  // Its begin, and until three milliseconds are over.
  expect(looks).toBe(9 * 4);
  // A change is seen while waits are skipped, too.
  words[0] = 1;
  expect(waits(66, 0)).toEqual({ spun: [64, 65], said: [true] });
  expect(waits(3, 1)).toEqual({ spun: [0, 2], said: [false] });
});
