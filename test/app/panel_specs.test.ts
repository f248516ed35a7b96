import { expect, test } from 'vitest';
import { PANELS } from '../../src/app/curves/panel_specs.ts';

test('each quantity has its panel, in order; the first is of success', () => {
  expect(PANELS.map(({ id, lines }) => [id, ...lines.map(({ quantity }) => quantity)])).toEqual([
    ['success', 'success', 'trainingSuccess'],
    ['length', 'lengthRatio'],
    ['return', 'return', 'trainingReturn'],
    ['loss', 'loss'],
    ['q-total', 'qTotal'],
    ['gradient', 'gradientNorm'],
    ['epsilon', 'epsilon'],
  ]);
  const having = (field: 'range' | 'positive') =>
    PANELS.filter((panel) => panel[field]).map(({ id, range }) => [id, range]);
  expect(having('range')).toEqual([
    ['success', [0, 1]],
    ['epsilon', [0, 1]],
  ]);
  expect(having('positive')).toEqual([
    ['loss', undefined],
    ['gradient', undefined],
  ]);
});

test.each([
  ['success', 1, '100 %'],
  ['success', 0.5504, '55 %'],
  ['success', 0.9996, '99.9 %'],
  ['success', -0.136, '-14 %'],
  ['success', 1.234, '123 %'],
  ['loss', 0, '0'],
  ['loss', 0.001, '0.001'],
  ['loss', 0.000_99, '9.9e-4'],
  ['loss', -0.000_25, '-2.5e-4'],
  ['loss', 1.234_56, '1.235'],
  ['loss', 999_999, '1,000,000'],
  ['loss', 1_000_000, '1.0e+6'],
  ['loss', 1_234_567, '1.2e+6'],
  ['loss', -2e6, '-2.0e+6'],
])('%s: %f is written %s', (id, value, text) => {
  expect(PANELS.find((panel) => panel.id === id)!.format(value)).toBe(text);
});
