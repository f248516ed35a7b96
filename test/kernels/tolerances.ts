/** Provisional. */
const P = { absolute: 1e-5, relative: 1e-5 };
export const TOLERANCES = {
  forward: { absolute: 4e-6, relative: 1e-6 },
  backward: { absolute: 4e-6, relative: 1e-6 },
  softplus: P,
  mix: P,
  total: { absolute: 1e-4, relative: 1e-5 },
  product: P,
  tdError: P,
  gradient: P,
  sums: P,
  parameters: P,
  moments: P,
};
