import { allocateHyperActivations, hypernetForward } from '../../src/reference/hypernet_forward.ts';
import { type KernelCase, kernelCase } from './case.ts';
import { hiddenHypernetworks, interleaved, joined, randomNumbers, TestLearners } from './learners.ts';
import { Rows } from './rows.ts';
import { placeOf, runAlone } from './run_alone.ts';
import { MIXER_SIZES } from './sizes.ts';
import { TOLERANCES } from './tolerances.ts';

export const hypernetForwardCases: readonly KernelCase[] = MIXER_SIZES.map(([name, sizes]) =>
  kernelCase('hypernet_forward', `equals the reference (${name})`, async (bench) => {
    const { shape } = sizes.layout;
    const { stateSize, mixerWidth, hyperHidden } = shape;
    const learners = new TestLearners(sizes);
    const rows = new Rows(sizes);
    const { secondHalf, targetNetwork } = placeOf(sizes);
    const half = secondHalf ? 1 : 0;
    const states = { field: 'STATE', half, size: stateSize } as const;
    rows.put(states, randomNumbers(sizes.learners * rows.count * stateSize, 1, 71));

    const results = learners.states.map((state, l) => {
      const networks = targetNetwork ? state.target : state.online;
      const out = allocateHyperActivations(shape, rows.count);
      hypernetForward(out, networks, rows.take(rows.numbers, states, 1, l));
      // Raw, as they are before they are made positive.
      const { hyper_b1, hyper_b2 } = out.generated;
      return {
        ...out.raw,
        hyper_b1,
        hyper_b2,
        hidden: interleaved(
          hiddenHypernetworks(shape).map((of) => out.hidden[of]),
          hyperHidden,
        ),
      };
    });
    const got = await runAlone(bench, 'hypernet_forward', learners, rows);
    const tolerance = TOLERANCES.forward;
    const of = (pick: (result: (typeof results)[number]) => Float64Array) => joined(results.map(pick));
    rows.check(bench, got, learners.working, [
      { field: 'Z', half, size: hyperHidden, expected: of(({ hidden }) => hidden), tolerance },
      { field: 'W1_RAW', half, size: mixerWidth, expected: of(({ hyper_w1 }) => hyper_w1), tolerance },
      { field: 'B1', half, size: mixerWidth, expected: of(({ hyper_b1 }) => hyper_b1), tolerance },
      { field: 'W2_RAW', half, size: mixerWidth, expected: of(({ hyper_w2 }) => hyper_w2), tolerance },
      { field: 'B2', half, size: 1, expected: of(({ hyper_b2 }) => hyper_b2), tolerance },
    ]);
  }),
);
