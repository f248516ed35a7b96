import { insertConstants, insertGroups, insertSource } from '../../src/kernels/insert.ts';
import { FLAGS } from '../../src/kernels/learners.ts';
import { allocateReplay, insert } from '../../src/reference/insert.ts';
import { recordLayout } from '../../src/shapes.ts';
import { type KernelCase, kernelCase } from './case.ts';
import { randomNumbers, TestLearners } from './learners.ts';
import { ofLearners } from './places.ts';
import { ODD, SINGLE, WIDE } from './sizes.ts';

/** E = 3 does not divide 13 slots, E = 2 divides 20, and a single slot takes all. */
export const insertCases: readonly KernelCase[] = (
  [
    ['E does not divide the capacity', ODD],
    ['E divides the capacity', WIDE],
    ['one slot', SINGLE],
  ] as const
).map(([name, sizes]) =>
  kernelCase('insert', `goes round the ring as the reference does (${name})`, async (bench) => {
    const { learners: count, environments, capacity } = sizes;
    const learners = new TestLearners(sizes);
    const record = recordLayout(sizes.layout.shape).size;
    const before = randomNumbers(count * capacity * record, 5, 131);
    const replay = bench.buffer('replay', before);
    const rings = learners.settings.map((_, l) => {
      const ring = allocateReplay(capacity, record);
      ring.records.set(before.subarray(l * ring.records.length, (l + 1) * ring.records.length));
      // Far apart, so that rings are full at other times; one begins where it is about to turn.
      ring.stored = l * 5;
      return ring;
    });
    const steps = Math.ceil(capacity / environments) + 2;
    for (let step = 0; step < steps; step++) {
      const transitions = randomNumbers(count * environments * record, 5, 140 + step);
      // The second learner pauses every other step.
      const stores = (l: number) => l !== 1 || step % 2 === 0;
      rings.forEach((ring, l) => {
        if (stores(l)) insert(ring, transitions, l * environments, environments);
      });
      const told = (l: number) => ({
        stored: rings[l].stored,
        flags: stores(l) ? FLAGS.store : FLAGS.train | FLAGS.copy,
      });
      const buffers = {
        transitions: bench.buffer('transitions', transitions),
        replay,
        learners: bench.buffer('learners', learners.structs(told)),
      };
      await bench.run(insertSource, insertConstants(sizes), buffers, insertGroups(sizes), count);
    }
    const expected = new Float32Array(before.length);
    rings.forEach((ring, l) => {
      expected.set(ring.records, l * ring.records.length);
    });
    bench.same(
      'replay',
      await bench.readFloats(replay),
      expected,
      ofLearners(capacity * record, { slot: capacity }),
    );
  }),
);
