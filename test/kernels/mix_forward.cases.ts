import type { KernelSizes } from '../../src/kernels/sizes.ts';
import { allocateHyperActivations } from '../../src/reference/hypernet_forward.ts';
import { allocateMixActivations, mixForward } from '../../src/reference/mix_forward.ts';
import { valueCount } from '../../src/shapes.ts';
import { type KernelCase, kernelCase } from './case.ts';
import { joined, positive, randomNumbers, TestLearners } from './learners.ts';
import { type Output, type Part, Rows } from './rows.ts';
import { placeOf, runAlone } from './run_alone.ts';
import { ALL_SIZES, MIXER_SIZES } from './sizes.ts';
import { TOLERANCES } from './tolerances.ts';

/** What mix_forward reads, as random numbers in a half of rows. */
function mixInputs(sizes: KernelSizes, seed: number) {
  const { agents, mixerWidth, mixer } = sizes.layout.shape;
  const rows = new Rows(sizes);
  const half = placeOf(sizes).secondHalf ? 1 : 0;
  const all = sizes.learners * rows.count;
  const parts = {
    q: { field: 'CHOSEN', half, size: agents },
    w1: { field: 'W1_RAW', half, size: mixerWidth },
    b1: { field: 'B1', half, size: mixerWidth },
    w2: { field: 'W2_RAW', half, size: mixerWidth },
    b2: { field: 'B2', half, size: 1 },
  } as const satisfies Record<string, Part>;
  rows.put(parts.q, randomNumbers(all * agents, 2, seed));
  if (mixer !== 'monotonic') return { rows, half, parts } as const;
  rows.put(parts.w1, randomNumbers(all * agents * mixerWidth, 3, seed + 1));
  rows.put(parts.b1, randomNumbers(all * mixerWidth, 2, seed + 2));
  rows.put(parts.w2, randomNumbers(all * mixerWidth, 3, seed + 3));
  rows.put(parts.b2, randomNumbers(all, 1, seed + 4));
  return { rows, half, parts } as const;
}

const equals = ALL_SIZES.map(([name, sizes]) =>
  kernelCase('mix_forward', `equals the reference (${name})`, async (bench) => {
    const { shape } = sizes.layout;
    const { agents, mixerWidth } = shape;
    const learners = new TestLearners(sizes);
    const { rows, half, parts } = mixInputs(sizes, 91);
    const mixing = shape.mixer === 'monotonic';
    const results = learners.states.map((_, l) => {
      const hyper = allocateHyperActivations(shape, rows.count);
      const { hyper_w1, hyper_b1, hyper_w2, hyper_b2 } = hyper.generated;
      if (mixing) {
        hyper_w1.set(rows.take(rows.numbers, parts.w1, agents, l).map(positive(shape)));
        hyper_b1.set(rows.take(rows.numbers, parts.b1, 1, l));
        hyper_w2.set(rows.take(rows.numbers, parts.w2, 1, l).map(positive(shape)));
        hyper_b2.set(rows.take(rows.numbers, parts.b2, 1, l));
      }
      const mix = allocateMixActivations(shape, rows.count);
      mixForward(mix, rows.take(rows.numbers, parts.q, 1, l), hyper);
      return { ...mix, w1: hyper_w1, w2: hyper_w2 };
    });
    const got = await runAlone(bench, 'mix_forward', learners, rows);
    const of = (pick: (result: (typeof results)[number]) => Float64Array) => joined(results.map(pick));
    const { softplus, mix, total } = TOLERANCES;
    const size = mixerWidth;
    const units: Output[] = [
      { field: 'W1', half, size, expected: of(({ w1 }) => w1), tolerance: softplus },
      { field: 'W2', half, size, expected: of(({ w2 }) => w2), tolerance: softplus },
      { field: 'HIDDEN', half, size, expected: of(({ hidden }) => hidden), tolerance: mix },
    ];
    const totals = of(({ qTotal }) => qTotal);
    rows.check(bench, got, learners.working, [
      ...(mixing ? units : []),
      { field: 'TOTAL', half, size: valueCount(shape), expected: totals, tolerance: total },
    ]);
  }),
);

const monotonic = MIXER_SIZES.map(([name, sizes]) =>
  kernelCase('mix_forward', `never falls when a Q-value rises (${name})`, async (bench) => {
    const { agents } = sizes.layout.shape;
    const learners = new TestLearners(sizes);
    const { rows, half, parts } = mixInputs(sizes, 96);
    const total = { field: 'TOTAL', half, size: 1 } as const;
    const totals = async () => {
      const got = await runAlone(bench, 'mix_forward', learners, rows);
      return joined(learners.states.map((_, l) => rows.take(got, total, 1, l)));
    };
    const q = joined(learners.states.map((_, l) => rows.take(rows.numbers, parts.q, 1, l)));
    const before = await totals();
    for (const [n, rise] of [
      [0, 1],
      [agents - 1, 0.01],
    ]) {
      rows.put(
        parts.q,
        q.map((value, j) => (j % agents === n ? value + rise : value)),
      );
      const after = await totals();
      const fallen = after.findIndex((value, j) => !(value >= before[j]));
      bench.holds(
        fallen < 0,
        `TOTAL[${fallen}]: got ${after[fallen]} with Q_${n} raised by ${rise}, expected at least ${before[fallen]}`,
      );
      bench.holds(
        after.some((value, j) => value > before[j] + rise / 10),
        `Q_tot takes no notice of Q_${n}`,
      );
    }
  }),
);

export const mixForwardCases: readonly KernelCase[] = [...equals, ...monotonic];
