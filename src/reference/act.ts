import { below, philox, STREAM, unitInterval } from '../random.ts';
import { selectGreedy } from './select.ts';

const words = new Uint32Array(4);

/**
 * ε-greedy, each agent for itself: with probability ε a uniform action, else argmax_a Q_i(o_i, a) (report,
 * 2.5). q [rows, A], rows = E·N; row e·N + i draws with index e·N + i. Writes actions [rows].
 */
export function act(
  actions: Uint32Array,
  q: Float64Array,
  actionCount: number,
  epsilon: number,
  seed: number,
  stepNumber: number,
): void {
  const rows = actions.length;
  // The probability is a float32 wherever it is compared, so that every backend decides alike.
  const threshold = Math.fround(epsilon);
  selectGreedy(actions, q, actionCount, rows);
  for (let r = 0; r < rows; r++) {
    philox(words, seed, STREAM.explore, stepNumber, r);
    if (unitInterval(words[0]) < threshold) actions[r] = below(words[1], actionCount);
  }
}
