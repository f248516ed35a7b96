import code from '../../shaders/update_rows.wgsl';
import type { KernelSource } from '../gpu/kernel.ts';
import { recordLayout } from '../shapes.ts';
import { batchTiles, type KernelSizes } from './sizes.ts';
import { withSpread } from './spread.ts';
import type { Tuning } from './tuning.ts';

/** Host twin of shaders/update_rows.wgsl: everything of an update that rows do alone. */
export const updateRowsSource = (tuning: Tuning): KernelSource => ({
  name: 'update_rows',
  code: withSpread(code, tuning),
  bindings: [
    { name: 'params', access: 'read' },
    { name: 'rows', access: 'read_write' },
    { name: 'learners', access: 'read' },
    { name: 'progress', access: 'read' },
    { name: 'replay', access: 'read' },
  ],
});

/** `inOrder`: row b is slot b of the replay, not a drawn one: what verifying a given batch needs. */
export function updateRowsConstants(sizes: KernelSizes, inOrder: boolean): Record<string, number> {
  const { layout, batch, capacity, tuning } = sizes;
  const record = recordLayout(layout.shape);
  return {
    ...layout.constants,
    WORKGROUP: tuning.rowThreads,
    TILE: tuning.tile,
    BATCH: batch,
    ROW: layout.row,
    TILES: batchTiles(sizes),
    CAPACITY: capacity,
    RECORD: record.size,
    RECORD_NEXT: record.nextObservations,
    RECORD_ACTIONS: record.actions,
    RECORD_REWARD: record.reward,
    RECORD_AVAILABLE: record.nextAvailable,
    IN_ORDER: inOrder ? 1 : 0,
  };
}
