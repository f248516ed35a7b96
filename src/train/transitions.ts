import { requireLegal } from '../env/legal.ts';
import type { VectorEnv } from '../env/vector_env.ts';
import type { RecordLayout } from '../shapes.ts';

/** What agents see before they act, to the first half of each record: transitions [E, record] from `base` on. */
export function writeBefore(
  transitions: Float32Array,
  base: number,
  layout: RecordLayout,
  { observations, states, copies }: VectorEnv,
): void {
  writeColumns(transitions, base + layout.observations, layout.size, observations, copies);
  writeColumns(transitions, base + layout.state, layout.size, states, copies);
}

/**
 * What came of actions [E, N], to the rest of each record. Throws ConfigError where an agent has no legal action
 * left in a state that is not terminal.
 */
export function writeAfter(
  transitions: Float32Array,
  base: number,
  layout: RecordLayout,
  environment: VectorEnv,
  actions: Uint32Array,
): void {
  const { copies, rewards, terminations, nextAvailable } = environment;
  const { size } = layout;
  writeColumns(transitions, base + layout.actions, size, actions, copies);
  writeColumns(transitions, base + layout.nextObservations, size, environment.nextObservations, copies);
  writeColumns(transitions, base + layout.nextState, size, environment.nextStates, copies);
  writeColumns(transitions, base + layout.reward, size, rewards, copies);
  writeColumns(transitions, base + layout.terminated, size, terminations, copies);
  if (!environment.spec.masked) return;
  requireLegal(environment, nextAvailable, terminations);
  writeColumns(transitions, base + layout.nextAvailable, size, nextAvailable, copies);
}

/** Writes values [copies, width] into records of `size` numbers, from `offset` in the first. */
function writeColumns(
  transitions: Float32Array,
  offset: number,
  size: number,
  values: Float32Array | Uint8Array | Uint32Array,
  copies: number,
): void {
  const width = values.length / copies;
  for (let copy = 0; copy < copies; copy++) {
    const to = offset + copy * size;
    const from = copy * width;
    for (let column = 0; column < width; column++) transitions[to + column] = values[from + column];
  }
}
