import { type Config, ConfigError } from '../config.ts';
import { environmentKind } from '../env/registry.ts';
import type { EnvironmentFactory } from '../env/single_env.ts';
import { isStartable, type VectorEnv } from '../env/vector_env.ts';
import { Vectorised } from '../env/vectorised.ts';
import { type NetworkShape, networkShape } from '../shapes.ts';

/** Modules of users' own environments that have been loaded, by the name that configurations give them. */
const modules = new Map<string, EnvironmentFactory>();

/**
 * Makes the configured environment known where it is a module file: once, before anything else. Paths are taken
 * from the working directory. Throws ConfigError where it cannot be loaded or exports no environment.
 */
export async function loadEnvironment({ environment }: Pick<Config, 'environment'>): Promise<void> {
  if (environmentKind(environment) || modules.has(environment)) return;
  const fail = (found: string): ConfigError =>
    new ConfigError(
      `environment: got "${environment}" (${found}), allowed: a JavaScript module whose default export makes an environment`,
    );
  // Taken from the process, as the page is made from this file too, where there are no such modules.
  const { pathToFileURL } = process.getBuiltinModule('node:url');
  let loaded: { default?: unknown };
  try {
    loaded = await import(/* @vite-ignore */ pathToFileURL(environment).href);
  } catch (error) {
    throw fail(error instanceof Error ? error.message : String(error));
  }
  if (typeof loaded.default !== 'function') throw fail('its default export is no function');
  modules.set(environment, loaded.default as EnvironmentFactory);
}

/** What a module that has been loaded exports. */
export function loadedFactory({ environment }: Pick<Config, 'environment'>): EnvironmentFactory {
  const factory = modules.get(environment);
  if (!factory) throw new ConfigError(`environment: got "${environment}", which has not been loaded`);
  return factory;
}

/**
 * The configured environment, `copies` of it, its resets keyed by `seed`; not yet reset. A module must have been
 * loaded (loadEnvironment).
 */
export function createEnvironment(config: Config, seed: number, copies: number): VectorEnv {
  const kind = environmentKind(config.environment);
  if (kind) return kind.create(config, seed, copies);
  return new Vectorised(loadedFactory(config), config.environment, seed, copies);
}

/** Distinct starts of the configured environment; Infinity where they cannot be listed. */
export function startCount(config: Config): number {
  const environment = createEnvironment(config, 0, 1);
  return isStartable(environment) ? environment.starts : Number.POSITIVE_INFINITY;
}

/** Sizes of the networks that the configuration asks for. */
export const configuredShape = (config: Config): NetworkShape =>
  networkShape(config, createEnvironment(config, 0, 1).spec);
