/**
 * The smallest distance between the best and the second best of each row's values [rows, A]: a case that
 * compares greedy actions of float32 and float64 means something only where it is larger than both's errors.
 */
export function smallestGap(q: Float64Array, actions: number): number {
  let smallest = Number.POSITIVE_INFINITY;
  for (let row = 0; row < q.length; row += actions) {
    const sorted = q.slice(row, row + actions).sort();
    smallest = Math.min(smallest, sorted[actions - 1] - sorted[actions - 2]);
  }
  return smallest;
}
