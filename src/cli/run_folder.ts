import { appendFileSync, existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Config, ConfigError, runMembers } from '../config.ts';
import { FileError, onFile, readFile, removeTemporaries, writeAtomically } from '../node/files.ts';
import { FolderLock } from '../node/folder_lock.ts';
import { makeFolders, removeFolders, takeNewFolder } from '../node/new_folder.ts';
import { type Keeper, type Kept, type Named, rowsToGoOn, type Standing, same } from '../run/keeper.ts';
import { type Checkpoint, checkResumable, readCheckpoint } from '../train/checkpoint.ts';
import { formatRow, METRICS_HEADER, type MetricsRow, parseRows } from '../train/metrics.ts';
import type { Progress } from '../train/progress.ts';
import { adoptCheckpoint, type EnvironmentOptions } from './own_environment.ts';

const NAMES = {
  checkpoint: 'checkpoint.safetensors',
  metrics: 'metrics.csv',
  config: 'config.json',
  curve: 'curve.svg',
  summary: 'summary.json',
} as const;

/** Keeps a run in a folder: checkpoint, metrics, configuration, learning curve, summary. */
export class RunFolder implements Keeper {
  /** All rows of the metrics so far. */
  readonly rows: MetricsRow[] = [];
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

  /** Where the run that it holds goes on, with its learners as far as this: its rows, and the seconds that it took. */
  standing(config: Config, progress: readonly Progress[]): { rows: MetricsRow[]; seconds: number } {
    const rows = rowsToGoOn(progress, config, readRows(this.path));
    const seconds = rows.reduce((most, row) => Math.max(most, row.seconds), 0);
    return { rows, seconds: Math.max(this.sessionSeconds(config, progress), seconds) };
  }

  begin(config: Config, rows: readonly MetricsRow[]): void {
    this.made = undefined;
    this.rows.length = 0;
    for (const row of rows) this.rows.push(row);
    this.requireLock();
    writeAtomically(join(this.path, NAMES.config), `${JSON.stringify(config, null, 2)}\n`);
    writeAtomically(this.metrics, METRICS_HEADER + rows.map(formatRow).join(''));
  }

  append(row: MetricsRow): void {
    this.rows.push(row);
    onFile(this.metrics, () => appendFileSync(this.metrics, formatRow(row)));
  }

  save(_: Standing, checkpoint?: Uint8Array): void {
    this.requireLock();
    if (checkpoint) writeAtomically(this.checkpoint, checkpoint);
  }

  read(): Kept | undefined {
    const { checkpoint: name, path } = this;
    if (!this.hasCheckpoint) return undefined;
    return {
      name,
      checkpoint: readFile(name, 'run', 'its checkpoint'),
      rows: readRows(path),
      outcomes: [],
    };
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

  /** What the last session's summary says, if it ended where the learners stand. */
  private sessionSeconds(config: Config, progress: readonly Progress[]): number {
    try {
      const summary = JSON.parse(readFileSync(join(this.path, NAMES.summary), 'utf8'));
      const seeds: (Named & { environmentSteps: number })[] = summary.seeds;
      const members = runMembers(config);
      const unmoved = seeds.every(
        (entry) =>
          progress[members.findIndex((own) => same(own, entry))]?.environmentSteps === entry.environmentSteps,
      );
      return unmoved && Number.isFinite(summary.seconds) ? summary.seconds : 0;
    } catch {
      // A run that was killed has no summary: then the rows tell.
      return 0;
    }
  }
}

/** Seconds of the first evaluation in which a learner solved every start; null: none did. */
export const secondsToSolve = (rows: readonly MetricsRow[], whose: Named): number | null =>
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
