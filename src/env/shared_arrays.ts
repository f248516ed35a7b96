import type { EnvSpec } from './vector_env.ts';

/** What a VectorEnv has of its copies, and the actions that they are stepped by, in memory that two threads share. */
export interface SharedArrays {
  readonly buffer: SharedArrayBuffer;
  readonly observations: Float32Array;
  readonly states: Float32Array;
  readonly nextObservations: Float32Array;
  readonly nextStates: Float32Array;
  readonly rewards: Float32Array;
  /** [copies, N] */
  readonly actions: Uint32Array;
  readonly available: Uint8Array;
  readonly nextAvailable: Uint8Array;
  readonly terminations: Uint8Array;
  readonly truncations: Uint8Array;
  readonly successes: Uint8Array;
}

/** The arrays of so many copies, over new memory or over `buffer`, which the other side made. */
export function sharedArrays(spec: EnvSpec, copies: number, buffer?: SharedArrayBuffer): SharedArrays {
  const observations = copies * spec.agents * spec.observationSize;
  const states = copies * spec.stateSize;
  const rows = copies * spec.agents;
  const masks = spec.masked ? rows * spec.actions : 0;
  const words = 2 * observations + 2 * states + copies + rows;
  const memory = buffer ?? new SharedArrayBuffer(4 * words + 2 * masks + 3 * copies);
  let at = 0;
  const floats = (length: number): Float32Array => {
    const array = new Float32Array(memory, at, length);
    at += array.byteLength;
    return array;
  };
  const bytes = (length: number): Uint8Array => {
    const array = new Uint8Array(memory, at, length);
    at += length;
    return array;
  };
  const wide = {
    buffer: memory,
    observations: floats(observations),
    states: floats(states),
    nextObservations: floats(observations),
    nextStates: floats(states),
    rewards: floats(copies),
    actions: new Uint32Array(memory, at, rows),
  };
  at += wide.actions.byteLength;
  return {
    ...wide,
    available: bytes(masks),
    nextAvailable: bytes(masks),
    terminations: bytes(copies),
    truncations: bytes(copies),
    successes: bytes(copies),
  };
}
