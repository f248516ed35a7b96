import { type Device, defaultDevice, init, jit, nn, numpy as np, tree, valueAndGrad } from '@jax-js/jax';
import { HYPERNETWORKS, type Hypernetwork } from '../../src/shapes.ts';
import type { Contender, ContenderKind } from './contender.ts';
import { type DenseLayer, denseNetworks, type Problem } from './problem.ts';

/** Weight [inputs, outputs] and bias [outputs]; the agents' are stacked: [N, inputs, outputs] and [N, 1, outputs]. */
type Dense = { weight: np.Array; bias: np.Array };
/** The first layers of the four hypernetworks are one layer [S, 4 K], as they see the same states. */
type Mixer = { hidden: Dense; out: Record<Hypernetwork, Dense> };
type Networks = { agents: Dense[]; mixer: Mixer };
type Seen = { observations: np.Array; states: np.Array; actions: np.Array };
type Batch = {
  /** Observations [N, B, O], states [B, S], actions [N, B, 1] */
  now: Seen;
  /** [N, B, O] */
  nextObservations: np.Array;
  /** [B, S] */
  nextStates: np.Array;
  /** [B] */
  rewards: np.Array;
  terminated: np.Array;
};
/** Parameters and Adam's moments as lists: of all tensors, or of the one vector [P] that holds them. */
type State = {
  online: np.Array[];
  first: np.Array[];
  second: np.Array[];
  /** [2] β₁ᵗ and β₂ᵗ */
  powers: np.Array;
};

/**
 * jax-js (https://jax-js.com), the whole update in one `jit`. Its optax is not published: Adam is written out.
 * `ravelled`: all parameters in one vector, as JAX's ravel_pytree has it, so that clipping and Adam are a few kernels;
 * otherwise a tree, as in jax-js's own examples.
 */
export const jaxJs = (device: Device, ravelled: boolean): ContenderKind => ({
  name: `jax-js ${device}${ravelled ? '' : ', tree'}`,
  async select() {
    const ready = await init(device);
    if (!ready.includes(device)) throw new Error(`jax-js has no ${device} here, only ${ready.join(', ')}`);
    defaultDevice(device);
  },
  create: async (problem) => create(problem, ravelled),
});

function create(problem: Problem, ravelled: boolean): Contender {
  const parameters = new ParameterList(problem, ravelled);
  const batch = batchArrays(problem);
  const zeros = () => parameters.first.map(({ shape }) => np.zeros(shape));
  let target = networkArrays(problem, 'target');
  let state: State = { online: parameters.first, first: zeros(), second: zeros(), powers: np.ones([2]) };
  const update = jit(updateRule(problem, parameters));
  let loss: np.Array | undefined;
  return {
    train(count, copiesTarget) {
      for (let made = 0; made < count; made++) {
        loss?.dispose();
        [state, loss] = update(state, tree.ref(target), tree.ref(batch), tree.ref(parameters.rates)) as [
          State,
          np.Array,
        ];
      }
      if (copiesTarget) {
        tree.dispose(target);
        target = parameters.networks(tree.ref(state.online));
      }
    },
    loss: async () => (await loss!.ref.jsAsync()) as number,
    destroy() {
      loss?.dispose();
      for (const owned of [state, target, batch, parameters.rates]) tree.dispose(owned);
      update.dispose();
    },
  };
}

