import { below, philox, STREAM, unitInterval } from '../random.ts';
import { ALL_LEGAL, type Mask, selectGreedy } from './select.ts';

const words = new Uint32Array(4);

/**
 * ε-greedy, each agent for itself: with probability ε a uniform legal action, else argmax_a Q_i(o_i, a) over
 * the legal ones (report, 2.5). q [rows, A], rows = E·N; row e·N + i draws with index e·N + i. `available`
 * [rows, A] is 1 for each legal action; empty: all are. Writes actions [rows].
 */
export function act(
  actions: Uint32Array,
  q: Float64Array,
  actionCount: number,
  epsilon: number,
  seed: number,
  stepNumber: number,
  available: Mask = ALL_LEGAL,
): void {
  const rows = actions.length;
  // The probability is a float32 wherever it is compared, so that every backend decides alike.
  const threshold = Math.fround(epsilon);
  selectGreedy(actions, q, actionCount, rows, available);
  for (let r = 0; r < rows; r++) {
    philox(words, seed, STREAM.explore, stepNumber, r);
    if (unitInterval(words[0]) < threshold) {
      actions[r] =
        available.length === 0
          ? below(words[1], actionCount)
          : drawLegal(available, r * actionCount, actionCount, words[1]);
    }
  }
}

/** The k-th legal action, k drawn by `word` from their number; 0 where there is none. */
function drawLegal(available: Mask, from: number, actionCount: number, word: number): number {
  let count = 0;
  for (let a = 0; a < actionCount; a++) if (available[from + a] > 0) count++;
  if (count === 0) return 0;
  let left = below(word, count);
  let action = 0;
  while (available[from + action] === 0 || left-- > 0) action++;
  return action;
}
