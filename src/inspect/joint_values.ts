import type { GameRules } from '../env/table_game.ts';
import { agentForward, allocateAgentActivations } from '../reference/agent_forward.ts';
import { allocateHyperActivations, hypernetForward } from '../reference/hypernet_forward.ts';
import { allocateMixActivations, mixForward } from '../reference/mix_forward.ts';
import { allocateNetworks } from '../reference/networks.ts';
import { type NetworkShape, parameterTable } from '../shapes.ts';
import type { Tensor } from '../tensor.ts';

/** What one learner has learned of one state of a game of two agents. */
export interface StateValues {
  /** [2][A] each agent's Q-values */
  readonly agents: readonly (readonly number[])[];
  /** [A][A] Q_tot, rows by agent 1's action; undefined without a mixer, where there is none */
  readonly joint: readonly (readonly number[])[] | undefined;
  /** [2] the greedy joint action; ties go to the lowest */
  readonly greedy: readonly number[];
}

/**
 * Q_tot of all joint actions in every state of a game, in float64, from parameters by name (`online.*` of a
 * checkpoint, without that word).
 */
export function jointValues(
  shape: NetworkShape,
  parameters: (name: string) => Tensor,
  rules: GameRules,
): StateValues[] {
  const networks = allocateNetworks(shape);
  for (const { name } of parameterTable(shape)) {
    networks.tensors.get(name)!.data.set(parameters(name).data);
  }
  const { actions } = shape;
  const count = rules.states.length;
  const oneHot = (row: number, state: number): number => (row === state ? 1 : 0);
  const seen = Float64Array.from({ length: count * 2 * count }, (_, at) =>
    oneHot(Math.floor(at / (2 * count)), at % count),
  );
  const states = Float64Array.from({ length: count * count }, (_, at) =>
    oneHot(Math.floor(at / count), at % count),
  );
  const agents = allocateAgentActivations(shape, count);
  const hyper = allocateHyperActivations(shape, count);
  const mix = allocateMixActivations(shape, count);
  agentForward(agents, networks, seen);
  hypernetForward(hyper, networks, states);

  const learnedValue = (state: number, agent: number, action: number): number =>
    agents.q[(2 * state + agent) * actions + action];
  const chosen = new Float64Array(2 * count);
  const totals = new Float64Array(count * actions * actions);
  for (let joint = 0; joint < actions * actions; joint++) {
    for (let state = 0; state < count; state++) {
      chosen[2 * state] = learnedValue(state, 0, Math.floor(joint / actions));
      chosen[2 * state + 1] = learnedValue(state, 1, joint % actions);
    }
    mixForward(mix, chosen, hyper);
    if (shape.mixer === 'none') continue;
    for (let state = 0; state < count; state++) totals[state * actions * actions + joint] = mix.qTotal[state];
  }
  const row = (length: number, value: (index: number) => number) =>
    Array.from({ length }, (_, k) => value(k));
  return rules.states.map((_, state) => {
    const own = [0, 1].map((agent) => row(actions, (action) => learnedValue(state, agent, action)));
    const joint = row(actions, (first) => first).map((first) =>
      row(actions, (second) => totals[(state * actions + first) * actions + second]),
    );
    return {
      agents: own,
      joint: shape.mixer === 'none' ? undefined : joint,
      greedy: own.map((values) => values.indexOf(Math.max(...values))),
    };
  });
}
