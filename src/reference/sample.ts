import { below, philox, STREAM } from '../random.ts';
import type { NetworkShape, RecordLayout } from '../shapes.ts';
import type { Replay } from './insert.ts';

/** B transitions (s, o, a, r, s', o', terminated) and, where some actions may be illegal, which are legal at o'. */
export interface Batch {
  /** [B, N, O] */
  readonly observations: Float64Array;
  /** [B, S] */
  readonly states: Float64Array;
  /** [B, N, O] */
  readonly nextObservations: Float64Array;
  /** [B, S] */
  readonly nextStates: Float64Array;
  /** [B, N] */
  readonly actions: Int32Array;
  /** [B] */
  readonly rewards: Float64Array;
  /** [B] 1 where the episode ended for good: nothing is to be expected of the next state */
  readonly terminated: Float64Array;
  /** [B, N, A] 1 for each next action that is legal; empty where all always are */
  readonly nextAvailable: Float64Array;
}

/** A batch of `size` (B) transitions, all zero. */
export function allocateBatch(shape: NetworkShape, size: number): Batch {
  const { agents, observationSize, stateSize, actions, masked } = shape;
  return {
    observations: new Float64Array(size * agents * observationSize),
    states: new Float64Array(size * stateSize),
    nextObservations: new Float64Array(size * agents * observationSize),
    nextStates: new Float64Array(size * stateSize),
    actions: new Int32Array(size * agents),
    rewards: new Float64Array(size),
    terminated: new Float64Array(size),
    nextAvailable: new Float64Array(masked ? size * agents * actions : 0),
  };
}

const words = new Uint32Array(4);

/** Fills `batch` with transitions of replay, drawn uniformly and with replacement for a learner's update number `update` (from 0). */
export function sample(
  batch: Batch,
  replay: Replay,
  layout: RecordLayout,
  seed: number,
  update: number,
): void {
  const { records } = replay;
  const available = Math.min(replay.stored, replay.capacity);
  const size = batch.rewards.length;
  for (let b = 0; b < size; b++) {
    philox(words, seed, STREAM.sample, update, b);
    const record = below(words[0], available) * layout.size;
    gather(batch.observations, b, records, record + layout.observations, size);
    gather(batch.states, b, records, record + layout.state, size);
    gather(batch.nextObservations, b, records, record + layout.nextObservations, size);
    gather(batch.nextStates, b, records, record + layout.nextState, size);
    gather(batch.actions, b, records, record + layout.actions, size);
    gather(batch.nextAvailable, b, records, record + layout.nextAvailable, size);
    batch.rewards[b] = records[record + layout.reward];
    batch.terminated[b] = records[record + layout.terminated];
  }
}

/** Copies the part of a record that begins at `from` to row b of `out`, which has `size` rows. */
function gather(
  out: Float64Array | Int32Array,
  b: number,
  records: Float32Array,
  from: number,
  size: number,
): void {
  const width = out.length / size;
  for (let j = 0; j < width; j++) out[b * width + j] = records[from + j];
}
