import { ConfigError } from '../config_error.ts';

/**
 * Refuses what `save` of an environment cannot have given: [copies, width] whole numbers, each at least 0 and below
 * the bound of its column. Throws ConfigError naming the number.
 */
export function checkSaved(
  saved: Int32Array,
  copies: number,
  width: number,
  bound: (column: number) => number,
): void {
  if (saved.length !== copies * width) {
    throw new ConfigError(`environment: got ${saved.length} saved numbers, allowed: ${copies * width}`);
  }
  for (let at = 0; at < saved.length; at++) {
    const below = bound(at % width);
    if (saved[at] >= 0 && saved[at] < below) continue;
    throw new ConfigError(`environment[${at}]: got ${saved[at]}, allowed: 0 to ${below - 1}`);
  }
}
