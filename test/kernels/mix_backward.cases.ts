import { allocateHyperActivations } from '../../src/reference/hypernet_forward.ts';
import { mixBackward } from '../../src/reference/mix_backward.ts';
import { allocateMixActivations } from '../../src/reference/mix_forward.ts';
import { selectBackward } from '../../src/reference/select.ts';
import { type KernelCase, kernelCase } from './case.ts';
import { joined, randomActions, randomNumbers, softplus, TestLearners } from './learners.ts';
import { type Part, Rows } from './rows.ts';
import { runAlone } from './run_alone.ts';
import { ALL_SIZES } from './sizes.ts';
import { TOLERANCES } from './tolerances.ts';

export const mixBackwardCases: readonly KernelCase[] = ALL_SIZES.map(([name, sizes]) =>
  kernelCase('mix_backward', `equals the reference (${name})`, async (bench) => {
    const { shape } = sizes.layout;
    const { agents, actions: actionCount, mixerWidth } = shape;
    const learners = new TestLearners(sizes);
    const rows = new Rows(sizes);
    const all = sizes.learners * rows.count;
    const parts = {
      d: { field: 'B2', half: 1, size: 1 },
      hidden: { field: 'HIDDEN', half: 0, size: mixerWidth },
      w1: { field: 'W1', half: 0, size: mixerWidth },
      w1Raw: { field: 'W1_RAW', half: 0, size: mixerWidth },
      w2: { field: 'W2', half: 0, size: mixerWidth },
      w2Raw: { field: 'W2_RAW', half: 0, size: mixerWidth },
      q: { field: 'CHOSEN', half: 0, size: agents },
      action: { field: 'ACTION', half: 0, size: agents },
    } as const satisfies Record<string, Part>;
    const raw1 = randomNumbers(all * agents * mixerWidth, 3, 101);
    const raw2 = randomNumbers(all * mixerWidth, 3, 102);
    rows.put(parts.w1Raw, raw1);
    rows.put(parts.w1, raw1.map(softplus));
    rows.put(parts.w2Raw, raw2);
    rows.put(parts.w2, raw2.map(softplus));
    rows.put(parts.d, randomNumbers(all, 2, 103));
    // Values of ELU: from −1 on.
    rows.put(
      parts.hidden,
      randomNumbers(all * mixerWidth, 1, 104).map((x) => (x > 0 ? 3 * x : x)),
    );
    rows.put(parts.q, randomNumbers(all * agents, 2, 105));
    rows.put(parts.action, randomActions(all * agents, actionCount, 106));

    const take = (part: Part, blocks: number, l: number) => rows.take(rows.numbers, part, blocks, l);
    const results = learners.states.map((_, l) => {
      const hyper = allocateHyperActivations(shape, rows.count);
      const mix = allocateMixActivations(shape, rows.count);
      const w1Raw = take(parts.w1Raw, agents, l);
      const w2Raw = take(parts.w2Raw, 1, l);
      hyper.generated.hyper_w1.set(take(parts.w1, agents, l));
      hyper.generated.hyper_w2.set(take(parts.w2, 1, l));
      mix.hidden.set(take(parts.hidden, 1, l));
      const lossSlope = take(parts.d, 1, l);
      const slope = new Float64Array(rows.count * agents);
      const delta = allocateHyperActivations(shape, rows.count);
      mixBackward(slope, delta, lossSlope, take(parts.q, 1, l), hyper, mix);
      const { hyper_w1, hyper_b1, hyper_w2 } = delta.generated;
      const dq = new Float64Array(rows.count * agents * actionCount);
      const chosen = Int32Array.from(take(parts.action, 1, l));
      selectBackward(
        dq,
        slope.map((value, j) => value * lossSlope[Math.floor(j / agents)]),
        chosen,
      );
      // The kernel goes on through softplus, whose derivative is 1 / (1 + e⁻ˣ).
      return {
        slope,
        dq,
        b1: hyper_b1,
        s: hyper_b1.map((value, j) => value / lossSlope[Math.floor(j / mixerWidth)]),
        w1: hyper_w1.map((value, j) => value / (1 + Math.exp(-w1Raw[j]))),
        w2: hyper_w2.map((value, j) => value / (1 + Math.exp(-w2Raw[j]))),
      };
    });
    const got = await runAlone(bench, 'mix_backward', learners, rows);
    const of = (pick: (result: (typeof results)[number]) => Float64Array) => joined(results.map(pick));
    const { product: tolerance, slope } = TOLERANCES;
    rows.check(bench, got, learners.working, [
      { field: 'HIDDEN', half: 1, size: mixerWidth, expected: of(({ s }) => s), tolerance },
      { field: 'B1', half: 1, size: mixerWidth, expected: of(({ b1 }) => b1), tolerance },
      { field: 'W1_RAW', half: 1, size: mixerWidth, expected: of(({ w1 }) => w1), tolerance },
      { field: 'W2_RAW', half: 1, size: mixerWidth, expected: of(({ w2 }) => w2), tolerance },
      { field: 'Q', half: 1, size: actionCount, expected: of(({ dq }) => dq), tolerance: slope },
      { field: 'SLOPE', half: 0, size: agents, expected: of(({ slope }) => slope), tolerance: slope },
    ]);
  }),
);
