import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Config, ConfigError, runMembers, validateConfig } from '../config.ts';
import { isModuleFile } from '../env/registry.ts';
import { FileError, onFile, readFile, removeTemporaries, writeAtomically } from '../node/files.ts';
import { FolderLock } from '../node/folder_lock.ts';
import { takeNewFolder } from '../node/new_folder.ts';
import { environmentFingerprint } from '../train/environments.ts';
import { type MetricsRow, parseRows } from '../train/metrics.ts';
import type { BackendChoice } from './backend.ts';
import type { Interrupt } from './interrupt.ts';
import {
  adoptEnvironment,
  type EnvironmentOptions,
  environmentWords,
  load,
  quoted,
} from './own_environment.ts';
import { RunFolder } from './run_folder.ts';
import { type Plan, type RunSummary, runSession } from './session.ts';

const PLAN = 'plan.json';

/** One run of a larger work, in a folder of its own. */
export interface Cell {
  /** Folder below the work's. */
  readonly folder: string;
  /** What people call it. */
  readonly label: string;
  readonly config: Config;
}

/** What cells have in common that is no part of their plan but the backend. */
export type HowToTrain = Pick<Plan, 'backend' | 'atOnce' | 'saveMs'>;

/** A run that is over, as its folder tells it. */
export interface CellResult {
  readonly config: Config;
  readonly summary: RunSummary;
  readonly rows: readonly MetricsRow[];
}

/** How much of a work is done, counted in updates of learners. */
export class Effort {
  done = 0;
  constructor(readonly total: number) {}
}

export const effortOf = ({ config }: Pick<Cell, 'config'>): number =>
  runMembers(config).length * Math.max(1, config.updates);

/** What every plan holds of a work. */
export interface WorkPlan {
  /** `sweep`, `comparison` */
  readonly kind: string;
  readonly config: Config;
  /** Of the module that it trains on (environmentFingerprint); empty: there is none. */
  readonly fingerprint: string;
}

/** The folder of a work of several runs: its plan, a folder for each run, and what they come to. */
export class WorkFolder {
  /** `goOn`: the command that goes on with it. `changed`: its module may be another than its runs were begun with. */
  private constructor(
    readonly path: string,
    readonly goOn: string,
    private readonly changed: boolean,
    private readonly lock: FolderLock,
  ) {}

