import '@tensorflow/tfjs-backend-webgpu';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import wasmPlain from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import wasmSimd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import wasmThreaded from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';
import * as tf from '@tensorflow/tfjs-core';
import { HYPERNETWORKS, type Hypernetwork } from '../../src/shapes.ts';
import type { Contender, ContenderKind } from './contender.ts';
import { type DenseNetworks, denseNetworks, type Problem } from './problem.ts';

/**
 * TF.js, written for few kernels: biases and rectifiers fused into the products where TF.js can (inside a gradient
 * not the rectifiers), and all parameters in one vector, so that clipping and Adam are some fifteen kernels instead
 * of tf.train.adam's ten for each of the 28 tensors, at the price of slicing the vector.
 */
export const tfjs = (backend: 'webgpu' | 'wasm'): ContenderKind => ({
  name: `TF.js ${backend}`,
  async select() {
    if (backend === 'wasm' && tf.findBackend('wasm') === null) {
      setWasmPaths({
        'tfjs-backend-wasm.wasm': wasmPlain,
        'tfjs-backend-wasm-simd.wasm': wasmSimd,
        'tfjs-backend-wasm-threaded-simd.wasm': wasmThreaded,
      });
      setThreadsCount(navigator.hardwareConcurrency);
    }
    if (!(await tf.setBackend(backend))) throw new Error(`TF.js has no ${backend} here`);
    await tf.ready();
  },
  create: async (problem) => new TfLearner(problem),
});

type Dense = { weight: tf.Tensor2D; bias: tf.Tensor1D };
type Networks = { agents: Dense[][]; mixer: Record<Hypernetwork, Dense[]> };

class TfLearner implements Contender {
  /** Shapes of the tensors that the parameter vector [P] is made of. */
  private readonly shapes: number[][];
  private readonly rates: tf.Tensor;
  private online: tf.Tensor;
  private target: tf.Tensor[];
  private first: tf.Tensor;
  private second: tf.Tensor;
  private readonly batch: {
    /** By agent: [B, O] */
    observations: tf.Tensor2D[];
    nextObservations: tf.Tensor2D[];
    /** By agent: [B, A] one-hot */
    chosen: tf.Tensor2D[];
    states: tf.Tensor2D;
    nextStates: tf.Tensor2D;
    /** [B] */
    rewards: tf.Tensor1D;
    /** [B] γ (1 − terminated) */
    discounts: tf.Tensor1D;
    /** [1, A] 0, 1, … A − 1 */
    numbers: tf.Tensor2D;
    /** [B, A] zeros */
    nothing: tf.Tensor2D;
  };
  private readonly constants: Record<
    'one' | 'clip' | 'tiny' | 'epsilon' | 'beta1' | 'rest1' | 'beta2' | 'rest2',
    tf.Scalar
  >;
  private updates = 0;
  private lastLoss: tf.Tensor | undefined;

  constructor(private readonly problem: Problem) {
    const { file, batch, batchSize } = problem;
    const { agents: N, observationSize, stateSize, actions } = file.shape;
    const { learningRate, mixerLearningRate, clipNorm, gamma } = file.settings;
    const { beta1, beta2, epsilon } = file.optimiser;
    const online = flatten(denseNetworks(file, 'online'));
    const target = flatten(denseNetworks(file, 'target'));
    this.shapes = online.map(({ shape }) => shape);
    const vector = online.flatMap(({ data }) => [...data]);
    this.online = tf.tensor1d(vector);
    this.target = target.map(({ shape, data }) => tf.tensor(data, shape));
    this.rates = tf.tensor1d(
      online.flatMap(({ agent, data }) =>
        Array<number>(data.length).fill(agent ? learningRate : mixerLearningRate),
      ),
    );
    this.first = tf.zeros([vector.length]);
    this.second = tf.zeros([vector.length]);
    const byAgent = (values: ArrayLike<number>, width: number) =>
      Array.from({ length: N }, (_, i) =>
        tf.tensor2d(
          Float32Array.from(
            { length: batchSize * width },
            (_, j) => values[(Math.floor(j / width) * N + i) * width + (j % width)],
          ),
          [batchSize, width],
        ),
      );
    const oneHot = Float32Array.from({ length: batch.actions.length * actions }, (_, j) =>
      batch.actions[Math.floor(j / actions)] === j % actions ? 1 : 0,
    );
    const states = (values: Float64Array) => tf.tensor2d(Float32Array.from(values), [batchSize, stateSize]);
    this.batch = {
      observations: byAgent(batch.observations, observationSize),
      nextObservations: byAgent(batch.nextObservations, observationSize),
      chosen: byAgent(oneHot, actions),
      states: states(batch.states),
      nextStates: states(batch.nextStates),
      rewards: tf.tensor1d(Float32Array.from(batch.rewards)),
      discounts: tf.tensor1d(Float32Array.from(batch.terminated, (terminated) => gamma * (1 - terminated))),
      numbers: tf.tensor2d(
        Int32Array.from({ length: actions }, (_, a) => a),
        [1, actions],
        'int32',
      ),
      nothing: tf.zeros([batchSize, actions]),
    };
    this.constants = {
      one: tf.scalar(1),
      clip: tf.scalar(clipNorm),
      tiny: tf.scalar(1e-6),
      epsilon: tf.scalar(epsilon),
      beta1: tf.scalar(beta1),
      rest1: tf.scalar(1 - beta1),
      beta2: tf.scalar(beta2),
      rest2: tf.scalar(1 - beta2),
    };
  }

