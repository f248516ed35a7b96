import { existsSync, mkdirSync, readdirSync, rmdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { ConfigError } from '../config_error.ts';
import { reason } from './files.ts';
import { FolderLock, isLockFile } from './folder_lock.ts';

/**
 * Makes an empty folder, or takes one that is, and locks it; `made`: the outermost folder that had to be made. Throws
 * ConfigError where there is something, where it cannot be written, or where another process has it.
 */
export function takeNewFolder(path: string): { made: string | undefined; lock: FolderLock } {
  const allowed = 'a folder that is new or empty and can be written';
  if (path.trim() === '') throw new ConfigError(`--out: got "${path}", allowed: ${allowed}`);
  let made: string | undefined;
  let lock: FolderLock | undefined;
  try {
    if (!existsSync(path)) made = makeFolders(path);
    else if (!statSync(path).isDirectory()) throw new Error('a file');
    lock = FolderLock.take(path);
    if (readdirSync(path).some((name) => !isLockFile(name))) {
      throw new Error('not empty; --resume goes on with a run');
    }
    return { made, lock };
  } catch (error) {
    lock?.release();
    if (made !== undefined) removeFolders(path, made);
    if (error instanceof ConfigError) throw error;
    throw new ConfigError(`--out: got "${path}" (${reason(error)}), allowed: ${allowed}`);
  }
}

/**
 * Makes a folder and those above it that are missing; returns the outermost one made. One by one, because
 * Node 20's recursive mkdir never returns where a file system such as /proc answers ENOENT for every new name.
 */
export function makeFolders(path: string): string {
  const missing = [resolve(path)];
  while (!existsSync(dirname(missing[0]))) missing.unshift(dirname(missing[0]));
  for (const [index, folder] of missing.entries()) {
    try {
      mkdirSync(folder);
    } catch (error) {
      for (const made of missing.slice(0, index).reverse()) rmdirSync(made);
      throw error;
    }
  }
  return missing[0];
}

/** Removes a folder, and those above it up to `outermost`, as far as they are empty. */
export function removeFolders(path: string, outermost: string): void {
  for (let folder = resolve(path); folder.startsWith(resolve(outermost)); folder = resolve(folder, '..')) {
    try {
      rmdirSync(folder);
    } catch {
      return;
    }
  }
}