/** (state, target, batch, learning rates) → (state, loss) */
function updateRule({ file }: Problem, parameters: ParameterList) {
  const { gamma, clipNorm } = file.settings;
  const { beta1, beta2, epsilon } = file.optimiser;
  const { agents: N, actions: A, mixerWidth: M, hyperHidden: K } = file.shape;

  /** [N, B, A] */
  const agentValues = (layers: Dense[], observations: np.Array): np.Array =>
    layers.reduce(
      (x, layer, l) => (l < layers.length - 1 ? nn.relu(dense(x, layer)) : dense(x, layer)),
      observations,
    );

  /** [N, B]: the values of the actions [N, B, 1]. */
  const chosen = (q: np.Array, actions: np.Array): np.Array =>
    np.where(actions.equal(np.arange(A, undefined, undefined, { dtype: np.int32 })), q, 0).sum(-1);

  /** [B] Q_tot of the agents' values [N, B]. */
  const mix = ({ hidden, out }: Mixer, q: np.Array, states: np.Array): np.Array => {
    const all = nn.relu(dense(states, hidden));
    const generated = {} as Record<Hypernetwork, np.Array>;
    for (const [h, name] of HYPERNETWORKS.entries()) {
      generated[name] = dense(all.ref.slice([], [h * K, (h + 1) * K]), out[name]);
    }
    all.dispose();
    const w1 = nn.softplus(generated.hyper_w1).reshape([-1, N, M]);
    const w2 = nn.softplus(generated.hyper_w2);
    const mixed = nn.elu(q.transpose().reshape([-1, N, 1]).mul(w1).sum(1).add(generated.hyper_b1));
    return mixed
      .mul(w2)
      .sum(1)
      .add(generated.hyper_b2.reshape([-1]));
  };

  const lossOf = (online: Networks, targets: np.Array, { observations, states, actions }: Seen): np.Array => {
    const q = chosen(agentValues(online.agents, observations), actions);
    return np.square(mix(online.mixer, q, states).sub(targets)).mean();
  };

  return (state: State, target: Networks, batch: Batch, rates: np.Array[]): [State, np.Array] => {
    const online = parameters.networks(tree.ref(state.online));
    const { now, nextObservations, nextStates, rewards, terminated } = batch;
    // Double Q.
    const nextQ = agentValues(tree.ref(online.agents), nextObservations.ref);
    const nextActions = np.argmax(nextQ, -1, { keepdims: true });
    const nextChosen = chosen(agentValues(target.agents, nextObservations), nextActions);
    const nextTotal = mix(target.mixer, nextChosen, nextStates);
    const targets = rewards.add(nextTotal.mul(np.subtract(1, terminated)).mul(gamma));

    const [loss, slopes] = valueAndGrad(lossOf)(online, targets, now) as unknown as [np.Array, Networks];
    const gradients = parameters.list(slopes);

    // Clipped as PyTorch's clip_grad_norm_ does, then Adam.
    const squares = gradients.map((g) => np.square(g.ref).sum()).reduce((a, b) => a.add(b));
    const scale = np.minimum(np.reciprocal(np.sqrt(squares).add(1e-6)).mul(clipNorm), 1);
    const powers = state.powers.mul(np.array([beta1, beta2]));
    const firstWhole = np.subtract(1, powers.ref.slice(0));
    const secondWhole = np.sqrt(np.subtract(1, powers.ref.slice(1)));
    const next: State = { online: [], first: [], second: [], powers };
    for (const [j, gradient] of gradients.entries()) {
      const clipped = gradient.mul(scale.ref);
      const first = state.first[j].mul(beta1).add(clipped.ref.mul(1 - beta1));
      const second = state.second[j].mul(beta2).add(np.square(clipped).mul(1 - beta2));
      const root = np.sqrt(second.ref).div(secondWhole.ref).add(epsilon);
      next.online.push(state.online[j].sub(first.ref.mul(rates[j]).div(firstWhole.ref).div(root)));
      next.first.push(first);
      next.second.push(second);
    }
    for (const scalar of [scale, firstWhole, secondWhole]) scalar.dispose();
    return [next, loss];
  };
}

const dense = (x: np.Array, { weight, bias }: Dense): np.Array => np.matmul(x, weight).add(bias);

/** Networks as a list of arrays and back: of their tensors, or of the one vector that they make. */
class ParameterList {
  /** The online networks before the first update. */
  readonly first: np.Array[];
  /** Of each array in the list: [] or [P]. */
  readonly rates: np.Array[];
  private readonly structure: Parameters<typeof tree.unflatten>[0];
  private readonly shapes: number[][];

