import { type Layout, TILE_ROWS } from './layout.ts';

/** Everything that decides the kernels' sizes. */
export interface KernelSizes {
  readonly layout: Layout;
  /** L */
  readonly learners: number;
  /** E */
  readonly environments: number;
  /** B */
  readonly batch: number;
  /** Transitions of replay, per learner. */
  readonly capacity: number;
}

/** Tiles of rows in a batch; the last may be padded. */
export const batchTiles = ({ batch }: KernelSizes): number => Math.ceil(batch / TILE_ROWS);
