import { readFileSync } from 'node:fs';
import type { Group } from '../../src/verify/bounds.ts';

/** The README's columns of measured errors, each of which has as many figures as there are adapters. */
const COLUMNS = ['forward', 'gradients', 'parameters', 'updateRule'] as const satisfies readonly Group[];
/** By what an adapter's name holds, in the order in which the README's cells give them. */
const ADAPTERS = ['llvmpipe: Mesa 25.0.7', 'SwiftShader'];

/** How much larger than what was measured an error may be: sums in another order, a library's exp of another version. */
const MARGIN = 3;

/**
 * The largest error that a file may have in each group on an adapter that the README has figures of; undefined of
 * another adapter. Bounds are what users are promised anywhere; these tell that something has become worse here.
 */
export function regressionBounds(adapter: string, file: string): Record<string, number> | undefined {
  const place = ADAPTERS.findIndex((name) => adapter.includes(name));
  if (place < 0) return undefined;
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const name = file.replace(/\.safetensors$/, '');
  const row = readme.split('\n').find((line) => line.startsWith(`| ${name} | `));
  const cells = row?.slice(2, -2).split(' | ') ?? [];
  return Object.fromEntries(
    COLUMNS.map((group, column) => {
      const figure = Number(cells[column + 1]?.split(' \\| ')[place]);
      if (!(figure > 0)) throw new Error(`README.md has no error of ${group} of ${name} on ${adapter}`);
      return [group, MARGIN * figure];
    }),
  );
}
