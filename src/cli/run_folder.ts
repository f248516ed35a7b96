import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Config, ConfigError, type Member, runMembers } from '../config.ts';
import { FileError, onFile, readFile, reason, removeTemporaries, writeAtomically } from '../node/files.ts';
import { FolderLock, isLockFile } from '../node/folder_lock.ts';
import { type Checkpoint, checkResumable, readCheckpoint } from '../train/checkpoint.ts';
import { formatRow, METRICS_HEADER, type MetricsRow, parseRows } from '../train/metrics.ts';
import { adoptCheckpoint, type EnvironmentOptions } from './own_environment.ts';

const NAMES = {
  checkpoint: 'checkpoint.safetensors',
  metrics: 'metrics.csv',
  config: 'config.json',
  curve: 'curve.svg',
  summary: 'summary.json',
} as const;

/** Which learner of a run: what rows, summaries and members have in common. */
type Whose = Pick<Member, 'seed'> & { readonly variant?: number };
const same = (a: Whose, b: Whose): boolean => a.seed === b.seed && (a.variant ?? 0) === (b.variant ?? 0);

/** The folder of a run: checkpoint, metrics, configuration, learning curve, summary. */
export class RunFolder {
  /** All rows of the metrics so far. */
  readonly rows: MetricsRow[] = [];
  /** Checkpoints written by this process. */
  savings = 0;
  /** Seconds that the run took before this session. */
  secondsBefore = 0;
  /** Folders made for it, outermost first, until something is written. */
  private made: string | undefined;

  private constructor(
    readonly path: string,
    private readonly lock: FolderLock,
  ) {}

  get checkpoint(): string {
    return join(this.path, NAMES.checkpoint);
  }

  private get metrics(): string {
    return join(this.path, NAMES.metrics);
  }

  get hasCheckpoint(): boolean {
    return existsSync(this.checkpoint);
  }

  /** Makes an empty folder, or takes one that is, and locks it. Throws ConfigError where that is impossible. */
  static create(path: string): RunFolder {
    const { made, lock } = takeNewFolder(path);
    const folder = new RunFolder(path, lock);
    folder.made = made;
    return folder;
  }

  /** Makes and locks a folder for a run of a larger work, or what an earlier session left of it. Throws ConfigError. */
  static retake(path: string): RunFolder {
    if (!existsSync(path)) makeFolders(path);
    const folder = new RunFolder(path, FolderLock.take(path));
    removeTemporaries(path);
    return folder;
  }

  /**
   * The folder of a run that is to go on, locked, and its checkpoint, with the environment that users named. Throws
   * ConfigError where it is none, or another process has it.
   */
  static async open(
    path: string,
    named: EnvironmentOptions,
  ): Promise<{ folder: RunFolder; checkpoint: Checkpoint }> {
    const allowed = `the folder of a run, with its ${NAMES.checkpoint}`;
    if (!existsSync(path) || !statSync(path).isDirectory()) {
      throw new ConfigError(`--resume: got "${path}", which is no folder; allowed: ${allowed}`);
    }
    if (!existsSync(join(path, NAMES.checkpoint))) {
      throw new ConfigError(
        `--resume: got "${join(path, NAMES.checkpoint)}", which does not exist; allowed: ${allowed}`,
      );
    }
    const folder = RunFolder.retake(path);
    try {
      return { folder, checkpoint: await folder.readCheckpoint(named) };
    } catch (error) {
      folder.release();
      throw error;
    }
  }

  /** Its checkpoint, to go on from. Throws ConfigError where that is impossible. */
  async readCheckpoint(named: EnvironmentOptions): Promise<Checkpoint> {
    const bytes = readFile(this.checkpoint, '--resume', `the folder of a run, with its ${NAMES.checkpoint}`);
    const checkpoint = await adoptCheckpoint(
      await readCheckpoint(bytes, this.checkpoint),
      named,
      this.checkpoint,
    );
    checkResumable(checkpoint, this.checkpoint);
    return checkpoint;
  }

  /** Gives the folder free. May be called again. */
  release(): void {
    this.lock.release();
  }

  /** Gives the folder free, and removes it with those above it that `create` made, if nothing has come of the run. */
  discard(): void {
    this.release();
    if (this.made !== undefined) removeFolders(this.path, this.made);
  }

