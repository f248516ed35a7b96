import { expect, it } from 'vitest';
import { isModuleFile } from '../../src/env/registry.ts';

it.each([
  ['my.mjs', true],
  ['my.js', true],
  ['/home/me/my module.js', true],
  ['my.cjs', false],
  ['my.ts', false],
  ['my.js.txt', false],
  ['mjs', false],
])('whether %s names a module file: %s', (name, expected) => {
  expect(isModuleFile(name)).toBe(expected);
});
