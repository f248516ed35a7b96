/** Provisional. */
export const TOLERANCES = {
  forward: { absolute: 4e-6, relative: 1e-6 },
  backward: { absolute: 4e-6, relative: 1e-6 },
  mix: { absolute: 4e-6, relative: 1e-6 },
};
