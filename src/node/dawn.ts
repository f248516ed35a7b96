import { ConfigError } from '../config.ts';

/**
 * One instance of Dawn for each driver file, or for what Vulkan finds by itself. An instance starts threads that never
 * end, and one that is collected while a device of its is in use takes the process down with it (segmentation fault):
 * so they live as long as the process does.
 */
const instances = new Map<string, GPU>();

/**
 * The process's instance of Dawn for a driver, and WebGPU's constants as globals.
 * @param driverFile Vulkan's driver file (ICD) to use; without one, Vulkan looks by itself.
 * @throws ConfigError where Dawn cannot be loaded on this system.
 */
export async function createDawn(driverFile = ''): Promise<GPU> {
  const { create, globals } = await importDawn();
  Object.assign(globalThis, globals);
  waitPatiently();
  // Without a file, Vulkan looks where these say.
  const where = driverFile || JSON.stringify([process.env.VK_DRIVER_FILES, process.env.VK_ICD_FILENAMES]);
  const gpu = instances.get(where) ?? withDriver(driverFile, () => create([]));
  instances.set(where, gpu);
  return gpu;
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

/** Share of the time waited so far that is slept before the next look, and the longest such sleep in ms. */
const SHARE = 1 / 16;
const LONGEST_SLEEP = 1;

/**
 * Dawn in Node looks without a pause whether a promise of its is due: one core is then busy with waiting, of which a
 * software adapter could have made use. So while a mapping is open, the thread sleeps between two looks.
 */
function waitPatiently(): void {
  const prototype = GPUBuffer.prototype;
  if (patient.has(prototype)) return;
  patient.add(prototype);
  const { mapAsync } = prototype;
  const never = new Int32Array(new SharedArrayBuffer(4));
  let open = 0;
  let begun = 0;
  let pausing = false;
  const pause = (): void => {
    pausing = open > 0;
    if (!pausing) return;
    Atomics.wait(never, 0, 0, Math.min(LONGEST_SLEEP, SHARE * (performance.now() - begun)));
    setImmediate(pause);
  };
  prototype.mapAsync = async function (...parameters) {
    open++;
    if (!pausing) setImmediate(pause);
    pausing = true;
    begun = performance.now();
    try {
      return await mapAsync.apply(this, parameters);
    } finally {
      open--;
    }
  };
}
const patient = new WeakSet<object>();
