/**
 * node --import test/endurance/lose_device.mjs …: destroys the process's WebGPU devices, the first so many milliseconds
 * after it was opened as the first number of QMIX_LOSSES says, the second as the second does, and so on. Those for which
 * there is no number live. A line on standard error tells of each. Plain JavaScript, as Node reads it as it is.
 */
import { writeSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

const delays = (process.env.QMIX_LOSSES ?? '').split(',').filter(Boolean).map(Number);

/** WebGPU's classes become globals when Dawn is loaded. */
if (isMainThread && delays.length > 0) {
  Object.defineProperty(globalThis, 'GPUAdapter', {
    configurable: true,
    set(adapter) {
      Object.defineProperty(globalThis, 'GPUAdapter', { value: adapter, configurable: true, writable: true });
      losing(adapter.prototype);
    },
  });
}

function losing(prototype) {
  const { requestDevice } = prototype;
  prototype.requestDevice = async function (...parameters) {
    const device = await requestDevice.apply(this, parameters);
    const delay = delays.shift();
    if (delay === undefined) return device;
    let isLost = false;
    device.lost.then(() => {
      isLost = true;
    });
    const lose = () => {
      // The command line may have destroyed it itself.
      if (isLost) return;
      writeSync(2, `QMIX_LOSSES: destroyed after ${delay} ms\n`);
      device.destroy();
    };
    setTimeout(lose, delay).unref();
    return device;
  };
}
