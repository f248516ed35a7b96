import { afterEach, expect, test, vi } from 'vitest';
import { Interrupt } from '../../src/cli/interrupt.ts';

afterEach(() => vi.restoreAllMocks());

test('the first signal asks, one that npm passes on at once is the same press, and a later one ends the process', () => {
  let now = 10_000;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
  const told = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const interrupt = new Interrupt();
  try {
    const asked = vi.fn();
    interrupt.onRequest = asked;
    process.emit('SIGINT', 'SIGINT');
    expect([interrupt.requested, asked.mock.calls.length]).toEqual([true, 1]);
    expect(told).toHaveBeenCalledExactlyOnceWith(expect.stringContaining('once more to end at once'));
    now += 400;
    process.emit('SIGINT', 'SIGINT');
    expect(kill).not.toHaveBeenCalled();
    now += 200;
    process.emit('SIGTERM', 'SIGTERM');
    expect(kill).toHaveBeenCalledExactlyOnceWith(process.pid, 'SIGTERM');
    expect(asked).toHaveBeenCalledOnce();
  } finally {
    interrupt.release();
  }
});
