import { type AgentActivations, agentForward, allocateAgentActivations } from '../reference/agent_forward.ts';
import {
  allocateHyperActivations,
  type HyperActivations,
  hypernetForward,
} from '../reference/hypernet_forward.ts';
import { mixBackward } from '../reference/mix_backward.ts';
import { allocateMixActivations, type MixActivations, mixForward } from '../reference/mix_forward.ts';
import { allocateNetworks, type Networks } from '../reference/networks.ts';
import { selectGreedy, selectValues } from '../reference/select.ts';
import { type NetworkShape, parameterTable } from '../shapes.ts';
import type { Tensor } from '../tensor.ts';
import type { Look, Mixing } from './look.ts';

/** A network's parameters by their names in parameterTable: `agents.0.0.weight`. */
export type Parameters = (name: string) => Tensor;

/**
 * What one learner's networks, online or target, say of one situation at a time, in float64 by the reference. `see`
 * takes the situation in; all else is asked of what was seen last.
 */
export class Policy {
  /** [N, A] each agent's Q-values of what was seen */
  readonly q: Float64Array;
  /** [N, A] 1 for each action that is legal there; empty where all always are */
  readonly available: Float64Array;
  /** [N] the greedy joint action there; ties go to the lowest */
  readonly greedy: Int32Array;

  private readonly networks: Networks;
  private readonly observations: Float64Array;
  private readonly state: Float64Array;
  private readonly agents: AgentActivations;
  private readonly hyper: HyperActivations;
  private readonly hyperDelta: HyperActivations;
  private readonly mix: MixActivations;
  /** [N] Q_i of the joint action that is mixed */
  private readonly chosen: Float64Array;
  /** [N] */
  private readonly slope: Float64Array;
  /** ∂L/∂Q_tot of L = Q_tot: what comes back through the mixer are slopes of Q_tot. */
  private readonly one = Float64Array.of(1);

  /** Takes a copy of the parameters, as `load` does. */
  constructor(
    private readonly shape: NetworkShape,
    parameters: Parameters,
  ) {
    const { agents, observationSize, stateSize, actions, masked } = shape;
    this.networks = allocateNetworks(shape);
    this.observations = new Float64Array(agents * observationSize);
    this.state = new Float64Array(stateSize);
    this.agents = allocateAgentActivations(shape, 1);
    this.hyper = allocateHyperActivations(shape, 1);
    this.hyperDelta = allocateHyperActivations(shape, 1);
    this.mix = allocateMixActivations(shape, 1);
    this.chosen = new Float64Array(agents);
    this.slope = new Float64Array(agents);
    this.q = this.agents.q;
    this.available = new Float64Array(masked ? agents * actions : 0);
    this.greedy = new Int32Array(agents);
    this.load(parameters);
  }

  /** Goes on with a copy of other parameters. */
  load(parameters: Parameters): void {
    for (const { name } of parameterTable(this.shape)) {
      this.networks.tensors.get(name)!.data.set(parameters(name).data);
    }
  }

  /**
   * Takes in a situation: observations [N, O], available [N, A] (1: legal; not looked at where all actions always
   * are), state [S].
   */
  see(observations: ArrayLike<number>, available: ArrayLike<number>, state: ArrayLike<number>): void {
    this.observations.set(observations);
    this.state.set(state);
    if (this.shape.masked) this.available.set(available);
    agentForward(this.agents, this.networks, this.observations);
    hypernetForward(this.hyper, this.networks, this.state);
    selectGreedy(this.greedy, this.q, this.shape.actions, this.shape.agents, this.available);
  }

  /** Q_tot of a joint action [N] where `see` looked; without a mixer the mean of the agents' own values. */
  value(actions: Int32Array): number {
    selectValues(this.chosen, this.q, actions);
    mixForward(this.mix, this.chosen, this.hyper);
    const { qTotal } = this.mix;
    let sum = 0;
    for (let j = 0; j < qTotal.length; j++) sum += qTotal[j];
    return sum / qTotal.length;
  }

  /** [N] ∂Q_tot/∂Q_i at the joint action that `value` was last asked of; all 1 without a mixer. A copy. */
  slopes(): number[] {
    mixBackward(this.slope, this.hyperDelta, this.one, this.chosen, this.hyper, this.mix);
    return [...this.slope];
  }

  /** Everything there is to tell of a situation; arguments as for `see`. Nothing in it changes later. */
  look(observations: ArrayLike<number>, available: ArrayLike<number>, state: ArrayLike<number>): Look {
    this.see(observations, available, state);
    const { shape, q, greedy } = this;
    const { agents, actions, masked } = shape;
    const mixed = shape.mixer !== 'none';
    const total = this.value(greedy);
    return {
      q: table(q, agents, actions),
      legal: Array.from({ length: agents }, (_, agent) =>
        Array.from(
          { length: actions },
          (_, action) => !masked || this.available[agent * actions + action] > 0,
        ),
      ),
      greedy: [...greedy],
      qTotal: mixed ? total : undefined,
      slopes: mixed ? this.slopes() : undefined,
      mixing: shape.mixer === 'monotonic' ? this.mixing() : undefined,
    };
  }

  /** The mixing network of what was seen last. */
  private mixing(): Mixing {
    const { hyper_w1: w1, hyper_b1: b1, hyper_w2: w2, hyper_b2: b2 } = this.hyper.generated;
    return {
      w1: table(w1, this.shape.agents, this.shape.mixerWidth),
      b1: [...b1],
      w2: [...w2],
      b2: b2[0],
    };
  }
}

/** [rows][width] of a row-major matrix. */
const table = (values: Float64Array, rows: number, width: number): number[][] =>
  Array.from({ length: rows }, (_, row) => [...values.subarray(row * width, (row + 1) * width)]);
