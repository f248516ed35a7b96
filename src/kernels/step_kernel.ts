import type { Binding, KernelSource } from '../gpu/kernel.ts';
import type { KernelSizes } from './sizes.ts';

/**
 * An environment's step as a kernel: a thread moves an environment, writes its transition, resets it where its
 * episode has ended, and writes what agents see then. The environment in TypeScript is the truth that it is tested
 * against, bit for bit; it makes the first state and takes over any later one (`save`, `load`).
 */
export interface StepKernel {
  /** Binds STEP_BINDINGS. Workgroups: (E / WORKGROUP, L). */
  readonly source: KernelSource;
  readonly constants: (sizes: KernelSizes) => Record<string, number>;
  /** Words of an environment's state, as its `save` has them. */
  readonly stateWords: number;
  /** What the shader looks up. */
  readonly table: Float32Array<ArrayBuffer>;
  /** What outcome words name rewards by, from bit 3 on; their lower bits are those of OUTCOME. */
  readonly rewards: Float32Array;
}

/** What every step kernel binds. */
export const STEP_BINDINGS: readonly Binding[] = [
  { name: 'learners', access: 'read' },
  { name: 'call', access: 'uniform' },
  { name: 'actions', access: 'read' },
  { name: 'table', access: 'read' },
  { name: 'environments', access: 'read_write' },
  { name: 'observations', access: 'read_write' },
  { name: 'available', access: 'read_write' },
  { name: 'transitions', access: 'read_write' },
  { name: 'outcomes', access: 'read_write' },
];

/** Bits of an outcome word. */
export const OUTCOME = { terminated: 1, truncated: 2, success: 4 } as const;
export const OUTCOME_REWARD_SHIFT = 3;
