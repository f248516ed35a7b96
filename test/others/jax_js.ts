import { type Device, defaultDevice, init, jit, nn, numpy as np, tree, valueAndGrad } from '@jax-js/jax';
import { HYPERNETWORKS, type Hypernetwork } from '../../src/shapes.ts';
import type { Contender, ContenderKind } from './contender.ts';
import { type DenseLayer, denseNetworks, type Problem } from './problem.ts';

/** Weight [inputs, outputs] and bias [outputs]; the agents' are stacked: [N, inputs, outputs] and [N, 1, outputs]. */
type Dense = { weight: np.Array; bias: np.Array };
type Networks = { agents: Dense[]; mixer: Record<Hypernetwork, Dense[]> };
type Batch = {
  /** [N, B, O] */
  observations: np.Array;
  /** [B, S] */
  states: np.Array;
  nextObservations: np.Array;
  nextStates: np.Array;
  /** [N, B, 1] */
  actions: np.Array;
  /** [B] */
  rewards: np.Array;
  terminated: np.Array;
};
type State = {
  online: Networks;
  first: Networks;
  second: Networks;
  /** [2] β₁ᵗ and β₂ᵗ */
  powers: np.Array;
};

/** jax-js (https://jax-js.com), the whole update in one `jit`. Its optax is not published: Adam is written out. */
export const jaxJs = (device: Device): ContenderKind => ({
  name: `jax-js ${device}`,
  async select() {
    const ready = await init(device);
    if (!ready.includes(device)) throw new Error(`jax-js has no ${device} here, only ${ready.join(', ')}`);
    defaultDevice(device);
  },
  create: async (problem) => create(problem),
});

function create(problem: Problem): Contender {
  const batch = batchArrays(problem);
  const online = networkArrays(problem, 'online');
  let target = networkArrays(problem, 'target');
  const zeros = (networks: Networks) => tree.map((a: np.Array) => np.zeros(a.shape), networks) as Networks;
  let state: State = {
    online,
    first: zeros(tree.ref(online)),
    second: zeros(tree.ref(online)),
    powers: np.ones([2]),
  };
  const update = jit(updateRule(problem));
  let loss: np.Array | undefined;
  return {
    train(count, copiesTarget) {
      for (let made = 0; made < count; made++) {
        loss?.dispose();
        [state, loss] = update(state, tree.ref(target), tree.ref(batch)) as [State, np.Array];
      }
      if (copiesTarget) {
        tree.dispose(target);
        target = tree.ref(state.online);
      }
    },
    loss: async () => (await loss!.ref.jsAsync()) as number,
    destroy() {
      loss?.dispose();
      for (const owned of [state, target, batch]) tree.dispose(owned);
      update.dispose();
    },
  };
}

