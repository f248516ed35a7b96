import code from '../../shaders/act.wgsl';
import type { KernelSource } from '../gpu/kernel.ts';
import type { Layout } from './layout.ts';
import { withSpread } from './spread.ts';
import type { Tuning } from './tuning.ts';

/** Host twin of shaders/act.wgsl: ε-greedy actions for any number of rows. */
export const actSource = (tuning: Tuning): KernelSource => ({
  name: 'act',
  code: withSpread(code, tuning),
  bindings: [
    { name: 'params', access: 'read' },
    { name: 'rows', access: 'read_write' },
    { name: 'learners', access: 'read' },
    { name: 'observations', access: 'read' },
    { name: 'actions', access: 'read_write' },
    { name: 'call', access: 'uniform' },
    { name: 'available', access: 'read' },
  ],
});

/** Words of struct Call, and their order; `slot` is for steps of environments, which are told the same. */
export const CALL_WORDS = 8;
export const CALL = { rows: 0, step: 1, greedy: 2, first: 3, sharedRows: 4, slot: 5 } as const;

export const actConstants = (layout: Layout, tuning: Tuning): Record<string, number> => ({
  ...layout.constants,
  WORKGROUP: tuning.rowThreads,
  TILE: tuning.tile,
  ROW: layout.actingRow,
});

/** Enough to fill any adapter; each workgroup has scratch for one tile, and takes one tile after another. */
const MAX_GROUPS = 1024;

export const actGroups = ({ tile }: Tuning, rows: number, learners: number): number =>
  Math.min(Math.ceil(rows / tile), Math.max(1, Math.floor(MAX_GROUPS / learners)));

/** Bytes of scratch for a dispatch. */
export const actScratchBytes = (layout: Layout, tuning: Tuning, rows: number, learners: number): number =>
  actGroups(tuning, rows, learners) * learners * tuning.tile * layout.actingRow * 16;
