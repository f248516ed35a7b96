import { afterEach, describe, expect, it, vi } from 'vitest';
import { ProgressBar } from '../../src/cli/progress_bar.ts';
import { type MetricsRow, NOT_MEASURED } from '../../src/train/metrics.ts';
import type { Population } from '../../src/train/population.ts';

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** A bar of two learners, how they are in training, and what it says of them. */
function observed() {
  vi.useFakeTimers({ toFake: ['performance'] });
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const learner = () => ({
    ...{ updates: 1, environmentSteps: 10, episodes: 1, finished: false },
    ...{ trainingSuccess: 0, trainingReturn: 4.5 },
  });
  const progress = [learner(), learner()];
  const config = { updates: 10, episodes: 0 };
  const population = { progress, config, groups: [{ first: 0, count: 2 }] } as unknown as Population;
  const bar = new ProgressBar({ population });
  const says = (): string => {
    vi.advanceTimersByTime(10_000);
    bar.update();
    return String(write.mock.lastCall![0]).split(' | ')[3];
  };
  const note = (seed: number, success: number, total: number) =>
    bar.note({ ...NOT_MEASURED, variant: 0, seed, success, return: total, trainingSuccess: 0 } as MetricsRow);
  return { progress, says, note };
}

describe('the progress bar', () => {
  it('tells return until a greedy evaluation sees success', () => {
    const { progress, says, note } = observed();
    expect(says()).toBe('return – greedy, 4.50 training');
    note(1, 0, 4);
    note(2, 0, 6);
    progress[1].trainingReturn = 5.3;
    expect(says()).toBe('return 5.00 greedy, 4.90 training');
    note(1, 0.5, 8);
    expect(says()).toBe('success 25.00% greedy, 0.00% training');
    // Once seen, it stays: that it is lost again is worth knowing.
    note(1, 0, 8);
    expect(says()).toBe('success 0.00% greedy, 0.00% training');
  });

  it('tells success from the first that is seen in training', () => {
    const { progress, says, note } = observed();
    note(1, 0, 4);
    progress[0].trainingSuccess = 0.02;
    expect(says()).toBe('success 0.00% greedy, 1.00% training');
  });
});
