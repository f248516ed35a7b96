import { HYPERNETWORKS } from '../shapes.ts';
import { denseBackward, denseGradient, rectifierBackward } from './dense.ts';
import type { HyperActivations } from './hypernet_forward.ts';
import type { Networks } from './networks.ts';

/**
 * From `delta.generated` = ∂L/∂(w1, b1, w2, b2) to the gradients of the hypernetworks. Uses
 * `delta.hidden` for ∂L/∂hidden. Writes the mixer's part of `gradient` (=).
 */
export function hypernetBackward(
  gradient: Networks,
  delta: HyperActivations,
  networks: Networks,
  activations: HyperActivations,
  states: Float64Array,
): void {
  softplusBackward(delta.generated.hyper_w1, activations.generated.hyper_w1);
  softplusBackward(delta.generated.hyper_w2, activations.generated.hyper_w2);
  for (const name of HYPERNETWORKS) {
    denseBackward(delta.hidden[name], delta.generated[name], networks.hypernetworks[name][1], delta.rows);
    rectifierBackward(delta.hidden[name], activations.hidden[name]);
    const [first, second] = gradient.hypernetworks[name];
    denseGradient(second, delta.generated[name], activations.hidden[name], delta.rows);
    denseGradient(first, delta.hidden[name], states, delta.rows);
  }
}

/** Through w = softplus(x): ∂w/∂x = 1 / (1 + e⁻ˣ), which is 1 − e⁻ʷ. */
function softplusBackward(dw: Float64Array, w: Float64Array): void {
  for (let j = 0; j < dw.length; j++) dw[j] *= -Math.expm1(-w[j]);
}