  /** Begins the files of a new run. */
  begin(config: Config): void {
    this.made = undefined;
    this.rows.length = 0;
    this.writeConfig(config);
    onFile(this.metrics, () => writeFileSync(this.metrics, METRICS_HEADER));
  }

  /** Goes on with the files of a run: keeps the rows up to where its learners stand, [L] environment steps. */
  goOn(config: Config, environmentSteps: readonly number[]): void {
    const members = runMembers(config);
    const reached = (whose: Whose): number =>
      environmentSteps[members.findIndex((own) => same(own, whose))] ?? -1;
    this.rows.length = 0;
    for (const row of readRows(this.path)) {
      // A final row belongs to where an earlier session ended, which is no interval of this run.
      if (row.kind !== 'final' && row.environmentSteps <= reached(row)) this.rows.push(row);
    }
    const seconds = this.rows.reduce((most, row) => Math.max(most, row.seconds), 0);
    this.secondsBefore = Math.max(this.sessionSeconds(reached), seconds);
    this.writeConfig(config);
    writeAtomically(this.metrics, METRICS_HEADER + this.rows.map(formatRow).join(''));
  }

  append(row: MetricsRow): void {
    this.rows.push(row);
    onFile(this.metrics, () => appendFileSync(this.metrics, formatRow(row)));
  }

  saveCheckpoint(bytes: Uint8Array): void {
    this.requireLock();
    writeAtomically(this.checkpoint, bytes);
    this.savings++;
  }

  saveCurve(svg: string): void {
    writeAtomically(join(this.path, NAMES.curve), svg);
  }

  saveSummary(summary: object): void {
    this.requireLock();
    writeAtomically(join(this.path, NAMES.summary), `${JSON.stringify(summary, null, 2)}\n`);
  }

  /** Another machine may have taken the folder for left, where this one stood still for a minute. */
  private requireLock(): void {
    if (this.lock.lost) throw new FileError(`${this.path}: it was deleted, or another process has taken it`);
  }

  private writeConfig(config: Config): void {
    writeAtomically(join(this.path, NAMES.config), `${JSON.stringify(config, null, 2)}\n`);
  }

  /** What the last session's summary says, if it ended where the checkpoint stands. */
  private sessionSeconds(reached: (whose: Whose) => number): number {
    try {
      const summary = JSON.parse(readFileSync(join(this.path, NAMES.summary), 'utf8'));
      const seeds: (Whose & { environmentSteps: number })[] = summary.seeds;
      const unmoved = seeds.every((entry) => reached(entry) === entry.environmentSteps);
      return unmoved && Number.isFinite(summary.seconds) ? summary.seconds : 0;
    } catch {
      // A run that was killed has no summary: then the rows tell.
      return 0;
    }
  }
}

/** Seconds of the first evaluation in which a learner solved every start; null: none did. */
export const secondsToSolve = (rows: readonly MetricsRow[], whose: Whose): number | null =>
  rows.find((row) => same(row, whose) && row.success === 1)?.seconds ?? null;

/** All rows of the metrics in a folder; none where it has no metrics. */
export function readRows(folder: string): MetricsRow[] {
  const metrics = join(folder, NAMES.metrics);
  return existsSync(metrics) ? onFile(metrics, () => parseRows(readFileSync(metrics, 'utf8'))) : [];
}

/** `runs/<preset>-<date>-<time>`, with a number where that is taken. */
export function defaultRunPath(preset: string): string {
  const moment = new Date();
  const two = (value: number): string => String(value).padStart(2, '0');
  const date = `${moment.getFullYear()}${two(moment.getMonth() + 1)}${two(moment.getDate())}`;
  const time = `${two(moment.getHours())}${two(moment.getMinutes())}${two(moment.getSeconds())}`;
  const path = join('runs', `${preset}-${date}-${time}`);
  for (let number = 2; ; number++) {
    const candidate = number === 2 ? path : `${path}-${number - 1}`;
    if (!existsSync(candidate)) return candidate;
  }
}

/**
 * Makes a folder and those above it that are missing; returns the outermost one made. One by one, because
 * Node 20's recursive mkdir never returns where a file system such as /proc answers ENOENT for every new name.
 */
function makeFolders(path: string): string {
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
function removeFolders(path: string, outermost: string): void {
  for (let folder = resolve(path); folder.startsWith(resolve(outermost)); folder = resolve(folder, '..')) {
    try {
      rmdirSync(folder);
    } catch {
      return;
    }
  }
}

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
