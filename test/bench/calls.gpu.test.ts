import { describe, expect, test } from 'vitest';
import { type CallCounts, countCalls } from '../../src/bench/count_calls.ts';
import { learnerOptions } from '../../src/learner/learner.ts';
import { WebGpuLearner } from '../../src/learner/webgpu_learner.ts';
import { makeConfig } from '../../src/presets.ts';
import { configuredShape } from '../../src/train/environments.ts';
import { useNodeGpu } from '../support/node_gpu.ts';
import { SMALL_NETWORKS } from './small.ts';

const gpu = useNodeGpu();

interface Counts {
  /** A call for ten updates. */
  readonly updates: CallCounts;
  /** A step that stores and acts. */
  readonly acting: CallCounts;
  /** A step that stores, acts, updates and copies the targets. */
  readonly training: CallCounts;
  readonly metrics: CallCounts;
}

/**
 * Bytes of a step's upload: what act is called with (32) and the learners' structs (48 each), each filled up to 256;
 * observations [L, E, N, O] and transitions [L, E, record], float32 numbers, likewise. Meeting Gridworld with two
 * agents: O = 6, S = 6, record = 40. Down: an action is a uint32, buffers are filled up to 16 bytes; metrics are
 * 8 + 16 bytes a learner.
 */
const EXPECTED: readonly (readonly [string, Readonly<Record<string, unknown>>, Counts])[] = [
  [
    'report, five learners, one environment each',
    { preset: 'report' },
    {
      updates: { dispatches: 30, passes: 1, submits: 1, bytesUp: 1792, bytesDown: 0 },
      acting: { dispatches: 2, passes: 1, submits: 1, bytesUp: 1792, bytesDown: 48 },
      training: { dispatches: 6, passes: 1, submits: 1, bytesUp: 1792, bytesDown: 48 },
      metrics: { dispatches: 0, passes: 0, submits: 1, bytesUp: 0, bytesDown: 128 },
    },
  ],
  [
    'solve, one learner, 32 environments',
    { preset: 'solve', replayCapacity: 1000 },
    {
      updates: { dispatches: 30, passes: 1, submits: 1, bytesUp: 7168, bytesDown: 0 },
      acting: { dispatches: 2, passes: 1, submits: 1, bytesUp: 7168, bytesDown: 256 },
      // Actions first, updates behind them, while the environments step.
      training: { dispatches: 6, passes: 2, submits: 2, bytesUp: 7168, bytesDown: 256 },
      metrics: { dispatches: 0, passes: 0, submits: 1, bytesUp: 0, bytesDown: 32 },
    },
  ],
];

describe("calls and bytes, which do not depend on the machine's speed", () => {
  test.each(EXPECTED)('%s', async (_, { preset, ...changes }, expected) => {
    const config = makeConfig(preset as string, { ...SMALL_NETWORKS, ...changes });
    const learner = await WebGpuLearner.create(gpu(), learnerOptions(config, configuredShape(config)));
    try {
      const { inputs } = learner;
      inputs.stores.fill(1);
      const acting = await countCalls(async () => {
        await learner.step(0);
      });
      inputs.trains.fill(1);
      inputs.copiesTarget.fill(1);
      const training = await countCalls(async () => {
        await learner.step(1);
      });
      inputs.copiesTarget.fill(0);
      const updates = await countCalls(async () => {
        learner.train(10);
      });
      const metrics = await countCalls(async () => {
        await learner.readMetrics();
      });
      expect({ updates, acting, training, metrics }).toEqual(expected);
    } finally {
      learner.destroy();
    }
  });
});
