import plain from '../../shaders/lib/spread.wgsl';
import eight from '../../shaders/lib/spread_eight.wgsl';
import four from '../../shaders/lib/spread_four.wgsl';
import type { Tuning } from './tuning.ts';

/**
 * A subgroup of gradient lies within one job, so that it stays together, but compilers cannot know: how far a loop goes
 * depends on the job, and that on the thread.
 */
const DIRECTIVES = 'enable subgroups;\ndiagnostic(off, subgroup_uniformity);\n';

/** A shader with the functions of shaders/lib/spread.wgsl, or of a twin for adapters whose subgroups load together. */
export function withSpread(code: string, { spread }: Tuning): string {
  if (spread === 0) return `${code}\n${plain}`;
  return `${DIRECTIVES}${code}\n${spread === 4 ? four : eight}`;
}
