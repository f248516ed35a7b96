/** What a piece of work asks of the GPU, in calls of the API. */
export interface CallCounts {
  readonly dispatches: number;
  readonly passes: number;
  readonly submits: number;
  /** Bytes that writeBuffer takes up and mapAsync brings down. */
  readonly bytesUp: number;
  readonly bytesDown: number;
}

/** Counts WebGPU calls while `work` runs, on whatever device, by standing in front of the API's prototypes. */
export async function countCalls(work: () => Promise<void>): Promise<CallCounts> {
  const counts = { dispatches: 0, passes: 0, submits: 0, bytesUp: 0, bytesDown: 0 };
  const restore: (() => void)[] = [];
  const watch = <Name extends string>(
    prototype: Record<Name, (...parameters: never[]) => unknown>,
    name: Name,
    count: (self: unknown, parameters: readonly unknown[]) => void,
  ) => {
    const original = prototype[name];
    prototype[name] = function (this: unknown, ...parameters: never[]) {
      count(this, parameters);
      return original.apply(this, parameters);
    };
    restore.push(() => {
      prototype[name] = original;
    });
  };
  watch(GPUComputePassEncoder.prototype as never, 'dispatchWorkgroups', () => counts.dispatches++);
  watch(GPUCommandEncoder.prototype as never, 'beginComputePass', () => counts.passes++);
  watch(GPUQueue.prototype as never, 'submit', () => counts.submits++);
  watch(GPUQueue.prototype as never, 'writeBuffer', (_, [, , data, first, size]) => {
    // First and size are counted in elements of what is written.
    const { byteLength, BYTES_PER_ELEMENT: each = 1 } = data as Uint8Array;
    counts.bytesUp += size === undefined ? byteLength - each * Number(first ?? 0) : each * Number(size);
  });
  watch(GPUBuffer.prototype as never, 'mapAsync', (buffer, [, offset, size]) => {
    counts.bytesDown += Number(size ?? (buffer as GPUBuffer).size - Number(offset ?? 0));
  });
  try {
    await work();
  } finally {
    for (const undo of restore) undo();
  }
  return counts;
}
