import { type AgentActivations, networkInputs } from './agent_forward.ts';
import { denseBackward, denseGradient, rectifierBackward } from './dense.ts';
import type { Networks } from './networks.ts';

/**
 * From `delta.q` = ∂L/∂q [B, N, A] to the gradients of the agent networks, whose weights are the same
 * function's as in agentForward. Uses the other arrays of `delta` for ∂L/∂hidden. Writes the agents' part
 * of `gradient` (=): a shared network's is the sum over all agents.
 */
export function agentBackward(
  gradient: Networks,
  delta: AgentActivations,
  networks: Networks,
  activations: AgentActivations,
  observations: Float64Array,
): void {
  const { hidden1, hidden2, rows } = activations;
  for (let n = 0; n < rows.length; n++) denseBackward(delta.hidden2, delta.q, networks.agents[n][2], rows[n]);
  rectifierBackward(delta.hidden2, hidden2);
  for (let n = 0; n < rows.length; n++) {
    denseBackward(delta.hidden1, delta.hidden2, networks.agents[n][1], rows[n]);
  }
  rectifierBackward(delta.hidden1, hidden1);

  const inputs = networkInputs(activations, observations);
  for (let n = 0; n < rows.length; n++) {
    const [first, second, third] = gradient.agents[n];
    denseGradient(third, delta.q, hidden2, rows[n]);
    denseGradient(second, delta.hidden2, hidden1, rows[n]);
    denseGradient(first, delta.hidden1, inputs, rows[n]);
  }
}
