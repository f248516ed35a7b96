import { ConfigError } from '../config_error.ts';
import type { VectorEnv } from './vector_env.ts';

/**
 * Refuses masks [copies, N, A] in which an agent has no legal action, but for copies whose episode has terminated
 * (over [copies], 1; what is not there is not). Throws ConfigError naming environment, copy and agent.
 */
export function requireLegal({ spec, copies }: VectorEnv, masks: Uint8Array, over: Uint8Array): void {
  const { agents, actions } = spec;
  for (let copy = 0; copy < copies; copy++) {
    if (over[copy] === 1) continue;
    for (let agent = 0; agent < agents; agent++) {
      const first = (copy * agents + agent) * actions;
      let action = 0;
      while (action < actions && masks[first + action] === 0) action++;
      if (action < actions) continue;
      throw new ConfigError(
        `environment: ${spec.name}, copy ${copy}: agent ${agent} has no legal action, allowed: at least one ` +
          'until the episode has terminated',
      );
    }
  }
}
