import { type Config, ConfigError, makeConfig, parseAssignment } from '../config.ts';
import { readFile } from './files.ts';

/** Options of `train` that make its configuration, as commander hands them over. */
export interface ConfigOptions {
  readonly preset?: string;
  readonly seeds?: string;
  readonly updates?: string;
  readonly set?: readonly string[];
  readonly config?: string;
}

const DEFAULT_PRESET = 'solve';
const MOST_SEEDS = 4096;

/**
 * The configuration that the options ask for: the preset's, over it the file's, over it --seeds, --updates
 * and --set. Throws ConfigError naming what is wrong.
 */
export function readConfig(options: ConfigOptions): Config {
  const file = options.config === undefined ? {} : readConfigFile(options.config);
  const { preset: filePreset, ...fields } = file;
  const preset = options.preset ?? filePreset ?? DEFAULT_PRESET;
  if (typeof preset !== 'string')
    throw new ConfigError(`preset: got ${JSON.stringify(preset)}, allowed: a name`);
  const changes: Record<string, unknown> = { ...fields };
  if (options.seeds !== undefined) changes.seeds = parseSeeds(options.seeds);
  if (options.updates !== undefined) Object.assign(changes, assignment(`updates=${options.updates}`));
  for (const text of options.set ?? []) Object.assign(changes, assignment(text));
  return makeConfig(preset, changes);
}

/** Updates given to a resumed run. The rest of its configuration is settled. Throws ConfigError. */
export function readUpdates(text: string): unknown {
  return assignment(`updates=${text}`).updates;
}

function assignment(text: string): Record<string, unknown> {
  const [field, value] = parseAssignment(text);
  if (field === 'preset') throw new ConfigError('--set preset: not a field to set, allowed: --preset NAME');
  if (field === 'seeds') return { seeds: parseSeeds(text.slice(text.indexOf('=') + 1)) };
  return { [field]: value };
}

function readConfigFile(path: string): Record<string, unknown> {
  const allowed = 'a JSON file with an object of configuration fields';
  const text = new TextDecoder().decode(readFile(path, '--config', allowed));
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new ConfigError(`--config: got "${path}", which is not JSON; allowed: ${allowed}`);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new ConfigError(`--config: got "${path}", which holds no object; allowed: ${allowed}`);
  }
  return parsed as Record<string, unknown>;
}

/** Reads "2025,2026" and "1-10,42". Throws ConfigError. */
function parseSeeds(text: string): number[] {
  const seeds: number[] = [];
  for (const part of text.split(',')) {
    const range = /^\s*(\d{1,10})(?:-(\d{1,10}))?\s*$/.exec(part);
    const first = Number(range?.[1]);
    const last = Number(range?.[2] ?? range?.[1]);
    if (!range || last < first) {
      throw new ConfigError(
        `seeds: got "${part}", allowed: whole numbers from 0 to 4294967295 and ranges such as 1-10, with commas between`,
      );
    }
    if (seeds.length + last - first + 1 > MOST_SEEDS) {
      throw new ConfigError(`seeds: got "${text}", allowed: at most ${MOST_SEEDS} seeds`);
    }
    for (let seed = first; seed <= last; seed++) seeds.push(seed);
  }
  return seeds;
}
