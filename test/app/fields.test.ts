import { describe, expect, test } from 'vitest';
import { fieldGroups } from '../../src/app/fields.ts';
import type { FieldSpec } from '../../src/app/service.ts';
import { read, readSettings } from '../../src/app/settings.ts';
import { type ConfigField, configFields, describeField, validateConfig } from '../../src/config.ts';
import { makeConfig } from '../../src/presets.ts';

const fields = fieldGroups().flatMap((group) => group.fields);
const named = (name: string): FieldSpec => fields.find((field) => field.name === name)!;

describe('fields', () => {
  test('every field of the configuration stands in one group, and the algorithm', () => {
    expect(fields.map(({ name }) => name).sort()).toEqual([...configFields, 'algorithm'].sort());
    expect(fieldGroups().map(({ open }) => open)).toEqual([true, ...Array(8).fill(false)]);
  });

  test('labels are the names in words, each its own; each has a sentence', () => {
    expect(new Set(fields.map(({ label }) => label)).size).toBe(fields.length);
    expect(new Set(fieldGroups().map(({ title }) => title)).size).toBe(fieldGroups().length);
    expect(named('gridSize').label).toBe('Grid size');
    expect(named('tau').label).toBe('Tau');
    expect(named('epsilonDecaySteps').label).toBe('Epsilon decay steps');
    for (const { hint } of fields) expect(hint).toMatch(/^\S.*[.\]]$/s);
    expect(named('hidden').hint).toBe(describeField('hidden'));
  });

  test('what the worker tells can be sent to the page', () => {
    expect(structuredClone(fieldGroups())).toEqual(fieldGroups());
  });

  test('only what changes no bit of a run can change while it goes on', () => {
    expect(fields.filter(({ live }) => live).map(({ name }) => name)).toEqual([
      'updates',
      'episodes',
      'stopWhenSolved',
    ]);
  });

  test('texts of all values belong to fields', () => {
    const { values, defaults } = read([]);
    expect(Object.keys(values).sort()).toEqual(fields.map(({ name }) => name).sort());
    expect(defaults).toEqual(values);
  });

  test('numbers count something, or are without a unit', () => {
    const units = (unit: string) => fields.filter((field) => field.unit === unit).map(({ name }) => name);
    expect(units('updates')).toEqual(['updates', 'updatesPerStep', 'evaluateEvery', 'logEvery', 'saveEvery']);
    expect(units('episodes')).toEqual(['episodes', 'targetInterval']);
    expect(units('environment steps')).toEqual(['epsilonDecaySteps']);
    expect(units('transitions')).toEqual(['batchSize', 'replayCapacity', 'warmup']);
    expect(units('steps')).toEqual(['episodeLimit']);
    expect([...units('cells'), ...units('agents'), ...units('environments per learner')]).toEqual([
      ...['gridSize', 'agents', 'environments'],
    ]);
    expect([...units('units'), ...units('layers')]).toEqual([
      ...['hidden', 'mixerWidth', 'hyperHidden', 'hyperLayers', 'biasLayers'],
    ]);
  });

  const numbers = fields.filter(({ kind }) => kind === 'number');
  test('numbers have bounds', () => {
    expect(numbers.length).toBeGreaterThan(25);
    for (const { minimum, maximum } of numbers)
      expect([typeof minimum, typeof maximum]).toEqual(['number', 'number']);
  });

  // Nothing but the bound is wrong or right with it: rules of two fields speak of the other's.
  const refusal = (field: string, value: number): string => {
    try {
      validateConfig({ ...makeConfig('solve'), [field]: value });
      return '';
    } catch (error) {
      return (error as Error).message
        .split('\n')
        .filter((line) => line.startsWith(`${field}: `))
        .join();
    }
  };
  const leastOf = (name: string): string =>
    named(name).minimum === 0 ? '0, or at least 1e-37' : 'at least 1e-37';
  test.each(numbers)('$name: bounds are where validation has them', ({ name, minimum, maximum, integer }) => {
    const [low, high] = [minimum!, maximum!];
    expect(refusal(name, low)).not.toMatch(/allowed: (0, or )?at least/);
    expect(refusal(name, high)).not.toMatch(/allowed: at most [\d.]+$/);
    const below = integer ? low - 1 : low - 1e-9;
    expect(refusal(name, below)).toMatch(/allowed: at least /);
    const above = integer ? high + 1 : high * (1 + 1e-9);
    expect(refusal(name, above)).toBe(`${name}: got ${above}, allowed: at most ${high}`);
    const broken = refusal(name, low + 0.5);
    if (integer) expect(broken).toBe(`${name}: got ${low + 0.5}, allowed: a whole number`);
    else expect(broken).toBe('');
  });

  // The kernels compute in float32, whose numbers below 2^-126 a GPU may take for 0.
  const reals = numbers.filter(({ integer }) => !integer);
  test.each(reals)('$name: what is accepted is neither 0 nor infinite in float32', ({ name, maximum }) => {
    for (const value of [1e-37, 2 ** -126, 1e-38, 1e-40, 1e-46, Number.MIN_VALUE]) {
      if (refusal(name, value) === '') expect(Math.fround(value)).toBeGreaterThanOrEqual(2 ** -126);
      else expect(refusal(name, value)).toBe(`${name}: got ${value}, allowed: ${leastOf(name)}`);
    }
    expect(refusal(name, 1e-37)).toBe('');
    expect(Math.fround(maximum!)).toBeLessThan(Infinity);
  });
  test.each(['beta1', 'beta2', 'rmspropAlpha'])('%s is never 1 in float32', (name) => {
    expect(Math.fround(named(name).maximum!)).toBeLessThan(1);
  });

  const choices = fields.filter(({ kind }) => kind === 'choice');
  test.each(choices)('$name: each choice is accepted, and no other', ({ name, choices: names }) => {
    expect(names.length).toBeGreaterThan(1);
    for (const choice of names) expect(readSettings([`${name}=${choice}`]).problems).toEqual([]);
    expect(readSettings([`${name}=nothing`]).problems).toEqual([
      { field: name, message: `${name}: got "nothing", allowed: ${names.join(', ')}` },
    ]);
  });

  test('switches hold true or false', () => {
    const switches = fields.filter(({ kind }) => kind === 'switch').map(({ name }) => name as ConfigField);
    expect(switches).toEqual(['stopWhenSolved', 'sharedAgents', 'agentId', 'overlap']);
    for (const name of switches) {
      for (const value of [true, false]) expect(readSettings([`${name}=${value}`]).config![name]).toBe(value);
    }
  });
});
