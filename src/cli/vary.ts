import {
  type Config,
  ConfigError,
  type ConfigField,
  type PopulationField,
  parseAssignment,
  populationFields,
  validateConfig,
} from '../config.ts';
import { shorten, show } from '../config_error.ts';
import { isModuleFile } from '../env/registry.ts';

/** Values that fields take, one set of them. */
export type Settings = Readonly<Partial<Record<ConfigField, unknown>>>;

/** A run of a sweep: what can train together does. */
interface Group {
  readonly config: Config;
}

/** What a sweep tries: a setting, and where it trains. */
interface Point {
  readonly settings: Settings;
  /** Index into groups, and of its variant there. */
  readonly group: number;
  readonly variant: number;
}

export interface Sweep {
  readonly groups: readonly Group[];
  /** The cross product, the first field slowest. */
  readonly points: readonly Point[];
}

const UNVARIED: readonly ConfigField[] = ['preset', 'seeds', 'variants'];

/**
 * The cross product of FIELD=A,B,… as `option` gives them. Fields that learners may differ in become variants of
 * a run; others, a run for each of their settings. Throws ConfigError naming what is wrong with any of them.
 */
export function planSweep(config: Config, vary: readonly string[], option: string): Sweep {
  if (vary.length === 0) throw new ConfigError(`${option}: got nothing, allowed: FIELD=A,B,…, once or more`);
  if (config.variants.length > 0) {
    throw new ConfigError(`variants: got ${show(config.variants)}, allowed: none beside ${option}`);
  }
  const fields = vary.map((text) => parseVary(text, option));
  const names = fields.map(({ field }) => field);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice) throw new ConfigError(`${option}: got ${twice} twice, allowed: every field once`);
  const inner = crossProduct(fields.filter(({ field }) => trainsTogether(field)));
  const outer = crossProduct(fields.filter(({ field }) => !trainsTogether(field)));
  const varied = fields.some(({ field }) => trainsTogether(field));
  const groups = outer.map((settings) => ({
    config: validateConfig({ ...config, ...settings, variants: varied ? inner : [] }),
  }));
  const points = crossProduct(fields).map((settings) => ({
    settings,
    group: outer.findIndex((own) => agrees(own, settings)),
    variant: inner.findIndex((own) => agrees(own, settings)),
  }));
  return { groups, points };
}

/** Whether a configuration has these settings already. */
export const isConfigured = (config: Config, settings: Settings): boolean => agrees(settings, config);

interface Varied {
  readonly field: ConfigField;
  readonly values: readonly unknown[];
}

function parseVary(text: string, option: string): Varied {
  const equals = text.indexOf('=');
  if (equals < 1) throw new ConfigError(`${option}: got ${show(text)}, allowed: FIELD=A,B,…`);
  const name = text.slice(0, equals);
  const parsed = text
    .slice(equals + 1)
    .split(',')
    .map((value) => parseAssignment(`${name}=${value}`));
  const [[field]] = parsed;
  if (UNVARIED.includes(field)) throw new ConfigError(`${option}: got ${field}, which cannot be varied`);
  const values = parsed.map(([, value]) => value);
  const module = field === 'environment' && values.find((value) => isModuleFile(String(value)));
  if (module) {
    throw new ConfigError(
      `${option} environment: got ${show(module)}, allowed: environments that come with the project; a module needs a sweep of its own`,
    );
  }
  const texts = values.map((value) => JSON.stringify(value));
  if (new Set(texts).size < texts.length) {
    throw new ConfigError(`${option} ${field}: got ${shorten(texts.join(', '))}, allowed: every value once`);
  }
  return { field, values };
}

const trainsTogether = (field: ConfigField): boolean => populationFields.includes(field as PopulationField);

function crossProduct(fields: readonly Varied[]): Settings[] {
  let settings: Settings[] = [{}];
  for (const { field, values } of fields) {
    settings = settings.flatMap((before) => values.map((value) => ({ ...before, [field]: value })));
  }
  return settings;
}

/** Whether `whole` has every value of `part`. */
const agrees = (part: Settings, whole: Settings): boolean =>
  Object.entries(part).every(
    ([field, value]) => JSON.stringify(whole[field as ConfigField]) === JSON.stringify(value),
  );
