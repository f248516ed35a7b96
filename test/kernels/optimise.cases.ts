import type { LearnerSettings, OptimiserRule } from '../../src/hyperparameters.ts';
import { gradientJobCount } from '../../src/kernels/gradient.ts';
import { packParameters } from '../../src/kernels/layout.ts';
import {
  biasCorrections,
  optimiseConstants,
  optimiseGroups,
  optimiseSource,
} from '../../src/kernels/optimise.ts';
import type { KernelSizes } from '../../src/kernels/sizes.ts';
import { allocateNetworks } from '../../src/reference/networks.ts';
import { followTarget, optimise } from '../../src/reference/optimise.ts';
import { valueCount } from '../../src/shapes.ts';
import type { Bench } from './bench.ts';
import { type KernelCase, kernelCase } from './case.ts';
import { randomNumbers, TestLearners } from './learners.ts';
import { ofLearners, ofParameters } from './places.ts';
import { NONE, ODD, PAPER, SINGLE, WIDE } from './sizes.ts';
import { TOLERANCES } from './tolerances.ts';

/** ε so large that the root of the second moment and ε both count. */
const ADAM: OptimiserRule = { beta1: 0.9, beta2: 0.999, epsilon: 0.01, corrected: true };
const RMSPROP: OptimiserRule = { beta1: 0, beta2: 0.99, epsilon: 0.01, corrected: false };

/** What a learner of these cases is in for. */
interface Situation {
  /** t: this update's number, from 1; `gradient` has counted it. */
  readonly update: number;
  /** The gradient's norm, to which its partial sums of squares add up. */
  readonly norm: number;
  readonly failed?: number;
}

async function check(
  bench: Bench,
  sizes: KernelSizes,
  situations: readonly Situation[],
  changes: Partial<LearnerSettings> = {},
  rule = ADAM,
): Promise<void> {
  const { layout, batch } = sizes;
  const count = situations.length;
  const values = batch * valueCount(layout.shape);
  const learners = new TestLearners({ ...sizes, learners: count }, 1, 1, changes);
  const working = situations.map((_, l) => l !== 1 || count !== 3);
  const jobs = gradientJobCount(layout);
  const size = 4 * layout.parameters;

  const gradients = new Float32Array(count * size);
  const partials = new Float32Array(count * (jobs + 2));
  const networks = learners.states.map((state, l) => {
    const { update, norm } = situations[l];
    const gradient = allocateNetworks(layout.shape);
    gradient.values.set(randomNumbers(gradient.values.length, 0.3, 151 + l));
    state.firstMoment.values.set(randomNumbers(gradient.values.length, update > 1 ? 0.1 : 0, 161 + l));
    // Small enough beside the gradient's squares that those count, too.
    const squares = randomNumbers(gradient.values.length, update > 1 ? 1e-4 : 0, 171 + l);
    state.secondMoment.values.set(squares.map(Math.abs));
    state.updates = update - 1;
    packParameters(layout, gradient.tensors, '', gradients.subarray(l * size, (l + 1) * size));
    // Each partial sum is another, and together they are the norm's square.
    const weights = randomNumbers(jobs, 1, 181 + l).map((x) => 1.5 + x);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    partials.set(
      weights.map((weight) => (norm * norm * weight) / total),
      l * (jobs + 2),
    );
    partials.set([12.5 * values * (l + 1), -3.25 * values], l * (jobs + 2) + jobs);
    return gradient;
  });

  const told = (l: number) => ({ updates: situations[l].update, failed: situations[l].failed ?? 0 });
  const metricsBefore = Float32Array.from({ length: 4 * count }, (_, j) => j);
  const buffers = {
    params: bench.buffer('params', learners.params()),
    moments: bench.buffer(
      'moments',
      learners.pack(
        ({ firstMoment }) => firstMoment,
        ({ secondMoment }) => secondMoment,
      ),
    ),
    gradients: bench.buffer('gradients', gradients),
    partials: bench.buffer('partials', partials),
    learners: bench.buffer(
      'learners',
      learners.structs((l) => (working[l] ? { flags: 2 } : { flags: 5 })),
    ),
    progress: bench.buffer('progress', learners.progress(told)),
    metrics: bench.buffer('metrics', metricsBefore),
  };
  const corrections = biasCorrections(rule);
  const table = bench.buffer('corrections', corrections);
  await bench.run(
    optimiseSource,
    optimiseConstants(sizes, rule),
    // Its length tells where the corrections end: no guards here.
    { ...buffers, corrections: { buffer: table.buffer, size: corrections.byteLength } },
    optimiseGroups(sizes),
    count,
  );

  const metrics = metricsBefore.slice();
  const progress = learners.progress(told);
  learners.states.forEach((state, l) => {
    const { update, failed } = situations[l];
    if (!working[l]) return;
    const norm = Math.sqrt(
      partials.subarray(l * (jobs + 2), l * (jobs + 2) + jobs).reduce((sum, x) => sum + x, 0),
    );
    if (failed || !Number.isFinite(norm)) {
      if (!failed) progress[2 * l + 1] = update;
      return;
    }
    optimise(state, networks[l], norm, { ...learners.settings[l], ...rule });
    followTarget(state, learners.settings[l].tau);
    [12.5 * (l + 1), norm, -3.25, 1].forEach((value, j) => {
      metrics[4 * l + j] += value;
    });
  });
  const copies = [
    [
      'params',
      ['online.', 'target.'],
      await bench.readFloats(buffers.params),
      learners.params(),
      TOLERANCES.parameters,
    ],
    [
      'moments',
      ['first.', 'second.'],
      await bench.readFloats(buffers.moments),
      learners.pack(
        ({ firstMoment }) => firstMoment,
        ({ secondMoment }) => secondMoment,
      ),
      TOLERANCES.moments,
    ],
  ] as const;
  for (const [name, halves, got, expected, tolerance] of copies) {
    bench.near(name, got, expected, tolerance, ofParameters(layout, halves));
    const before = buffers[name].data as Float32Array<ArrayBuffer>;
    situations.forEach(({ norm }, l) => {
      if (working[l] && Number.isFinite(norm)) return;
      const range = [2 * l * size, 2 * (l + 1) * size];
      bench.same(`${name} of learner ${l}, which stands still`, got.slice(...range), before.slice(...range));
    });
  }
  bench.near('metrics', await bench.readFloats(buffers.metrics), metrics, TOLERANCES.sums, ofLearners(4));
  bench.same('progress', await bench.readWords(buffers.progress), progress, ofLearners(2));
}