/** (state, target, batch) → (state, loss) */
function updateRule({ file }: Problem) {
  const { learningRate, mixerLearningRate, gamma, clipNorm } = file.settings;
  const { beta1, beta2, epsilon } = file.optimiser;
  const { agents: N, actions: A, mixerWidth: M } = file.shape;

  /** [N, B, A] */
  const agentValues = (layers: Dense[], observations: np.Array): np.Array =>
    layers.reduce((x, { weight, bias }, l) => {
      const y = np.matmul(x, weight).add(bias);
      return l < layers.length - 1 ? nn.relu(y) : y;
    }, observations);

  /** [N, B]: the values of the actions [N, B, 1]. */
  const chosen = (q: np.Array, actions: np.Array): np.Array =>
    np.where(actions.equal(np.arange(A, undefined, undefined, { dtype: np.int32 })), q, 0).sum(-1);

  /** [B] */
  const mix = (mixer: Record<Hypernetwork, Dense[]>, q: np.Array, states: np.Array): np.Array => {
    const generated = {} as Record<Hypernetwork, np.Array>;
    for (const name of HYPERNETWORKS) {
      const [hidden, out] = mixer[name];
      const h = nn.relu(np.matmul(states.ref, hidden.weight).add(hidden.bias));
      generated[name] = np.matmul(h, out.weight).add(out.bias);
    }
    states.dispose();
    const w1 = nn.softplus(generated.hyper_w1).reshape([-1, N, M]);
    const w2 = nn.softplus(generated.hyper_w2);
    const hidden = nn.elu(q.transpose().reshape([-1, N, 1]).mul(w1).sum(1).add(generated.hyper_b1));
    return hidden
      .mul(w2)
      .sum(1)
      .add(generated.hyper_b2.reshape([-1]));
  };

  const loss = (online: Networks, targets: np.Array, batch: { [name: string]: np.Array }): np.Array => {
    const q = chosen(agentValues(online.agents, batch.observations), batch.actions);
    return np.square(mix(online.mixer, q, batch.states).sub(targets)).mean();
  };

  return (state: State, target: Networks, batch: Batch): [State, np.Array] => {
    const { online, first, second } = state;
    const { observations, states, nextObservations, nextStates, actions, rewards, terminated } = batch;
    // Double Q.
    const nextQ = agentValues(tree.ref(online.agents), nextObservations.ref);
    const nextActions = np.argmax(nextQ, -1, { keepdims: true });
    const nextChosen = chosen(agentValues(target.agents, nextObservations), nextActions);
    const nextTotal = mix(target.mixer, nextChosen, nextStates);
    const targets = rewards.add(nextTotal.mul(np.subtract(1, terminated)).mul(gamma));

    const [value, gradient] = valueAndGrad(loss)(tree.ref(online), targets, {
      observations,
      actions,
      states,
    }) as unknown as [np.Array, Networks];

    // Clipped to a global norm as PyTorch's clip_grad_norm_ does.
    const squares = tree
      .leaves(tree.ref(gradient) as never)
      .map((g) => np.square(g as np.Array).sum())
      .reduce((a, b) => a.add(b));
    const scale = np.minimum(np.reciprocal(np.sqrt(squares).add(1e-6)).mul(clipNorm), 1);

    const powers = state.powers.mul(np.array([beta1, beta2]));
    const firstWhole = np.subtract(1, powers.ref.slice(0));
    const secondWhole = np.sqrt(np.subtract(1, powers.ref.slice(1)));
    const adam = (rate: number) => (p: np.Array, g: np.Array, m: np.Array, v: np.Array) => {
      const clipped = g.mul(scale.ref);
      const m1 = m.mul(beta1).add(clipped.ref.mul(1 - beta1));
      const v1 = v.mul(beta2).add(np.square(clipped).mul(1 - beta2));
      const step = m1.ref.mul(rate).div(firstWhole.ref);
      const p1 = p.sub(step.div(np.sqrt(v1.ref).div(secondWhole.ref).add(epsilon)));
      return { p: p1, m: m1, v: v1 };
    };
    const apply = <T extends Dense[] | Record<Hypernetwork, Dense[]>>(
      rate: number,
      trees: readonly [T, T, T, T],
    ): { p: T; m: T; v: T } => {
      const [leaves, structure] = tree.flatten(trees[0] as never);
      const others = trees.slice(1).map((t) => tree.leaves(t as never) as np.Array[]);
      const rule = adam(rate);
      const results = (leaves as np.Array[]).map((p, j) => rule(p, others[0][j], others[1][j], others[2][j]));
      const join = (name: 'p' | 'm' | 'v') =>
        tree.unflatten(
          structure,
          results.map((result) => result[name]),
        ) as T;
      return { p: join('p'), m: join('m'), v: join('v') };
    };
    const agents = apply(learningRate, [online.agents, gradient.agents, first.agents, second.agents]);
    const mixer = apply(mixerLearningRate, [online.mixer, gradient.mixer, first.mixer, second.mixer]);
    for (const scalar of [scale, firstWhole, secondWhole]) scalar.dispose();
    return [
      {
        online: { agents: agents.p, mixer: mixer.p },
        first: { agents: agents.m, mixer: mixer.m },
        second: { agents: agents.v, mixer: mixer.v },
        powers,
      },
      value,
    ];
  };
}

function networkArrays({ file }: Problem, copy: 'online' | 'target'): Networks {
  const { agents, hypernetworks } = denseNetworks(file, copy);
  const mixer = {} as Record<Hypernetwork, Dense[]>;
  for (const name of HYPERNETWORKS) {
    mixer[name] = hypernetworks[name].map(({ inputs, outputs, weight, bias }) => ({
      weight: np.array(weight, { shape: [inputs, outputs] }),
      bias: np.array(bias),
    }));
  }
  return { agents: agents[0].map((_, l) => stacked(agents.map((layers) => layers[l]))), mixer };
}

function stacked(layers: readonly DenseLayer[]): Dense {
  const [{ inputs, outputs }] = layers;
  const join = (parts: readonly Float32Array[]) => Float32Array.from(parts.flatMap((part) => [...part]));
  return {
    weight: np.array(join(layers.map(({ weight }) => weight)), { shape: [layers.length, inputs, outputs] }),
    bias: np.array(join(layers.map(({ bias }) => bias)), { shape: [layers.length, 1, outputs] }),
  };
}

function batchArrays({ file, batch, batchSize }: Problem): Batch {
  const { agents, observationSize, stateSize } = file.shape;
  const byAgent = (observations: Float64Array) =>
    np
      .array(Float32Array.from(observations), { shape: [batchSize, agents, observationSize] })
      .transpose([1, 0, 2]);
  const states = (values: Float64Array) =>
    np.array(Float32Array.from(values), { shape: [batchSize, stateSize] });
  return {
    observations: byAgent(batch.observations),
    states: states(batch.states),
    nextObservations: byAgent(batch.nextObservations),
    nextStates: states(batch.nextStates),
    actions: np
      .array(batch.actions as Int32Array<ArrayBuffer>, { shape: [batchSize, agents, 1] })
      .transpose([1, 0, 2]),
    rewards: np.array(Float32Array.from(batch.rewards)),
    terminated: np.array(Float32Array.from(batch.terminated)),
  };
}
