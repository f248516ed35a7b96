import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
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

/** A bar of learners that make 1,000 updates each, some groups of them one after another, and its lines. */
function timed(
  { stopWhenSolved = false, episodes = 0 } = {},
  groups = [{ first: 0, count: 2 }],
  part?: { label: string; before: number; share: number },
) {
  vi.useFakeTimers({ toFake: ['performance', 'Date', 'setTimeout', 'clearTimeout'] });
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const progress = [0, 1].map(() => ({
    ...{ updates: 100, environmentSteps: 4000, episodes: 10, finished: false },
    ...{ trainingSuccess: 0.5, trainingReturn: 4.5 },
  }));
  const config = { updates: 1000, episodes, stopWhenSolved };
  const bar = new ProgressBar({ population: { progress, config, groups } as unknown as Population }, part);
  /** What it says sayAfter so many seconds more, when both learners have made so many updates, or each its own. */
  const sayAfter = (seconds: number, first: number, second = first): string => {
    [progress[0].updates, progress[1].updates] = [first, second];
    vi.advanceTimersByTime(1000 * seconds);
    bar.update();
    return String(write.mock.lastCall![0]).trimEnd();
  };
  const left = (line: string): string => line.split(' | ')[6] ?? 'not known';
  return {
    bar,
    progress,
    sayAfter,
    /** All that it has told so far. */
    written: () => write.mock.calls.map(([text]) => String(text)).join(''),
    left: (...given: Parameters<typeof sayAfter>) => left(sayAfter(...given)),
  };
}

describe('a line of progress', () => {
  it('is told every ten seconds, and a learner of whom nothing is measured yet counts for nothing', () => {
    const { bar, written } = timed();
    const lines = () => written().split('\n').length - 1;
    const told = [9.9, 0.2, 0, 9.9, 0.1].map((seconds) => {
      vi.advanceTimersByTime(1000 * seconds);
      bar.update();
      return lines();
    });
    expect(told).toEqual([0, 1, 1, 1, 2]);
    const row = { ...NOT_MEASURED, variant: 0, seed: 1, return: 3 } as MetricsRow;
    bar.note({ ...row, success: 0.25, loss: 0.5 });
    bar.note({ ...row, seed: 2 });
    bar.note({ ...row, variant: 1, success: 0.75, loss: 0.25 });
    // What is not measured in a row leaves what was measured before it.
    bar.note(row);
    vi.advanceTimersByTime(10_000);
    bar.update();
    expect(written()).toMatch(/ \| success 50\.00% greedy, 50\.00% training \| loss 0\.375 \| [^\n]*\n$/);
    bar.say('a line');
    expect(written()).toMatch(/updates\/s\na line\n$/);
    const before = written();
    bar.stop();
    expect(written()).toBe(before);
  });
});

describe('the bar on a terminal', () => {
  const isTTY = Object.getOwnPropertyDescriptor(process.stderr, 'isTTY');
  beforeEach(() => Object.defineProperty(process.stderr, 'isTTY', { value: true, configurable: true }));
  afterEach(() => {
    if (isTTY) Object.defineProperty(process.stderr, 'isTTY', isTTY);
    else Reflect.deleteProperty(process.stderr, 'isTTY');
  });

  it('has something new to show five times a second, comes again below a line, and stays at its end', () => {
    const { bar, progress, written } = timed();
    const drawn = () => written().match(/\d+% \| [\d,]+ updates/g)!;
    for (const [milliseconds, updates] of [
      [150, 200],
      [100, 300],
      [150, 400],
    ]) {
      for (const learner of progress) learner.updates = updates;
      vi.advanceTimersByTime(milliseconds);
      bar.update();
    }
    vi.advanceTimersByTime(100);
    expect([...new Set(drawn())]).toEqual(['10% | 100 updates', '30% | 300 updates']);
    bar.say('a line');
    const [, below] = written().split('\r\u001b[2K\u001b[?7ha line\n\u001b[?7l');
    expect(below).toContain('30% | 300 updates');
    bar.stop();
    expect(drawn().at(-1)).toBe('40% | 400 updates');
    const end = written();
    vi.advanceTimersByTime(1000);
    expect(written()).toBe(end);
  });
});

