import { type Config, type ConfigField, validateConfig } from '../config.ts';

/** What can be changed while a run goes on: when it ends. No bit before that depends on it. */
export const LIVE_FIELDS = [
  'updates',
  'episodes',
  'stopWhenSolved',
] as const satisfies readonly ConfigField[];

/** A run's configuration that ends when another says. Throws ConfigError where the two do not go together. */
export const endingAs = (config: Config, asked: Config): Config =>
  validateConfig({ ...config, ...Object.fromEntries(LIVE_FIELDS.map((field) => [field, asked[field]])) });
