/**
 * y = r + γ (1 − terminated) Q_tot_target and L = mean of (Q_tot − y)² (report, 3.2.4 steps 6 and 7; truncation
 * does not cut the bootstrap). rewards, terminated [B]; the others [B], the mean over the batch, or without a
 * mixer [B, N], each agent's own TD error with the joint reward, the mean over both axes. Writes `target` = y
 * and `lossSlope` = ∂L/∂Q_tot, 2 (Q_tot − y) divided by how many there are; returns L.
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
  const each = size / rewards.length;
  let sum = 0;
  for (let b = 0; b < rewards.length; b++) {
    for (let j = b * each; j < (b + 1) * each; j++) {
      target[j] = rewards[b] + gamma * (1 - terminated[b]) * nextQTotal[j];
      const error = qTotal[j] - target[j];
      lossSlope[j] = (2 * error) / size;
      sum += error * error;
    }
  }
  return sum / size;
}
