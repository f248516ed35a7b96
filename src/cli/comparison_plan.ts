import { type Config, ConfigError, runMembers, validateConfig } from '../config.ts';
import { shorten, show } from '../config_error.ts';
import { algorithms as allAlgorithms } from '../presets.ts';
import { parseSeeds } from '../seeds.ts';
import type { BackendChoice } from './backend.ts';
import { algorithmFields, type ConfigOptions, type HowOptions, readConfig, readUpdates } from './options.ts';
import type { EnvironmentOptions } from './own_environment.ts';
import { planSweep, type Settings, type Sweep } from './vary.ts';
import type { WorkPlan } from './work_folder.ts';

export interface CompareOptions extends Omit<ConfigOptions, 'algorithm'>, EnvironmentOptions, HowOptions {
  readonly algorithms?: string;
  readonly tune: readonly string[];
  readonly tuneSeeds?: string;
  readonly tuneUpdates?: string;
  readonly out?: string;
  readonly resume?: string;
  readonly backend: BackendChoice;
  readonly json?: boolean;
}

export const KIND = 'comparison';

type Asked = Omit<ComparisonPlan, 'fingerprint'>;

/** What is kept of a comparison, to go on with it: all that was asked for. */
export interface ComparisonPlan extends WorkPlan {
  readonly algorithms: readonly string[];
  /** What all algorithms have in common; the fields that an algorithm sets are without meaning here. */
  readonly config: Config;
  /** The small sweep, equal for all algorithms. */
  readonly tune: readonly string[];
  readonly tuneSeeds: readonly number[];
  readonly tuneUpdates: number;
  readonly backend: BackendChoice;
}

/** Budgets are equal: what would end a learner before --updates is not allowed in a comparison. */
const EQUAL_BUDGETS = { episodes: 0, stopWhenSolved: false } as const;
const ALGORITHM_FIELDS = ['sharedAgents', 'agentId', 'mixer'] as const;
/** Seeds of the small sweep, where none are given: as many, from here on, that the comparison does not have. */
const TUNE_SEEDS = 3;
const FIRST_TUNE_SEED = 1_000_001;

/** A plan, but for what its environment tells. Throws ConfigError naming what is wrong. */
export function newPlan(options: CompareOptions): Omit<ComparisonPlan, 'fingerprint'> {
  for (const text of options.set ?? []) {
    const [field] = text.split('=');
    const ends = Object.hasOwn(EQUAL_BUDGETS, field);
    if (ends && text !== `${field}=${EQUAL_BUDGETS[field as keyof typeof EQUAL_BUDGETS]}`) {
      throw new ConfigError(
        `--set: got ${show(text)}, allowed in a comparison: ${field}=${EQUAL_BUDGETS[field as keyof typeof EQUAL_BUDGETS]}, as budgets are equal`,
      );
    }
    if ((ALGORITHM_FIELDS as readonly string[]).includes(field)) {
      throw new ConfigError(`--set: got ${show(text)}, allowed: other fields, as --algorithms set this one`);
    }
  }
  const config = validateConfig({ ...readConfig(options), ...EQUAL_BUDGETS });
  const tunes = options.tune.length > 0;
  for (const name of ['tuneSeeds', 'tuneUpdates'] as const) {
    if (options[name] !== undefined && !tunes) {
      throw new ConfigError(`--tune-${name.slice(4).toLowerCase()}: only with --tune FIELD=A,B,…`);
    }
  }
  return {
    kind: KIND,
    algorithms: readAlgorithms(options.algorithms),
    config,
    tune: options.tune,
    tuneSeeds: tunes ? readTuneSeeds(options.tuneSeeds, config.seeds) : [],
    tuneUpdates:
      options.tuneUpdates === undefined ? config.updates : (readUpdates(options.tuneUpdates) as number),
    backend: options.backend,
  };
}

/** A plan as its file holds it, checked. Throws ConfigError. */
export function savedPlan(plan: WorkPlan): ComparisonPlan {
  const saved = plan as ComparisonPlan;
  if (!Array.isArray(saved.algorithms) || !Array.isArray(saved.tune)) {
    throw new ConfigError(`plan: got ${show(plan)}, allowed: lists of algorithms and of tune`);
  }
  return saved;
}

/** Throws ConfigError where a run of the plan could not begin. */
export function checkPlan(plan: Asked): void {
  if (plan.config.variants.length > 0) {
    throw new ConfigError(`variants: got ${show(plan.config.variants)}, allowed: none in a comparison`);
  }
  for (const algorithm of plan.algorithms) {
    algorithmConfig(plan, algorithm);
    tuneSweep(plan, algorithm);
  }
}

/** What an algorithm trains with in the comparison, with a setting on top. */
export const algorithmConfig = ({ config }: Asked, algorithm: string, settings: Settings = {}): Config =>
  validateConfig({ ...config, ...settings, ...algorithmFields(algorithm) });

/** The small sweep of an algorithm; undefined where there is none. */
export function tuneSweep(plan: Asked, algorithm: string): Sweep | undefined {
  if (plan.tune.length === 0) return undefined;
  const fixed = [...ALGORITHM_FIELDS, 'environment', 'updates', 'episodes', 'stopWhenSolved'];
  const wrong = plan.tune.find((text) => fixed.includes(text.split('=')[0]));
  if (wrong !== undefined)
    throw new ConfigError(`--tune: got ${show(wrong)}, allowed: fields other than ${fixed.join(', ')}`);
  const config = {
    ...algorithmConfig(plan, algorithm),
    seeds: [...plan.tuneSeeds],
    updates: plan.tuneUpdates,
  };
  return planSweep(validateConfig(config), plan.tune, '--tune');
}

/** What the small sweeps of all algorithms take. */
export function tuneBudget(plan: ComparisonPlan): {
  settings: number;
  seeds: number;
  updates: number;
  total: number;
} {
  const settings = tuneSweep(plan, plan.algorithms[0])?.points.length ?? 0;
  const seeds = plan.tuneSeeds.length;
  const updates = plan.tuneUpdates;
  return { settings, seeds, updates, total: settings * seeds * updates * plan.algorithms.length };
}

/** Updates of all learners of the comparison itself. */
export const comparisonBudget = ({ algorithms, config }: ComparisonPlan): number =>
  algorithms.length * runMembers(config).length * config.updates;

function readAlgorithms(list: string | undefined): string[] {
  const names = list === undefined ? Object.keys(allAlgorithms) : list.split(',').map((name) => name.trim());
  for (const [index, name] of names.entries()) {
    if (!Object.hasOwn(allAlgorithms, name)) {
      throw new ConfigError(
        `--algorithms: got ${show(name)}, allowed: ${Object.keys(allAlgorithms).join(', ')}, with commas between`,
      );
    }
    if (names.indexOf(name) < index)
      throw new ConfigError(`--algorithms: got ${name} twice, allowed: each once`);
  }
  return names;
}

function readTuneSeeds(list: string | undefined, seeds: readonly number[]): number[] {
  if (list === undefined) {
    const free = (seed: number): boolean => !seeds.includes(seed);
    return Array.from({ length: TUNE_SEEDS + seeds.length }, (_, index) => FIRST_TUNE_SEED + index)
      .filter(free)
      .slice(0, TUNE_SEEDS);
  }
  const tuneSeeds = parseSeeds(list);
  const shared = tuneSeeds.filter((seed) => seeds.includes(seed));
  if (shared.length > 0) {
    throw new ConfigError(
      `--tune-seeds: got ${shorten(shared.join(', '))}, allowed: seeds that the comparison does not have (${shorten(seeds.join(', '))})`,
    );
  }
  return tuneSeeds;
}
