import { expect, it } from 'vitest';
import { KeyedRandom } from '../../src/env/keyed_random.ts';

/** Numbers of an episode, as whole 2^-24ths. */
function taken(seed: number, copy: number, episode: number, count: number): number[] {
  const random = new KeyedRandom(seed, copy);
  random.begin(episode);
  return Array.from({ length: count }, () => random.next() * 2 ** 24);
}

/**
 * Philox4x32-10 in seven lines of Python, which give the known answers of Random123 (kat_vectors):
 *
 *   def philox(c, k):
 *     for _ in range(10):
 *       p, q = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
 *       c = [(q >> 32) ^ c[1] ^ k[0], q & 0xFFFFFFFF, (p >> 32) ^ c[3] ^ k[1], p & 0xFFFFFFFF]
 *       k = [(k[0] + 0x9E3779B9) & 0xFFFFFFFF, (k[1] + 0xBB67AE85) & 0xFFFFFFFF]
 *     return c
 *   number = lambda seed, copy, episode, n: philox([episode, copy, n // 4, 0], [seed, 2])[n % 4] >> 8
 */
it.each([
  [
    2025,
    3,
    0,
    [13019395, 5278580, 16204553, 1109467, 2565641, 7618785, 14110885, 8322873, 10608485, 1414762],
  ],
  [2025, 3, 7, [6754705, 11479610, 5811746, 2092445, 8581114, 16190930, 16519139, 4596833, 580244, 2246572]],
  [2025, 4, 7, [13172737, 10516452]],
  [2026, 3, 7, [9852834, 14251779]],
])('seed %i, copy %i, episode %i: what a module draws is Philox', (seed, copy, episode, expected) => {
  expect(taken(seed, copy, episode, expected.length)).toEqual(expected);
});

it('goes on for thousands of numbers without coming back to earlier ones', () => {
  const numbers = taken(2025, 3, 7, 4097);
  expect([999, 1000, 4095, 4096].map((index) => numbers[index])).toEqual([
    11396873, 7848058, 11693782, 11046705,
  ]);
  expect(new Set(numbers.slice(0, 1000)).size).toBe(1000);
});

it('begins an episode again with the same numbers', () => {
  const random = new KeyedRandom(2025, 3);
  random.begin(0);
  for (let draw = 0; draw < 6; draw++) random.next();
  random.begin(7);
  expect([random.next(), random.next()]).toEqual([6754705 / 2 ** 24, 11479610 / 2 ** 24]);
});