describe('the time that is left', () => {
  it('stands at the end of a line that has the share done, updates, steps, success, loss and rate', () => {
    const { bar, sayAfter } = timed();
    for (const [seed, loss] of [
      [1, 0.5],
      [2, 0.25],
    ])
      bar.note({ ...NOT_MEASURED, variant: 0, seed, loss, success: seed / 4, return: 3 } as MetricsRow);
    expect(sayAfter(10, 100)).toBe(
      '10.0% | 100 updates | 8,000 environment steps | success 37.50% greedy, 50.00% training | loss 0.375 | 0 updates/s',
    );
    sayAfter(10, 200);
    // 100 updates in the last 10 s: 700 more take 70 s. The rate beside it is of all 30 s.
    expect(sayAfter(10, 300)).toBe(
      '30.0% | 300 updates | 8,000 environment steps | success 37.50% greedy, 50.00% training | loss 0.375 | 7 updates/s | about 1 min 10 s left',
    );
  });

  it('is known 10 s after the first step, and goes by the last minute', () => {
    const { left } = timed();
    expect(left(50, 100)).toBe('not known');
    expect(left(10, 110)).toBe('not known');
    expect(left(10, 120)).toBe('about 14 min 40 s left');
    // Ten times as fast from here on: 510 updates in the last 60 s, of which 10 were slow, and 380 are left.
    for (const updates of [220, 320, 420, 520]) left(10, updates);
    expect(left(10, 620)).toBe('about 45 s left');
    // 75 s after the first step the first ten are no longer counted: 650 updates in 65 s, and 230 are left.
    expect(left(15, 770)).toBe('about 23 s left');
  });

  it('counts the learner that has most to do, and what ends first', () => {
    const slow = timed();
    slow.left(10, 200, 300);
    expect(slow.left(10, 300, 500)).toBe('about 1 min 10 s left');
    // Of 20 episodes 10 are made, of 1,000 updates 100: half is done.
    const byEpisodes = timed({ episodes: 20 });
    for (const learner of byEpisodes.progress) learner.episodes = 11;
    byEpisodes.left(10, 101);
    for (const learner of byEpisodes.progress) learner.episodes = 12;
    expect(byEpisodes.left(10, 102)).toBe('about 1 min 20 s left');
  });

  it('counts a learner that has finished as done', () => {
    const { progress, sayAfter } = timed();
    progress[0].finished = true;
    expect(sayAfter(10, 300, 500)).toMatch(/^50\.0% \| 500 updates/);
  });

  it('is that of all groups, and of the whole work that a run is a part of', () => {
    const groups = [
      { first: 0, count: 1 },
      { first: 1, count: 1 },
    ];
    const inGroups = timed({}, groups);
    inGroups.left(10, 200, 100);
    // 100 updates in 10 s; the first has 700 left, and the second 900.
    expect(inGroups.left(10, 300, 100)).toBe('about 2 min 40 s left');

    const part = timed({ stopWhenSolved: true }, undefined, {
      label: 'vdn, 2 of 4',
      before: 0.25,
      share: 0.25,
    });
    part.sayAfter(10, 200);
    // 700 here, and two more parts of 1,000.
    expect(part.sayAfter(10, 300)).toMatch(
      /^32\.5% \| vdn, 2 of 4 \| 300 updates \| .* \| about 4 min 30 s left$/,
    );
  });

  it('says that a run may stop earlier; hours have minutes', () => {
    const { left } = timed({ stopWhenSolved: true });
    left(10, 101);
    expect(left(10, 102)).toBe('stops when solved, or in about 2 h 29 min');
    const hour = timed();
    hour.left(10, 699);
    expect(hour.left(12, 700)).toBe('about 1 h 0 min left');
  });
});
