import { afterEach, expect, test, vi } from 'vitest';
import { countCalls } from '../../src/bench/count_calls.ts';
import { completesLate, hasten } from '../../src/gpu/completion.ts';
import { useNodeGpu } from '../support/node_gpu.ts';

const gpu = useNodeGpu();
const restore: (() => void)[] = [];
afterEach(() => {
  for (const undo of restore.splice(0)) undo();
});

/**
 * Lets the device map as late as Firefox: after 100 ms or, where `untilSubmit`, with the next submit. The milliseconds
 * are those of a clock that nothing else moves, however busy the machine is.
 */
function mapLate(untilSubmit: boolean): void {
  const { mapAsync } = GPUBuffer.prototype;
  const { submit } = GPUQueue.prototype;
  let clock = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => clock);
  let submitted = (): void => {};
  GPUBuffer.prototype.mapAsync = async function (...parameters) {
    const soon = new Promise<number>((resolve) => {
      submitted = untilSubmit ? () => resolve(1) : () => {};
    });
    clock += await Promise.race([soon, new Promise<number>((resolve) => setTimeout(resolve, 10, 100))]);
    return mapAsync.apply(this, parameters);
  };
  GPUQueue.prototype.submit = function (buffers) {
    submitted();
    return submit.call(this, buffers);
  };
  restore.push(() => {
    Object.assign(GPUBuffer.prototype, { mapAsync });
    Object.assign(GPUQueue.prototype, { submit });
    vi.restoreAllMocks();
  });
}

test('a device that tells at once is left alone', async () => {
  expect(await completesLate(gpu().device)).toBe(false);
  const counts = await countCalls(async () => {
    await gpu().read(gpu().bufferWith('few', new Uint32Array(4), GPUBufferUsage.COPY_SRC), 0, 16);
  });
  expect(counts.submits).toBe(1);
});

test('one that tells sooner where something is submitted is found, and hastened', async () => {
  mapLate(true);
  const { device } = gpu();
  expect(await completesLate(device)).toBe(true);
  const buffer = gpu().buffer('mapped', 16, GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST);
  const counts = await countCalls(async () => {
    await hasten(device, buffer.mapAsync(GPUMapMode.READ));
  });
  expect(counts.submits).toBeGreaterThan(0);
  expect(buffer.mapState).toBe('mapped');
  buffer.destroy();
});

test('one that is late whatever is submitted is left alone', async () => {
  mapLate(false);
  expect(await completesLate(gpu().device)).toBe(false);
});

test('a mapping that fails, fails', async () => {
  const { device } = gpu();
  const buffer = gpu().buffer('destroyed', 16, GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST);
  const mapping = buffer.mapAsync(GPUMapMode.READ);
  buffer.destroy();
  await expect(hasten(device, mapping)).rejects.toThrow();
});
