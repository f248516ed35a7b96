import {
  type Config,
  ConfigError,
  type ConfigField,
  configFields,
  parseAssignment,
  presetFor,
} from '../config.ts';
import { show } from '../config_error.ts';
import { fieldText } from '../config_fields.ts';
import { environmentNames } from '../env/registry.ts';
import { algorithms, makeConfig, presets } from '../presets.ts';
import { parseSeeds } from '../seeds.ts';
import { ALGORITHM, splitAssignment } from './assignments.ts';
import type { Problem, Reading, Settings, Values } from './service.ts';

/** The algorithm of which no name tells: what the fields say. */
export const CUSTOM = 'custom';
const algorithmNames = Object.keys(algorithms);
const algorithmFields = ['sharedAgents', 'agentId', 'mixer'] as const satisfies readonly ConfigField[];

/** Fields that hold one of these names; the page cannot load environments from a user's file. */
export const fieldNames: Readonly<Record<string, readonly string[]>> = {
  environment: environmentNames,
  preset: Object.keys(presets),
  [ALGORITHM]: [...algorithmNames, CUSTOM],
};

const DEFAULT_ENVIRONMENT = 'meeting-gridworld';

/** A configuration that was asked for, or what is wrong with it. */
export type Asked =
  | { readonly config: Config; readonly problems: readonly [] }
  | { readonly config: undefined; readonly problems: readonly Problem[] };

/**
 * Reads settings as the command line does: the preset's values (without one, those of the environment's), over them
 * the algorithm's, over them all other fields. Of several assignments of one field the last holds.
 */
export function readSettings(settings: Settings): Asked {
  const problems: Problem[] = [];
  const changes: Record<string, unknown> = {};
  for (const assignment of settings) {
    try {
      const [field, value] = parse(assignment);
      changes[field] = value;
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push({ field: fieldOf(assignment), message: error.message });
    }
  }
  if (problems.length > 0) return { config: undefined, problems };
  const { preset, algorithm, ...fields } = changes;
  const environment = String(fields.environment ?? DEFAULT_ENVIRONMENT);
  const named = algorithm === undefined || algorithm === CUSTOM ? {} : algorithms[String(algorithm)];
  try {
    return {
      config: makeConfig(String(preset ?? presetFor(environment)), { ...named, ...fields }),
      problems: [],
    };
  } catch (error) {
    return { config: undefined, problems: describe(error) };
  }
}

/** Reads FIELD=VALUE. Throws ConfigError, also at what only a command line can use. */
function parse(assignment: string): [field: string, value: unknown] {
  const [field, text] = splitAssignment(assignment);
  if (field === '' || field === assignment) {
    throw new ConfigError(`settings: got ${show(assignment)}, allowed: FIELD=VALUE`);
  }
  const names = Object.hasOwn(fieldNames, field) ? fieldNames[field] : undefined;
  if (names) {
    if (names.includes(text)) return [field, text];
    throw new ConfigError(`${field}: got ${show(text)}, allowed: ${names.join(', ')}`);
  }
  return field === 'seeds' ? [field, parseSeeds(text)] : parseAssignment(assignment);
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
    const { config, problems: found } = readSettings(kept);
    if (config) return { config, kept, problems };
    problems.push(...found.filter(({ message }) => !problems.some((known) => known.message === message)));
    kept = leaveOut(kept, found);
  }
}

/** The settings without those that the problems are of: fewer, in any case. */
function leaveOut(settings: Settings, problems: readonly Problem[]): Settings {
  const wrong = new Set(problems.map(({ field }) => field));
  const rest = settings.filter((assignment) => !wrong.has(fieldOf(assignment)));
  if (rest.length < settings.length) return rest;
  // A rule of two fields named the one that was not assigned: the other is the latest without which one holds.
  for (let index = settings.length - 1; index >= 0; index--) {
    const without = settings.toSpliced(index, 1);
    const still = new Set(readSettings(without).problems.map(({ field }) => field));
    if ([...wrong].some((field) => !still.has(field))) return without;
  }
  return [];
}

const fieldOf = (assignment: string): string => splitAssignment(assignment)[0];

/** Settings, read as far as they can be used, as texts for a form and for a link. */
export function read(settings: Settings): Reading {
  const { config, problems } = keepValid(settings);
  return { values: valuesOf(config), defaults: valuesOf(defaultsOf(config)), problems, link: linkOf(config) };
}

/** Texts of all fields, the algorithm's name among them. */
function valuesOf(config: Config): Values {
  const texts = configFields.map((field) => [field, fieldText(field, config[field])]);
  return { ...Object.fromEntries(texts), [ALGORITHM]: algorithmOf(config) };
}

/** What a configuration started from: its preset, on the environment that it names. */
function defaultsOf({ preset, environment }: Config): Config {
  const own = Object.hasOwn(presets, preset) ? presets[preset] : presets[presetFor(environment)];
  return { ...own, environment };
}

/** The name of what a configuration's agent networks and mixer are together. */
export const algorithmOf = (config: Config): string =>
  algorithmNames.find((name) =>
    algorithmFields.every((field) => algorithms[name][field] === config[field]),
  ) ?? CUSTOM;

/** The shortest settings that are read as this configuration: its preset, its algorithm, fields that differ. */
export function linkOf(config: Config): Settings {
  const defaults = defaultsOf(config);
  const { environment, preset } = defaults;
  const link: string[] = [];
  if (preset !== presetFor(environment)) link.push(`preset=${preset}`);
  const readAs = link.length > 0 ? presets[preset].environment : DEFAULT_ENVIRONMENT;
  const algorithm = algorithmOf(config);
  const named = algorithm !== CUSTOM && algorithm !== algorithmOf(defaults);
  if (named) link.push(`${ALGORITHM}=${algorithm}`);
  const from = valuesOf({ ...defaults, environment: readAs });
  const values = valuesOf(config);
  for (const field of configFields) {
    if (field === 'preset' || (named && algorithmFields.some((own) => own === field))) continue;
    if (values[field] !== from[field]) link.push(`${field}=${values[field]}`);
  }
  return link;
}

/** The problems that a ConfigError tells of, each of its lines beginning with a field's name. Throws other errors. */
export function describe(error: unknown): Problem[] {
  if (!(error instanceof ConfigError)) throw error;
  return error.message.split('\n').map((message) => ({ field: message.split(/[.:]/, 1)[0], message }));
}
