import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ConfigError, shorten } from '../config_error.ts';

/** Node reads and writes at most 2 GiB at once. */
const PIECE = 1 << 28;

/** A file or folder that cannot be written or read. What it says is meant for users. */
export class FileError extends Error {
  override name = 'FileError';
}

/** What `work` returns, which has to do with this path; throws FileError naming it where the system refuses. */
export function onFile<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    throw new FileError(`${path}: ${systemReason(error.message)}`);
  }
}

/** `no space left on device` of `ENOSPC: no space left on device, write`. */
const systemReason = (message: string): string => /^[A-Z0-9]+: ([^,]+)/.exec(message)?.[1] ?? message;

/** What a file is called while it is written, and every such name. */
const temporaryName = (name: string): string => `.${name}.${process.pid}.tmp`;
const TEMPORARY = /^\.[a-z-]+\.(?:safetensors|csv|json|svg)\.(\d+)\.tmp$/;

/**
 * Writes a file so that its path always holds a whole one: into a temporary file in the same folder, to the
 * disk, then renamed over it. Throws FileError.
 */
export function writeAtomically(path: string, content: string | Uint8Array): void {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const temporary = join(dirname(path), temporaryName(basename(path)));
  onFile(path, () => {
    try {
      writeThrough(temporary, bytes);
      renameSync(temporary, path);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
    // The rename itself is on the disk once the folder is.
    syncFolder(dirname(path));
  });
}

/** Writes a file to the disk, not only to the system's memory. */
function writeThrough(path: string, bytes: Uint8Array): void {
  const file = openSync(path, 'w');
  try {
    for (let at = 0; at < bytes.length; ) {
      at += writeSync(file, bytes, at, Math.min(PIECE, bytes.length - at));
    }
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** Removes what a process that was killed left of files that it was writing. */
export function removeTemporaries(folder: string): void {
  for (const name of readdirSync(folder)) {
    const pid = TEMPORARY.exec(name)?.[1];
    if (pid && !isAlive(Number(pid))) rmSync(join(folder, name), { force: true });
  }
}

/** Whether there is a process of this number on this machine. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // One of another user's may not be asked.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** A whole file. Throws ConfigError beginning with `what` where it cannot be read. */
export function readFile(path: string, what: string, allowed: string): Uint8Array {
  if (!existsSync(path))
    throw new ConfigError(`${what}: got "${shorten(path)}", which does not exist; allowed: ${allowed}`);
  try {
    const file = openSync(path, 'r');
    try {
      const status = fstatSync(file);
      if (!status.isFile()) throw new Error('not a file');
      const bytes = new Uint8Array(status.size);
      for (let at = 0; at < bytes.length; ) {
        const count = readSync(file, bytes, at, Math.min(PIECE, bytes.length - at), null);
        if (count === 0) throw new Error('it became shorter while it was read');
        at += count;
      }
      return bytes;
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw new ConfigError(
      `${what}: got "${shorten(path)}", which cannot be read (${reason(error)}); allowed: ${allowed}`,
    );
  }
}

/** What an error says, without its class and stack, and without the system's name of it. */
export function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error ? systemReason(error.message) : error.message;
}
