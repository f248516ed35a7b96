import { type Config, validateConfig } from '../config.ts';
import { LIVE_FIELDS } from './live_fields.ts';

/** Whether two configurations end at the same moment, as far as they say. */
export const endsAs = (config: Config, other: Config): boolean =>
  LIVE_FIELDS.every((field) => other[field] === config[field]);

/** A run's configuration that ends when another says. Throws ConfigError where the two do not go together. */
export const endingAs = (config: Config, other: Config): Config =>
  validateConfig({ ...config, ...Object.fromEntries(LIVE_FIELDS.map((field) => [field, other[field]])) });
