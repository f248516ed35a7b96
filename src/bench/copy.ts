import code from '../../shaders/bench/copy.wgsl';
import type { KernelSource } from '../gpu/kernel.ts';

/** Host twin of shaders/bench/copy.wgsl. */
export const copySource: KernelSource = {
  name: 'copy',
  code,
  bindings: [
    { name: 'source', access: 'read' },
    { name: 'result', access: 'read_write' },
    { name: 'call', access: 'uniform' },
  ],
};

/** Threads of a workgroup, and quads that each copies. */
export interface CopyVariant {
  readonly workgroup: number;
  readonly each: number;
}

export const COPY_VARIANTS: readonly CopyVariant[] = [
  { workgroup: 64, each: 1 },
  { workgroup: 256, each: 1 },
  { workgroup: 64, each: 16 },
  { workgroup: 256, each: 16 },
];

export const copyName = ({ workgroup, each }: CopyVariant): string => `copy/${workgroup}×${each}`;

/** Workgroups for `quads`, which may be any number. */
export const copyGroups = ({ workgroup, each }: CopyVariant, quads: number): number =>
  Math.ceil(quads / (workgroup * each));

/** struct Call of the shader. */
export const copyCall = (variant: CopyVariant, quads: number): Uint32Array<ArrayBuffer> =>
  Uint32Array.of(quads, copyGroups(variant, quads) * variant.workgroup, 0, 0);