  /**
   * Takes a folder that is new or empty and writes the plan into it, or goes on in one whose plan is the same.
   * Throws ConfigError where there is something else.
   */
  static create(path: string, plan: WorkPlan, command: string): WorkFolder {
    const text = planText(plan);
    const file = join(path, PLAN);
    const goOn = `${command} --resume ${quoted(path)}`;
    if (!existsSync(file)) {
      const { lock } = takeNewFolder(path);
      writeAtomically(file, text);
      return new WorkFolder(path, goOn, false, lock);
    }
    const lock = FolderLock.take(path);
    try {
      const before = onFile(file, () => readFileSync(file, 'utf8'));
      const other = fingerprintOf(before);
      if (other !== plan.fingerprint && planText({ ...plan, fingerprint: other }) === before) {
        throw new ConfigError(
          `--environment: ${plan.config.environment} has SHA-256 ${plan.fingerprint}, allowed: ${other}, which ${path} was ` +
            `begun with; to use the changed module all the same: ${goOn}${environmentWords(plan.config, true)}`,
        );
      }
      if (before !== text) {
        throw new ConfigError(
          `--out: got "${path}" (its ${PLAN} plans something else), allowed: a folder that is new or empty, or was ` +
            'begun with the same options',
        );
      }
      return new WorkFolder(path, goOn, false, lock);
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /**
   * The folder of a work that is to go on, and its plan, of which only `kind` and configuration are checked, with the
   * environment that users named. Throws ConfigError.
   */
  static async open(
    path: string,
    kind: string,
    command: string,
    named: EnvironmentOptions,
  ): Promise<{ folder: WorkFolder; plan: WorkPlan & Record<string, unknown> }> {
    const file = join(path, PLAN);
    const allowed = `the folder of a ${kind}, with its ${PLAN}`;
    const text = new TextDecoder().decode(readFile(file, '--resume', allowed));
    let plan: unknown;
    try {
      plan = JSON.parse(text);
    } catch {
      throw new ConfigError(`--resume: got "${file}", which is not JSON; allowed: ${allowed}`);
    }
    if (typeof plan !== 'object' || plan === null || (plan as { kind?: unknown }).kind !== kind) {
      throw new ConfigError(`--resume: got "${file}", which is no plan of a ${kind}; allowed: ${allowed}`);
    }
    const saved = plan as Record<string, unknown>;
    const fingerprint = typeof saved.fingerprint === 'string' ? saved.fingerprint : '';
    const config = await adoptEnvironment({ config: validateConfig(saved.config), fingerprint }, named, file);
    const adopted = { ...saved, kind, config, fingerprint: environmentFingerprint(config) };
    const goOn = `${command} --resume ${quoted(path)}`;
    const lock = FolderLock.take(path);
    return { folder: new WorkFolder(path, goOn, named.environmentChanged === true, lock), plan: adopted };
  }

  /** Gives the folder free. May be called again. */
  release(): void {
    this.lock.release();
  }

  /** Keeps the plan that `open` gave, once nothing is wrong with it: a module may have moved, or was changed. */
  keep(plan: WorkPlan): void {
    removeTemporaries(this.path);
    const file = join(this.path, PLAN);
    if (readFileSync(file, 'utf8') !== planText(plan)) writeAtomically(file, planText(plan));
  }

  /** Writes a file of what the runs come to. Throws FileError. */
  write(name: string, content: string | object): void {
    const text = typeof content === 'string' ? content : `${JSON.stringify(content, null, 2)}\n`;
    try {
      writeAtomically(join(this.path, name), text);
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      throw new FileError(
        `${error.message}; its runs are kept; to write it once there is room: ${this.goOn}`,
      );
    }
  }

  /**
   * The result of a cell: what its folder holds where it is finished, else it is trained, from its checkpoint
   * where there is one. undefined: interrupted.
   */
  async run(
    cell: Cell,
    { backend, ...how }: HowToTrain,
    effort: Effort,
    interrupt: Interrupt,
  ): Promise<CellResult | undefined> {
    const path = join(this.path, cell.folder);
    const share = effortOf(cell) / effort.total;
    if (isFinished(path, cell.config)) {
      // What a process that was killed left of its lock goes; one that is writing is told of.
      if (FolderLock.isThere(path)) FolderLock.take(path).release();
    } else {
      if (interrupt.requested) return undefined;
      await load(cell.config);
      const part = { label: cell.label, before: effort.done / effort.total, share };
      const begun = await this.beginOrGoOn(path, cell.config, backend);
      try {
        const { interrupted } = await runSession({ ...begun, ...how, part, goOn: this.goOn }, interrupt);
        if (interrupted) return undefined;
      } finally {
        begun.folder.release();
      }
    }
    effort.done += effortOf(cell);
    return readResult(path, cell.config);
  }

  private async beginOrGoOn(
    path: string,
    config: Config,
    backend: BackendChoice,
  ): Promise<Pick<Plan, 'config' | 'folder' | 'backend' | 'checkpoint'>> {
    const folder = RunFolder.retake(path);
    if (!folder.hasCheckpoint) return { config, folder, backend };
    const { environment } = config;
    const named = isModuleFile(environment) ? { environment, environmentChanged: this.changed } : {};
    const checkpoint = await folder.readCheckpoint(named);
    if (!equal(checkpoint.config, config)) {
      throw new ConfigError(`${folder.checkpoint}: is of another configuration than planned`);
    }
    return { config, backend: checkpoint.backend, folder, checkpoint };
  }
}

/** Whether two configurations are of the same run; a module may have moved. */
function equal(a: Config, b: Config): boolean {
  const moved = isModuleFile(a.environment) && isModuleFile(b.environment);
  return JSON.stringify(moved ? { ...a, environment: b.environment } : a) === JSON.stringify(b);
}

const planText = (plan: object): string => `${JSON.stringify(plan, null, 2)}\n`;

/** The fingerprint in a plan's text; empty where there is none. */
function fingerprintOf(text: string): string {
  try {
    const { fingerprint } = JSON.parse(text);
    return typeof fingerprint === 'string' ? fingerprint : '';
  } catch {
    return '';
  }
}

/** A run that has ended leaves its summary last; an interrupted one says so there. */
function isFinished(path: string, config: Config): boolean {
  try {
    const { interrupted, seeds } = JSON.parse(readFileSync(join(path, 'summary.json'), 'utf8'));
    const all = Array.isArray(seeds) && seeds.length === runMembers(config).length;
    const own = equal(JSON.parse(readFileSync(join(path, 'config.json'), 'utf8')), config);
    return interrupted === false && all && own;
  } catch {
    return false;
  }
}

/** Of a cell that isFinished. Throws FileError where its metrics are gone: they cannot be made again. */
function readResult(path: string, config: Config): CellResult {
  const read = (name: string): string =>
    onFile(join(path, name), () => readFileSync(join(path, name), 'utf8'));
  return { config, summary: JSON.parse(read('summary.json')), rows: parseRows(read('metrics.csv')) };
}
