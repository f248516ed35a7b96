import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { kernelCases } from '../kernels/cases.ts';
import { allMutations } from './all.ts';
import { describeMutation, isSlow, KINDS, type NamedTest } from './mutation.ts';
import { MOST_SLOW, select } from './select.ts';

const root = new URL('../../', import.meta.url);
const texts = new Map<string, string>();
const textOf = (file: string): string => {
  const text = texts.get(file) ?? readFileSync(new URL(file, root), 'utf8');
  texts.set(file, text);
  return text;
};

const cases = kernelCases.map(({ kernel, name }) => `${kernel}: ${name}`);

/** Whether a text in a test's file begins so; of a template, `%s` and `$name` may be anything. */
function isNamed({ file, name }: NamedTest): boolean {
  if (!existsSync(new URL(file, root))) return false;
  const literals = textOf(file).matchAll(/'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"|`([^`]*)`/g);
  return [...literals].some(([, ...found]) => {
    const text = found.find((one) => one !== undefined) ?? '';
    const [first, second] = text.split(/%[a-z]|\$[{\w.}]+/);
    if (second === undefined || first !== '')
      return text.startsWith(name) || (second !== undefined && name.startsWith(first));
    // It begins with what differs: some end of the name must begin what follows.
    return (
      second !== '' && [...name].some((_, at) => second.startsWith(name.slice(at)) && name.length - at > 4)
    );
  });
}

describe('Mutations', () => {
  it.each(allMutations.map((one) => [describeMutation(one), one] as const))('%s', (_, mutation) => {
    const { file, find, replace, red } = mutation;
    expect(textOf(file).split(find).length - 1, 'places of the text in its file').toBe(1);
    expect(replace).not.toBe(find);
    const exists =
      typeof red === 'string'
        ? cases.some((title) => title.startsWith(red))
        : red.name !== '' && isNamed(red);
    expect(exists, `a test whose name begins with "${typeof red === 'string' ? red : red.name}"`).toBe(true);
  });

  it('are each there once', () => {
    const all = allMutations.map(({ file, find, replace }) => JSON.stringify([file, find, replace]));
    expect(all.filter((one, at) => all.indexOf(one) < at)).toEqual([]);
  });
});

describe('a selection', () => {
  const asked = { kinds: KINDS, seed: 1 };

  it('is an error where it is empty', () => {
    expect(() => select(allMutations, { ...asked, text: 'nowhere to be found' })).toThrow(
      'no mutation is selected: of kinds shaders, config,',
    );
    expect(() => select(allMutations, { ...asked, kinds: [] })).toThrow('no mutation is selected');
    expect(() => select(allMutations, { ...asked, sample: 0 })).toThrow('no mutation is selected');
    expect(() => select([], asked)).toThrow('no mutation is selected');
  });

  it('is of the kinds and the text that are asked for', () => {
    expect(select(allMutations, asked)).toEqual(allMutations);
    const some = select(allMutations, { ...asked, kinds: ['compare'], text: 'src/compare/marl_eval.ts' });
    expect(some.length).toBeGreaterThan(1);
    expect(new Set(some.map(({ file }) => file))).toEqual(new Set(['src/compare/marl_eval.ts']));
  });

  it.each([1, 2, 3, 4, 5])(
    'drawn by seed %i is of every kind, few of it slow, and the same again',
    (seed) => {
      const drawn = select(allMutations, { ...asked, seed, sample: 20 });
      expect(drawn).toHaveLength(20);
      expect(new Set(drawn).size).toBe(20);
      expect(new Set(drawn.map(({ kind }) => kind)).size).toBe(KINDS.length);
      const slow = drawn.filter(isSlow).map(({ kind }) => kind);
      expect(slow.length).toBeLessThanOrEqual(MOST_SLOW);
      expect(new Set(slow).size).toBe(slow.length);
      expect(select(allMutations, { ...asked, seed, sample: 20 })).toEqual(drawn);
      expect(select(allMutations, { ...asked, seed: seed + 10, sample: 20 })).not.toEqual(drawn);
    },
  );
});
