import code from '../../shaders/insert.wgsl';
import type { KernelSource } from '../gpu/kernel.ts';
import { recordLayout } from '../shapes.ts';
import { WORKGROUP } from './layout.ts';
import type { KernelSizes } from './sizes.ts';

/** Host twin of shaders/insert.wgsl: transitions into the replay ring. */
export const insertSource: KernelSource = {
  name: 'insert',
  code,
  bindings: [
    { name: 'transitions', access: 'read' },
    { name: 'replay', access: 'read_write' },
    { name: 'learners', access: 'read' },
  ],
};

export const insertConstants = ({ layout, environments, capacity }: KernelSizes): Record<string, number> => ({
  ...layout.constants,
  WORKGROUP,
  ENVIRONMENTS: environments,
  CAPACITY: capacity,
  RECORD: recordLayout(layout.shape).size,
});

export const insertGroups = ({ layout, environments }: KernelSizes): number =>
  Math.ceil((environments * recordLayout(layout.shape).size) / WORKGROUP);
