import { below, philox, STREAM, unitInterval } from '../random.ts';
import { type NetworkShape, recordLayout } from '../shapes.ts';

/** `length` float32 numbers in [−1, 1), the same in every run with this seed. */
export function randomNumbers(length: number, seed: number): Float32Array<ArrayBuffer> {
  const words = new Uint32Array(4);
  const numbers = new Float32Array(length);
  for (let j = 0; j < length; j += 4) {
    philox(words, seed, STREAM.test, j, 0);
    const end = Math.min(length, j + 4);
    for (let at = j; at < end; at++) numbers[at] = 2 * unitInterval(words[at - j]) - 1;
  }
  return numbers;
}

/** Transition records [count, record] (recordLayout): numbers in [−1, 1), actions that exist, all of them legal, one in four terminated. */
export function randomRecords(shape: NetworkShape, count: number, seed: number): Float32Array<ArrayBuffer> {
  const layout = recordLayout(shape);
  const records = randomNumbers(count * layout.size, seed);
  const words = new Uint32Array(4);
  for (let row = 0; row < count; row++) {
    const at = row * layout.size;
    for (let n = 0; n < shape.agents; n++) {
      philox(words, seed, STREAM.test, row, n + 1);
      records[at + layout.actions + n] = below(words[0], shape.actions);
    }
    records[at + layout.terminated] = below(words[1], 4) === 0 ? 1 : 0;
    if (shape.masked) records.fill(1, at + layout.nextAvailable, at + layout.size);
  }
  return records;
}
