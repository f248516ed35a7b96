import { hypernetBackward } from '../../src/reference/hypernet_backward.ts';
import { allocateHyperActivations } from '../../src/reference/hypernet_forward.ts';
import { allocateNetworks } from '../../src/reference/networks.ts';
import { HYPERNETWORKS } from '../../src/shapes.ts';
import { type KernelCase, kernelCase } from './case.ts';
import {
  hiddenHypernetworks,
  interleaved,
  joined,
  randomNumbers,
  rectified,
  TestLearners,
} from './learners.ts';
import { type Part, Rows } from './rows.ts';
import { placeOf, runAlone } from './run_alone.ts';
import { MIXER_SIZES } from './sizes.ts';
import { TOLERANCES } from './tolerances.ts';

export const hypernetBackwardCases: readonly KernelCase[] = MIXER_SIZES.map(([name, sizes]) =>
  kernelCase('hypernet_backward', `equals the reference (${name})`, async (bench) => {
    const { shape } = sizes.layout;
    const { agents, mixerWidth, hyperHidden } = shape;
    const learners = new TestLearners(sizes);
    const rows = new Rows(sizes);
    const all = sizes.learners * rows.count;
    const parts = {
      hyper_w1: [{ field: 'W1_RAW', half: 1, size: mixerWidth }, agents],
      hyper_b1: [{ field: 'B1', half: 1, size: mixerWidth }, 1],
      hyper_w2: [{ field: 'W2_RAW', half: 1, size: mixerWidth }, 1],
      hyper_b2: [{ field: 'B2', half: 1, size: 1 }, 1],
    } as const satisfies Record<string, readonly [Part, number]>;
    HYPERNETWORKS.forEach((name, j) => {
      const [part, blocks] = parts[name];
      rows.put(part, randomNumbers(all * blocks * part.size, 1, 81 + j));
    });
    const z = { field: 'Z', half: 0, size: hyperHidden } as const;
    const withHidden = hiddenHypernetworks(shape);
    const blocks = withHidden.length;
    rows.put(z, rectified(randomNumbers(all * blocks * hyperHidden, 1, 85)));

    const deltas = learners.states.map((state, l) => {
      const activations = allocateHyperActivations(shape, rows.count);
      const delta = allocateHyperActivations(shape, rows.count);
      const hidden = rows.take(rows.numbers, z, blocks, l);
      HYPERNETWORKS.forEach((name) => {
        const [part, count] = parts[name];
        delta.generated[name].set(rows.take(rows.numbers, part, count, l));
        // The kernel is given deltas before what makes weights positive, the reference those after it: here
        // its slope is 1.
        activations.generated[name].fill(Number.POSITIVE_INFINITY);
      });
      activations.raw.hyper_w1.fill(1);
      activations.raw.hyper_w2.fill(1);
      withHidden.forEach((name, j) => {
        const own = activations.hidden[name];
        for (let i = 0; i < own.length; i++) {
          own[i] = hidden[(Math.floor(i / hyperHidden) * blocks + j) * hyperHidden + (i % hyperHidden)];
        }
      });
      const networks = placeOf(sizes).targetNetwork ? state.target : state.online;
      const states = new Float64Array(rows.count * shape.stateSize);
      hypernetBackward(allocateNetworks(shape), delta, networks, activations, states);
      return interleaved(
        withHidden.map((name) => delta.hidden[name]),
        hyperHidden,
      );
    });
    const got = await runAlone(bench, 'hypernet_backward', learners, rows);
    rows.check(bench, got, learners.working, [
      { field: 'Z', half: 1, size: hyperHidden, expected: joined(deltas), tolerance: TOLERANCES.backward },
    ]);
  }),
);
