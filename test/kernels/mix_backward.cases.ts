import { allocateHyperActivations } from '../../src/reference/hypernet_forward.ts';
import { mixBackward } from '../../src/reference/mix_backward.ts';
import { allocateMixActivations } from '../../src/reference/mix_forward.ts';
import { selectBackward } from '../../src/reference/select.ts';
import { valueCount } from '../../src/shapes.ts';
import { type KernelCase, kernelCase } from './case.ts';
import { joined, positive, positiveSlope, randomActions, randomNumbers, TestLearners } from './learners.ts';
import { type Part, Rows } from './rows.ts';
import { runAlone } from './run_alone.ts';
import { ALL_SIZES } from './sizes.ts';
import { TOLERANCES } from './tolerances.ts';

export const mixBackwardCases: readonly KernelCase[] = ALL_SIZES.map(([name, sizes]) =>
  kernelCase('mix_backward', `equals the reference (${name})`, async (bench) => {
    const { shape } = sizes.layout;
    const { agents, actions: actionCount, mixerWidth } = shape;
    const mixing = shape.mixer === 'monotonic';
    const values = valueCount(shape);
    const learners = new TestLearners(sizes);
    const rows = new Rows(sizes);
    const all = sizes.learners * rows.count;
    const parts = {
      d: { field: 'TOTAL', half: 1, size: values },
      hidden: { field: 'HIDDEN', half: 0, size: mixerWidth },
      w1: { field: 'W1', half: 0, size: mixerWidth },
      w1Raw: { field: 'W1_RAW', half: 0, size: mixerWidth },
      w2: { field: 'W2', half: 0, size: mixerWidth },
      w2Raw: { field: 'W2_RAW', half: 0, size: mixerWidth },
      q: { field: 'CHOSEN', half: 0, size: agents },
      action: { field: 'ACTION', half: 0, size: agents },
    } as const satisfies Record<string, Part>;
    rows.put(parts.d, randomNumbers(all * values, 2, 103));
    if (mixing) {
      const raw1 = randomNumbers(all * agents * mixerWidth, 3, 101);
      const raw2 = randomNumbers(all * mixerWidth, 3, 102);
      rows.put(parts.w1Raw, raw1);
      rows.put(parts.w1, raw1.map(positive(shape)));
      rows.put(parts.w2Raw, raw2);
      rows.put(parts.w2, raw2.map(positive(shape)));
      // Values of ELU: from −1 on.
      rows.put(
        parts.hidden,
        randomNumbers(all * mixerWidth, 1, 104).map((x) => (x > 0 ? 3 * x : x)),
      );
    }
    rows.put(parts.q, randomNumbers(all * agents, 2, 105));
    rows.put(parts.action, randomActions(all * agents, actionCount, 106));

    const take = (part: Part, blocks: number, l: number) => rows.take(rows.numbers, part, blocks, l);
    const results = learners.states.map((_, l) => {
      const hyper = allocateHyperActivations(shape, rows.count);
      const mix = allocateMixActivations(shape, rows.count);
      const delta = allocateHyperActivations(shape, rows.count);
      const slope = new Float64Array(rows.count * agents);
      const lossSlope = take(parts.d, 1, l);
      if (mixing) {
        hyper.generated.hyper_w1.set(take(parts.w1, agents, l));
        hyper.generated.hyper_w2.set(take(parts.w2, 1, l));
        mix.hidden.set(take(parts.hidden, 1, l));
      }
      mixBackward(slope, delta, lossSlope, take(parts.q, 1, l), hyper, mix);
      const dq = new Float64Array(rows.count * agents * actionCount);
      const perAgent = slope.map((value, j) => value * lossSlope[Math.floor((j * values) / agents)]);
      selectBackward(dq, perAgent, Int32Array.from(take(parts.action, 1, l)));
      if (!mixing) return { slope, dq };
      const { hyper_w1, hyper_b1, hyper_w2 } = delta.generated;
      const [w1Raw, w2Raw] = [take(parts.w1Raw, agents, l), take(parts.w2Raw, 1, l)];
      // The kernel goes on through what makes the weights positive.
      const through = positiveSlope(shape);
      return {
        slope,
        dq,
        b1: hyper_b1,
        b2: lossSlope,
        s: hyper_b1.map((value, j) => value / lossSlope[Math.floor(j / mixerWidth)]),
        w1: hyper_w1.map((value, j) => value * through(w1Raw[j])),
        w2: hyper_w2.map((value, j) => value * through(w2Raw[j])),
      };
    });
    const got = await runAlone(bench, 'mix_backward', learners, rows);
    const of = (name: 'slope' | 'dq' | 'b1' | 'b2' | 's' | 'w1' | 'w2') =>
      joined(results.map((result) => result[name]!));
    const { product: tolerance, slope } = TOLERANCES;
    const size = mixerWidth;
    rows.check(bench, got, learners.working, [
      { field: 'Q', half: 1, size: actionCount, expected: of('dq'), tolerance: slope },
      { field: 'SLOPE', half: 0, size: agents, expected: of('slope'), tolerance: slope },
      ...(mixing
        ? ([
            { field: 'HIDDEN', half: 1, size, expected: of('s'), tolerance },
            { field: 'B1', half: 1, size, expected: of('b1'), tolerance },
            { field: 'W1_RAW', half: 1, size, expected: of('w1'), tolerance },
            { field: 'W2_RAW', half: 1, size, expected: of('w2'), tolerance },
            { field: 'B2', half: 1, size: 1, expected: of('b2'), tolerance },
          ] as const)
        : []),
    ]);
  }),
);
