import { type Config, ConfigError } from '../config.ts';
import { show } from '../config_error.ts';
import { isModuleFile } from '../env/registry.ts';
import type { OpenModule, UserModule } from '../env/user_module.ts';
import { openModule } from '../node/module_worker.ts';
import { type Checkpoint, type CheckpointFile, takeLearners } from '../train/checkpoint.ts';
import { acceptChanged, environmentFingerprint, loadEnvironment } from '../train/environments.ts';
import { say } from './output.ts';

/** How users name the environment of a file that is read, as commander hands it over. */
export interface EnvironmentOptions {
  readonly environment?: string;
  /** It is not the one that the file was made with, and they know. */
  readonly environmentChanged?: boolean;
}

/** What a file tells of the environment it was made with. */
export interface MadeWith {
  readonly config: Config;
  /** environmentFingerprint */
  readonly fingerprint: string;
}

/** Makes the configured environment known, if it is a module. Throws ConfigError where it cannot be trained on. */
export const load = (config: Pick<Config, 'environment'>): Promise<void> =>
  loadEnvironment(config, openModule, tell);

/** Tells a line on standard error, where a bar may stand that is not at its end. */
const tell = (line: string): void => say(process.stderr.isTTY ? `\n${line}` : line);

/**
 * The learners of a checkpoint, with the environment that users named (adoptEnvironment). Throws ConfigError naming the
 * file.
 */
export async function adoptCheckpoint(
  read: CheckpointFile,
  named: EnvironmentOptions,
  file: string,
): Promise<Checkpoint> {
  const config = await adoptEnvironment(read, named, file);
  try {
    return takeLearners({ ...read, config }, file);
  } catch (error) {
    if (!(error instanceof ConfigError) || !named.environmentChanged) throw error;
    throw new ConfigError(`${error.message}; a run cannot go on with a module of other sizes`);
  }
}

/**
 * Loads the environment of a file that is read, and returns the configuration to go on with, in which it has the name
 * that users gave. A module is code: it is run only if users name it too, whatever the file says, and only if it is the
 * one that the file was made with, or they say that it was changed. `file` begins the messages. Throws ConfigError.
 */
export async function adoptEnvironment(
  { config, fingerprint }: MadeWith,
  { environment: given, environmentChanged }: EnvironmentOptions,
  file: string,
): Promise<Config> {
  const recorded = config.environment;
  if (!isModuleFile(recorded)) {
    if (given !== undefined && given !== recorded) {
      throw new ConfigError(
        `--environment: got ${show(given)}, allowed: ${recorded}, which ${file} was made with`,
      );
    }
    if (environmentChanged) {
      throw new ConfigError('--environment-changed: only where the environment is a module of your own');
    }
    return config;
  }
  if (given === undefined) {
    throw new ConfigError(
      `${file} was made with the module "${recorded}", which is run only if you name it: --environment ${quoted(recorded)}`,
    );
  }
  if (!isModuleFile(given)) {
    throw new ConfigError(
      `--environment: got ${show(given)}, allowed: the module "${recorded}", which ${file} was made with, or where it is now`,
    );
  }
  const adopted = { ...config, environment: given };
  const requireSame = (found: string): void => {
    if (found === fingerprint || environmentChanged) return;
    throw new ConfigError(
      `--environment: ${given} has SHA-256 ${found}, allowed: ${fingerprint}, which ${file} was made with; ` +
        'to use the changed module all the same: --environment-changed',
    );
  };
  await loadEnvironment(adopted, (path, told) => openIf(requireSame, path, told), tell);
  if (environmentChanged) acceptChanged(adopted);
  // It may have been loaded before.
  requireSame(environmentFingerprint(adopted));
  return adopted;
}

/** Starts a module's thread, in which nothing of it runs yet, unless `require` throws at its SHA-256. */
async function openIf(
  require: (fingerprint: string) => void,
  ...[file, told]: Parameters<OpenModule>
): Promise<UserModule> {
  const module = await openModule(file, told);
  try {
    require(module.fingerprint);
    return module;
  } catch (error) {
    await module.close();
    throw error;
  }
}

/** A path as a shell takes it. */
export const quoted = (path: string): string =>
  /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;

/** Options that name the environment of a work that is gone on with. */
export const environmentWords = ({ environment }: Pick<Config, 'environment'>, changed = false): string =>
  isModuleFile(environment)
    ? ` --environment ${quoted(environment)}${changed ? ' --environment-changed' : ''}`
    : '';
