import { type BenchPart, type BenchPlan, DEFAULT_PLAN, PARTS } from '../bench/plan.ts';
import { ConfigError, show } from '../config_error.ts';
import { presets } from '../presets.ts';
import { parseSeeds } from '../seeds.ts';

/** As commander hands them over. */
export interface BenchOptions {
  readonly preset: string;
  readonly only?: string;
  readonly learners?: string;
  readonly batch?: string;
  readonly agents?: string;
  readonly environments?: string;
  readonly seeds?: string;
  readonly figure?: string;
  readonly from?: string;
  readonly json?: boolean;
}

/** What each list may hold. */
const LIMITS = {
  learners: [1, 4096],
  batch: [1, 65_536],
  agents: [2, 16],
  environments: [1, 65_536],
} as const;

/** What the options ask for. Throws ConfigError naming option, value and what is allowed. */
export function readPlan(options: BenchOptions): BenchPlan {
  const { preset, only, seeds } = options;
  if (!Object.hasOwn(presets, preset)) {
    throw new ConfigError(`--preset: got ${show(preset)}, allowed: ${Object.keys(presets).join(', ')}`);
  }
  const list = (name: keyof typeof LIMITS): number[] | undefined => {
    const text = options[name];
    return text === undefined ? undefined : readNumbers(name, text);
  };
  const given = { learners: list('learners'), batch: list('batch'), agents: list('agents') };
  // Who asks for one list wants no others.
  const some = Object.values(given).some((numbers) => numbers !== undefined);
  return {
    ...DEFAULT_PLAN,
    preset,
    parts: only === undefined ? DEFAULT_PLAN.parts : readParts(only),
    ...(some && { learners: given.learners ?? [], batch: given.batch ?? [], agents: given.agents ?? [] }),
    kernelLearners: given.learners ?? DEFAULT_PLAN.kernelLearners,
    environments: list('environments') ?? DEFAULT_PLAN.environments,
    seeds: seeds === undefined ? DEFAULT_PLAN.seeds : parseSeeds(seeds),
  };
}

function readParts(text: string): BenchPart[] {
  return text.split(',').map((part) => {
    const known = PARTS.find((name) => name === part.trim());
    if (!known) throw new ConfigError(`--only: got ${show(part)}, allowed: some of ${PARTS.join(',')}`);
    return known;
  });
}

function readNumbers(name: keyof typeof LIMITS, text: string): number[] {
  const [least, most] = LIMITS[name];
  return text.split(',').map((part) => {
    const value = Number(part);
    if (!/^\s*\d+\s*$/.test(part) || value < least || value > most) {
      throw new ConfigError(
        `--${name}: got ${show(part)}, allowed: whole numbers ${least} to ${most}, with commas between`,
      );
    }
    return value;
  });
}
