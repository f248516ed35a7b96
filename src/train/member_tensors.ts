import { type Config, ConfigError, type Member } from '../config.ts';
import { environmentKind } from '../env/registry.ts';
import { initialParameters } from '../learner/initialise.ts';
import type { Learner } from '../learner/learner.ts';
import {
  COUNTERS,
  checkTable,
  emptyTensor,
  floatsOf,
  learnerTable,
  type TableEntry,
} from '../learner/snapshot_table.ts';
import { recordLayout } from '../shapes.ts';
import type { Tensor } from '../tensor.ts';
import { bestTable } from './best.ts';
import { configuredShape, createEnvironment } from './environments.ts';
import { Progress, progressTable } from './progress.ts';

/**
 * What a checkpoint holds of each learner: its snapshot, its best parameters, its progress, and where its
 * environments stand. `owed.actions`: −1, or the actions that agents have chosen and environments have not taken yet.
 */
export function memberTable(config: Config, backend: Learner['backend']): TableEntry[] {
  const shape = configuredShape(config);
  const { environments } = config;
  const words = createEnvironment(config, 0, 1).save().length;
  return [
    ...learnerTable(shape, [floatsOf(backend)]),
    ...bestTable(shape, backend),
    ...progressTable(config),
    { name: 'environment', dtypes: ['I32'], shape: [environments, words], values: 'any' },
    {
      name: 'transitions',
      dtypes: ['F32'],
      shape: [environments, recordLayout(shape).size],
      values: 'records',
    },
    { name: 'owed.actions', dtypes: ['I32'], shape: [environments, shape.agents], values: 'any' },
  ];
}

/** Stands in `owed.actions` where no step is owed. */
export const NOT_OWED = -1;

/** Whether a learner's agents have chosen actions that its environments have not taken. */
export const owesStep = (saved: ReadonlyMap<string, Tensor>): boolean =>
  saved.get('owed.actions')!.data[0] !== NOT_OWED;

/** What a checkpoint holds of a learner that has not begun: what Trainer.save gives before the first step. */
export async function freshTensors(
  { config, seed }: Member,
  backend: Learner['backend'],
): Promise<Map<string, Tensor>> {
  const environment = createEnvironment(config, seed, config.environments);
  // A user's need not be played: it saves what it has done, which is nothing.
  if (environmentKind(config.environment)) await environment.reset();
  const given = new Map<string, ArrayLike<number>>();
  for (const [name, { data }] of initialParameters(configuredShape(config), seed)) {
    given.set(`online.${name}`, data);
    given.set(`target.${name}`, data);
  }
  given.set('environment', environment.save());
  environment.close?.();
  return new Map(
    memberTable(config, backend).map((entry) => {
      const tensor = emptyTensor(entry);
      if (entry.name === 'owed.actions') tensor.data.fill(NOT_OWED);
      const values = given.get(entry.name);
      if (values) tensor.data.set(values);
      return [entry.name, tensor];
    }),
  );
}

/**
 * Refuses what no run can have come to: a tensor that is missing, of another dtype or shape, or with numbers that it
 * cannot have, and counts that contradict each other. `place` begins a message about a tensor. Throws ConfigError.
 */
export function checkMember(
  tensors: ReadonlyMap<string, Tensor>,
  config: Config,
  backend: Learner['backend'],
  place: (name: string) => string,
): void {
  const shape = configuredShape(config);
  checkTable(tensors, memberTable(config, backend), { shape, replayCapacity: config.replayCapacity, place });

  const owed = tensors.get('owed.actions')!.data;
  const owes = owesStep(tensors);
  for (const [at, action] of owed.entries()) {
    const fits = owes ? action >= 0 && action < shape.actions : action === NOT_OWED;
    if (fits) continue;
    throw new ConfigError(
      `${place('owed.actions')}: got ${action} at ${at}, allowed: ${NOT_OWED} throughout, or actions from 0 to ${shape.actions - 1}`,
    );
  }
  checkCounts(tensors, config, owes, place);
  const environment = createEnvironment(config, 0, config.environments);
  try {
    environment.check(tensors.get('environment')!.data as Int32Array);
  } catch (error) {
    throw error instanceof ConfigError ? new ConfigError(`${place('environment')}: ${error.message}`) : error;
  }
}

/** Updates and stored transitions are functions of the environment steps; the rest is bounded by them. */
function checkCounts(
  tensors: ReadonlyMap<string, Tensor>,
  config: Config,
  owes: boolean,
  place: (name: string) => string,
): void {
  const require = (holds: boolean, name: string, what: string, got: number, allowed: string): void => {
    if (!holds) throw new ConfigError(`${place(name)}: ${what}: got ${got}, allowed: ${allowed}`);
  };
  const progress = new Progress(config);
  progress.load(tensors);
  const { environmentSteps, updates } = progress;
  const { environments, warmup, updatesPerStep } = config;
  const mine = (what: keyof Progress & string, holds: boolean, allowed: string): void =>
    require(holds, 'progress.counters', what, Number(progress[what]), allowed);
  const steps = environmentSteps / environments;
  mine('environmentSteps', Number.isInteger(steps), `a multiple of environments (${environments})`);
  const made = updatesPerStep * Math.max(0, steps - Math.ceil(warmup / environments));
  mine('updates', updates === made, `${made}, as of ${environmentSteps} environment steps`);
  mine(
    'episodes',
    progress.episodes <= environmentSteps,
    `at most ${environmentSteps}, the environment steps`,
  );
  mine('solvedUpdates', progress.solvedUpdates <= updates, `at most ${updates}, the updates`);
  mine('solvedSteps', progress.solvedSteps <= environmentSteps, `at most ${environmentSteps}`);
  for (const flag of ['copiesTarget', 'stopped', 'owesEvaluation'] as const) {
    mine(flag, progress[flag] <= 1, '0 or 1');
  }

  const counters = tensors.get('counters')!.data;
  const failed = counters[COUNTERS.failedUpdate];
  const begun = updates + (owes && environmentSteps >= warmup ? updatesPerStep : 0);
  // None is applied from a gradient on that was not finite.
  const applied = failed > 0 ? failed - 1 : begun;
  require(failed <= begun, 'counters', 'failedUpdate', failed, `at most ${begun}, the updates begun`);
  require(counters[COUNTERS.updates] === applied, 'counters', 'updates', counters[
    COUNTERS.updates
  ], `${applied}, as of the progress`);
  // A step stores the transitions of the one before.
  const stored = Math.max(0, environmentSteps - (owes ? 0 : environments));
  require(counters[COUNTERS.stored] === stored, 'counters', 'stored', counters[
    COUNTERS.stored
  ], `${stored}, as of ${environmentSteps} environment steps`);
  const [bestUpdates, bestSuccess] = tensors.get('best.evaluation')!.data;
  require(Number.isInteger(bestUpdates) &&
    bestUpdates >= 0 &&
    bestUpdates <= updates, 'best.evaluation', 'updates', bestUpdates, `a whole number from 0 to ${updates}`);
  require(bestSuccess >= 0 && bestSuccess <= 1, 'best.evaluation', 'success', bestSuccess, '0 to 1');
}
