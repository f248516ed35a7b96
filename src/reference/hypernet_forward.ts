import {
  HYPERNETWORKS,
  type Hypernetwork,
  hypernetworkLayers,
  hypernetworkOutputs,
  type NetworkShape,
} from '../shapes.ts';
import { denseForward, type Rows } from './dense.ts';
import type { Networks } from './networks.ts';

/** What the hypernetworks compute for B states: the mixing networks' weights and biases. */
export interface HyperActivations {
  readonly positivity: NetworkShape['positivity'];
  /** [B, K] of each hypernetwork of two layers, after its rectifier; empty of others */
  readonly hidden: Readonly<Record<Hypernetwork, Float64Array>>;
  /** hyper_w1 [B, N, M] and hyper_w2 [B, M] before softplus or abs */
  readonly raw: Readonly<Record<'hyper_w1' | 'hyper_w2', Float64Array>>;
  /** hyper_w1: w1 [B, N, M] ≥ 0, hyper_b1: b1 [B, M], hyper_w2: w2 [B, M] ≥ 0, hyper_b2: b2 [B] */
  readonly generated: Readonly<Record<Hypernetwork, Float64Array>>;
  /** All B rows. */
  readonly rows: Rows;
}

/** Room for `samples` (B) states: none where the mixer has no hypernetworks. */
export function allocateHyperActivations(shape: NetworkShape, samples: number): HyperActivations {
  const outputs = hypernetworkOutputs(shape);
  const layers = hypernetworkLayers(shape);
  const count = shape.mixer === 'monotonic' ? samples : 0;
  const each = (width: (name: Hypernetwork) => number) =>
    Object.fromEntries(HYPERNETWORKS.map((name) => [name, new Float64Array(count * width(name))])) as Record<
      Hypernetwork,
      Float64Array
    >;
  return {
    positivity: shape.positivity,
    hidden: each((name) => (layers[name] === 2 ? shape.hyperHidden : 0)),
    raw: {
      hyper_w1: new Float64Array(count * outputs.hyper_w1),
      hyper_w2: new Float64Array(count * outputs.hyper_w2),
    },
    generated: each((name) => outputs[name]),
    rows: { first: 0, step: 1, count },
  };
}

/**
 * w1 = softplus(hyper_w1(s)), b1 = hyper_b1(s), w2 = softplus(hyper_w2(s)), b2 = hyper_b2(s), each
 * hypernetwork V relu(U s + u) + v (report, 2.3 and 3.2.2). The paper's choices are abs for softplus, and
 * U s + u alone for all but b2. Writes nothing where the mixer has no hypernetworks. states [B, S].
 */
export function hypernetForward(out: HyperActivations, networks: Networks, states: Float64Array): void {
  const { hidden, raw, generated, rows } = out;
  if (rows.count === 0) return;
  for (const name of HYPERNETWORKS) {
    const result = name === 'hyper_w1' || name === 'hyper_w2' ? raw[name] : generated[name];
    const layers = networks.hypernetworks[name];
    if (layers.length === 1) {
      denseForward(result, states, layers[0], false, rows);
    } else {
      denseForward(hidden[name], states, layers[0], true, rows);
      denseForward(result, hidden[name], layers[1], false, rows);
    }
  }
  const positive = out.positivity === 'abs' ? absolute : softplus;
  positive(generated.hyper_w1, raw.hyper_w1);
  positive(generated.hyper_w2, raw.hyper_w2);
}

/** w = log(1 + eˣ), in the form that neither overflows nor loses small values. */
function softplus(w: Float64Array, raw: Float64Array): void {
  for (let j = 0; j < w.length; j++) {
    const x = raw[j];
    w[j] = (x > 0 ? x : 0) + Math.log1p(Math.exp(x > 0 ? -x : x));
  }
}

/** w = |x|. */
function absolute(w: Float64Array, raw: Float64Array): void {
  for (let j = 0; j < w.length; j++) w[j] = Math.abs(raw[j]);
}
