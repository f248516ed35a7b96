/** Each row's action of the highest value, ties to the lowest: q [rows, A] to actions [rows]. */
export function selectGreedy(
  actions: Int32Array | Uint32Array,
  q: Float64Array,
  actionCount: number,
  rows: number,
): void {
  for (let r = 0; r < rows; r++) {
    let best = 0;
    for (let a = 1; a < actionCount; a++) {
      if (q[r * actionCount + a] > q[r * actionCount + best]) best = a;
    }
    actions[r] = best;
  }
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
