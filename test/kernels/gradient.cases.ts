import {
  gradientConstants,
  gradientGroups,
  gradientJobCount,
  gradientJobs,
  gradientSource,
} from '../../src/kernels/gradient.ts';
import { packParameters } from '../../src/kernels/layout.ts';
import type { KernelSizes } from '../../src/kernels/sizes.ts';
import { type Rows as DenseRows, denseGradient } from '../../src/reference/dense.ts';
import { allocateNetworks, type Networks } from '../../src/reference/networks.ts';
import { globalNorm } from '../../src/reference/optimise.ts';
import { agentInputs, HYPERNETWORKS, valueCount } from '../../src/shapes.ts';
import { type KernelCase, kernelCase } from './case.ts';
import { EXACT } from './compare.ts';
import { hiddenHypernetworks, randomNumbers, TestLearners } from './learners.ts';
import { ofLearners, ofParameters } from './places.ts';
import { type Part, Rows } from './rows.ts';
import { ALL_SIZES, ODD, SINGLE } from './sizes.ts';
import { TOLERANCES } from './tolerances.ts';

/** Stands in gradients and partials before. */
const BEFORE = 77;

/** Every layer's inputs and deltas as random numbers; in rows that only pad the last tile, sentinels. */
function gradientInputs(sizes: KernelSizes) {
  const { shape } = sizes.layout;
  const { hidden, actions, agents, stateSize, hyperHidden, mixerWidth } = shape;
  const rows = new Rows(sizes);
  const zs = hiddenHypernetworks(shape).length;
  const agentParts = {
    observation: [{ field: 'INPUT', half: 0, size: agentInputs(shape) }, agents],
    h1: [{ field: 'H1', half: 0, size: hidden }, agents],
    h2: [{ field: 'H2', half: 0, size: hidden }, agents],
    dh1: [{ field: 'H1', half: 1, size: hidden }, agents],
    dh2: [{ field: 'H2', half: 1, size: hidden }, agents],
    dq: [{ field: 'Q', half: 1, size: actions }, agents],
    error: [{ field: 'ERROR', half: 0, size: valueCount(shape) }, 1],
    total: [{ field: 'TOTAL', half: 0, size: valueCount(shape) }, 1],
  } as const;
  const mixerParts = {
    state: [{ field: 'STATE', half: 0, size: stateSize }, 1],
    z: [{ field: 'Z', half: 0, size: hyperHidden }, zs],
    dz: [{ field: 'Z', half: 1, size: hyperHidden }, zs],
    hyper_w1: [{ field: 'W1_RAW', half: 1, size: mixerWidth }, agents],
    hyper_b1: [{ field: 'B1', half: 1, size: mixerWidth }, 1],
    hyper_w2: [{ field: 'W2_RAW', half: 1, size: mixerWidth }, 1],
    hyper_b2: [{ field: 'B2', half: 1, size: 1 }, 1],
  } as const;
  const parts: Record<keyof typeof agentParts | keyof typeof mixerParts, readonly [Part, number]> = {
    ...agentParts,
    ...mixerParts,
  };
  const untouched = rows.numbers.slice();
  Object.values(shape.mixer === 'monotonic' ? parts : agentParts).forEach(([part, blocks], j) => {
    rows.put(part, randomNumbers(sizes.learners * rows.count * blocks * part.size, 1, 200 + j));
  });
  const rowNumbers = 4 * sizes.layout.row;
  for (let l = 0; l < sizes.learners; l++) {
    const from = (l * rows.count + sizes.batch) * rowNumbers;
    const to = (l + 1) * rows.count * rowNumbers;
    rows.numbers.set(untouched.subarray(from, to), from);
  }
  /** A learner's values of a part in the rows of its batch. */
  const take = (name: keyof typeof parts, l: number): Float64Array => {
    const [part, blocks] = parts[name];
    return rows.take(rows.numbers, part, blocks, l).subarray(0, sizes.batch * blocks * part.size);
  };
  return { rows, take };
}

