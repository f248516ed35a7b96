import { expect, test } from 'vitest';
import { isSameRun, leftOnItsWay, leftOnPage } from '../../src/app/left_runs.ts';
import type { KeptRun, RunState } from '../../src/app/service.ts';

const kept = (id: string, state: RunState, ...link: readonly string[]): KeptRun =>
  ({ id, state, info: { link } }) as unknown as KeptRun;

test('a reload finds the run that trained, else the one that was shown last, of the link where there is one', () => {
  const runs = [
    kept('a', 'paused', 'hidden=8'),
    kept('b', 'training', 'hidden=8'),
    kept('c', 'finished'),
    kept('d', 'stopped', 'hidden=8'),
  ];
  const left = (link: readonly string[] | undefined, shown: string, all = runs) =>
    leftOnPage(all, link, shown)?.id;
  expect(left(undefined, 'a')).toBe('b');
  expect(left(undefined, 'd', [runs[0], runs[3]])).toBe('d');
  expect(left(undefined, '', [runs[0], runs[3]])).toBeUndefined();
  expect(left(['hidden=8'], 'c')).toBe('b');
  expect(left([], 'c')).toBe('c');
  expect(left(['hidden=8'], 'c', [runs[0], runs[2]])).toBeUndefined();
  expect(left(['hidden=9'], 'a')).toBeUndefined();
});

test('of a new run’s settings, another one may have been left on its way', () => {
  const run = { id: 'own', link: ['hidden=8'] };
  const left = (state: RunState, id = 'a', link = 'hidden=8', open: readonly string[] = []) =>
    leftOnItsWay([kept(id, state, link)], run, new Set(open))?.id;
  for (const state of ['training', 'paused', 'stopped'] as const) expect(left(state)).toBe('a');
  for (const state of ['solved', 'finished', 'failed'] as const) expect(left(state)).toBeUndefined();
  expect(left('paused', 'own'), 'itself').toBeUndefined();
  expect(left('paused', 'a', 'hidden=9'), 'of other settings').toBeUndefined();
  expect(left('paused', 'a', 'hidden=8', ['a']), 'in another tab').toBeUndefined();
});

test('runs that differ in when they end are the same', () => {
  const link = ['gridSize=3', 'updates=60'];
  expect(isSameRun(link, ['gridSize=3', 'updates=120'])).toBe(true);
  expect(isSameRun(link, ['gridSize=3', 'episodes=5', 'stopWhenSolved=false'])).toBe(true);
  expect(isSameRun(link, ['gridSize=4', 'updates=60'])).toBe(false);
  expect(isSameRun(link, [...link, 'evaluateEvery=30'])).toBe(false);
});
