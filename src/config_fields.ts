import * as z from 'zod';
import { type Config, type ConfigField, schema } from './config.ts';
import { formatPayoff } from './env/payoffs.ts';
import { formatSeeds } from './seeds.ts';

/** What a field may hold, as the schema has it. */
export interface FieldDomain {
  /** A text is whatever the field's sentence says: a name, a list, JSON. */
  readonly kind: 'choice' | 'switch' | 'number' | 'text';
  /** Of a choice. */
  readonly choices: readonly string[];
  /** Of a number: the least and the greatest that are accepted. */
  readonly minimum: number | undefined;
  readonly maximum: number | undefined;
  readonly integer: boolean;
}

const NO_NUMBER = { minimum: undefined, maximum: undefined, integer: false };

export function fieldDomain(field: ConfigField): FieldDomain {
  const type: z.ZodType = schema.shape[field];
  if (type instanceof z.ZodNumber) {
    const { minValue, maxValue } = type;
    return {
      kind: 'number',
      choices: [],
      minimum: minValue ?? undefined,
      maximum: maxValue ?? undefined,
      integer: type.isInt,
    };
  }
  if (type instanceof z.ZodEnum) return { kind: 'choice', choices: type.options.map(String), ...NO_NUMBER };
  return { kind: type instanceof z.ZodBoolean ? 'switch' : 'text', choices: [], ...NO_NUMBER };
}

const UNITS: Readonly<Partial<Record<ConfigField, string>>> = {
  gridSize: 'cells',
  agents: 'agents',
  episodeLimit: 'steps',
  hidden: 'units',
  hyperLayers: 'layers',
  biasLayers: 'layers',
  mixerWidth: 'units',
  hyperHidden: 'units',
  environments: 'environments per learner',
  updates: 'updates',
  episodes: 'episodes',
  updatesPerStep: 'updates',
  batchSize: 'transitions',
  replayCapacity: 'transitions',
  warmup: 'transitions',
  epsilonDecaySteps: 'environment steps',
  targetInterval: 'episodes',
  evaluateEvery: 'updates',
  logEvery: 'updates',
  saveEvery: 'updates',
};

/** What a field's number counts; empty where it counts nothing. */
export const fieldUnit = (field: ConfigField): string => UNITS[field] ?? '';

/** The text that FIELD=TEXT reads as this value. */
export function fieldText<F extends ConfigField>(field: F, value: Config[F]): string {
  if (field === 'seeds') return formatSeeds(value as Config['seeds']);
  if (field === 'payoff') return formatPayoff(value as Config['payoff']);
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** A field's name in words: `gridSize` is `Grid size`. */
export function fieldLabel(field: string): string {
  const words = field.replace(/[A-Z]/g, (capital) => ` ${capital.toLowerCase()}`);
  return words[0].toUpperCase() + words.slice(1);
}
