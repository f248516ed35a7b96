import code from '../../shaders/alone.wgsl';
import type { KernelSource } from '../gpu/kernel.ts';
import type { KernelSizes } from './sizes.ts';
import { withSpread } from './spread.ts';
import type { Tuning } from './tuning.ts';
import { updateRowsConstants, updateRowsSource } from './update_rows.ts';

/** An operation of update_rows. */
export type Operation =
  | 'sample'
  | 'agent_forward'
  | 'agent_backward'
  | 'hypernet_forward'
  | 'hypernet_backward'
  | 'mix_forward'
  | 'mix_backward'
  | 'next_actions'
  | 'chosen_values'
  | 'td_error';

/** Host twin of shaders/alone.wgsl: one operation of update_rows as a kernel. It binds what update_rows binds. */
export const aloneSource = (operation: Operation, tuning: Tuning): KernelSource => ({
  ...updateRowsSource(tuning),
  name: operation,
  entryPoint: `${operation}_alone`,
  code: withSpread(code, tuning),
});

/** What an operation on half a row works on. */
export interface AlonePlace {
  readonly secondHalf: boolean;
  readonly targetNetwork: boolean;
}

export const aloneConstants = (sizes: KernelSizes, place: AlonePlace): Record<string, number> => ({
  ...updateRowsConstants(sizes, false),
  SECOND_HALF: place.secondHalf ? 1 : 0,
  TARGET_NETWORK: place.targetNetwork ? 1 : 0,
});
