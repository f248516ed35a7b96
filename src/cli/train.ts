import { measureOfRows } from '../compare/measure.ts';
import { ConfigError, validateConfig } from '../config.ts';
import type { RolloutChoice } from '../train/open_rollout.ts';
import type { BackendChoice } from './backend.ts';
import { Interrupt } from './interrupt.ts';
import {
  type ConfigOptions,
  type HowOptions,
  readConfig,
  readHow,
  readUpdates,
  refuseChanged,
  refuseSettled,
} from './options.ts';
import { print, printJson } from './output.ts';
import { type EnvironmentOptions, environmentWords, load, quoted } from './own_environment.ts';
import { defaultRunPath, RunFolder } from './run_folder.ts';
import { INTERRUPTED, type Plan, runSession } from './session.ts';
import { bestLines, formatSummary } from './summary.ts';

export interface TrainOptions extends ConfigOptions, EnvironmentOptions, HowOptions {
  readonly out?: string;
  readonly resume?: string;
  readonly backend: BackendChoice;
  readonly rollout: RolloutChoice;
  readonly json?: boolean;
}

/** Trains, and writes the run's folder. Returns the exit code. Throws ConfigError before anything is begun. */
export async function train(options: TrainOptions): Promise<number> {
  const plan = await (options.resume === undefined ? planNew(options) : planResumed(options, options.resume));
  const interrupt = new Interrupt();
  try {
    const summary = await runSession(plan, interrupt);
    if (options.json) {
      printJson(summary);
    } else {
      const goOn = `${plan.goOn}${environmentWords(plan.config)}`;
      const more = summary.interrupted ? `interrupted; to go on: ${goOn}\n` : '';
      const measure = measureOfRows(plan.folder.rows);
      const table = formatSummary(summary, plan.config, measure) + bestLines(summary, measure);
      print(`${table}${more}run folder: ${summary.run}\n`);
    }
    return summary.interrupted ? INTERRUPTED : 0;
  } finally {
    interrupt.release();
    plan.folder.discard();
  }
}

async function planNew(options: TrainOptions): Promise<Plan> {
  const config = readConfig(options);
  refuseChanged(options);
  const how = readHow(options);
  await load(config);
  const folder = RunFolder.create(options.out ?? defaultRunPath(config.preset));
  const goOn = goOnWith(folder);
  return { config, folder, backend: options.backend, rollout: options.rollout, ...how, goOn };
}

async function planResumed(options: TrainOptions, path: string): Promise<Plan> {
  refuseSettled(options, ['--updates', '--environment', '--at-once', '--backend', '--rollout', '--json']);
  const how = readHow(options);
  const { folder, checkpoint } = await RunFolder.open(path, options);
  if (options.backend !== 'auto' && options.backend !== checkpoint.backend) {
    throw new ConfigError(
      `--backend: got ${options.backend}, allowed: ${checkpoint.backend}, which ${folder.checkpoint} was trained on`,
    );
  }
  let { config } = checkpoint;
  if (options.updates !== undefined) {
    config = validateConfig({ ...config, updates: readUpdates(options.updates) });
    const made = Math.max(...checkpoint.learners.map((learner) => learner.get('counters')!.data[0]));
    if (config.updates < made) {
      throw new ConfigError(
        `updates: got ${config.updates}, allowed: at least ${made}, which are made already`,
      );
    }
  }
  const { backend } = checkpoint;
  return { config, folder, backend, rollout: options.rollout, checkpoint, ...how, goOn: goOnWith(folder) };
}

const goOnWith = ({ path }: RunFolder): string => `train --resume ${quoted(path)}`;
