import { copyTargetConstants, copyTargetGroups, copyTargetSource } from '../../src/kernels/copy_target.ts';
import { FLAGS } from '../../src/kernels/learners.ts';
import { type KernelCase, kernelCase } from './case.ts';
import { TestLearners } from './learners.ts';
import { ofParameters } from './places.ts';
import { ODD, WIDE } from './sizes.ts';

export const copyTargetCases: readonly KernelCase[] = (
  [
    ['odd sizes', ODD],
    ['wide', WIDE],
  ] as const
).map(([name, sizes]) =>
  kernelCase('copy_target', `copies where it is told to (${name})`, async (bench) => {
    const learners = new TestLearners(sizes);
    const params = bench.buffer('params', learners.params());
    const copies = (l: number) => l !== 1;
    const told = (l: number) => ({ flags: copies(l) ? FLAGS.copy | FLAGS.store : FLAGS.train | FLAGS.store });
    const buffers = { params, learners: bench.buffer('learners', learners.structs(told)) };
    await bench.run(
      copyTargetSource,
      copyTargetConstants(sizes),
      buffers,
      copyTargetGroups(sizes),
      sizes.learners,
    );
    const expected = learners.params();
    const size = 4 * sizes.layout.parameters;
    for (let l = 0; l < sizes.learners; l++) {
      if (copies(l)) expected.copyWithin((2 * l + 1) * size, 2 * l * size, (2 * l + 1) * size);
    }
    bench.same(
      'params',
      await bench.readFloats(params),
      expected,
      ofParameters(sizes.layout, ['online.', 'target.']),
    );
  }),
);
