import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { kernelCases } from '../kernels/cases.ts';
import { mutations } from './mutations.ts';

describe('Mutations', () => {
  const titles = kernelCases.map(({ kernel, name }) => `${kernel}: ${name}`);
  const sourceOf = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');

  it.each(mutations)('$file: $find -> $replace', ({ file, find, replace, red }) => {
    expect(sourceOf(file).split(find).length - 1, 'places of the text in its file').toBe(1);
    expect(replace).not.toBe(find);
    expect(
      titles.some((title) => title.startsWith(red)),
      `a case whose title begins with "${red}"`,
    ).toBe(true);
  });
});