  constructor(
    problem: Problem,
    private readonly ravelled: boolean,
  ) {
    const { learningRate, mixerLearningRate } = problem.file.settings;
    const networks = networkArrays(problem, 'online');
    const agentTensors = tree.leaves<np.Array>(networks.agents).length;
    const [leaves, structure] = tree.flatten<np.Array>(networks);
    this.structure = structure;
    this.shapes = leaves.map(({ shape }) => shape);
    const rateOf = (j: number) => (j < agentTensors ? learningRate : mixerLearningRate);
    const rates = leaves.flatMap(({ size }, j) => Array<number>(size).fill(rateOf(j)));
    this.rates = ravelled ? [np.array(Float32Array.from(rates))] : leaves.map((_, j) => np.array(rateOf(j)));
    this.first = this.list(networks);
  }

  list(networks: Networks): np.Array[] {
    const leaves = tree.leaves<np.Array>(networks);
    return this.ravelled ? [np.concatenate(leaves.map((leaf) => np.ravel(leaf)))] : leaves;
  }

  networks(list: np.Array[]): Networks {
    const leaves = this.ravelled ? this.parts(list[0]) : list;
    return tree.unflatten(this.structure, leaves) as unknown as Networks;
  }

  private parts(vector: np.Array): np.Array[] {
    let end = 0;
    const parts = this.shapes.map((shape) => {
      const begin = end;
      end += shape.reduce((a, b) => a * b, 1);
      return vector.ref.slice([begin, end]).reshape(shape);
    });
    vector.dispose();
    return parts;
  }
}

function networkArrays({ file }: Problem, copy: 'online' | 'target'): Networks {
  const { agents, hypernetworks } = denseNetworks(file, copy);
  const first = HYPERNETWORKS.map((name) => hypernetworks[name][0]);
  const out = {} as Record<Hypernetwork, Dense>;
  for (const name of HYPERNETWORKS) {
    const { inputs, outputs, weight, bias } = hypernetworks[name][1];
    out[name] = { weight: np.array(weight, { shape: [inputs, outputs] }), bias: np.array(bias) };
  }
  return {
    agents: agents[0].map((_, l) => {
      const { weight, bias } = stacked(agents.map((layers) => layers[l]));
      return { weight, bias: np.expandDims(bias, 1) };
    }),
    mixer: { hidden: sideBySide(first), out },
  };
}

/** Weights [layers, inputs, outputs] and biases [layers, outputs]. */
const stacked = (layers: readonly DenseLayer[]): Dense => ({
  weight: np.stack(
    layers.map(({ inputs, outputs, weight }) => np.array(weight, { shape: [inputs, outputs] })),
  ),
  bias: np.stack(layers.map(({ bias }) => np.array(bias))),
});

/** One layer whose outputs are those of all. */
const sideBySide = (layers: readonly DenseLayer[]): Dense => ({
  weight: np.concatenate(
    layers.map(({ inputs, outputs, weight }) => np.array(weight, { shape: [inputs, outputs] })),
    1,
  ),
  bias: np.concatenate(layers.map(({ bias }) => np.array(bias))),
});

function batchArrays({ file, batch, batchSize }: Problem): Batch {
  const { agents, observationSize, stateSize } = file.shape;
  const byAgent = (values: Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>, width: number) =>
    np.array(values, { shape: [batchSize, agents, width] }).transpose([1, 0, 2]);
  const states = (values: Float64Array) =>
    np.array(Float32Array.from(values), { shape: [batchSize, stateSize] });
  return {
    now: {
      observations: byAgent(Float32Array.from(batch.observations), observationSize),
      states: states(batch.states),
      actions: byAgent(Int32Array.from(batch.actions), 1),
    },
    nextObservations: byAgent(Float32Array.from(batch.nextObservations), observationSize),
    nextStates: states(batch.nextStates),
    rewards: np.array(Float32Array.from(batch.rewards)),
    terminated: np.array(Float32Array.from(batch.terminated)),
  };
}
