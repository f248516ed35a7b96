import { type Config, ConfigError, parseAssignment, presetFor } from '../config.ts';
import { show } from '../config_error.ts';
import { isModuleFile } from '../env/registry.ts';
import { readFile } from '../node/files.ts';
import { algorithms, makeConfig } from '../presets.ts';
import { parseSeeds } from '../seeds.ts';
import type { BackendChoice } from './backend.ts';
import { type EnvironmentOptions, quoted } from './own_environment.ts';

/** Options that make a configuration, as commander hands them over. */
export interface ConfigOptions {
  readonly preset?: string;
  readonly algorithm?: string;
  readonly environment?: string;
  readonly seeds?: string;
  readonly updates?: string;
  readonly set?: readonly string[];
  readonly config?: string;
}

const DEFAULT_ENVIRONMENT = 'meeting-gridworld';

/**
 * The configuration that the options ask for: the preset's (without one, that of the environment), over it the
 * file's, over it --algorithm, --environment, --seeds and --updates, over all --set. Throws ConfigError naming
 * what is wrong.
 */
export function readConfig(options: ConfigOptions): Config {
  const file = options.config === undefined ? {} : readConfigFile(options.config);
  const { preset: filePreset, ...fields } = file;
  const set: Record<string, unknown> = {};
  for (const text of options.set ?? []) Object.assign(set, assignment(text));
  const environment = set.environment ?? options.environment ?? fields.environment;
  const named = set.environment !== undefined || options.environment !== undefined;
  if (!named && typeof environment === 'string' && isModuleFile(environment)) {
    throw new ConfigError(
      `--config: ${options.config} names the module ${show(environment)}, which is run only if you name it: --environment ${quoted(environment)}`,
    );
  }
  const preset =
    options.preset ??
    filePreset ??
    presetFor(typeof environment === 'string' ? environment : DEFAULT_ENVIRONMENT);
  if (typeof preset !== 'string') throw new ConfigError(`preset: got ${show(preset)}, allowed: a name`);
  const changes: Record<string, unknown> = { ...fields };
  if (options.algorithm !== undefined) Object.assign(changes, algorithmFields(options.algorithm));
  if (options.environment !== undefined) changes.environment = options.environment;
  if (options.seeds !== undefined) changes.seeds = parseSeeds(options.seeds);
  if (options.updates !== undefined) Object.assign(changes, assignment(`updates=${options.updates}`));
  return makeConfig(preset, { ...changes, ...set });
}

/** What an algorithm's name sets. Throws ConfigError. */
export function algorithmFields(name: string): (typeof algorithms)[string] {
  const fields = Object.hasOwn(algorithms, name) ? algorithms[name] : undefined;
  if (!fields) {
    throw new ConfigError(`--algorithm: got ${show(name)}, allowed: ${Object.keys(algorithms).join(', ')}`);
  }
  return fields;
}

/** Options that are settled where a work goes on, as commander names them. */
const SETTLED = [
  ...['preset', 'algorithm', 'algorithms', 'environment', 'seeds', 'updates', 'set', 'config', 'out'],
  ...['vary', 'tune', 'tuneSeeds', 'tuneUpdates'],
];

/** Throws ConfigError where one of them is given beside --resume; `allowed` are those that may be. */
export function refuseSettled(options: object, allowed: readonly string[]): void {
  for (const name of SETTLED) {
    const given = (options as Record<string, string | readonly string[] | undefined>)[name];
    if (given === undefined || given.length === 0) continue;
    const dashed = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    if (allowed.includes(`--${dashed}`)) continue;
    throw new ConfigError(`--${dashed}: not with --resume, allowed: ${allowed.join(', ')}`);
  }
}

/** Throws ConfigError where something new is to be begun with what was changed. */
export function refuseChanged({ environmentChanged }: EnvironmentOptions): void {
  if (environmentChanged) throw new ConfigError('--environment-changed: only with --resume');
}

/** Throws ConfigError where a work that was planned for one backend is to go on on another. */
export function refuseOtherBackend(given: BackendChoice, planned: BackendChoice): void {
  if (given === 'auto' || given === planned) return;
  throw new ConfigError(`--backend: got ${given}, allowed: ${planned}, as it was begun with`);
}

/** Options of how a run is trained, which change no bit of it, as commander hands them over. */
export interface HowOptions {
  readonly atOnce?: string;
  readonly saveSeconds?: string;
}

/** Throws ConfigError. */
export const readHow = ({
  atOnce,
  saveSeconds,
}: HowOptions): { atOnce: number | undefined; saveMs: number } => ({
  atOnce: readAtOnce(atOnce),
  saveMs: readSaveMs(saveSeconds),
});

/** Milliseconds between two savings at most, as --save-seconds gives them. Throws ConfigError. */
function readSaveMs(text = '60'): number {
  const seconds = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && seconds > 0 && seconds <= 1e6) return 1000 * seconds;
  throw new ConfigError(
    `--save-seconds: got ${show(text)}, allowed: a number of seconds above 0, at most 1000000`,
  );
}

/** Learners that train together at most, as --at-once gives them. Throws ConfigError. */
function readAtOnce(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const atOnce = Number(text);
  if (!/^\d+$/.test(text) || atOnce < 1) {
    throw new ConfigError(`--at-once: got ${show(text)}, allowed: a whole number of learners from 1`);
  }
  return atOnce;
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
