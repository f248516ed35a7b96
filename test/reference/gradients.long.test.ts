import { describe, expect, it } from 'vitest';
import { allocateMixActivations, mixForward } from '../../src/reference/mix_forward.ts';
import { allocateWorkspace, backward, forward, type Workspace } from '../../src/reference/update.ts';
import { HYPERNETWORKS, type NetworkShape } from '../../src/shapes.ts';
import { REPORT, randomBatch, randomState, TestNumbers } from './random_case.ts';

const GAMMA = 0.97;
/** Step of the central differences, (f(x + h) − f(x − h)) / 2h. */
const STEP = 1e-5;
/**
 * Of the largest entry of the tensor's gradient, or of 1e-3 of the loss where that is larger. Central
 * differences are wrong by rounding, 2⁻⁵³ · loss / h = 1e-11 · loss for each of the losses' roundings, and
 * by h²/6 = 2e-11 times the third derivative. Against this scale the first is 1e-8 at worst, the second
 * 1e-9 where the third derivative is 50 times the first. Measured: 3e-9 with odd sizes, else below 5e-10.
 */
const BOUND = 2e-8;
/** Of dQ_tot/dq itself: the same errors, without the batch's sum in front. Measured: 1e-10. */
const SLOPE_BOUND = 1e-9;
/** Entries of each tensor that are perturbed. */
const SAMPLES = 12;

const base: NetworkShape = {
  ...REPORT,
  agents: 2,
  observationSize: 6,
  stateSize: 6,
  actions: 5,
  hidden: 16,
  mixerWidth: 12,
  hyperHidden: 9,
};
const cases: [string, NetworkShape, number][] = [
  ['separate agents', base, 8],
  ['a shared agent', { ...base, agents: 3, sharedAgents: true }, 7],
  [
    'odd sizes',
    {
      ...base,
      agents: 5,
      observationSize: 7,
      stateSize: 11,
      actions: 3,
      hidden: 13,
      mixerWidth: 17,
      hyperHidden: 5,
    },
    5,
  ],
  ['one agent', { ...base, agents: 1 }, 6],
  ['one agent, shared', { ...base, agents: 1, sharedAgents: true }, 3],
  ['a batch of one', base, 1],
  [
    'all sizes 1',
    {
      ...REPORT,
      agents: 1,
      observationSize: 1,
      stateSize: 1,
      actions: 1,
      hidden: 1,
      mixerWidth: 1,
      hyperHidden: 1,
    },
    1,
  ],
];

const small = {
  ...base,
  agents: 3,
  observationSize: 4,
  actions: 3,
  hidden: 7,
  mixerWidth: 5,
  hyperHidden: 6,
};
const mixers: Pick<NetworkShape, 'mixer' | 'positivity' | 'hyperLayers' | 'biasLayers'>[] = [
  { ...REPORT, mixer: 'none' },
  { ...REPORT, mixer: 'sum' },
];
for (const positivity of ['softplus', 'abs'] as const) {
  for (const hyperLayers of [1, 2]) {
    for (const biasLayers of [1, 2]) {
      mixers.push({ mixer: 'monotonic', positivity, hyperLayers, biasLayers });
    }
  }
}
for (const { mixer, positivity, hyperLayers, biasLayers } of mixers) {
  for (const sharedAgents of [false, true]) {
    for (const agentId of [false, true]) {
      const shape = { ...small, mixer, positivity, hyperLayers, biasLayers, sharedAgents, agentId };
      const agents = `${sharedAgents ? 'shared' : 'separate'} agents${agentId ? ' with id' : ''}`;
      const weights = mixer === 'monotonic' ? ` ${positivity} ${hyperLayers} ${biasLayers}` : '';
      cases.push([`${mixer}${weights}, ${agents}`, shape, 5]);
    }
  }
}

/**
 * Which rectifiers are on and which weights abs turns round, elementwise: equal patterns on both sides of a
 * difference mean no kink between them.
 */
