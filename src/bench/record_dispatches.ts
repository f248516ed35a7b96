import type { Dispatch } from '../gpu/kernel.ts';

/**
 * The dispatches that `work` encodes, on whatever device, by the labels of their pipelines (their kernels' names), the
 * last of each: with them a benchmark runs alone what a learner runs together, on the learner's own buffers.
 */
export async function recordDispatches(work: () => Promise<unknown>): Promise<Map<string, Dispatch>> {
  const recorded = new Map<string, Dispatch>();
  const prototype = GPUComputePassEncoder.prototype;
  const { setPipeline, setBindGroup, dispatchWorkgroups } = prototype;
  let pipeline: GPUComputePipeline | undefined;
  let buffers: GPUBindGroup | null | undefined;
  let moving = 0;
  prototype.setPipeline = function (next) {
    pipeline = next;
    return setPipeline.call(this, next);
  };
  prototype.setBindGroup = function (this: GPUComputePassEncoder, ...given: unknown[]) {
    buffers = given[1] as GPUBindGroup;
    moving = Number(given[4] ?? 0);
    return (setBindGroup as (...all: unknown[]) => undefined).apply(this, given);
  } as typeof setBindGroup;
  prototype.dispatchWorkgroups = function (x, y = 1, z = 1) {
    if (pipeline && buffers) recorded.set(pipeline.label, { pipeline, buffers, moving, x, y });
    return dispatchWorkgroups.call(this, x, y, z);
  };
  try {
    await work();
  } finally {
    Object.assign(prototype, { setPipeline, setBindGroup, dispatchWorkgroups });
  }
  return recorded;
}
