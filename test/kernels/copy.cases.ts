import { COPY_VARIANTS, copyCall, copyGroups, copyName, copySource } from '../../src/bench/copy.ts';
import { type KernelCase, kernelCase } from './case.ts';
import { randomNumbers } from './learners.ts';

/** One past a workgroup of every variant. */
const QUADS = 256 * 16 + 1;

export const copyCases: readonly KernelCase[] = COPY_VARIANTS.map((variant) =>
  kernelCase('copy', `${copyName(variant)} copies every number, and nothing behind them`, async (bench) => {
    const numbers = randomNumbers(4 * QUADS, 1, 21);
    const result = bench.buffer('result', new Float32Array(4 * QUADS));
    const buffers = {
      source: bench.buffer('source', numbers),
      result,
      call: bench.uniform('call', copyCall(variant, QUADS)),
    };
    await bench.run(copySource, { WORKGROUP: variant.workgroup }, buffers, copyGroups(variant, QUADS), 1);
    bench.same('result', await bench.readFloats(result), numbers);
  }),
);
