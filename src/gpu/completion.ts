/**
 * Firefox (wgpu) looks every 100 ms for work that has ended, unless something is submitted meanwhile (bug 1870699): a
 * mapping that would take 1 ms takes 100. So where a device is found to behave like this, nothing at all is submitted
 * again and again while a mapping is waited for. To go once the bug is mended.
 */

/** Nobody who maps at once when work has ended takes that long for none, in milliseconds. */
const SLOW = 40;
const TRIES = 2;
/** Between two submits. */
const PAUSE = 1;
const NOTHING: readonly GPUCommandBuffer[] = [];

/**
 * Whether this device tells the end of work late, and sooner where something is submitted: tried once, when it is opened
 * and idle. A device that is merely slow gains nothing by submits, and is left alone.
 */
export async function completesLate(device: GPUDevice): Promise<boolean> {
  const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
  const probe = device.createBuffer({ label: 'completion.probe', size: 16, usage });
  const timed = async (wait: (mapping: Promise<undefined>) => Promise<undefined>): Promise<number> => {
    let least = Number.POSITIVE_INFINITY;
    for (let time = 0; time < TRIES && least >= SLOW; time++) {
      const encoder = device.createCommandEncoder();
      encoder.clearBuffer(probe);
      device.queue.submit([encoder.finish()]);
      const begun = performance.now();
      await wait(probe.mapAsync(GPUMapMode.READ));
      least = Math.min(least, performance.now() - begun);
      probe.unmap();
    }
    return least;
  };
  try {
    const plain = await timed((mapping) => mapping);
    if (plain < SLOW) return false;
    return (await timed((mapping) => hasten(device, mapping))) < plain / 2;
  } catch {
    // Whoever uses a device that is lost hears of it.
    return false;
  } finally {
    probe.destroy();
  }
}

/** Waits for a mapping, submitting nothing meanwhile, again and again. Rejects as the mapping does. */
export async function hasten(device: GPUDevice, mapping: Promise<undefined>): Promise<undefined> {
  let waiting = true;
  const end = (): void => {
    waiting = false;
  };
  const ended = mapping.then(end, end);
  while (waiting) {
    device.queue.submit(NOTHING);
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, PAUSE))]);
  }
  return mapping;
}
