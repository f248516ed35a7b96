import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Started, type StartOptions, start } from '../cli/command.ts';

/** A temporary folder for a script's runs, its small disks, and the processes that it has started. */
export class Workplace {
  readonly path = mkdtempSync(join(tmpdir(), 'qmix-endurance-'));
  private readonly mounted: string[] = [];
  private readonly running = new Set<Started['child']>();
  private count = 0;

  constructor() {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, this.leave);
  }

  /** A path in which there is nothing yet. */
  newPath(name = 'run'): string {
    this.count++;
    return join(this.path, `${name}-${this.count}`);
  }

  newFolder(name?: string): string {
    const path = this.newPath(name);
    mkdirSync(path);
    return path;
  }

  /** Starts the command line; the process ends with this one at the latest. No browser is downloaded. */
  start(args: readonly string[], environment: NodeJS.ProcessEnv = {}, options: StartOptions = {}): Started {
    const started = start(args, { QMIX_FETCH: '0', ...environment }, options);
    this.running.add(started.child);
    const forget = () => this.running.delete(started.child);
    started.ended.then(forget, forget);
    return started;
  }

  /** A disk of so many bytes, or why there can be none. */
  mountDisk(bytes: number): { readonly path: string } | { readonly why: string } {
    const path = this.newFolder('disk');
    const { status, stderr, error } = spawnSync(
      'mount',
      ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', path],
      { encoding: 'utf8' },
    );
    if (status !== 0) return { why: (error?.message ?? stderr).trim() };
    this.mounted.push(path);
    return { path };
  }

  resizeDisk(path: string, bytes: number): void {
    const { status, stderr } = spawnSync('mount', ['-o', `remount,size=${bytes}`, path], {
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`the disk could not be made larger: ${stderr.trim()}`);
  }

  /** Ends what still runs and removes everything. May be called again. */
  close(): void {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, this.leave);
    for (const child of this.running) child.kill('SIGKILL');
    for (const path of this.mounted.splice(0)) spawnSync('umount', ['-l', path]);
    rmSync(this.path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }

  private readonly leave = (): void => {
    this.close();
    process.exit(130);
  };
}
