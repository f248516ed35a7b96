import code from '../../shaders/copy_target.wgsl';
import type { KernelSource } from '../gpu/kernel.ts';
import { WORKGROUP } from './layout.ts';
import type { KernelSizes } from './sizes.ts';

/** Host twin of shaders/copy_target.wgsl: hard target update. */
export const copyTargetSource: KernelSource = {
  name: 'copy_target',
  code,
  bindings: [
    { name: 'params', access: 'read_write' },
    { name: 'learners', access: 'read' },
  ],
};

export const copyTargetConstants = ({ layout }: KernelSizes): Record<string, number> => ({
  ...layout.constants,
  WORKGROUP,
});

export const copyTargetGroups = ({ layout }: KernelSizes): number => Math.ceil(layout.parameters / WORKGROUP);
