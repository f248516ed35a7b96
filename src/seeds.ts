import { ConfigError, show } from './config_error.ts';

const MOST_SEEDS = 4096;
/** Consecutive seeds from which on they are written as a range. */
const RANGE = 3;

/** Reads "2025,2026" and "1-10,42". Throws ConfigError. */
export function parseSeeds(text: string): number[] {
  const seeds: number[] = [];
  for (const part of text.split(',')) {
    const range = /^\s*(\d{1,10})(?:-(\d{1,10}))?\s*$/.exec(part);
    const first = Number(range?.[1]);
    const last = Number(range?.[2] ?? range?.[1]);
    if (!range || last < first) {
      throw new ConfigError(
        `seeds: got ${show(part)}, allowed: whole numbers from 0 to 4294967295 and ranges such as 1-10, with commas between`,
      );
    }
    if (seeds.length + last - first + 1 > MOST_SEEDS) {
      throw new ConfigError(`seeds: got ${show(text)}, allowed: at most ${MOST_SEEDS} seeds`);
    }
    for (let seed = first; seed <= last; seed++) seeds.push(seed);
  }
  return seeds;
}

/** Seeds as `parseSeeds` reads them, in the same order, as short as it can be: `1-10,42`. */
export function formatSeeds(seeds: readonly number[]): string {
  const parts: string[] = [];
  for (let first = 0; first < seeds.length; ) {
    let end = first + 1;
    while (end < seeds.length && seeds[end] === seeds[end - 1] + 1) end++;
    if (end - first < RANGE) end = first + 1;
    parts.push(end - first === 1 ? String(seeds[first]) : `${seeds[first]}-${seeds[end - 1]}`);
    first = end;
  }
  return parts.join(',');
}
