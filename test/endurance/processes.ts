import { readdirSync, readFileSync } from 'node:fs';
import { withoutProgress } from '../cli/command.ts';

export const SIGNALS = ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP'] as const;
export type Signal = (typeof SIGNALS)[number];

/** What a command told on standard error, without progress and without what Dawn says of every adapter. */
export const toldBy = (stderr: string): string =>
  withoutProgress(stderr).replace(/^Warning: maxDynamic.*\n/gm, '');

/**
 * Whether the command line in a process takes signals as a wish to end. It asks for SIGHUP last of all; SIGINT and
 * SIGTERM are always caught by Node itself, which then lets them end the process.
 */
export function handlesSignals(pid: number): boolean {
  try {
    const caught = /^SigCgt:\s*([0-9a-f]+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';
    return (BigInt(`0x${caught}`) & 1n) === 1n;
  } catch {
    // It has ended.
    return false;
  }
}

/** What a process uses. */
export interface Usage {
  readonly threads: number;
  readonly descriptors: number;
  /** Bytes of its memory that are in the machine's. */
  readonly resident: number;
}

/** What a process uses, as /proc knows it; undefined: it has ended. */
export function readUsage(pid: number): Usage | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const field = (name: string) => Number(new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(status)?.[1] ?? 0);
    const descriptors = readdirSync(`/proc/${pid}/fd`).length;
    return { threads: field('Threads'), descriptors, resident: 1024 * field('VmRSS') };
  } catch {
    return undefined;
  }
}

/** What Chromium started a process as (`renderer`, `gpu-process`, …; its first: `browser`); undefined: it has ended. */
export function chromiumType(pid: number): string | undefined {
  try {
    return /--type=([a-z-]+)/.exec(readFileSync(`/proc/${pid}/cmdline`, 'utf8'))?.[1] ?? 'browser';
  } catch {
    return undefined;
  }
}