export const optimiseCases: readonly KernelCase[] = [
  kernelCase(
    'optimise',
    'first update: clip active in one learner, not in another, a third pauses',
    (bench) =>
      check(bench, ODD, [
        { update: 1, norm: 25 },
        { update: 1, norm: 3 },
        { update: 1, norm: 3 },
      ]),
  ),
  kernelCase('optimise', 'update 1000, and far beyond the last bias correction', (bench) =>
    check(bench, WIDE, [
      { update: 1000, norm: 9.9 },
      { update: 2_000_000_000, norm: 1000 },
    ]),
  ),
  kernelCase('optimise', 'updates 2, 3 and 4 with two learning rates', (bench) =>
    check(bench, ODD, [
      { update: 2, norm: 11 },
      { update: 9, norm: 1 },
      { update: 3, norm: 1 },
      { update: 4, norm: 0 },
    ]),
  ),
  kernelCase('optimise', 'a gradient that is not finite changes nothing and is reported once', (bench) =>
    check(bench, ODD, [
      { update: 7, norm: Number.POSITIVE_INFINITY },
      { update: 8, norm: Number.NaN },
      { update: 9, norm: 2 },
      { update: 11, norm: Number.NaN, failed: 10 },
      // As after loading a learner that failed: its gradient is finite, and it stands still all the same.
      { update: 12, norm: 2, failed: 10 },
    ]),
  ),
  kernelCase('optimise', 'clips by norm + 1e-6, as PyTorch does', (bench) =>
    check(bench, ODD, [{ update: 5, norm: 1e-5 }], { clipNorm: 1e-5 }),
  ),
  kernelCase('optimise', 'RMSprop, its first update and a later one', (bench) =>
    check(
      bench,
      PAPER,
      [
        { update: 1, norm: 20 },
        { update: 30, norm: 2 },
      ],
      {},
      RMSPROP,
    ),
  ),
  kernelCase('optimise', 'means of the loss are over agents, too, where each has its own', (bench) =>
    check(bench, NONE, [
      { update: 1, norm: 20 },
      { update: 3, norm: 2 },
    ]),
  ),
  kernelCase('optimise', 'one of everything', (bench) => check(bench, SINGLE, [{ update: 1, norm: 20 }])),
];
