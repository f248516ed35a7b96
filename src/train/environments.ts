import type { Config } from '../config.ts';
import { MeetingGridworld } from '../env/meeting_gridworld.ts';
import type { TabularEnv } from '../env/vector_env.ts';
import { type NetworkShape, networkShape } from '../shapes.ts';

/** The configured environment, `copies` of it, its resets keyed by `seed`; not yet reset. */
export function createEnvironment(config: Config, seed: number, copies: number): TabularEnv {
  return new MeetingGridworld(config, seed, copies);
}

/** Sizes of the networks that the configuration asks for. */
export const configuredShape = (config: Config): NetworkShape =>
  networkShape(config, createEnvironment(config, 0, 1).spec);
