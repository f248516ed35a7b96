import { expect, test } from 'vitest';
import { initialParameters } from '../../src/learner/initialise.ts';
import { makeConfig } from '../../src/presets.ts';
import { configuredShape } from '../../src/train/environments.ts';

test('first parameters are uniform over ±1/√fan_in, weights and biases', () => {
  const parameters = initialParameters(configuredShape(makeConfig('report')), 2025);
  let total = 0;
  for (const [name, { data: float32, shape }] of parameters) {
    const data = Float64Array.from(float32);
    // A bias has the fan-in of its layer's weight: [outputs, inputs].
    const weight = parameters.get(name.replace(/bias$/, 'weight'))!;
    const bound = 1 / Math.sqrt(weight.shape[1]);
    expect(Math.max(...data.map(Math.abs)), name).toBeLessThanOrEqual(Math.fround(bound));
    if (shape.length === 1) continue;
    const squares = data.reduce((sum, value) => sum + value * value, 0) / data.length;
    // x² of x uniform over ±b has mean b²/3 and standard deviation b²·2/√45.
    const standardError = (bound * bound * 2) / Math.sqrt(45 * data.length);
    expect(Math.abs(squares - (bound * bound) / 3), name).toBeLessThan(5 * standardError);
    expect(Math.abs(data.reduce((sum, value) => sum + value, 0) / data.length), name).toBeLessThan(
      (5 * bound) / Math.sqrt(3 * data.length),
    );
    total += data.length;
  }
  expect(total).toBeGreaterThan(60_000);
});

test('each seed has its own', () => {
  const shape = configuredShape(makeConfig('report'));
  const [first, same, other] = [1, 1, 2].map((seed) =>
    initialParameters(shape, seed).get('agents.1.2.weight'),
  );
  expect(same).toEqual(first);
  expect(other).not.toEqual(first);
});
