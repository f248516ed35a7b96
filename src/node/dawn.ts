import { ConfigError } from '../config.ts';

/**
 * Every instance of Dawn made here. An instance that is collected while a device of its is in use takes the
 * process down with it (segmentation fault), so they live as long as the process does.
 */
const instances: GPU[] = [];

/**
 * A new instance of Dawn, and WebGPU's constants as globals.
 * @param driverFile Vulkan's driver file (ICD) to use; without one, Vulkan looks by itself.
 * @throws ConfigError where Dawn cannot be loaded on this system.
 */
export async function createDawn(driverFile?: string): Promise<GPU> {
  const { create, globals } = await importDawn();
  Object.assign(globalThis, globals);
  waitPatiently();
  return withDriver(driverFile, () => {
    const gpu = create([]);
    instances.push(gpu);
    return gpu;
  });
}

/** The instance's adapter, null where there is none. `driverFile` as given to `createDawn`. */
export function requestAdapter(gpu: GPU, driverFile?: string): Promise<GPUAdapter | null> {
  return withDriver(driverFile, () => gpu.requestAdapter({ powerPreference: 'high-performance' }));
}

async function importDawn(): Promise<typeof import('webgpu')> {
  try {
    return await import('webgpu');
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new ConfigError(`Dawn (npm package webgpu) does not load on this system: ${message}`);
  }
}

/** Vulkan's loader reads the variable while it is called, and only then: child processes are to see the user's. */
function withDriver<T>(driverFile: string | undefined, call: () => T): T {
  if (!driverFile) return call();
  const before = process.env.VK_DRIVER_FILES;
  process.env.VK_DRIVER_FILES = driverFile;
  try {
    return call();
  } finally {
    if (before === undefined) delete process.env.VK_DRIVER_FILES;
    else process.env.VK_DRIVER_FILES = before;
  }
}

/** The longest sleep before polling, in ms. */
const LONGEST_SLEEP = 50;

/**
 * Dawn in Node polls without a pause while a promise of its is open: one core is then busy with waiting, of
 * which a software adapter could have made use. So mapAsync first sleeps for most of what it lately took:
 * longer when it still had to wait for more than a millisecond afterwards, shorter when it hardly had to.
 */
function waitPatiently(): void {
  const prototype = GPUBuffer.prototype;
  if (patient.has(prototype)) return;
  patient.add(prototype);
  const { mapAsync } = prototype;
  let sleep = 0;
  prototype.mapAsync = async function (...parameters) {
    if (sleep >= 1) await new Promise((resolve) => setTimeout(resolve, sleep));
    const begun = performance.now();
    await mapAsync.apply(this, parameters);
    const rest = performance.now() - begun;
    sleep = rest < 0.4 ? 0.7 * sleep : Math.min(LONGEST_SLEEP, sleep + 0.3 * Math.max(0, rest - 1));
    return undefined;
  };
}
const patient = new WeakSet<object>();
