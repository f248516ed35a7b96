import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Config, ConfigError, type Member, runMembers } from '../config.ts';
import { onFile, readFile, reason, removeTemporaries, writeAtomically } from '../node/files.ts';
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

  private constructor(readonly path: string) {}

  get checkpoint(): string {
    return join(this.path, NAMES.checkpoint);
  }

  private get metrics(): string {
    return join(this.path, NAMES.metrics);
  }

  get hasCheckpoint(): boolean {
    return existsSync(this.checkpoint);
  }

  /** Makes an empty folder, or takes one that is. Throws ConfigError where there is something or it cannot be written. */
  static create(path: string): RunFolder {
    const folder = new RunFolder(path);
    const allowed = 'a folder that is new or empty and can be written';
    if (path.trim() === '') throw new ConfigError(`--out: got "${path}", allowed: ${allowed}`);
    try {
      if (existsSync(path)) {
        if (!statSync(path).isDirectory()) throw new Error('a file');
        if (readdirSync(path).length > 0) throw new Error('not empty; --resume goes on with a run');
      } else {
        folder.made = makeFolders(path);
      }
      probe(path);
    } catch (error) {
      folder.discard();
      throw new ConfigError(`--out: got "${path}" (${reason(error)}), allowed: ${allowed}`);
    }
    return folder;
  }

  /** Makes a folder for a run of a larger work, or takes what an earlier session left of it. */
  static retake(path: string): RunFolder {
    if (!existsSync(path)) makeFolders(path);
    removeTemporaries(path);
    return new RunFolder(path);
  }

  /**
   * The folder of a run that is to go on, and its checkpoint, with the environment that users named. Throws ConfigError
   * where it is none.
   */
  static async open(
    path: string,
    named: EnvironmentOptions,
  ): Promise<{ folder: RunFolder; checkpoint: Checkpoint }> {
    const folder = new RunFolder(path);
    const allowed = `the folder of a run, with its ${NAMES.checkpoint}`;
    if (!existsSync(path) || !statSync(path).isDirectory()) {
      throw new ConfigError(`--resume: got "${path}", which is no folder; allowed: ${allowed}`);
    }
    const bytes = readFile(folder.checkpoint, '--resume', allowed);
    const file = await readCheckpoint(bytes, folder.checkpoint);
    const checkpoint = await adoptCheckpoint(file, named, folder.checkpoint);
    checkResumable(checkpoint, folder.checkpoint);
    try {
      probe(path);
      removeTemporaries(path);
    } catch (error) {
      throw new ConfigError(
        `--resume: got "${path}" (${reason(error)}), allowed: a folder that can be written`,
      );
    }
    return { folder, checkpoint };
  }

  /** Removes the folders that `create` made: nothing has come of the run. */
  discard(): void {
    if (this.made === undefined) return;
    for (let path = resolve(this.path); path.startsWith(resolve(this.made)); path = resolve(path, '..')) {
      try {
        rmdirSync(path);
      } catch {
        return;
      }
    }
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
    writeAtomically(this.checkpoint, bytes);
    this.savings++;
  }

  saveCurve(svg: string): void {
    writeAtomically(join(this.path, NAMES.curve), svg);
  }

  saveSummary(summary: object): void {
    writeAtomically(join(this.path, NAMES.summary), `${JSON.stringify(summary, null, 2)}\n`);
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

/** Throws where files cannot be made in a folder: permissions alone do not tell (read-only disks, root). */
function probe(path: string): void {
  const file = join(path, `.probe.${process.pid}`);
  writeFileSync(file, '');
  rmSync(file);
}
