import type { CheckReport } from './check.ts';
import type { Role } from './place.ts';
import type { EnvSpec, VectorEnv } from './vector_env.ts';

/**
 * A user's module in a thread of its own. What it is asked for rejects with EnvironmentFailure where it fails; once
 * its thread has ended, everything does.
 */
export interface UserModule {
  /** SHA-256 of the file, hexadecimal; what it imports is not part of it. */
  readonly fingerprint: string;
  /**
   * It is another than what is loaded was made with, as users know: an episode that it plays otherwise than before is
   * left out, and the next one begun.
   */
  changed: boolean;
  /** Its thread has ended, by itself or by `interrupt`. */
  readonly ended: boolean;
  /** Runs the module. First of all. */
  import(): Promise<void>;
  /** Plays the environment at random. */
  check(): Promise<CheckReport>;
  /** Copies of the environment, their resets keyed by `seed`; made in the thread when they are first reset. */
  create(spec: EnvSpec, seed: number, copies: number, role: Role): VectorEnv;
  /** Ends the thread where it does not answer within a second: what waits for it then rejects as interrupted. */
  interrupt(): void;
  /** Ends the thread. */
  close(): Promise<void>;
}

/**
 * Starts the thread of a module file. `tell`: receives a line where it keeps people waiting. Throws ConfigError where
 * the file cannot be read.
 */
export type OpenModule = (file: string, tell: (line: string) => void) => Promise<UserModule>;
