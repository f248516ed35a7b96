import { afterEach, expect, test, vi } from 'vitest';
import { StatusLine } from '../../src/app/status.ts';

afterEach(() => vi.useRealTimers());

test('a new state is shown and read aloud at once; its numbers once a second, and twice a minute', () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const [line, announcement] = [{ textContent: '' }, { textContent: '' }];
  const status = new StatusLine(line as HTMLElement, announcement as HTMLElement);
  const texts = () => [line.textContent, announcement.textContent];
  vi.advanceTimersByTime(100_000);
  status.say('Training');
  expect(texts()).toEqual(['Training', 'Training']);
  status.update('first');
  expect(texts(), 'its first numbers need not wait').toEqual(['first', 'Training']);
  vi.advanceTimersByTime(999);
  status.update('too soon');
  expect(texts()).toEqual(['first', 'Training']);
  vi.advanceTimersByTime(1);
  status.update('a second later');
  expect(texts()).toEqual(['a second later', 'Training']);
  vi.advanceTimersByTime(28_999);
  status.update('not yet aloud');
  expect(texts()).toEqual(['not yet aloud', 'Training']);
  vi.advanceTimersByTime(1001);
  status.update('half a minute later');
  expect(texts()).toEqual(['half a minute later', 'half a minute later']);
  vi.advanceTimersByTime(29_000);
  status.say('Paused');
  vi.advanceTimersByTime(29_000);
  status.update('since it was last read');
  expect(texts()).toEqual(['since it was last read', 'Paused']);
});
