/**
 * A lock on a folder: two processes, on one machine or on several that share a file system, never write the files of
 * one run.
 *
 * The lock is the file `.lock`. Its text names the process that made it and holds a random token; its time of change is
 * the last beat. It is written aside and then linked to its name, so that exactly one process makes it, and whole.
 *
 * A file `F` with token `T` is changed only by the process that has made `F.T`, in the same way. That is its claim to
 * `F`. As a token never comes again, `F` with `T` then stays as it is until the owner of the claim replaces or removes
 * it. A stale lock is thus taken over by one process, however many try. A claim whose owner was killed is stale too,
 * and is taken over by the same rule.
 */
import {
  closeSync,
  existsSync,
  fstatSync,
  linkSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { ConfigError } from '../config_error.ts';
import { reason } from './files.ts';
import { describeHolder, type LockOwner, newOwner, parseOwner } from './lock_owner.ts';

const NAME = '.lock';
const BEAT_MS = 10_000;
/** Attempts to make a lock before its file is called broken, such as a link to nowhere. */
const TRIES = 100;

/** Whether a file of this name belongs to the lock of its folder. */
export const isLockFile = (name: string): boolean => name === NAME || name.startsWith(`${NAME}.`);

/** A lock to be made. */
interface Draft {
  /** Where it is written aside. */
  readonly path: string;
  readonly text: string;
  readonly token: string;
}

/** A lock's file, as it was read. */
interface Found {
  /** undefined: the file is damaged, or may not be read. */
  readonly owner: LockOwner | undefined;
  /** The token, or what stands for it. */
  readonly id: string;
  /** Time of the last beat in milliseconds, by the clock of the file system. */
  readonly beat: number;
}

export class FolderLock {
  /** Whether a folder has a lock, be it one that was left. */
  static isThere(folder: string): boolean {
    return existsSync(join(folder, NAME));
  }

  private static readonly held = new Set<FolderLock>();
  private readonly timer = setInterval(() => this.beat(), BEAT_MS).unref();
  private isLost = false;

  private constructor(
    private readonly path: string,
    private readonly token: string,
    private readonly text: string,
  ) {
    if (FolderLock.held.size === 0) process.on('exit', FolderLock.releaseAll);
    FolderLock.held.add(this);
  }

  /**
   * Locks a folder until `release` or the end of the process. Throws ConfigError if another process holds it, or this
   * one does already, or if the folder cannot be written.
   */
  static take(folder: string): FolderLock {
    const path = resolve(folder, NAME);
    const owner = newOwner();
    const text = `${JSON.stringify(owner)}\n`;
    const draft = { path: `${path}.${owner.token}.tmp`, text, token: owner.token };
    try {
      writeFileSync(draft.path, text, { flag: 'wx' });
      make(path, draft, folder);
    } catch (error) {
      if (error instanceof ConfigError) throw error;
      throw new ConfigError(
        `${folder}: cannot be locked (${reason(error)}); allowed: a folder that can be written`,
      );
    } finally {
      remove(draft.path);
    }
    removeStale(resolve(folder));
    return new FolderLock(path, owner.token, text);
  }

  /**
   * Whether the lock has been removed or replaced since it was taken: the folder was deleted, or another machine found
   * the lock stale. To be asked before each save.
   */
  get lost(): boolean {
    if (FolderLock.held.has(this)) this.beat();
    return this.isLost;
  }

  /** Gives the folder free, if it is still ours. May be called again. */
  release(): void {
    clearInterval(this.timer);
    if (!FolderLock.held.delete(this)) return;
    if (FolderLock.held.size === 0) process.off('exit', FolderLock.releaseAll);
    try {
      const claim = `${this.path}.${this.token}`;
      // If there is one, another machine takes the lock over.
      if (!place(claim, { path: this.path, text: this.text, token: this.token })) return;
      if (look(this.path)?.owner?.token === this.token) remove(this.path);
      remove(claim);
    } catch {
      // The folder can no longer be written. Others find the lock stale.
    }
  }

  private static readonly releaseAll = (): void => {
    for (const lock of [...FolderLock.held]) lock.release();
  };

  /** Tells others that the lock is held, and us whether it still is. Never throws. */
  private beat(): void {
    if (this.isLost) return;
    try {
      const file = openSync(this.path, 'r+');
      try {
        // Read and written through one descriptor: the file at the path may be replaced in between. Written rather
        // than given a time, so that the time is by the clock of the file system.
        if (readFileSync(file, 'utf8') === this.text) writeSync(file, this.text, 0);
        else this.isLost = true;
      } finally {
        closeSync(file);
      }
    } catch (error) {
      // Any other error does not tell: the next beat may succeed.
      this.isLost = isMissing(error);
    }
    if (this.isLost) clearInterval(this.timer);
  }
}

/** Makes a lock or a claim at `path`, or takes a stale one over. Throws ConfigError if it is held. */
function make(path: string, draft: Draft, folder: string): void {
  for (let tries = 0; tries < TRIES; tries++) {
    if (place(path, draft)) return;
    const found = look(path);
    if (!found) continue;
    const age = Math.max(0, ((look(draft.path)?.beat ?? found.beat) - found.beat) / 1000);
    const holder = describeHolder(found.owner, age);
    if (holder) {
      throw new ConfigError(
        `${folder}: is in use by ${holder}; allowed: a folder that no other process is writing`,
      );
    }
    const claim = `${path}.${found.id}`;
    make(claim, draft, folder);
    let isReplaced = false;
    try {
      if (look(path)?.id === found.id) {
        renameSync(claim, path);
        isReplaced = true;
      }
    } finally {
      if (!isReplaced) remove(claim);
    }
    // Another machine may have found our claim stale, if this process was stopped after making it.
    if (look(path)?.owner?.token === draft.token) return;
  }
  throw new Error(`${path} can neither be made nor read`);
}

/** Makes a file with the draft's text, if there is none of its name. Returns whether it did. */
function place(path: string, draft: Draft): boolean {
  // A network file system may make the file, lose its answer, try again and find the file there.
  const isOurs = () => look(path)?.owner?.token === draft.token;
  try {
    linkSync(draft.path, path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return isOurs();
  }
  // The file system has no links. Until the text is written, others find the file damaged and fresh.
  try {
    writeFileSync(path, draft.text, { flag: 'wx' });
    return isOurs();
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return isOurs();
    throw error;
  }
}

/** The lock or claim at a path; undefined: there is none. */
function look(path: string): Found | undefined {
  try {
    // Opened first: a network file system asks its server for the times of a file when the file is opened.
    const file = openSync(path, 'r');
    try {
      const beat = fstatSync(file).mtimeMs;
      const owner = parseOwner(readFileSync(file, 'utf8'));
      return { owner, id: owner?.token ?? damagedId(beat), beat };
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (isMissing(error)) return undefined;
    const beat = lstatSync(path, { throwIfNoEntry: false })?.mtimeMs;
    return beat === undefined ? undefined : { owner: undefined, id: damagedId(beat), beat };
  }
}

/** In whole seconds, as some machines see no more of a time. */
const damagedId = (beat: number): string => `damaged-${Math.floor(beat / 1000)}`;

/**
 * Removes drafts and claims of processes that were killed. To be called by the lock's owner: while its lock stands,
 * no claim to an earlier one counts.
 */
function removeStale(folder: string): void {
  try {
    const now = look(join(folder, NAME))?.beat;
    for (const name of readdirSync(folder).filter((name) => isLockFile(name) && name !== NAME)) {
      const path = join(folder, name);
      const found = look(path);
      if (now !== undefined && found && !describeHolder(found.owner, (now - found.beat) / 1000)) remove(path);
    }
  } catch {
    // The next process removes them.
  }
}

/** Removes a file if that is possible. */
function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Whoever needs its name finds it stale.
  }
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

/** Whether an error says that there is no such file, or that it has been replaced on its server. */
const isMissing = (error: unknown): boolean => ['ENOENT', 'ENOTDIR', 'ESTALE'].includes(codeOf(error) ?? '');
