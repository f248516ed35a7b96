import type { Gpu } from '../../src/gpu/gpu.ts';
import { Bench } from './bench.ts';

/** One of a kernel's cases; they run in Node and in Chromium from one list. */
export interface KernelCase {
  /** The kernel's name: that of its shader, of its host twin and of its reference. */
  readonly kernel: string;
  readonly name: string;
  /** Resolves to what was not as expected: tensor, index, got, expected. Empty: the case is green. */
  run(gpu: Gpu): Promise<string[]>;
}

const ERRORS = ['validation', 'out-of-memory', 'internal'] as const;

/** A case that fails on whatever the device complains of, and frees what its body allocates. */
export function kernelCase(kernel: string, name: string, body: (bench: Bench) => Promise<void>): KernelCase {
  return {
    kernel,
    name,
    run: async (gpu) => {
      const { device } = gpu;
      for (const filter of ERRORS) device.pushErrorScope(filter);
      const bench = new Bench(gpu, kernel);
      let thrown: unknown;
      try {
        await body(bench);
      } catch (error) {
        thrown = error;
      }
      bench.free();
      for (let scope = 0; scope < ERRORS.length; scope++) {
        const error = await device.popErrorScope();
        if (error) bench.mismatches.push(`the device complained: ${error.message}`);
      }
      if (thrown) {
        const problem = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
        bench.mismatches.push(problem);
      }
      gpu.check();
      return bench.mismatches;
    },
  };
}
