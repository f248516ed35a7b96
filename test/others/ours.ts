import type { Gpu } from '../../src/gpu/gpu.ts';
import { WebGpuLearner } from '../../src/learner/webgpu_learner.ts';
import { snapshotBeforeTraining } from '../../src/verify/vector_file.ts';
import type { Contender, ContenderKind } from './contender.ts';
import type { Problem } from './problem.ts';

/** Updates a submit where nothing happens in between: short enough for any watchdog. */
const TOGETHER = 10;

/** This project's learner: an update a submit, as a training loop that acts in between asks for, or ten a submit. */
export function ours(gpu: Gpu): ContenderKind[] {
  return [
    { name: 'qmix-webgpu', select, create: (problem) => create(gpu, problem, 1) },
    {
      name: `qmix-webgpu, ${TOGETHER} a submit`,
      select,
      create: (problem) => create(gpu, problem, TOGETHER),
    },
  ];
}

const select = async () => {};

async function create(gpu: Gpu, problem: Problem, most: number): Promise<Contender> {
  const { file, batchSize, records } = problem;
  const learner = await WebGpuLearner.create(
    gpu,
    {
      shape: file.shape,
      learners: [{ seed: 0, ...file.settings }],
      environments: 1,
      batchSize,
      replayCapacity: batchSize,
      updatesPerStep: 1,
      overlap: false,
      optimiser: file.optimiser,
    },
    // Replay holds the batch, and updates take it in order.
    true,
  );
  learner.load([snapshotBeforeTraining(file.shape, file.parameters, records)]);
  learner.inputs.trains.fill(1);
  return {
    train(count, copiesTarget) {
      for (let left = count; left > 0; ) {
        const each = Math.min(most, left);
        left -= each;
        learner.inputs.copiesTarget.fill(copiesTarget && left === 0 ? 1 : 0);
        learner.train(each);
      }
    },
    async loss() {
      const [{ loss, failedUpdate }] = await learner.readMetrics();
      if (failedUpdate > 0) throw new Error(`update ${failedUpdate} computed no finite gradient`);
      return loss;
    },
    destroy: () => learner.destroy(),
  };
}
