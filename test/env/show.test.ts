import { expect, it } from 'vitest';
import { describeThrown, show } from '../../src/env/show.ts';

const MODULE = 'file:///home/me/my%20module.mjs';

/** An error with a stack of these files, innermost first. */
const thrown = (...places: readonly string[]): Error =>
  Object.assign(new Error('no\nconnection'), {
    stack: ['Error: no connection', ...places.map((place) => `    at f (${place})`)].join('\n'),
  });

it.each([
  ['in the module', [`${MODULE}?7:13:32`], 'threw "no connection" (my module.mjs:13:32)'],
  [
    'in what the module imports: the innermost line of the module itself is told',
    ['file:///home/me/rules.mjs:2:1', `${MODULE}?7:13:32`, `${MODULE}?7:20:5`],
    'threw "no connection" (my module.mjs:13:32)',
  ],
  ['elsewhere', ['node:fs:10:3', 'file:///home/me/rules.mjs:2:1'], 'threw "no connection" (rules.mjs:2:1)'],
  ['nowhere', ['node:fs:10:3'], 'threw "no connection"'],
])('tells where it was thrown: %s', (_, places, expected) => {
  expect(describeThrown(thrown(...places), MODULE)).toBe(expected);
});

it('shows six entries of a list, and that there are more', () => {
  expect(show([1, 2, 3, 4, 5, 6])).toBe('[1,2,3,4,5,6]');
  expect(show(Float32Array.of(1, 2, 3, 4, 5, 6, 7))).toBe('[1,2,3,4,5,6,…]');
  expect(show({ a: 'x', b: [null] })).toBe('{"a":"x","b":[null]}');
});

it('tells of what is no error, too', () => {
  expect(describeThrown('gone', MODULE)).toBe('threw "gone"');
  expect(describeThrown(undefined, MODULE)).toBe('threw nothing');
});
