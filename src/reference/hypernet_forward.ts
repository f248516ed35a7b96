import { HYPERNETWORKS, type Hypernetwork, hypernetworkOutputs, type NetworkShape } from '../shapes.ts';
import { denseForward, type Rows } from './dense.ts';
import type { Networks } from './networks.ts';

/** What the hypernetworks compute for B states: the mixing networks' weights and biases. */
export interface HyperActivations {
  /** [B, K] of each hypernetwork, after its rectifier */
  readonly hidden: Readonly<Record<Hypernetwork, Float64Array>>;
  /** hyper_w1: w1 [B, N, M] > 0, hyper_b1: b1 [B, M], hyper_w2: w2 [B, M] > 0, hyper_b2: b2 [B] */
  readonly generated: Readonly<Record<Hypernetwork, Float64Array>>;
  /** All B rows. */
  readonly rows: Rows;
}

/** Room for `samples` (B) states. */
export function allocateHyperActivations(shape: NetworkShape, samples: number): HyperActivations {
  const outputs = hypernetworkOutputs(shape);
  const each = (width: (name: Hypernetwork) => number) =>
    Object.fromEntries(
      HYPERNETWORKS.map((name) => [name, new Float64Array(samples * width(name))]),
    ) as Record<Hypernetwork, Float64Array>;
  return {
    hidden: each(() => shape.hyperHidden),
    generated: each((name) => outputs[name]),
    rows: { first: 0, step: 1, count: samples },
  };
}

/**
 * w1 = softplus(hyper_w1(s)), b1 = hyper_b1(s), w2 = softplus(hyper_w2(s)), b2 = hyper_b2(s), each
 * hypernetwork V relu(U s + u) + v (report, 2.3 and 3.2.2). states [B, S].
 */
export function hypernetForward(out: HyperActivations, networks: Networks, states: Float64Array): void {
  for (const name of HYPERNETWORKS) {
    const [first, second] = networks.hypernetworks[name];
    denseForward(out.hidden[name], states, first, true, out.rows);
    denseForward(out.generated[name], out.hidden[name], second, false, out.rows);
  }
  softplus(out.generated.hyper_w1);
  softplus(out.generated.hyper_w2);
}

/** log(1 + eˣ) in place, in the form that neither overflows nor loses small values. */
function softplus(values: Float64Array): void {
  for (let j = 0; j < values.length; j++) {
    const x = values[j];
    values[j] = (x > 0 ? x : 0) + Math.log1p(Math.exp(x > 0 ? -x : x));
  }
}