  train(count: number, copiesTarget: boolean): void {
    for (let made = 0; made < count; made++) this.update();
    if (!copiesTarget) return;
    tf.dispose(this.target);
    this.target = tf.tidy(() => this.parts(this.online));
  }

  async loss(): Promise<number> {
    return (await this.lastLoss!.data())[0];
  }

  destroy(): void {
    tf.dispose([this.online, this.target, this.first, this.second, this.rates, this.lastLoss ?? []]);
    tf.dispose(this.batch as unknown as tf.TensorContainer);
    tf.dispose(this.constants);
  }

  private update(): void {
    this.updates++;
    const old = [this.online, this.first, this.second, this.lastLoss ?? []];
    const [online, first, second, loss] = tf.tidy(() => {
      const parts = this.parts(this.online);
      const targets = this.targets(parts);
      const { value, grads } = tf.valueAndGrads((...now: tf.Tensor[]) => this.lossOf(now, targets))(parts);
      return [...this.adam(tf.concat1d(grads.map((g) => tf.reshape(g, [-1]) as tf.Tensor1D))), value];
    });
    [this.online, this.first, this.second, this.lastLoss] = [online, first, second, loss];
    tf.dispose(old);
  }

  /** The tensors of a parameter vector. */
  private parts(vector: tf.Tensor): tf.Tensor[] {
    const sizes = this.shapes.map((shape) => shape.reduce((a, b) => a * b, 1));
    return tf.split(vector, sizes).map((part, j) => tf.reshape(part, this.shapes[j]));
  }

  /** [B] what Q_tot is drawn to, by double Q. */
  private targets(online: tf.Tensor[]): tf.Tensor1D {
    const { nextObservations, nextStates, rewards, discounts, numbers, nothing } = this.batch;
    const [now, target] = [this.networks(online), this.networks(this.target)];
    const next = nextObservations.map((observations, i) => {
      const best = tf.argMax(agentValues(observations, now.agents[i], fused), 1);
      // Not tf.oneHot, whose float32 the wasm backend gets wrong (4.22), and which costs as much.
      const isBest = tf.equal(tf.reshape(best, [-1, 1]), numbers);
      return tf.sum(tf.where(isBest, agentValues(observations, target.agents[i], fused), nothing), 1, true);
    });
    return tf.add(rewards, tf.mul(discounts, this.mix(target.mixer, next, nextStates, fused)));
  }

  private lossOf(online: tf.Tensor[], targets: tf.Tensor1D): tf.Scalar {
    const { observations, states, chosen } = this.batch;
    const { agents, mixer } = this.networks(online);
    const q = observations.map((seen, i) =>
      tf.sum(tf.mul(agentValues(seen, agents[i], traced), chosen[i]), 1, true),
    );
    return tf.mean(tf.squaredDifference(this.mix(mixer, q, states, traced), targets));
  }

