import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { adapterName, DeviceError, Gpu } from '../../src/gpu/gpu.ts';

beforeEach(() => {
  vi.stubGlobal('GPUBufferUsage', { MAP_READ: 1, COPY_DST: 8 });
  vi.stubGlobal('GPUMapMode', { READ: 1 });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

interface Said {
  readonly features?: readonly string[];
  readonly info?: Partial<GPUAdapterInfo>;
  /** Mappings take 100 ms by the clock, or end with the next submit. */
  readonly late?: boolean;
}

/** A device that does nothing, of an adapter that says so of itself. */
async function open({ features = [], info = {}, late = false }: Said = {}) {
  let submitted = (): void => {};
  let clock = 0;
  const mapAsync = async (): Promise<void> => {
    if (!late) return;
    const soon = new Promise<number>((resolve) => {
      submitted = () => resolve(1);
    });
    clock += await Promise.race([soon, new Promise<number>((resolve) => setTimeout(resolve, 10, 100))]);
  };
  if (late) vi.spyOn(performance, 'now').mockImplementation(() => clock);
  const asked: GPUDeviceDescriptor[] = [];
  let lose: (info: { reason: string; message: string }) => void = () => {};
  let fail: (event: { error: { message: string } }) => void = () => {};
  const device = {
    features: new Set(features),
    lost: new Promise((resolve) => {
      lose = resolve;
    }),
    addEventListener: (_: string, listener: typeof fail) => {
      fail = listener;
    },
    createBuffer: (descriptor: GPUBufferDescriptor) => ({
      ...descriptor,
      mapAsync,
      unmap: () => {},
      destroy: () => {},
    }),
    createCommandEncoder: () => ({ clearBuffer: () => {}, finish: () => {} }),
    queue: { submit: vi.fn(() => submitted()) },
  };
  const gpu = await Gpu.open({
    features: new Set(features),
    info: { description: 'own', isFallbackAdapter: false, subgroupMinSize: 8, subgroupMaxSize: 8, ...info },
    limits: { maxBufferSize: 3000, maxStorageBufferBindingSize: 2000, maxBindGroups: 4 },
    requestDevice: async (descriptor: GPUDeviceDescriptor) => {
      asked.push(descriptor);
      return device;
    },
  } as unknown as GPUAdapter);
  return { gpu, asked, lose, fail };
}

const caught = (work: () => void): unknown => {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
};

test('a device is asked for with all the memory there is, and with what it has of what is used', async () => {
  const { asked } = await open({ features: ['subgroups', 'shader-f16'] });
  expect(asked).toEqual([
    {
      label: 'qmix',
      requiredLimits: { maxBufferSize: 3000, maxStorageBufferBindingSize: 2000 },
      requiredFeatures: ['subgroups'],
    },
  ]);
});

test.each([
  ['the same for all', ['subgroups'], { subgroupMinSize: 4, subgroupMaxSize: 4 }, 4],
  ['of several sizes', ['subgroups'], { subgroupMinSize: 4, subgroupMaxSize: 8 }, 0],
  ['that kernels may not use', [], { subgroupMinSize: 4, subgroupMaxSize: 4 }, 0],
])('threads of a subgroup, %s', async (_, features, info, size) => {
  expect((await open({ features, info })).gpu.subgroupSize).toBe(size);
});

test.each([
  ['NVIDIA H100', false, false],
  ['SwiftShader Device (Subzero)', false, true],
  ['llvmpipe (LLVM 19.1.7, 256 bits)', false, true],
  ['Microsoft Basic Render Driver', false, true],
  ['own', true, true],
])('%s, a fallback: %s, is played by a CPU: %s', async (description, isFallbackAdapter, software) => {
  const { gpu } = await open({ info: { description, isFallbackAdapter } });
  expect([gpu.name, gpu.software]).toEqual([description, software]);
});

test('an adapter is called by the most telling of what it says', () => {
  const info = { description: 'a', device: 'b', vendor: 'c', architecture: 'd' } as GPUAdapterInfo;
  const names = [
    info,
    { ...info, description: '' },
    { ...info, description: '', device: '' },
    { ...info, description: '', device: '', architecture: '' },
    { description: '', device: '', vendor: '', architecture: '' },
  ].map((own) => adapterName(own as GPUAdapterInfo));
  expect(names).toEqual(['a', 'b', 'c d', 'c', 'unnamed adapter']);
});

test('buffers are rounded up to 16 bytes, and are never empty', async () => {
  const { gpu } = await open();
  expect([0, 1, 16, 17, 32].map((bytes) => gpu.buffer('own', bytes, 0).size)).toEqual([16, 16, 16, 32, 32]);
});

test.each([true, false])('mappings are hastened by submits where a device is late: %s', async (late) => {
  const { gpu } = await open({ late });
  const submit = vi.mocked(gpu.device.queue.submit);
  submit.mockClear();
  await gpu.map(gpu.buffer('own', 16, 0));
  expect(submit.mock.calls.length > 0).toBe(late);
});

test('what goes wrong first is told, and whether another device may do it', async () => {
  const first = await open();
  first.gpu.check();
  expect(first.gpu.failed).toBe(false);
  first.fail({ error: { message: 'out of memory' } });
  first.fail({ error: { message: 'later' } });
  expect(first.gpu.failed).toBe(true);
  expect(caught(() => first.gpu.check())).toEqual(new DeviceError('own: out of memory', false));
  // Lost afterwards: another may do it, whatever came before.
  first.lose({ reason: 'unknown', message: 'gone' });
  await first.gpu.device.lost;
  expect(caught(() => first.gpu.check())).toMatchObject({ message: 'own: out of memory', lost: true });
  const second = await open();
  second.lose({ reason: 'destroyed', message: 'A device was destroyed.' });
  await second.gpu.device.lost;
  expect(caught(() => second.gpu.check())).toMatchObject({
    message: 'own: the device was lost (destroyed): A device was destroyed',
    lost: true,
  });
});

test('a buffer that cannot be mapped: the loss that explains it is waited for, a second at most', async () => {
  vi.useFakeTimers();
  const cause = new Error('AbortError');
  const buffer = {
    label: 'metrics',
    size: 16,
    mapAsync: () => Promise.reject(cause),
  } as unknown as GPUBuffer;
  const alive = await open();
  const refused = alive.gpu.map(buffer).catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(1000);
  expect(await refused).toMatchObject({ message: 'own: metrics could not be read', lost: false, cause });
  const lost = await open();
  const reading = lost.gpu.map(buffer).catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(900);
  lost.lose({ reason: 'unknown', message: 'gone' });
  expect(await reading).toMatchObject({ message: 'own: the device was lost (unknown): gone', lost: true });
});
