import plain from '../../shaders/lib/spread.wgsl';
import subgroup from '../../shaders/lib/spread_subgroup.wgsl';
import type { Tuning } from './tuning.ts';

/**
 * A subgroup of gradient lies within one job, so that it stays together, but compilers cannot know: how far a loop goes
 * depends on the job, and that on the thread.
 */
const DIRECTIVES = 'enable subgroups;\ndiagnostic(off, subgroup_uniformity);\n';

/** A shader with the functions of shaders/lib/spread.wgsl, or of its twin for adapters whose subgroups load together. */
export const withSpread = (code: string, { spread }: Tuning): string =>
  spread > 0 ? `${DIRECTIVES}${code}\n${subgroup}` : `${code}\n${plain}`;

/** Their overrides. */
export const spreadConstants = ({ spread }: Tuning): Record<string, number> =>
  spread > 0 ? { SPREAD: spread } : {};