function referenceGradient(
  sizes: KernelSizes,
  take: ReturnType<typeof gradientInputs>['take'],
  l: number,
): Networks {
  const { shape } = sizes.layout;
  const { agents, hyperHidden, sharedAgents } = shape;
  const gradient = allocateNetworks(shape);
  gradient.agents.forEach(([first, second, third], n) => {
    const rows: DenseRows = sharedAgents
      ? { first: 0, step: 1, count: sizes.batch * agents }
      : { first: n, step: agents, count: sizes.batch };
    denseGradient(first, take('dh1', l), take('observation', l), rows);
    denseGradient(second, take('dh2', l), take('h1', l), rows);
    denseGradient(third, take('dq', l), take('h2', l), rows);
  });
  const rows: DenseRows = { first: 0, step: 1, count: sizes.batch };
  if (shape.mixer !== 'monotonic') return gradient;
  const withHidden = hiddenHypernetworks(shape);
  const column = (values: Float64Array, j: number) =>
    Float64Array.from({ length: sizes.batch * hyperHidden }, (_, i) => {
      return values[(Math.floor(i / hyperHidden) * withHidden.length + j) * hyperHidden + (i % hyperHidden)];
    });
  for (const name of HYPERNETWORKS) {
    const [first, second] = gradient.hypernetworks[name];
    const j = withHidden.indexOf(name);
    if (j < 0) {
      denseGradient(first, take(name, l), take('state', l), rows);
      continue;
    }
    denseGradient(first, column(take('dz', l), j), take('state', l), rows);
    denseGradient(second, take(name, l), column(take('z', l), j), rows);
  }
  return gradient;
}

const sum = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((total, value) => total + value, 0);

const equals = (name: string, sizes: KernelSizes): KernelCase =>
  kernelCase('gradient', name, async (bench) => {
    const { layout, learners: count } = sizes;
    const learners = new TestLearners(sizes);
    const { rows, take } = gradientInputs(sizes);
    // Of three learners, the second does not train, and the last has failed.
    const failed = sizes === ODD ? 2 : -1;
    const told = (l: number) => ({ updates: 5 + l, failed: l === failed ? 6 : 0 });
    const jobs = gradientJobCount(layout);
    const gradients = bench.buffer('gradients', new Float32Array(count * 4 * layout.parameters).fill(BEFORE));
    const partials = bench.buffer('partials', new Float32Array(count * (jobs + 2)).fill(BEFORE));
    const progress = bench.buffer('progress', learners.progress(told));
    const buffers = {
      rows: bench.buffer('rows', rows.numbers),
      jobs: bench.buffer('jobs', gradientJobs(layout)),
      gradients,
      partials,
      learners: bench.buffer('learners', learners.structs()),
      progress,
    };
    await bench.run(
      gradientSource(sizes.tuning),
      gradientConstants(sizes),
      buffers,
      gradientGroups(sizes),
      count,
    );

    const got = await bench.readFloats(gradients);
    const gotPartials = await bench.readFloats(partials);
    const expected = new Float32Array(got.length).fill(BEFORE);
    const counted = learners.progress(told);
    learners.states.forEach((_, l) => {
      const ofLearner = gotPartials.subarray(l * (jobs + 2), (l + 1) * (jobs + 2));
      if (!learners.working[l]) {
        bench.near(
          `partials of learner ${l}, which stands still`,
          ofLearner,
          new Float32Array(jobs + 2).fill(BEFORE),
          EXACT,
        );
        return;
      }
      const gradient = referenceGradient(sizes, take, l);
      packParameters(
        layout,
        gradient.tensors,
        '',
        expected.subarray(4 * l * layout.parameters, 4 * (l + 1) * layout.parameters),
      );
      const errors = take('error', l);
      const sums = [sum(ofLearner.subarray(0, jobs)), ofLearner[jobs], ofLearner[jobs + 1]];
      const wanted = [
        globalNorm(gradient) ** 2,
        sum(errors.map((error) => error * error)),
        sum(take('total', l)),
      ];
      bench.near(`squared norm, squared errors, Q_tot of learner ${l}`, sums, wanted, TOLERANCES.sums);
      // What is computed again from the rows of a failed update does not count.
      if (l !== failed) counted[2 * l] += 1;
    });
    bench.near('gradients', got, expected, TOLERANCES.gradient, ofParameters(layout, ['']));
    bench.same('progress', await bench.readWords(progress), counted, ofLearners(2));
  });

export const gradientCases: readonly KernelCase[] = [
  ...ALL_SIZES.map(([name, sizes]) =>
    equals(`sums every parameter's gradient over the batch (${name})`, sizes),
  ),
  equals('sums the errors of more rows than a workgroup has threads', { ...SINGLE, batch: 70 }),
];
