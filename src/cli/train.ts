import { measureOfRows } from '../compare/measure.ts';
import { ConfigError, validateConfig } from '../config.ts';
import { loadEnvironment } from '../train/environments.ts';
import type { RolloutChoice } from '../train/open_rollout.ts';
import type { BackendChoice } from './backend.ts';
import { Interrupt } from './interrupt.ts';
import { type ConfigOptions, readAtOnce, readConfig, readUpdates, refuseSettled } from './options.ts';
import { defaultRunPath, RunFolder } from './run_folder.ts';
import { INTERRUPTED, type Plan, runSession } from './session.ts';
import { formatSummary } from './summary.ts';

export interface TrainOptions extends ConfigOptions {
  readonly out?: string;
  readonly resume?: string;
  readonly atOnce?: string;
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
      process.stdout.write(`${JSON.stringify(summary)}\n`);
    } else {
      const more = summary.interrupted ? `interrupted; to go on: train --resume ${summary.run}\n` : '';
      const table = formatSummary(summary, plan.config, measureOfRows(plan.folder.rows));
      process.stdout.write(`${table}${more}run folder: ${summary.run}\n`);
    }
    return summary.interrupted ? INTERRUPTED : 0;
  } finally {
    interrupt.release();
    plan.folder.discard();
  }
}

async function planNew(options: TrainOptions): Promise<Plan> {
  const config = readConfig(options);
  const atOnce = readAtOnce(options.atOnce);
  await loadEnvironment(config);
  const folder = RunFolder.create(options.out ?? defaultRunPath(config.preset));
  return { config, folder, backend: options.backend, rollout: options.rollout, atOnce };
}

async function planResumed(options: TrainOptions, path: string): Promise<Plan> {
  refuseSettled(options, ['--updates', '--at-once', '--backend', '--rollout', '--json']);
  const atOnce = readAtOnce(options.atOnce);
  const { folder, checkpoint } = await RunFolder.open(path);
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
  return { config, folder, backend: checkpoint.backend, rollout: options.rollout, checkpoint, atOnce };
}