  /** [B] Q_tot of the agents' values, each [B, 1]. */
  private mix(mixer: Networks['mixer'], q: tf.Tensor[], states: tf.Tensor2D, layer: Layer): tf.Tensor1D {
    const { agents: N, mixerWidth: M } = this.problem.file.shape;
    const generate = (name: Hypernetwork) =>
      layer(layer(states, mixer[name][0], true), mixer[name][1], false);
    const w1 = tf.reshape(tf.softplus(generate('hyper_w1')), [-1, N, M]);
    const mixed = tf.reshape(tf.matMul(tf.reshape(tf.concat(q, 1), [-1, 1, N]), w1), [-1, M]);
    const hidden = tf.elu(tf.add(mixed, generate('hyper_b1')));
    const weighted = tf.sum(tf.mul(hidden, tf.softplus(generate('hyper_w2'))), 1);
    return tf.add(weighted, tf.reshape(generate('hyper_b2'), [-1])) as tf.Tensor1D;
  }

  /** Clipped as PyTorch's clip_grad_norm_ does, then Adam: parameters and both moments. */
  private adam(gradient: tf.Tensor): tf.Tensor[] {
    const { one, clip, tiny, epsilon, beta1, rest1, beta2, rest2 } = this.constants;
    const { optimiser } = this.problem.file;
    const norm = tf.sqrt(tf.sum(tf.square(gradient)));
    const g = tf.mul(gradient, tf.minimum(tf.div(clip, tf.add(norm, tiny)), one));
    const first = tf.add(tf.mul(this.first, beta1), tf.mul(g, rest1));
    const second = tf.add(tf.mul(this.second, beta2), tf.mul(tf.square(g), rest2));
    const firstWhole = tf.scalar(1 - optimiser.beta1 ** this.updates);
    const secondWhole = tf.scalar(Math.sqrt(1 - optimiser.beta2 ** this.updates));
    const step = tf.div(
      tf.mul(first, tf.div(this.rates, firstWhole)),
      tf.add(tf.div(tf.sqrt(second), secondWhole), epsilon),
    );
    return [tf.sub(this.online, step), first, second];
  }

  private networks(parts: tf.Tensor[]): Networks {
    let at = 0;
    const layers = (count: number): Dense[] =>
      Array.from({ length: count }, () => ({
        weight: parts[at++] as tf.Tensor2D,
        bias: parts[at++] as tf.Tensor1D,
      }));
    return {
      agents: Array.from({ length: this.problem.file.shape.agents }, () => layers(3)),
      mixer: Object.fromEntries(HYPERNETWORKS.map((name) => [name, layers(2)])) as Networks['mixer'],
    };
  }
}

type Layer = (x: tf.Tensor2D, layer: Dense, rectified: boolean) => tf.Tensor2D;

const fused: Layer = (a, { weight, bias }, rectified) =>
  tf.fused.matMul({ a, b: weight, bias, activation: rectified ? 'relu' : 'linear' }) as tf.Tensor2D;

/** Inside a gradient, TF.js falls back to three kernels where a rectifier is fused, and to one where it is not. */
const traced: Layer = (a, { weight, bias }, rectified) => {
  const y = tf.fused.matMul({ a, b: weight, bias, activation: 'linear' }) as tf.Tensor2D;
  return rectified ? tf.relu(y) : y;
};

/** [B, A] Q_i(o, ·) of observations [B, O]. */
const agentValues = (observations: tf.Tensor2D, layers: Dense[], layer: Layer): tf.Tensor2D =>
  layers.reduce((x, dense, l) => layer(x, dense, l < layers.length - 1), observations);

/** The tensors in the order in which `networks` takes them. */
function flatten({ agents, hypernetworks }: DenseNetworks) {
  const tensors: { shape: number[]; data: Float32Array; agent: boolean }[] = [];
  const add = (layers: (typeof agents)[number], agent: boolean) => {
    for (const { inputs, outputs, weight, bias } of layers) {
      tensors.push(
        { shape: [inputs, outputs], data: weight, agent },
        { shape: [outputs], data: bias, agent },
      );
    }
  };
  for (const layers of agents) add(layers, true);
  for (const name of HYPERNETWORKS) add(hypernetworks[name], false);
  return tensors;
}
