import code from '../../shaders/act.wgsl';
import type { KernelSource } from '../gpu/kernel.ts';
import { type Layout, TILE_ROWS, WORKGROUP } from './layout.ts';

/** Host twin of shaders/act.wgsl: ε-greedy actions for any number of rows. */
export const actSource: KernelSource = {
  name: 'act',
  code,
  bindings: [
    { name: 'params', access: 'read' },
    { name: 'rows', access: 'read_write' },
    { name: 'learners', access: 'read' },
    { name: 'observations', access: 'read' },
    { name: 'actions', access: 'read_write' },
    { name: 'call', access: 'uniform' },
    { name: 'available', access: 'read' },
  ],
};

/** Words of struct Call, and their order; `slot` is for steps of environments, which are told the same. */
export const CALL_WORDS = 8;
export const CALL = { rows: 0, step: 1, greedy: 2, first: 3, sharedRows: 4, slot: 5 } as const;

export const actConstants = (layout: Layout): Record<string, number> => ({
  ...layout.constants,
  WORKGROUP,
  ROW: layout.actingRow,
});

/** Enough to fill any adapter; each workgroup has scratch for one tile, and takes one tile after another. */
const MAX_GROUPS = 1024;

export const actGroups = (rows: number, learners: number): number =>
  Math.min(Math.ceil(rows / TILE_ROWS), Math.max(1, Math.floor(MAX_GROUPS / learners)));

/** Bytes of scratch for a dispatch. */
export const actScratchBytes = (layout: Layout, rows: number, learners: number): number =>
  actGroups(rows, learners) * learners * TILE_ROWS * layout.actingRow * 16;
