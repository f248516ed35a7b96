import type { Tolerance } from './compare.ts';

/**
 * What each kind of tensor may be off by. WGSL fixes no rounding, so one operation errs by u = 2⁻²³ of its
 * result, and a sum of K products by K·u·Σ|aᵢbᵢ|. That bound holds for the worst order and the worst signs:
 * where it is many times what was measured (Mesa's lavapipe, SwiftShader in Node and in Chromium), the
 * tolerance is 4 to 8 times the measured error instead.
 */
const U = 2 ** -23;

export const TOLERANCES = {
  /** Dense layers, values around 1. Bound for 132 inputs: 132 u · 2 = 3e-5; measured 1.6e-7. */
  forward: { absolute: 1e-6, relative: U },
  /** Σ over up to 660 outputs of deltas below 1 and weights below 0.2. Bound: 660 u · 30 = 2e-3; measured 1.5e-6. */
  backward: { absolute: 8e-6, relative: U },
  /** log(1 + e⁻|x|): exp errs by at most 3 u of 1, log by 2⁻²¹; then one rounding. The bound itself. */
  softplus: { absolute: 2 ** -21 + 3 * U, relative: 4 * U },
  /** b + Σ Q w1 of 5 agents, |Q| < 2, each w1 off by softplus' 8e-7. Bound: 1e-5; measured 1.8e-6. */
  mix: { absolute: 8e-6, relative: U },
  /** Q_tot, Σ of 132 products of up to 60, of either sign. Bound: 132 u · 4000 = 6e-2; measured 1.3e-4. */
  total: { absolute: 5e-4, relative: U },
  /** Products of at most five factors, one a sigmoid of |x| < 3, which errs by 13 u. The bound itself. */
  product: { absolute: 1e-12, relative: 20 * U },
  /** Σ of 132 positive products: relative, whatever the order. Bound: 140 u = 1.7e-5; measured 3e-7. */
  slope: { absolute: 1e-12, relative: 2e-6 },
  /** r + γ Q and a difference, numbers below 20: three roundings of 20. The bound itself. */
  tdError: { absolute: 60 * U, relative: 2 * U },
  /** Σ of up to 85 products below 1. Bound: 85 u · 21 = 2e-4; measured 4.3e-6. */
  gradient: { absolute: 2e-5, relative: U },
  /** Sums of squares, and means over a batch. Measured 1.2e-6 where terms cancel, 2e-7 of the sum otherwise. */
  sums: { absolute: 6e-6, relative: 1e-6 },
  /** One step of Adam and one towards the target of numbers below 1: a rounding each, the steps' errors are smaller. */
  parameters: { absolute: 2 * U, relative: 2 * U },
  /** β m + (1 − β) g of numbers around 0.1: three roundings. Squares are of 1e-4: 4 u of them. */
  moments: { absolute: 2e-8, relative: 4 * U },
  /** The whole of update_rows, each operation on the others' results. Measured 5.2e-7. */
  composed: { absolute: 3e-6, relative: 2e-6 },
  /** Nine updates, one on the other's result. Measured 2.4e-7. */
  updates: { absolute: 1e-6, relative: 2e-6 },
} as const satisfies Record<string, Tolerance>;
