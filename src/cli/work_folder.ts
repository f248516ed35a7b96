import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Config, ConfigError, runMembers } from '../config.ts';
import { loadEnvironment } from '../train/environments.ts';
import { type MetricsRow, parseRows } from '../train/metrics.ts';
import type { BackendChoice } from './backend.ts';
import { readFile, writeAtomically } from './files.ts';
import type { Interrupt } from './interrupt.ts';
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

/** The folder of a work of several runs: its plan, a folder for each run, and what they come to. */
export class WorkFolder {
  private constructor(readonly path: string) {}

  /**
   * Takes a folder that is new or empty and writes the plan into it, or goes on in one whose plan is the same.
   * Throws ConfigError where there is something else.
   */
  static create(path: string, plan: object): WorkFolder {
    const text = `${JSON.stringify(plan, null, 2)}\n`;
    const file = join(path, PLAN);
    if (existsSync(file)) {
      if (readFileSync(file, 'utf8') !== text) {
        throw new ConfigError(
          `--out: got "${path}" (its ${PLAN} plans something else), allowed: a folder that is new or empty, or was ` +
            'begun with the same options',
        );
      }
    } else {
      RunFolder.create(path);
      writeAtomically(file, text);
    }
    return new WorkFolder(path);
  }

  /** The folder of a work that is to go on, and its plan, of which only `kind` is checked. Throws ConfigError. */
  static open(path: string, kind: string): { folder: WorkFolder; plan: Record<string, unknown> } {
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
    return { folder: new WorkFolder(path), plan: plan as Record<string, unknown> };
  }

  write(name: string, content: string | object): void {
    const text = typeof content === 'string' ? content : `${JSON.stringify(content, null, 2)}\n`;
    writeAtomically(join(this.path, name), text);
  }

  /**
   * The result of a cell: what its folder holds where it is finished, else it is trained, from its checkpoint
   * where there is one. undefined: interrupted.
   */
  async run(
    cell: Cell,
    backend: BackendChoice,
    atOnce: number | undefined,
    effort: Effort,
    interrupt: Interrupt,
  ): Promise<CellResult | undefined> {
    const path = join(this.path, cell.folder);
    const share = effortOf(cell) / effort.total;
    if (!isFinished(path, cell.config)) {
      if (interrupt.requested) return undefined;
      await loadEnvironment(cell.config);
      const part = { label: cell.label, before: effort.done / effort.total, share };
      const begun = await beginOrGoOn(path, cell.config, backend);
      const { interrupted } = await runSession({ ...begun, atOnce, part }, interrupt);
      if (interrupted) return undefined;
    }
    effort.done += effortOf(cell);
    return readResult(path, cell.config);
  }
}

async function beginOrGoOn(
  path: string,
  config: Config,
  backend: BackendChoice,
): Promise<Pick<Plan, 'config' | 'folder' | 'backend' | 'checkpoint'>> {
  const folder = RunFolder.retake(path);
  if (!folder.hasCheckpoint) return { config, folder, backend };
  const opened = await RunFolder.open(path);
  if (!equal(opened.checkpoint.config, config)) {
    throw new ConfigError(`${opened.folder.checkpoint}: is of another configuration than planned`);
  }
  return { config, backend: opened.checkpoint.backend, ...opened };
}

const equal = (a: object, b: object): boolean => JSON.stringify(a) === JSON.stringify(b);

/** A run that has ended leaves its summary last; an interrupted one says so there. */
function isFinished(path: string, config: Config): boolean {
  try {
    const { interrupted } = JSON.parse(readFileSync(join(path, 'summary.json'), 'utf8'));
    return (
      interrupted === false && equal(JSON.parse(readFileSync(join(path, 'config.json'), 'utf8')), config)
    );
  } catch {
    return false;
  }
}

function readResult(path: string, config: Config): CellResult {
  return {
    config,
    summary: JSON.parse(readFileSync(join(path, 'summary.json'), 'utf8')),
    rows: parseRows(readFileSync(join(path, 'metrics.csv'), 'utf8')),
  };
}
