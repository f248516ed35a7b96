import { describe, expect, it } from 'vitest';
import { mixForward } from '../../src/reference/mix_forward.ts';
import { selectGreedy } from '../../src/reference/select.ts';
import { allocateWorkspace, backward, forward } from '../../src/reference/update.ts';
import type { NetworkShape } from '../../src/shapes.ts';
import { REPORT, randomBatch, randomState, TestNumbers } from './random_case.ts';

const sizes = { ...REPORT, observationSize: 6, stateSize: 6, hidden: 16, mixerWidth: 24, hyperHidden: 16 };
const shapes: NetworkShape[] = [
  { ...sizes, agents: 2, actions: 5 },
  { ...sizes, agents: 3, actions: 4 },
  { ...sizes, agents: 4, actions: 3, sharedAgents: true },
  { ...sizes, agents: 1, actions: 7 },
  { ...sizes, agents: 2, actions: 5, positivity: 'abs' },
  { ...sizes, agents: 3, actions: 4, positivity: 'abs', hyperLayers: 1, biasLayers: 1 },
  { ...sizes, agents: 3, actions: 4, hyperLayers: 1 },
  { ...sizes, agents: 3, actions: 3, mixer: 'sum' },
];
/** Larger weights than any initialisation: mixing weights from almost 0 to dozens, ELUs far on both sides. */
const GAINS = [0.5, 1, 4, 12];
const STATES = 16;
const NETWORKS = 5;

describe.each(shapes)(
  'Q_tot of $agents agents with $actions actions, $mixer, $positivity, $hyperLayers layers',
  (shape) => {
    it('never falls where a Q_i rises', () => {
      for (const gain of GAINS) {
        for (let n = 0; n < NETWORKS; n++) {
          const numbers = new TestNumbers(1000 * gain + n);
          const state = randomState(shape, numbers, gain);
          const batch = randomBatch(shape, STATES, numbers);
          const work = allocateWorkspace(shape, STATES);
          forward(work, state, batch, 0.99);
          backward(work, state, batch);
          for (const slope of work.slope) expect(slope).toBeGreaterThanOrEqual(0);

          // And without the derivative: raise one Q_i at a time by little and by much.
          const before = work.mix.qTotal.slice();
          for (let i = 0; i < shape.agents; i++) {
            for (const rise of [1e-3, 1, 100]) {
              const raised = work.qChosen.slice();
              for (let b = 0; b < STATES; b++) raised[b * shape.agents + i] += rise;
              mixForward(work.mix, raised, work.hyper);
              for (let b = 0; b < STATES; b++) expect(work.mix.qTotal[b]).toBeGreaterThanOrEqual(before[b]);
            }
          }
        }
      }
    });

    it('is largest, over all joint actions, where each agent takes its own best action', () => {
      const { agents, actions } = shape;
      const joint = actions ** agents;
      for (const gain of GAINS) {
        for (let n = 0; n < NETWORKS; n++) {
          const numbers = new TestNumbers(2000 * gain + n);
          const state = randomState(shape, numbers, gain);
          const batch = randomBatch(shape, STATES, numbers);
          const work = allocateWorkspace(shape, STATES);
          forward(work, state, batch, 0.99);

          const greedy = new Int32Array(STATES * agents);
          selectGreedy(greedy, work.agents.q, actions, greedy.length);
          const values = new Float64Array(joint * STATES);
          const chosen = new Float64Array(STATES * agents);
          for (let a = 0; a < joint; a++) {
            for (let row = 0; row < chosen.length; row++) {
              const own = Math.floor(a / actions ** (row % agents)) % actions;
              chosen[row] = work.agents.q[row * actions + own];
            }
            mixForward(work.mix, chosen, work.hyper);
            values.set(work.mix.qTotal, a * STATES);
          }
          for (let b = 0; b < STATES; b++) {
            let together = 0;
            for (let i = agents - 1; i >= 0; i--) together = together * actions + greedy[b * agents + i];
            let best = -Infinity;
            for (let a = 0; a < joint; a++) best = Math.max(best, values[a * STATES + b]);
            expect(values[together * STATES + b]).toBe(best);
          }
        }
      }
    });
  },
);
