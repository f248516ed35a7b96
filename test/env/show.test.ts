import { expect, it } from 'vitest';
import { describeThrown, show } from '../../src/env/show.ts';

const MODULE = 'file:///home/me/my%20module.mjs';

/** An error with a stack of these files, innermost first. */
const thrown = (...places: readonly string[]): Error =>
  Object.assign(new Error('no\nconnection'), {
    stack: ['Error: no connection', ...places.map((place) => `    at f (${place})`)].join('\n'),
  });

/** What throws whatever is asked of it. */
function unreadable(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

it('tells the first 160 characters of what was thrown', () => {
  expect(describeThrown({ message: 'x'.repeat(500) }, MODULE)).toBe(`threw "${'x'.repeat(160)}"`);
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

it.each<[string, unknown]>([
  [`"${'x'.repeat(79)}…`, 'x'.repeat(200)],
  [`"${'x'.repeat(78)}"`, 'x'.repeat(78)],
  [`["${'x'.repeat(78)}…`, ['x'.repeat(200)]],
  ['"out of\\nline"', 'out of\nline'],
  ['12n', 12n],
  ['true', true],
  ['-1.5', -1.5],
  ['Symbol(a)', Symbol('a')],
  ['nothing', undefined],
  ['[nothing,null]', [undefined, null]],
  ['a function', () => 5],
  ['a class', class {}],
  ['a promise', Promise.resolve(5)],
  ['[[[…]]]', [[[[5]]]]],
  ['{"a":{"b":{"c":…}}}', { a: { b: { c: { d: 5 } } } }],
  ['{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,…}', { a: 1, b: 2, c: 3, d: 4, e: 5, f: 6, g: 7 }],
  ['{}', new DataView(new ArrayBuffer(8))],
  ['an object that cannot be read', unreadable()],
])('shows %s', (expected, value) => {
  expect(show(value)).toBe(expected);
});

it('tells of what is no error, too', () => {
  expect(describeThrown('gone', MODULE)).toBe('threw "gone"');
  expect(describeThrown(undefined, MODULE)).toBe('threw nothing');
  expect(describeThrown({ code: 7 }, MODULE)).toBe('threw {"code":7}');
  expect(describeThrown({ message: 'no stack' }, MODULE)).toBe('threw "no stack"');
  expect(describeThrown(unreadable(), MODULE)).toBe('threw an object that cannot be read');
});
