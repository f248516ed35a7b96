import {
  fits,
  MATMUL_VARIANTS,
  type MatmulShape,
  matmulCall,
  matmulConstants,
  matmulGroups,
  matmulMismatch,
  matmulSource,
  runsOn,
  variantName,
} from '../../src/bench/matmul.ts';
import { type KernelCase, kernelCase } from './case.ts';
import { randomNumbers } from './learners.ts';

/** Whole workgroups of every variant, and no two sides alike. */
const SHAPE: MatmulShape = { m: 128, k: 80, n: 512 };

export const matmulCases: readonly KernelCase[] = MATMUL_VARIANTS.map((wanted) =>
  kernelCase('matmul', `${variantName(wanted)} equals the product in float64`, async (bench) => {
    // Where subgroups are of another size, the same tiles with every thread loading for itself.
    const variant = runsOn(wanted, bench.gpu.subgroupSize) ? wanted : { ...wanted, spread: 0 as const };
    const { m, k, n } = SHAPE;
    const a = randomNumbers(m * k, 1, 11);
    const b = randomNumbers(k * n, 1, 12);
    const c = bench.buffer('c', new Float32Array(m * n).fill(Number.NaN));
    const buffers = {
      [variant.spread === undefined ? 'a' : 'rows']: bench.buffer('a', a),
      b: bench.buffer('b', b),
      c,
      call: bench.uniform('call', matmulCall(SHAPE)),
    };
    bench.holds(fits(variant, SHAPE), 'the shape is not made of whole workgroups');
    const { x, y } = matmulGroups(variant, SHAPE);
    await bench.run(matmulSource(variant), matmulConstants(variant), buffers, x, y);
    const got = await bench.readFloats(c);
    const rows = Array.from({ length: m }, (_, row) => row);
    const wrong = matmulMismatch(SHAPE, a, b, got, rows);
    bench.holds(wrong === undefined, wrong ?? '');
    // The check itself sees a number that is off by little.
    got[5 * n + 7] += 1e-3;
    bench.holds(matmulMismatch(SHAPE, a, b, got, rows) !== undefined, 'a wrong number is not seen');
  }),
);
