import { agentInputs, type NetworkShape } from '../shapes.ts';
import { denseForward, type Rows } from './dense.ts';
import type { Networks } from './networks.ts';

/** What the agent networks compute for R samples of N observations each. */
export interface AgentActivations {
  /** [R, N, O + N] the observations with each agent's one-hot number behind; empty without agent id */
  readonly numbered: Float64Array;
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
  const { agents, observationSize, hidden, actions, sharedAgents, agentId } = shape;
  const total = samples * agents;
  const width = agentInputs(shape);
  const numbered = new Float64Array(agentId ? total * width : 0);
  // The numbers of the agents stand here for good: forward passes only write the observations before them.
  if (agentId) for (let r = 0; r < total; r++) numbered[r * width + observationSize + (r % agents)] = 1;
  return {
    numbered,
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
 * (report, 2.1.1 and 3.4); with agent id, o_i is followed by the one-hot i. observations [R, N, O].
 */
export function agentForward(out: AgentActivations, networks: Networks, observations: Float64Array): void {
  const inputs = networkInputs(out, observations);
  for (let n = 0; n < out.rows.length; n++) {
    const [first, second, third] = networks.agents[n];
    const rows = out.rows[n];
    denseForward(out.hidden1, inputs, first, true, rows);
    denseForward(out.hidden2, out.hidden1, second, true, rows);
    denseForward(out.q, out.hidden2, third, false, rows);
  }
}

/** What the agent networks take in: the observations themselves, or `numbered` with them written into it. */
export function networkInputs(
  { numbered, rows }: AgentActivations,
  observations: Float64Array,
): Float64Array {
  if (numbered.length === 0) return observations;
  let total = 0;
  for (let n = 0; n < rows.length; n++) total += rows[n].count;
  const size = observations.length / total;
  const width = numbered.length / total;
  for (let r = 0; r < total; r++) {
    for (let j = 0; j < size; j++) numbered[r * width + j] = observations[r * size + j];
  }
  return numbered;
}
