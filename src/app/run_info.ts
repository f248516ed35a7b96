import { type Config, runMembers } from '../config.ts';
import { ACTIONS } from '../env/grid.ts';
import { GridEnv } from '../env/grid_env.ts';
import { TableGame } from '../env/table_game.ts';
import type { Standing } from '../run/keeper.ts';
import { Meter } from '../run/meter.ts';
import { createEnvironment } from '../train/environments.ts';
import { evaluatedStarts } from '../train/evaluate.ts';
import type { Progress, RunInfo } from './service.ts';
import { algorithmOf, linkOf } from './settings.ts';

/** More starts than this are not drawn. */
const MAP_LIMIT = 200_000;

/** `QMIX on meeting-gridworld, seed 2025` */
export function defaultName(config: Config): string {
  const { seeds, environment, variants } = config;
  const algorithm = algorithmOf(config).toUpperCase();
  const which = seeds.length === 1 ? `seed ${seeds[0]}` : `${seeds.length} seeds from ${seeds[0]}`;
  const varied = variants.length > 0 ? `, ${variants.length} variants` : '';
  return `${algorithm} on ${environment}, ${which}${varied}`;
}

/** What the page needs to know of a run to show it. */
export function describeRun(config: Config, id: string, name: string): RunInfo {
  const environment = createEnvironment(config, 0, 1);
  const { starts, allStarts } = evaluatedStarts(config);
  const grid = environment instanceof GridEnv;
  const { spec } = environment;
  return {
    id,
    name,
    algorithm: algorithmOf(config),
    mixer: config.mixer,
    sharedAgents: config.sharedAgents,
    agentId: config.agentId,
    environment: config.environment,
    masked: spec.masked,
    picture: grid ? 'grid' : environment instanceof TableGame ? 'game' : 'none',
    gridSize: config.gridSize,
    agents: spec.agents,
    pieces: grid ? environment.pieceNames : [],
    actions: grid ? ACTIONS : Array.from({ length: spec.actions }, (_, action) => String(action + 1)),
    learners: runMembers(config).map(({ seed, variant }) => ({
      label: config.variants.length > 0 ? `variant ${variant}, seed ${seed}` : `seed ${seed}`,
      seed,
      variant,
    })),
    updates: config.updates,
    stopWhenSolved: config.stopWhenSolved,
    starts,
    allStarts,
    mapped:
      allStarts && starts <= MAP_LIMIT && config.environment === 'meeting-gridworld' && spec.agents === 2,
    link: linkOf(config),
  };
}

const AT_REST = new Meter(0).rates(0, 0);

/** How far a run is, for people; `rates`: of the learner that is furthest. */
export function describeProgress(
  { config, progress: learners, measured, seconds }: Omit<Standing, 'outcomes'>,
  rates: ReturnType<Meter['rates']> = AT_REST,
): Progress {
  const furthest = learners.reduce((a, b) => (b.environmentSteps > a.environmentSteps ? b : a));
  return {
    updates: furthest.updates,
    environmentSteps: furthest.environmentSteps,
    episodes: furthest.episodes,
    updatesPerSecond: rates.updates,
    stepsPerSecond: rates.steps,
    seconds,
    secondsLeft:
      rates.lasting.updates > 0 ? (config.updates - furthest.updates) / rates.lasting.updates : Number.NaN,
    epsilon: furthest.epsilon(),
    trainingSuccess:
      learners.reduce((sum, { trainingSuccess }) => sum + trainingSuccess, 0) / learners.length,
    success: learners.map((_, index) => measured[index]?.success ?? Number.NaN),
    lengthRatio: learners.map((_, index) => measured[index]?.lengthRatio ?? Number.NaN),
    solvedUpdates: learners.map(({ solvedUpdates }) => solvedUpdates),
  };
}
