import type { VectorEnv } from './vector_env.ts';

/** What environments are made from: fields of the configuration, with their meaning there. */
export interface EnvironmentOptions {
  readonly gridSize: number;
  readonly agents: number;
  readonly episodeLimit: number;
  readonly observationScale: 'unit' | 'raw';
  readonly stateScale: 'unit' | 'grid' | 'raw';
  readonly sight: 'all' | 'own';
  readonly offGrid: 'stay' | 'illegal';
  readonly payoff: readonly (readonly number[])[];
}

/** An environment that comes with the project, as the registry lists it. */
export interface EnvironmentKind {
  /** The preset that a run on it starts from where none is named. */
  readonly preset: string;
  /** `copies` of it, their resets keyed by `seed`; not yet reset. */
  create(options: EnvironmentOptions, seed: number, copies: number): VectorEnv;
  /** The option that it cannot be made with, and what is allowed; undefined where all is well. */
  refuse(options: EnvironmentOptions): Refusal | undefined;
}

export interface Refusal {
  readonly field: keyof EnvironmentOptions;
  readonly allowed: string;
}

/** Refuses any number of agents but two. */
export const twoAgents = ({ agents }: EnvironmentOptions): Refusal | undefined =>
  agents === 2 ? undefined : { field: 'agents', allowed: '2, as this environment is for two agents' };
