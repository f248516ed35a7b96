import { Command } from 'commander';
import { Gpu } from '../../src/gpu/gpu.ts';
import { openNodeGpu } from '../../src/node/adapter.ts';
import type { KernelCase } from './case.ts';
import { kernelCases } from './cases.ts';

/** npm run test:kernel -- NAME: the cases of the kernels of that name, and nothing else. Exit code 1: one is red. */
export async function main(parameters: readonly string[]): Promise<number> {
  let exitCode = 1;
  await new Command('test:kernel')
    .description("Run kernels' cases on the adapter of this machine, or the one that QMIX_ADAPTER names.")
    .argument('[kernel]', 'kernels whose name holds this text; all, if it is missing', '')
    .argument('[case]', 'their cases whose name holds this text', '')
    .action(async (kernel: string, name: string) => {
      const picked = kernelCases.filter((one) => one.kernel.includes(kernel) && one.name.includes(name));
      if (picked.length > 0) exitCode = await run(picked);
      else
        print(`Nothing to run. Kernels: ${[...new Set(kernelCases.map((one) => one.kernel))].join(', ')}.`);
    })
    .parseAsync(parameters, { from: 'user' });
  return exitCode;
}

async function run(cases: readonly KernelCase[]): Promise<number> {
  // Whatever holds the adapter outlives the device.
  const opened = await openNodeGpu();
  const gpu = await Gpu.open(opened.adapter);
  print(gpu.name);
  const red: string[] = [];
  const begun = performance.now();
  for (const one of cases) {
    const title = `${one.kernel}: ${one.name}`;
    const mismatches = await one.run(gpu);
    print(`${mismatches.length > 0 ? 'RED  ' : 'green'} ${title}`);
    for (const mismatch of mismatches) print(`      ${mismatch}`);
    if (mismatches.length > 0) red.push(title);
  }
  gpu.destroy();
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  print(`${cases.length - red.length} green, ${red.length} red, ${seconds} s`);
  for (const title of red) print(`red: ${title}`);
  return red.length > 0 ? 1 : 0;
}

const print = (line: string): boolean => process.stdout.write(`${line}\n`);
