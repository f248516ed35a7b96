import type { Look, Mixing } from '../../inspect/look.ts';

/** [N] Q-values of a joint action. */
export const chosenValues = ({ q }: Look, actions: readonly number[]): number[] =>
  q.map((values, agent) => values[actions[agent]]);

/** Q_tot of the agents' values [N] in the state of this look; undefined without a mixer. */
export function totalOf(look: Look, values: readonly number[]): number | undefined {
  if (look.mixing) return mixedValue(look.mixing, values);
  return look.qTotal === undefined ? undefined : values.reduce((sum, value) => sum + value, 0);
}

/** Q_tot = Σ_m w2[m] elu(Σ_i w1[i, m] q[i] + b1[m]) + b2 */
function mixedValue(mixing: Mixing, values: readonly number[]): number {
  const { w2, b2 } = mixing;
  return hiddenInputs(mixing, values).reduce((sum, x, m) => sum + w2[m] * (x > 0 ? x : Math.expm1(x)), b2);
}

/** [N] ∂Q_tot/∂Q_i = Σ_m w1[i, m] w2[m] elu'(x[m]), a sum of products of which none is negative. */
export function slopesOf(look: Look, values: readonly number[]): number[] {
  const { mixing } = look;
  if (!mixing) return values.map(() => 1);
  const x = hiddenInputs(mixing, values);
  return mixing.w1.map((weights) =>
    weights.reduce((sum, weight, m) => sum + weight * mixing.w2[m] * (x[m] > 0 ? 1 : Math.exp(x[m])), 0),
  );
}

/** [M] what the ELU is taken of. */
const hiddenInputs = ({ w1, b1 }: Mixing, values: readonly number[]): number[] =>
  b1.map((bias, m) => values.reduce((sum, value, agent) => sum + w1[agent][m] * value, bias));
