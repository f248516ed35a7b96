import type { Layout } from './layout.ts';
import type { Tuning } from './tuning.ts';

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
  readonly tuning: Tuning;
}

/** Tiles of rows in a batch; the last may be padded. */
export const batchTiles = ({ batch, tuning }: KernelSizes): number => Math.ceil(batch / tuning.tile);

/** Rows of a learner's batch, with what pads the last tile. */
export const batchRows = (sizes: KernelSizes): number => batchTiles(sizes) * sizes.tuning.tile;
