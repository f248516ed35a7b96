import { type Config, ConfigError, makeConfig, parseAssignment, presets } from '../config.ts';
import type { FormValues, Problem, Settings } from './protocol.ts';

/** Preset of a page that was asked for none. */
const DEFAULT_PRESET = 'solve';
/** The one environment that the board can show. */
const SHOWN = 'meeting-gridworld';
const offered = Object.entries(presets).filter(([, { environment }]) => environment === SHOWN);

/** A configuration that was asked for, or what is wrong with it. */
export type Reading =
  | { readonly config: Config; readonly problems: readonly [] }
  | { readonly config: undefined; readonly problems: readonly Problem[] };

/** Reads settings; later assignments of a field replace earlier ones, and `preset` says what the rest changes. */
export function readSettings(settings: Settings): Reading {
  const problems: Problem[] = [];
  const changes = new Map<string, unknown>();
  for (const assignment of settings) {
    try {
      const [field, value] = parseAssignment(assignment);
      changes.set(field, value);
    } catch (error) {
      problems.push(...describe(error));
    }
  }
  const preset = changes.get('preset') ?? DEFAULT_PRESET;
  changes.delete('preset');
  if (problems.length > 0) return { config: undefined, problems };
  try {
    const names = offered.map(([name]) => name);
    if (!names.includes(String(preset))) {
      throw new ConfigError(`preset: got "${preset}", allowed: ${names.join(', ')}`);
    }
    const config = makeConfig(String(preset), Object.fromEntries(changes));
    if (config.environment !== SHOWN) {
      throw new ConfigError(`environment: got "${config.environment}", allowed: ${SHOWN}, on this page`);
    }
    return { config, problems: [] };
  } catch (error) {
    return { config: undefined, problems: describe(error) };
  }
}

/** Reads as much of the settings as can be used: refuses what is wrong by name, and keeps the rest. */
export function keepValid(settings: Settings): {
  readonly config: Config;
  readonly kept: Settings;
  readonly problems: readonly Problem[];
} {
  const problems: Problem[] = [];
  let kept = settings;
  for (;;) {
    const reading = readSettings(kept);
    if (reading.config) return { config: reading.config, kept, problems };
    problems.push(...reading.problems);
    const wrong = new Set(reading.problems.map(({ field }) => field));
    const rest = kept.filter((assignment) => !wrong.has(fieldOf(assignment)));
    // A rule of two fields names the one that was not assigned: then nothing of the link can be kept.
    kept = rest.length < kept.length ? rest : [];
  }
}

export const fieldOf = (assignment: string): string => assignment.split('=', 1)[0];

export function formValues({ preset, seeds, gridSize }: Config): FormValues {
  return { preset, seeds: seeds.join(', '), gridSize: String(gridSize) };
}

export const presetValues = (): Record<string, FormValues> =>
  Object.fromEntries(offered.map(([name, config]) => [name, formValues(config)]));

/** The problems that a ConfigError tells of, each of its lines beginning with a field's name. Throws other errors. */
export function describe(error: unknown): Problem[] {
  if (!(error instanceof ConfigError)) throw error;
  return error.message.split('\n').map((message) => ({ field: message.split(/[.:]/, 1)[0], message }));
}
