import { randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname, uptime } from 'node:os';
import { isAlive } from './files.ts';

/** The process that made a lock, as the lock's file says. A text is empty if the system does not tell it. */
export interface LockOwner {
  readonly host: string;
  /** Changes with every start of the machine. */
  readonly boot: string;
  /** Of the process numbers: containers on one machine number their processes separately. */
  readonly namespace: string;
  readonly pid: number;
  /** When the process was started: a number that is free again is given to another process. */
  readonly start: string;
  /** Of this one lock. */
  readonly token: string;
}

/** A lock of another machine is stale after so many seconds without a beat. */
const STALE_AFTER = 60;

/** This process, as the owner of a new lock. */
export const newOwner = (): LockOwner => ({ ...thisProcess(), token: randomBytes(8).toString('hex') });

const thisProcess = (): Omit<LockOwner, 'token'> => ({
  host: hostname(),
  boot: told(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')),
  namespace: told(() => readlinkSync('/proc/self/ns/pid')),
  pid: process.pid,
  start: readProcess(process.pid)?.start ?? '',
});

/** The owner in a lock's text. undefined: the text is damaged. */
export function parseOwner(text: string): LockOwner | undefined {
  try {
    const owner = JSON.parse(text) as LockOwner;
    const texts = [owner.host, owner.boot, owner.namespace, owner.start];
    const isWhole =
      // Host and pid are printed in one line of a message, and the token becomes part of a file's name.
      texts.every((value) => typeof value === 'string' && !/\p{Cc}/u.test(value)) &&
      Number.isSafeInteger(owner.pid) &&
      owner.pid > 0 &&
      /^[0-9a-f]{16}$/.test(owner.token);
    return isWhole ? owner : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Who holds a lock, in words; undefined: the lock is stale. `age`: seconds since its last beat, by the clock of its file
 * system. `owner` is undefined if the lock is damaged.
 */
export function describeHolder(owner: LockOwner | undefined, age: number): string | undefined {
  const seen = `which was last seen ${ago(age)}`;
  if (!owner) return age < STALE_AFTER ? `an unknown process, ${seen}` : undefined;
  const here = thisProcess();
  const isSameHost = owner.host === here.host;
  const isSameBoot = isSameHost && owner.boot === here.boot;
  const name = `process ${owner.pid} on ${owner.host}`;
  // The last beat was before this machine was started, and the processes of that time are gone. If there was a beat
  // since, the lock is of another machine of the same name.
  if (isSameHost && (!isSameBoot || here.boot === '') && age > uptime()) return undefined;
  if (!isSameBoot || owner.namespace !== here.namespace) {
    return age < STALE_AFTER ? `${name}, ${seen}` : undefined;
  }
  const state = processState(owner);
  if (state === 'gone') return undefined;
  if (owner.pid === process.pid) return `this process (${owner.pid} on ${owner.host}), ${seen}`;
  // A process that is stopped or busy does not beat, but goes on later: it keeps its lock.
  if (state === 'stopped') return `${name}, which is stopped and was last seen ${ago(age)}`;
  return age < STALE_AFTER ? `${name}, ${seen}` : `${name}, which is alive and was last seen ${ago(age)}`;
}

/** What a process on this machine does, if it is the owner and not a later one of the same number. */
function processState({ pid, start }: LockOwner): 'running' | 'stopped' | 'gone' {
  const found = readProcess(pid);
  // Systems without /proc, and those that hide other users' processes, tell only this.
  if (!found) return isAlive(pid) ? 'running' : 'gone';
  if (start !== '' && found.start !== start) return 'gone';
  // Killed, but its parent has not yet asked for its exit code.
  if (found.state === 'Z' || found.state === 'X') return 'gone';
  return found.state === 'T' || found.state === 't' ? 'stopped' : 'running';
}

/** State and start time (clock ticks since the machine's start) of a process, from /proc. */
function readProcess(pid: number): { state: string; start: string } | undefined {
  const status = told(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  // The second field is the program's name in parentheses; it may hold spaces and parentheses.
  const fields = status.slice(status.lastIndexOf(')') + 2).split(' ');
  return fields.length > 19 ? { state: fields[0], start: fields[19] } : undefined;
}

function told(read: () => string): string {
  try {
    return read().trim();
  } catch {
    return '';
  }
}

/** `12 s ago`, `3 min ago`, `5 h ago` */
function ago(seconds: number): string {
  const [size, unit] = seconds < 120 ? [1, 's'] : seconds < 7200 ? [60, 'min'] : [3600, 'h'];
  return `${Math.round(seconds / size)} ${unit} ago`;
}
