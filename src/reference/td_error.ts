/**
 * y = r + γ (1 − terminated) Q_tot_target and L = mean over the batch of (Q_tot − y)² (report, 3.2.4 steps 6
 * and 7; truncation does not cut the bootstrap). Writes `target` = y and `lossSlope` = ∂L/∂Q_tot =
 * 2 (Q_tot − y) / B, all [B]; returns L.
 */
export function tdError(
  target: Float64Array,
  lossSlope: Float64Array,
  qTotal: Float64Array,
  nextQTotal: Float64Array,
  rewards: Float64Array,
  terminated: Float64Array,
  gamma: number,
): number {
  const size = target.length;
  let sum = 0;
  for (let b = 0; b < size; b++) {
    target[b] = rewards[b] + gamma * (1 - terminated[b]) * nextQTotal[b];
    const error = qTotal[b] - target[b];
    lossSlope[b] = (2 * error) / size;
    sum += error * error;
  }
  return sum / size;
}
