import { HYPERNETWORKS } from '../shapes.ts';
import { denseBackward, denseGradient, rectifierBackward } from './dense.ts';
import type { HyperActivations } from './hypernet_forward.ts';
import type { Networks } from './networks.ts';

/**
 * From `delta.generated` = ∂L/∂(w1, b1, w2, b2) to the gradients of the hypernetworks. Uses
 * `delta.hidden` for ∂L/∂hidden. Writes the mixer's part of `gradient` (=), which is nothing where the mixer
 * has no hypernetworks.
 */
export function hypernetBackward(
  gradient: Networks,
  delta: HyperActivations,
  networks: Networks,
  activations: HyperActivations,
  states: Float64Array,
): void {
  const { hidden, raw, generated, positivity } = activations;
  const { rows } = delta;
  if (rows.count === 0) return;
  if (positivity === 'abs') {
    absoluteBackward(delta.generated.hyper_w1, raw.hyper_w1);
    absoluteBackward(delta.generated.hyper_w2, raw.hyper_w2);
  } else {
    softplusBackward(delta.generated.hyper_w1, generated.hyper_w1);
    softplusBackward(delta.generated.hyper_w2, generated.hyper_w2);
  }
  for (const name of HYPERNETWORKS) {
    const layers = gradient.hypernetworks[name];
    if (layers.length === 1) {
      denseGradient(layers[0], delta.generated[name], states, rows);
      continue;
    }
    denseBackward(delta.hidden[name], delta.generated[name], networks.hypernetworks[name][1], rows);
    rectifierBackward(delta.hidden[name], hidden[name]);
    denseGradient(layers[1], delta.generated[name], hidden[name], rows);
    denseGradient(layers[0], delta.hidden[name], states, rows);
  }
}

/** Through w = |x|: ∂w/∂x = sign(x), 0 at 0 as PyTorch's. */
function absoluteBackward(dw: Float64Array, raw: Float64Array): void {
  for (let j = 0; j < dw.length; j++) dw[j] *= Math.sign(raw[j]);
}

/** Through w = softplus(x): ∂w/∂x = 1 / (1 + e⁻ˣ), which is 1 − e⁻ʷ. */
function softplusBackward(dw: Float64Array, w: Float64Array): void {
  for (let j = 0; j < dw.length; j++) dw[j] *= -Math.expm1(-w[j]);
}