function pattern(work: Workspace): string {
  const arrays = [
    work.agents.hidden1,
    work.agents.hidden2,
    ...HYPERNETWORKS.map((n) => work.hyper.hidden[n]),
    ...(work.hyper.positivity === 'abs' ? Object.values(work.hyper.raw) : []),
  ];
  return arrays.map((values) => Array.from(values, (v) => (v > 0 ? '1' : '0')).join('')).join('|');
}

describe.each(cases)('gradient of the loss: %s', (_, shape, batchSize) => {
  it('is that of central differences, for every parameter tensor', () => {
    const numbers = new TestNumbers(17);
    const state = randomState(shape, numbers, 2);
    const batch = randomBatch(shape, batchSize, numbers);
    const work = allocateWorkspace(shape, batchSize);
    const probe = allocateWorkspace(shape, batchSize);
    forward(work, state, batch, GAMMA);
    backward(work, state, batch);
    expect(work.gradientNorm).toBeGreaterThan(0);

    // The target stays what it is while parameters move: a' must not change, nor does the loss's gradient
    // go through it. Its argmax depends on the online networks, so the loss is taken against the first y.
    const lossAt = (): number => {
      forward(probe, state, batch, GAMMA);
      let sum = 0;
      const { qTotal } = probe.mix;
      for (let j = 0; j < qTotal.length; j++) sum += (qTotal[j] - work.target[j]) ** 2;
      return sum / qTotal.length;
    };

    let kinks = 0;
    let checked = 0;
    for (const [name, { data }] of state.online.tensors) {
      const gradient = work.gradient.tensors.get(name)!.data;
      const largest = gradient.reduce((most, g) => Math.max(most, Math.abs(g)), 0);
      const scale = Math.max(largest, 1e-3 * work.loss);
      for (let k = 0; k < Math.min(SAMPLES, data.length); k++) {
        const j = data.length <= SAMPLES ? k : numbers.integer(data.length);
        const value = data[j];
        data[j] = value + STEP;
        const above = lossAt();
        const patternAbove = pattern(probe);
        data[j] = value - STEP;
        const below = lossAt();
        const patternBelow = pattern(probe);
        data[j] = value;
        // Across a rectifier's kink there is no derivative to compare with.
        if (patternAbove !== patternBelow) {
          kinks++;
          continue;
        }
        checked++;
        const difference = (above - below) / (2 * STEP);
        const error = Math.abs(gradient[j] - difference) / scale;
        expect(error, `${name}[${j}]: got ${gradient[j]}, differences ${difference}`).toBeLessThan(BOUND);
      }
    }
    // A kink lies within 2e-5 of a random point rarely: what was left out must be next to nothing.
    expect(kinks).toBeLessThanOrEqual(0.02 * checked);
  });

  it('and dQ_tot/dq is that of central differences', () => {
    const numbers = new TestNumbers(18);
    const state = randomState(shape, numbers, 2);
    const batch = randomBatch(shape, batchSize, numbers);
    const work = allocateWorkspace(shape, batchSize);
    forward(work, state, batch, GAMMA);
    backward(work, state, batch);
    const moved = work.qChosen.slice();
    const probe = allocateMixActivations(shape, batchSize);
    for (let j = 0; j < moved.length; j++) {
      const b = Math.floor((j * probe.qTotal.length) / moved.length);
      moved[j] = work.qChosen[j] + STEP;
      mixForward(probe, moved, work.hyper);
      const above = probe.qTotal[b];
      moved[j] = work.qChosen[j] - STEP;
      mixForward(probe, moved, work.hyper);
      moved[j] = work.qChosen[j];
      const difference = (above - probe.qTotal[b]) / (2 * STEP);
      const error = Math.abs(work.slope[j] / difference - 1);
      expect(error, `[${j}]: got ${work.slope[j]}, differences ${difference}`).toBeLessThan(SLOPE_BOUND);
    }
  });
});
