import type { NetworkShape } from '../shapes.ts';
import { denseForward, type Rows } from './dense.ts';
import type { Networks } from './networks.ts';

/** What the agent networks compute for R samples of N observations each. */
export interface AgentActivations {
  /** [R, N, H] after the first rectifier */
  readonly hidden1: Float64Array;
  /** [R, N, H] after the second */
  readonly hidden2: Float64Array;
  /** [R, N, A] Q_i(o_i, ·) */
  readonly q: Float64Array;
  /** Per agent network: the rows of [R·N, ·] that are its. */
  readonly rows: readonly Rows[];
}

/** Room for `samples` (R) samples. */
export function allocateAgentActivations(shape: NetworkShape, samples: number): AgentActivations {
  const { agents, hidden, actions, sharedAgents } = shape;
  const total = samples * agents;
  return {
    hidden1: new Float64Array(total * hidden),
    hidden2: new Float64Array(total * hidden),
    q: new Float64Array(total * actions),
    rows: sharedAgents
      ? [{ first: 0, step: 1, count: total }]
      : Array.from({ length: agents }, (_, i) => ({ first: i, step: agents, count: samples })),
  };
}

/**
 * Q_i(o_i, ·) = W₃ relu(W₂ relu(W₁ o_i + b₁) + b₂) + b₃, each agent with its own network or all with one
 * (report, 2.1.1 and 3.4). observations [R, N, O].
 */
export function agentForward(out: AgentActivations, networks: Networks, observations: Float64Array): void {
  for (let n = 0; n < out.rows.length; n++) {
    const [first, second, third] = networks.agents[n];
    const rows = out.rows[n];
    denseForward(out.hidden1, observations, first, true, rows);
    denseForward(out.hidden2, out.hidden1, second, true, rows);
    denseForward(out.q, out.hidden2, third, false, rows);
  }
}
