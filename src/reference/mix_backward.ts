import type { HyperActivations } from './hypernet_forward.ts';
import type { MixActivations } from './mix_forward.ts';

/**
 * From ∂L/∂Q_tot [B] back through mixForward. Writes `slope` = ∂Q_tot/∂q [B, N] (=), all 1 where Q_tot is a sum
 * or each agent's own, and where the mixer is monotonic `delta.generated` (=).
 */
export function mixBackward(
  slope: Float64Array,
  delta: HyperActivations,
  lossSlope: Float64Array,
  q: Float64Array,
  hyper: HyperActivations,
  mix: MixActivations,
): void {
  if (mix.mixer === 'monotonic') mixMonotonicBackward(slope, delta, lossSlope, q, hyper, mix);
  else slope.fill(1);
}

/**
 *   ∂Q_tot/∂x[m] = w2[m] elu'(x[m]), x the argument of the ELU; elu' is 1 above 0 and eˣ = hidden + 1 below
 *   ∂Q_tot/∂q_i  = Σ_m w1[i, m] ∂Q_tot/∂x[m], a sum of products, none negative: monotonicity
 *   ∂L/∂w1[i, m] = ∂L/∂Q_tot q_i ∂Q_tot/∂x[m]        ∂L/∂b1[m] = ∂L/∂Q_tot ∂Q_tot/∂x[m]
 *   ∂L/∂w2[m]    = ∂L/∂Q_tot hidden[m]               ∂L/∂b2 = ∂L/∂Q_tot
 */
function mixMonotonicBackward(
  slope: Float64Array,
  delta: HyperActivations,
  lossSlope: Float64Array,
  q: Float64Array,
  hyper: HyperActivations,
  mix: MixActivations,
): void {
  const { hyper_w1: w1, hyper_w2: w2 } = hyper.generated;
  const { hyper_w1: dw1, hyper_b1: db1, hyper_w2: dw2, hyper_b2: db2 } = delta.generated;
  const { hidden } = mix;
  const samples = lossSlope.length;
  const width = hidden.length / samples;
  const agents = q.length / samples;
  for (let b = 0; b < samples; b++) {
    const row = b * width;
    const lossByTotal = lossSlope[b];
    db2[b] = lossByTotal;
    for (let m = 0; m < width; m++) {
      const activated = hidden[row + m];
      dw2[row + m] = lossByTotal * activated;
      // ∂Q_tot/∂x for now: what follows needs it without the factor ∂L/∂Q_tot.
      db1[row + m] = activated > 0 ? w2[row + m] : w2[row + m] * (activated + 1);
    }
    for (let i = 0; i < agents; i++) {
      const weights = (b * agents + i) * width;
      const factor = lossByTotal * q[b * agents + i];
      let sum = 0;
      for (let m = 0; m < width; m++) {
        sum += w1[weights + m] * db1[row + m];
        dw1[weights + m] = factor * db1[row + m];
      }
      slope[b * agents + i] = sum;
    }
    for (let m = 0; m < width; m++) db1[row + m] *= lossByTotal;
  }
}
