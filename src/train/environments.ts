import { type Config, ConfigError } from '../config.ts';
import { type CheckReport, checkEnvironment } from '../env/check.ts';
import { environmentKind, isModuleFile } from '../env/registry.ts';
import type { EnvironmentFactory } from '../env/single_env.ts';
import { isStartable, type VectorEnv } from '../env/vector_env.ts';
import { Vectorised } from '../env/vectorised.ts';
import { type NetworkShape, networkShape } from '../shapes.ts';

/** Modules of users' own environments that have been loaded, by the name that configurations give them. */
const modules = new Map<string, EnvironmentFactory>();

/**
 * Makes the configured environment known where it is a module file: once, before anything else. Throws ConfigError
 * where it cannot be loaded, exports no environment, or breaks a rule of environments.
 */
export async function loadEnvironment({ environment }: Pick<Config, 'environment'>): Promise<void> {
  if (environmentKind(environment) || modules.has(environment)) return;
  const factory = await importFactory(environment);
  const { broken } = checkEnvironment(factory);
  if (broken) throw new ConfigError(`environment: ${environment}: ${broken.rule}: ${broken.found}`);
  modules.set(environment, factory);
}

/** Checks a module file without making it known. Throws ConfigError where it cannot be loaded. */
export async function checkModule(file: string): Promise<CheckReport> {
  return checkEnvironment(await importFactory(file));
}

/** A module's default export; its path is taken from the working directory. */
async function importFactory(file: string): Promise<EnvironmentFactory> {
  const fail = (found: string): ConfigError =>
    new ConfigError(
      `environment: got "${file}" (${found}), allowed: a JavaScript module (.js, .mjs) whose default export ` +
        'makes an environment',
    );
  if (!isModuleFile(file)) throw fail('another name');
  // From the process itself, as the page, where there are no such modules, is made from this file too.
  const { pathToFileURL } = process.getBuiltinModule('node:url');
  let loaded: { default?: unknown };
  try {
    loaded = await import(/* @vite-ignore */ pathToFileURL(file).href);
  } catch (error) {
    throw fail(error instanceof Error ? error.message : String(error));
  }
  if (typeof loaded.default !== 'function') throw fail('its default export is no function');
  return loaded.default as EnvironmentFactory;
}

/**
 * The configured environment, `copies` of it, its resets keyed by `seed`; not yet reset. A module must have been
 * loaded (loadEnvironment).
 */
export function createEnvironment(config: Config, seed: number, copies: number): VectorEnv {
  const kind = environmentKind(config.environment);
  if (kind) return kind.create(config, seed, copies);
  const factory = modules.get(config.environment);
  if (!factory) throw new Error(`${config.environment} has not been loaded`);
  return new Vectorised(factory, config.environment, seed, copies);
}

/** What tells a user's environment from a changed one; empty for those that come with the project. */
export const environmentFingerprint = (_config: Pick<Config, 'environment'>): string => '';

export function interruptEnvironments(): void {}
export async function closeEnvironments(): Promise<void> {}

/** Distinct starts of the configured environment; Infinity where they cannot be listed. */
export function startCount(config: Config): number {
  const environment = createEnvironment(config, 0, 1);
  return isStartable(environment) ? environment.starts : Number.POSITIVE_INFINITY;
}

/** Sizes of the networks that the configuration asks for. */
export const configuredShape = (config: Config): NetworkShape =>
  networkShape(config, createEnvironment(config, 0, 1).spec);
