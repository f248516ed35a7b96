import code from '../../shaders/bench/matmul.wgsl';
import spreadCode from '../../shaders/bench/matmul_spread.wgsl';
import type { KernelSource } from '../gpu/kernel.ts';
import { withSpread } from '../kernels/spread.ts';

/** C = A B: a (M, K), b (K, N), c (M, N). */
export interface MatmulShape {
  readonly m: number;
  readonly k: number;
  readonly n: number;
}

/** A way to multiply: an entry point of shaders/bench/matmul.wgsl or matmul_spread.wgsl, and what it is dispatched with. */
export interface MatmulVariant {
  readonly entryPoint: 'rows4' | 'rows8' | 'staged' | 'tiled' | 'matmul_spread';
  readonly workgroup: number;
  /** Rows and columns of C that a workgroup computes: M and N must be multiples of them. */
  readonly rows: number;
  readonly columns: number;
  /** matmul_spread: threads of the subgroups that load for each other, where the adapter's have as many; 0: none do. */
  readonly spread?: 0 | 4 | 8;
}

/** STAGED_K4 of the shader, in numbers. */
const MOST_STAGED = 384;

/** Everything that is tried. */
export const MATMUL_VARIANTS: readonly MatmulVariant[] = [
  ...[16, 32, 64].flatMap((workgroup): MatmulVariant[] => [
    { entryPoint: 'rows4', workgroup, rows: 4, columns: 8 * workgroup },
    { entryPoint: 'rows8', workgroup, rows: 8, columns: 4 * workgroup },
    { entryPoint: 'staged', workgroup, rows: 8, columns: 8 * workgroup },
  ]),
  { entryPoint: 'tiled', workgroup: 128, rows: 64, columns: 64 },
  { entryPoint: 'matmul_spread', workgroup: 64, rows: 8, columns: 256, spread: 0 },
  ...([4, 8] as const).flatMap((spread) =>
    [8, 16, 32].flatMap((rows) =>
      [spread, 4 * spread].map(
        (workgroup): MatmulVariant => ({
          entryPoint: 'matmul_spread',
          workgroup,
          rows,
          columns: 4 * workgroup,
          spread,
        }),
      ),
    ),
  ),
];

export const variantName = ({ entryPoint, workgroup, spread, rows }: MatmulVariant): string =>
  spread === undefined ? `${entryPoint}/${workgroup}` : `spread${spread}x${rows}/${workgroup}`;

export const runsOn = ({ spread }: MatmulVariant, subgroupSize: number): boolean =>
  !spread || spread === subgroupSize;

/** Whether a shape is made of whole workgroups. */
export const fits = ({ rows, columns, entryPoint }: MatmulVariant, { m, k, n }: MatmulShape): boolean =>
  m % rows === 0 && n % columns === 0 && k % 16 === 0 && (entryPoint !== 'staged' || k <= MOST_STAGED);

/** Host twin of shaders/bench/matmul.wgsl. */
export const matmulSource = ({ entryPoint, spread }: MatmulVariant): KernelSource => ({
  name: 'matmul',
  entryPoint,
  code: spread === undefined ? code : withSpread(spreadCode, { spread }),
  bindings: [
    { name: spread === undefined ? 'a' : 'rows', access: 'read' },
    { name: 'b', access: 'read' },
    { name: 'c', access: 'read_write' },
    { name: 'call', access: 'uniform' },
  ],
});

export const matmulConstants = ({
  workgroup,
  entryPoint,
  spread,
  rows,
}: MatmulVariant): Record<string, number> => {
  // `tiled` has a workgroup of its own, and overrides that an entry point does not use may not be set.
  if (entryPoint === 'tiled') return {};
  return spread === undefined ? { WORKGROUP: workgroup } : { WORKGROUP: workgroup, TILE: rows };
};

/** struct Call of the shader. */
export const matmulCall = ({ k, n }: MatmulShape): Uint32Array<ArrayBuffer> =>
  Uint32Array.of(k / 4, n / 4, 0, 0);

export const matmulGroups = ({ rows, columns }: MatmulVariant, { m, n }: MatmulShape) => ({
  x: n / columns,
  y: m / rows,
});

export const matmulFlops = ({ m, k, n }: MatmulShape): number => 2 * m * k * n;

/**
 * Holds rows of c to the same product in float64: every number within K·u·Σ|aᵢbᵢ|, u = 2⁻²³, which any order of
 * summing keeps. Returns what is not, in a sentence, or nothing. `rows` are the rows to look at.
 */
export function matmulMismatch(
  shape: MatmulShape,
  a: Float32Array,
  b: Float32Array,
  c: Float32Array,
  rows: readonly number[],
): string | undefined {
  const { k, n } = shape;
  const sums = new Float64Array(n);
  const sizes = new Float64Array(n);
  for (const row of rows) {
    sums.fill(0);
    sizes.fill(0);
    for (let i = 0; i < k; i++) {
      const x = a[row * k + i];
      for (let o = 0; o < n; o++) {
        const product = x * b[i * n + o];
        sums[o] += product;
        sizes[o] += Math.abs(product);
      }
    }
    for (let o = 0; o < n; o++) {
      const allowed = k * 2 ** -23 * sizes[o];
      // Not `error > allowed`: what is not a number is no match.
      if (Math.abs(c[row * n + o] - sums[o]) <= allowed) continue;
      return `c[${row}, ${o}]: got ${c[row * n + o]}, expected ${sums[o]} ± ${allowed}`;
    }
  }
  return undefined;
}
