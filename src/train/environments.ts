import { type Config, ConfigError } from '../config.ts';
import { show } from '../config_error.ts';
import { EnvironmentFailure } from '../env/failure.ts';
import { faultText } from '../env/faults.ts';
import type { Role } from '../env/place.ts';
import { environmentKind, environmentNames, isModuleFile } from '../env/registry.ts';
import type { OpenModule, UserModule } from '../env/user_module.ts';
import { type EnvSpec, isStartable, type VectorEnv } from '../env/vector_env.ts';
import { type NetworkShape, networkShape } from '../shapes.ts';

/** A user's module that has been loaded. */
interface Loaded {
  readonly module: UserModule;
  readonly spec: EnvSpec;
}

/** By the name that configurations give them. */
const loaded = new Map<string, Loaded>();
/** All that run, those too that are only being loaded. */
const running = new Set<UserModule>();

/**
 * Makes the configured environment known where it is a module file: once, before anything else. It stays what it was
 * when it was loaded, whatever becomes of the file. `open` starts its thread; where there is none, modules are
 * refused. `tell` receives a line where the module keeps people waiting. Throws ConfigError where it cannot be loaded
 * or breaks a rule, and EnvironmentFailure where it was interrupted.
 */
export async function loadEnvironment(
  { environment }: Pick<Config, 'environment'>,
  open?: OpenModule,
  tell: (line: string) => void = () => {},
): Promise<void> {
  if (environmentKind(environment)) return;
  const known = loaded.get(environment);
  if (known && !known.module.ended) return;
  if (!open) throw notHere(environment);
  const module = await openFile(environment, open, tell);
  try {
    const { broken, sizes } = await asConfigError(module.check());
    if (broken || !sizes)
      throw new ConfigError(`environment: ${environment}: ${broken && faultText(broken)}`);
    loaded.set(environment, { module, spec: { name: environment, ...sizes } });
  } catch (error) {
    await discard(module);
    throw error;
  }
}

/**
 * Starts a module file and runs it, without making it known; whoever asked for it closes it. Throws ConfigError and
 * EnvironmentFailure as loadEnvironment.
 */
export async function openFile(
  file: string,
  open: OpenModule,
  tell: (line: string) => void,
): Promise<UserModule> {
  if (!isModuleFile(file)) {
    throw new ConfigError(`environment: got ${show(file)}, allowed: a module file (.js, .mjs)`);
  }
  const module = await open(file, tell);
  running.add(module);
  try {
    await asConfigError(module.import());
  } catch (error) {
    await discard(module);
    throw error;
  }
  return module;
}

/** SHA-256 of the configured module file as it was loaded, hexadecimal; empty for an environment of the project's own. */
export const environmentFingerprint = ({ environment }: Pick<Config, 'environment'>): string =>
  environmentKind(environment) ? '' : theModule(environment).module.fingerprint;

/**
 * The configured environment, `copies` of it, its resets keyed by `seed`; not yet reset. A module must have been
 * loaded (loadEnvironment).
 */
export function createEnvironment(
  config: Config,
  seed: number,
  copies: number,
  role: Role = 'training',
): VectorEnv {
  const kind = environmentKind(config.environment);
  if (kind) return kind.create(config, seed, copies);
  const { module, spec } = theModule(config.environment);
  return module.create(spec, seed, copies, role);
}

/** From now on the configured module may play saved episodes otherwise: those that it does are left out. */
export function acceptChanged({ environment }: Pick<Config, 'environment'>): void {
  theModule(environment).module.changed = true;
}

/** Ends modules that do not answer within a second; what waits for them rejects as interrupted. */
export function interruptEnvironments(): void {
  for (const module of running) module.interrupt();
}

/** Ends all modules. */
export async function closeEnvironments(): Promise<void> {
  loaded.clear();
  await Promise.all([...running].map(discard));
}

/** Distinct starts of the configured environment; Infinity where they cannot be listed. */
export function startCount(config: Config): number {
  const environment = createEnvironment(config, 0, 1);
  return isStartable(environment) ? environment.starts : Number.POSITIVE_INFINITY;
}

/** Sizes of the networks that the configuration asks for. */
export const configuredShape = (config: Config): NetworkShape =>
  networkShape(config, createEnvironment(config, 0, 1).spec);

function theModule(environment: string): Loaded {
  const known = loaded.get(environment);
  if (!known) throw notHere(environment);
  return known;
}

const notHere = (environment: string): ConfigError =>
  new ConfigError(
    `environment: got ${show(environment)}, allowed here: ${environmentNames.join(', ')}, as module files run on the ` +
      'command line only',
  );

async function discard(module: UserModule): Promise<void> {
  running.delete(module);
  await module.close();
}

/** What goes wrong before anything has begun is the fault of what was asked for. */
async function asConfigError<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof EnvironmentFailure) || error.interrupted) throw error;
    throw new ConfigError(`environment: ${error.message}`);
  }
}
