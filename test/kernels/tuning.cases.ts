import { PLAIN, type Tuning } from '../../src/kernels/tuning.ts';
import { knownTuning } from '../../src/learner/known_tuning.ts';
import type { LearnerOptions, LearnerSnapshot } from '../../src/learner/learner.ts';
import { WebGpuLearner } from '../../src/learner/webgpu_learner.ts';
import type { NetworkShape } from '../../src/shapes.ts';
import type { Bench } from './bench.ts';
import { type KernelCase, kernelCase } from './case.ts';
import { randomMasks, randomNumbers, randomRecords } from './learners.ts';
import { NONE, ODD, PAPER, WIDE } from './sizes.ts';

/** Rows past a tile of 32, and not a multiple of 8. */
const BATCH = 41;
const ENVIRONMENTS = 35;

const options = (shape: NetworkShape): LearnerOptions => ({
  shape,
  learners: [7, 8].map((seed) => ({
    seed,
    learningRate: 1e-2,
    mixerLearningRate: 5e-3,
    gamma: 0.9,
    clipNorm: seed === 7 ? 0.5 : 100,
    tau: seed === 7 ? 0.1 : 0,
  })),
  environments: ENVIRONMENTS,
  batchSize: BATCH,
  replayCapacity: 2 * ENVIRONMENTS + 1,
  updatesPerStep: 2,
  overlap: false,
  optimiser: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, corrected: true },
});

/** Three steps of everything that learners do, cut up in one way. */
async function train(bench: Bench, shape: NetworkShape, tuning: Tuning) {
  const learner = await WebGpuLearner.create(bench.gpu, options(shape), false, tuning);
  try {
    const { inputs } = learner;
    const actions: number[] = [];
    for (let step = 0; step < 3; step++) {
      inputs.observations.set(randomNumbers(inputs.observations.length, 1, 601 + step));
      if (shape.masked) inputs.available.set(randomMasks(shape, 2 * ENVIRONMENTS, 611 + step));
      inputs.transitions.set(randomRecords(shape, 2 * ENVIRONMENTS, 621 + step));
      inputs.stores.fill(1);
      inputs.trains.fill(1);
      inputs.copiesTarget.set([0, 1]);
      inputs.epsilon.set([0, 0.5]);
      actions.push(...(await learner.step(step)));
    }
    return { actions: Uint32Array.from(actions), snapshots: await learner.save() };
  } finally {
    learner.destroy();
  }
}

const words = (values: LearnerSnapshot extends ReadonlyMap<string, infer T> ? T : never) =>
  new Uint32Array(values.data.slice().buffer);

/** Choices beside PLAIN; those that an adapter cannot make are made without subgroups. */
const CHOICES: readonly (readonly [string, NetworkShape, (subgroup: 0 | 4 | 8) => Tuning])[] = [
  [
    'fewer threads than rows',
    ODD.layout.shape,
    () => ({ ...PLAIN, tile: 16, rowThreads: 8, optimiseGroups: 1 }),
  ],
  ['the largest tile, each thread by itself', ODD.layout.shape, () => ({ ...PLAIN, tile: 32 })],
  [
    'subgroups',
    ODD.layout.shape,
    (spread) => ({ ...PLAIN, tile: 16, spread, rowThreads: 16, gradientThreads: 8, optimiseThreads: 8 }),
  ],
  ['subgroups, masks', NONE.layout.shape, (spread) => ({ ...PLAIN, tile: 32, spread, gradientThreads: 32 })],
  ['subgroups, wide layers', WIDE.layout.shape, (spread) => ({ ...PLAIN, tile: 32, spread, rowThreads: 16 })],
  [
    "subgroups, the paper's mixer",
    PAPER.layout.shape,
    (spread) => ({ ...PLAIN, tile: 8, spread, rowThreads: 8 }),
  ],
];

const equalBits = (name: string, shape: NetworkShape, choice: (gpu: Bench['gpu']) => Tuning): KernelCase =>
  kernelCase('tuning', `changes no bit: ${name}`, async (bench) => {
    const [expected, got] = [await train(bench, shape, PLAIN), await train(bench, shape, choice(bench.gpu))];
    bench.same('actions', got.actions, expected.actions);
    expected.snapshots.forEach((snapshot, l) => {
      for (const [tensor, values] of snapshot) {
        bench.same(`${tensor} of learner ${l}`, words(got.snapshots[l].get(tensor)!), words(values));
      }
    });
    const before = await WebGpuLearner.create(bench.gpu, options(shape), false, PLAIN);
    const [start] = await before.save();
    before.destroy();
    const name0 = [...start.keys()].find((tensor) => tensor.startsWith('online.'))!;
    const moved = words(start.get(name0)!).some(
      (word, j) => word !== words(expected.snapshots[0].get(name0)!)[j],
    );
    bench.holds(moved, 'nothing was learned: equal bits would say nothing');
  });

export const tuningCases: readonly KernelCase[] = [
  ...CHOICES.map(([name, shape, choice]) =>
    equalBits(name, shape, ({ subgroupSize }) =>
      choice(subgroupSize === 4 || subgroupSize === 8 ? subgroupSize : 0),
    ),
  ),
  equalBits(
    "this adapter's own",
    ODD.layout.shape,
    (gpu) => knownTuning(gpu, options(ODD.layout.shape)) ?? PLAIN,
  ),
];
