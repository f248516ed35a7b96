import type { HyperActivations } from './hypernet_forward.ts';

/** What mixing computes for B samples. */
export interface MixActivations {
  /** [B, M] after the ELU */
  readonly hidden: Float64Array;
  /** [B] Q_tot */
  readonly qTotal: Float64Array;
}

/** Room for `samples` (B) samples of width `mixerWidth` (M). */
export function allocateMixActivations(mixerWidth: number, samples: number): MixActivations {
  return { hidden: new Float64Array(samples * mixerWidth), qTotal: new Float64Array(samples) };
}

/**
 * hidden[m] = elu(Σ_i q_i w1[i, m] + b1[m]) and Q_tot = Σ_m hidden[m] w2[m] + b2 for every sample (report,
 * 3.2.2). q [B, N]; elu(x) is x above 0 and eˣ − 1 below.
 */
export function mixForward(out: MixActivations, q: Float64Array, hyper: HyperActivations): void {
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
