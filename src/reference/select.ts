/** [rows, A] 1 for each action that is legal, 0 for the others; empty where all are. */
export type Mask = Float32Array | Float64Array;
export const ALL_LEGAL = new Float32Array(0);

/**
 * Each row's legal action of the highest value, ties to the lowest: q [rows, A] to actions [rows]. Action 0
 * where none is legal, as may be once an episode has terminated.
 */
export function selectGreedy(
  actions: Int32Array | Uint32Array,
  q: Float64Array,
  actionCount: number,
  rows: number,
  available: Mask = ALL_LEGAL,
): void {
  for (let r = 0; r < rows; r++) {
    actions[r] =
      available.length === 0
        ? bestAction(q, r * actionCount, actionCount)
        : bestLegalAction(q, r * actionCount, actionCount, available);
  }
}

function bestAction(q: Float64Array, from: number, actionCount: number): number {
  let best = 0;
  for (let a = 1; a < actionCount; a++) if (q[from + a] > q[from + best]) best = a;
  return best;
}

function bestLegalAction(q: Float64Array, from: number, actionCount: number, available: Mask): number {
  let best = -1;
  for (let a = 0; a < actionCount; a++) {
    if (available[from + a] > 0 && (best < 0 || q[from + a] > q[from + best])) best = a;
  }
  return best < 0 ? 0 : best;
}

/** values[r] = q[r, actions[r]] for q [rows, A]. */
export function selectValues(values: Float64Array, q: Float64Array, actions: Int32Array): void {
  const actionCount = q.length / values.length;
  for (let r = 0; r < values.length; r++) values[r] = q[r * actionCount + actions[r]];
}

/** Backward of selectValues: dq[r, actions[r]] = dvalues[r], all others 0. Writes dq (=). */
export function selectBackward(dq: Float64Array, dvalues: Float64Array, actions: Int32Array): void {
  const actionCount = dq.length / dvalues.length;
  dq.fill(0);
  for (let r = 0; r < dvalues.length; r++) dq[r * actionCount + actions[r]] = dvalues[r];
}
