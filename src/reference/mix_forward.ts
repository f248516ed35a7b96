import { type NetworkShape, valueCount } from '../shapes.ts';
import type { HyperActivations } from './hypernet_forward.ts';

/** What mixing computes for B samples. */
export interface MixActivations {
  readonly mixer: NetworkShape['mixer'];
  /** [B, M] after the ELU; empty where the mixer is not monotonic */
  readonly hidden: Float64Array;
  /** [B] Q_tot; without a mixer [B, N], the agents' own values */
  readonly qTotal: Float64Array;
}

/** Room for `samples` (B) samples. */
export function allocateMixActivations(shape: NetworkShape, samples: number): MixActivations {
  const { mixer, mixerWidth } = shape;
  return {
    mixer,
    hidden: new Float64Array(mixer === 'monotonic' ? samples * mixerWidth : 0),
    qTotal: new Float64Array(samples * valueCount(shape)),
  };
}

/**
 * Q_tot of the agents' values q [B, N]: by the monotonic mixer, as their sum (VDN), or none, each agent's value
 * for itself (IQL, PS-DQN). Only the monotonic mixer looks at `hyper`.
 */
export function mixForward(out: MixActivations, q: Float64Array, hyper: HyperActivations): void {
  if (out.mixer === 'monotonic') mixMonotonic(out, q, hyper);
  else if (out.mixer === 'sum') sumValues(out.qTotal, q);
  else out.qTotal.set(q);
}

/** Q_tot = Σ_i q_i */
function sumValues(qTotal: Float64Array, q: Float64Array): void {
  const agents = q.length / qTotal.length;
  for (let b = 0; b < qTotal.length; b++) {
    let sum = 0;
    for (let i = 0; i < agents; i++) sum += q[b * agents + i];
    qTotal[b] = sum;
  }
}

/**
 * hidden[m] = elu(Σ_i q_i w1[i, m] + b1[m]) and Q_tot = Σ_m hidden[m] w2[m] + b2 for every sample (report,
 * 3.2.2). elu(x) is x above 0 and eˣ − 1 below.
 */
function mixMonotonic(out: MixActivations, q: Float64Array, hyper: HyperActivations): void {
  const { hyper_w1: w1, hyper_b1: b1, hyper_w2: w2, hyper_b2: b2 } = hyper.generated;
  const { hidden, qTotal } = out;
  const samples = qTotal.length;
  const width = hidden.length / samples;
  const agents = q.length / samples;
  for (let b = 0; b < samples; b++) {
    const row = b * width;
    for (let m = 0; m < width; m++) hidden[row + m] = b1[row + m];
    for (let i = 0; i < agents; i++) {
      const qi = q[b * agents + i];
      const weights = (b * agents + i) * width;
      for (let m = 0; m < width; m++) hidden[row + m] += qi * w1[weights + m];
    }
    let sum = b2[b];
    for (let m = 0; m < width; m++) {
      const x = hidden[row + m];
      const activated = x > 0 ? x : Math.expm1(x);
      hidden[row + m] = activated;
      sum += activated * w2[row + m];
    }
    qTotal[b] = sum;
  }
}
