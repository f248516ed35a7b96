/** A learner's replay: a ring of transition records (recordLayout), kept as the float32 numbers they came as. */
export interface Replay {
  /** [capacity, record] */
  readonly records: Float32Array;
  readonly capacity: number;
  /** Numbers in a record. */
  readonly recordSize: number;
  /** Transitions stored ever, those overwritten since included. */
  stored: number;
}

/** An empty ring. */
export function allocateReplay(capacity: number, recordSize: number): Replay {
  return { records: new Float32Array(capacity * recordSize), capacity, recordSize, stored: 0 };
}

/** Copies `count` records of `transitions`, from record `first` on: transition number t goes to slot t mod capacity. */
export function insert(replay: Replay, transitions: Float32Array, first: number, count: number): void {
  const { records, capacity, recordSize } = replay;
  for (let k = 0; k < count; k++) {
    const from = (first + k) * recordSize;
    const to = (replay.stored % capacity) * recordSize;
    for (let j = 0; j < recordSize; j++) records[to + j] = transitions[from + j];
    replay.stored++;
  }
}
