import { type Config, type Member, runMembers } from '../config.ts';
import type { Tensor } from '../tensor.ts';
import type { MetricsRow } from '../train/metrics.ts';
import { Progress } from '../train/progress.ts';

export type RunState = 'training' | 'paused' | 'solved' | 'finished' | 'stopped' | 'failed';

/** What is known of a learner's last evaluation. */
export type Measured = Pick<MetricsRow, 'success' | 'lengthRatio'>;

/** How each start went at the last evaluation (START_OUTCOME), where that is known. */
export type StartOutcomes = Uint8Array<ArrayBuffer> | undefined;

/** Where a run stands, for whoever keeps or shows it. */
export interface Standing {
  readonly config: Config;
  readonly state: RunState;
  /** SHA-256 of all learners' online parameters (src/train/hash.ts) where the run ended; else empty. */
  readonly hash: string;
  /** Why it failed; empty where it did not. */
  readonly reason: string;
  /** Seconds of training so far, pauses not counted. */
  readonly seconds: number;
  /** [L] */
  readonly progress: readonly Progress[];
  /** [L] */
  readonly measured: readonly (Measured | undefined)[];
  /** [L] */
  readonly outcomes: readonly StartOutcomes[];
}

/** What is kept of a run, to go on with it. */
export interface Kept {
  /** src/train/checkpoint.ts */
  readonly checkpoint: Uint8Array;
  /** What messages call it. */
  readonly name: string;
  readonly rows: readonly MetricsRow[];
  readonly outcomes: readonly StartOutcomes[];
}

/** Where one run is kept. Whatever ends the process, what was saved last is whole. */
export interface Keeper {
  /** The run begins, or goes on, with these rows. */
  begin(config: Config, rows: readonly MetricsRow[]): void;
  /** A row that comes after those of before. */
  append(row: MetricsRow): void;
  /** `checkpoint`: of where it stands; without one, it is the one saved before. */
  save(standing: Standing, checkpoint?: Uint8Array): void | Promise<void>;
  /** What was saved last; undefined: nothing yet. */
  read(): Kept | undefined | Promise<Kept | undefined>;
}

/** Keeps a run for as long as it is in memory, where nothing else can. */
export class MemoryKeeper implements Keeper {
  private kept: Kept | undefined;
  private rows: MetricsRow[] = [];

  begin(_config: Config, rows: readonly MetricsRow[]): void {
    this.rows = [...rows];
  }

  append(row: MetricsRow): void {
    this.rows.push(row);
  }

  save({ outcomes }: Standing, checkpoint = this.kept?.checkpoint): void {
    if (checkpoint) this.kept = { checkpoint, name: 'the run', rows: [...this.rows], outcomes };
  }

  read(): Kept | undefined {
    return this.kept;
  }
}

/** A learner of a run, as rows and summaries name it; without variants they may leave the number out. */
export type Named = Pick<Member, 'seed'> & { readonly variant?: number };
export const nameOf = ({ variant = 0, seed }: Named): string => `${variant} ${seed}`;

/** Whether two rows or summaries are of the same learner. */
export const same = (a: Named, b: Named): boolean => nameOf(a) === nameOf(b);

/** [L] how far the learners of a checkpoint are. */
export const progressOf = (config: Config, learners: readonly ReadonlyMap<string, Tensor>[]): Progress[] =>
  runMembers(config).map((member, index) => {
    const progress = new Progress(member.config);
    progress.load(learners[index]);
    return progress;
  });

/** Of a run's rows, those on the way to where its learners stand. What comes after is made again. */
export function rowsUpTo(
  progress: readonly Progress[],
  config: Config,
  rows: readonly MetricsRow[],
): MetricsRow[] {
  const reached = new Map(
    runMembers(config).map((member, index) => [nameOf(member), progress[index].environmentSteps]),
  );
  return rows.filter((row) => row.environmentSteps <= (reached.get(nameOf(row)) ?? -1));
}

/** Of a run's rows, those that it goes on with: a final row is of where it was evaluated to its end, which is none. */
export const rowsToGoOn = (
  progress: readonly Progress[],
  config: Config,
  rows: readonly MetricsRow[],
): MetricsRow[] => rowsUpTo(progress, config, rows).filter(({ kind }) => kind !== 'final');
