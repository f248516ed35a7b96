import { expect, it } from 'vitest';
import { DeviceError, Gpu } from '../../src/gpu/gpu.ts';
import { openNodeGpu } from '../../src/node/adapter.ts';

/** A device of its own, that a test may lose. */
async function openGpu(): Promise<Gpu> {
  const { adapter } = await openNodeGpu();
  return Gpu.open(adapter);
}

const LOST = /^.+: the device was lost \(destroyed\): /;

it.each(['mapped', 'read'] as const)(
  'a buffer that is %s when the device is lost tells of the loss',
  async (when) => {
    const gpu = await openGpu();
    const buffer = gpu.bufferWith('own', Uint32Array.of(1, 2, 3, 4), GPUBufferUsage.COPY_SRC);
    const staging = gpu.buffer('staging', 16, GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST);
    let reading: Promise<unknown>;
    if (when === 'read') {
      reading = gpu.read(buffer, 0, 16);
      gpu.destroy();
    } else {
      await gpu.map(staging);
      gpu.destroy();
      reading = gpu.takeMapped(staging, new Uint32Array(4));
    }
    const error = await reading.catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(DeviceError);
    expect(error).toMatchObject({ lost: true, message: expect.stringMatching(LOST) });
    expect(gpu.failed).toBe(true);
  },
);

it('a mapped buffer is taken as it is, and is not mapped any more', async () => {
  const gpu = await openGpu();
  const words = Uint32Array.of(7, 8, 9, 10);
  const buffer = gpu.bufferWith('own', words, GPUBufferUsage.COPY_SRC);
  const staging = gpu.buffer('staging', 16, GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST);
  const encoder = gpu.device.createCommandEncoder();
  encoder.copyBufferToBuffer(buffer, 0, staging, 0, 16);
  gpu.device.queue.submit([encoder.finish()]);
  await gpu.map(staging, 16);
  const taken = new Uint32Array(4);
  await gpu.takeMapped(staging, taken);
  expect(taken).toEqual(words);
  expect(staging.mapState).toBe('unmapped');
  expect(new Uint8Array(await gpu.read(buffer, 4, 6))).toEqual(new Uint8Array([8, 0, 0, 0, 9, 0]));
  gpu.destroy();
});
