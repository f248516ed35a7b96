import { afterEach, expect, test, vi } from 'vitest';
import { Jobs } from '../../src/run/jobs.ts';

afterEach(() => void vi.useRealTimers());

test('jobs are done in order, those that come meanwhile the next time', async () => {
  const jobs = new Jobs();
  const done: string[] = [];
  const job = (name: string) => async () => {
    done.push(name);
    return name;
  };
  let later: Promise<string> | undefined;
  const first = jobs.do(async () => {
    later = jobs.do(job('later'));
    return job('first')();
  });
  const failing = jobs.do(() => Promise.reject(new Error('in vain')));
  const refused = expect(failing).rejects.toThrow('in vain');
  expect(jobs.waiting).toBe(true);
  await jobs.run();
  expect(done).toEqual(['first']);
  expect(await first).toBe('first');
  await refused;
  expect(jobs.waiting).toBe(true);
  await jobs.run();
  expect(await later).toBe('later');
  expect(jobs.waiting).toBe(false);
});

test('a loop that has ended refuses what waits, and what comes', async () => {
  const jobs = new Jobs();
  const ended = new Error('ended');
  const waiting = expect(jobs.do(async () => 1)).rejects.toBe(ended);
  jobs.end(ended);
  await waiting;
  expect(jobs.waiting).toBe(false);
  await expect(jobs.do(async () => 1)).rejects.toBe(ended);
});

test('a loop sleeps until its time, or until there is something to do, each time anew', async () => {
  vi.useFakeTimers();
  const jobs = new Jobs();
  let slept = 0;
  const sleep = (milliseconds?: number) => void jobs.sleep(milliseconds).then(() => slept++);
  sleep(100);
  await vi.advanceTimersByTimeAsync(99);
  expect(slept).toBe(0);
  await vi.advanceTimersByTimeAsync(1);
  expect(slept).toBe(1);
  sleep(100);
  void jobs.do(async () => {});
  await vi.advanceTimersByTimeAsync(0);
  expect(slept).toBe(2);
  // While something waits, nobody sleeps.
  sleep();
  await vi.advanceTimersByTimeAsync(0);
  expect(slept).toBe(3);
  await jobs.run();
  // The time of the sleep that ended early wakes nobody.
  sleep();
  await vi.advanceTimersByTimeAsync(1000);
  expect(slept).toBe(3);
  void jobs.do(async () => {});
  await vi.advanceTimersByTimeAsync(0);
  expect(slept).toBe(4);
});
