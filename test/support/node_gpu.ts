import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { Gpu } from '../../src/gpu/gpu.ts';
import { openNodeGpu } from '../../src/node/adapter.ts';

/**
 * One device in Node for all tests of a file; destroyed after the last. A test during which an error reaches
 * the device uncaptured, or the device is lost, is red.
 * @returns the device's getter, for use inside tests.
 */
export function useNodeGpu(): () => Gpu {
  let gpu: Gpu | undefined;
  let closing = false;
  const errors: string[] = [];

  beforeAll(async () => {
    const { adapter } = await openNodeGpu();
    gpu = await Gpu.open(adapter);
    gpu.device.addEventListener('uncapturederror', ({ error }) => errors.push(error.message));
    void gpu.device.lost.then(({ message }) => {
      if (!closing) errors.push(`device lost: ${message}`);
    });
  });
  afterEach(async () => {
    await gpu?.device.queue.onSubmittedWorkDone();
    expect(errors.splice(0), 'errors no test captured').toEqual([]);
  });
  afterAll(() => {
    closing = true;
    gpu?.destroy();
    expect(errors, 'errors after the last test').toEqual([]);
  });

  return () => {
    if (!gpu) throw new Error('The device is open only while tests run.');
    return gpu;
  };
}
