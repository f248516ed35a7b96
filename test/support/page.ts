import { Gpu } from '../../src/gpu/gpu.ts';
import { type FileVerdict, verifyFile } from '../../src/verify/verify.ts';
import { findCase } from '../kernels/find_case.ts';

/** What tests in Node can have done in the browser: arguments and results travel as JSON. */
const functions = {
  /** Name of the adapter the tests run on. */
  adapter: async (): Promise<string> => (await gpu()).name,

  /** Runs a kernel's case; returns its mismatches. */
  runCase: async (title: string): Promise<string[]> => {
    const { device } = await gpu();
    const mismatches = await findCase(title).run(await gpu());
    // What the device has to complain of is told before the case ends.
    await device.queue.onSubmittedWorkDone();
    return mismatches;
  },

  /** Holds this browser's GPU to a file of src/verify/vectors. */
  verify: async (file: string): Promise<FileVerdict> => {
    const response = await fetch(`/${file}`);
    if (!response.ok) throw new Error(`${file}: ${response.status}`);
    return verifyFile(await gpu(), new Uint8Array(await response.arrayBuffer()), file);
  },
};
export type PageFunctions = typeof functions;

declare global {
  interface Window {
    testFunctions?: PageFunctions;
  }
}

let opened: Promise<Gpu> | undefined;

function gpu(): Promise<Gpu> {
  opened ??= open();
  return opened;
}

/** Errors that nothing captured become errors of the console, which tests look at. */
async function open(): Promise<Gpu> {
  if (!navigator.gpu) throw new Error('This browser has no WebGPU.');
  const adapter = await navigator.gpu.requestAdapter();
  if (!adapter) throw new Error('This browser has no WebGPU adapter.');
  const gpu = await Gpu.open(adapter);
  gpu.device.addEventListener('uncapturederror', ({ error }) => console.error(`WebGPU: ${error.message}`));
  void gpu.device.lost.then(({ message }) => console.error(`WebGPU: device lost: ${message}`));
  return gpu;
}

window.testFunctions = functions;
