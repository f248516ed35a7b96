import { describe, expect, test } from 'vitest';
import { learnerOptions } from '../../src/learner/learner.ts';
import { WebGpuLearner } from '../../src/learner/webgpu_learner.ts';
import { makeConfig } from '../../src/presets.ts';
import { configuredShape } from '../../src/train/environments.ts';
import { Trainer } from '../../src/train/trainer.ts';
import { useNodeGpu } from '../support/node_gpu.ts';
import { type Allocations, allocationsOf } from './own_allocations.ts';
import { SMALL_NETWORKS } from './small.ts';

/** Before it counts: until then V8 interprets, and an interpreted loop over a list allocates its iterator. */
const WARM_STEPS = 1500;
const STEPS = 400;
const UPDATES = 1000;
const FEW = 4;
const MANY = 64;
/** What runs without a call of WebGPU, so that nothing it allocates is a handle of its. */
const ENVIRONMENT_CODE = /\(src\/(env|kernels|train\/(transitions|progress))/;

const gpu = useNodeGpu();

/** A training run that logs, evaluates and saves at no step that is looked at. */
async function withTrainer(
  environments: number,
  work: (trainer: Trainer, learner: WebGpuLearner) => Promise<void>,
): Promise<void> {
  const config = makeConfig('solve', {
    gridSize: 3,
    ...SMALL_NETWORKS,
    environments,
    replayCapacity: 1000,
    warmup: 1,
    updates: 1_000_000,
    logEvery: 1_000_000,
    evaluateEvery: 1_000_000,
    saveEvery: 1_000_000,
  });
  const learner = await WebGpuLearner.create(gpu(), learnerOptions(config, configuredShape(config)));
  try {
    await work(new Trainer(config, learner), learner);
  } finally {
    learner.destroy();
  }
}

async function advance(trainer: Trainer, steps: number): Promise<void> {
  for (let step = 0; step < steps; step++) await trainer.advance();
}

const listed = ({ own }: Allocations): string =>
  [...own].map(([place, bytes]) => `${place}: ${bytes} bytes`).join('\n');

describe('the heap', () => {
  test('updates of one call allocate nothing', () =>
    withTrainer(4, async (trainer, learner) => {
      await advance(trainer, 10);
      const train = async () => {
        learner.inputs.trains.fill(1);
        learner.train(UPDATES);
      };
      for (let time = 0; time < 4; time++) {
        await train();
        await learner.readMetrics();
      }
      const found = await allocationsOf(train);
      await learner.readMetrics();
      // Measured: 0.5 bytes, those of the call: an encoder's handle, a list of one command buffer. The least that an
      // update could allocate is 12 bytes.
      expect(found.ownBytes, 'bytes of the call').toBeGreaterThan(0);
      expect(found.ownBytes / UPDATES, `bytes an update, of\n${listed(found)}`).toBeLessThan(4);
    }));

  test('a vector step allocates its promises, and nothing for any environment', async () => {
    const perStep: number[] = [];
    for (const environments of [FEW, MANY]) {
      await withTrainer(environments, async (trainer) => {
        await advance(trainer, WARM_STEPS);
        const found = await allocationsOf(() => advance(trainer, STEPS));
        perStep.push(found.ownBytes / STEPS);
        // Measured: 4,300 bytes; those of mapAsync's promises and of WebGPU's handles, which its calls hand out.
        expect(found.ownBytes / STEPS, `bytes a step, of\n${listed(found)}`).toBeLessThan(8192);
        const stepping = [...found.own].filter(([place]) => ENVIRONMENT_CODE.test(place));
        const bytes = stepping.reduce((sum, [, own]) => sum + own, 0);
        expect(bytes / STEPS, `bytes a step of stepping and storing, of\n${listed(found)}`).toBeLessThan(64);
      });
    }
    const [few, many] = perStep;
    // Measured: 1 byte. The least that an environment could allocate is 12.
    expect((many - few) / (MANY - FEW), `bytes an environment; a step: ${few}, ${many}`).toBeLessThan(8);
  });
});
