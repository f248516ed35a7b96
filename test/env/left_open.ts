import { openModule } from '../../src/node/module_worker.ts';

/** Leaves a module's worker idle, and does not close it: the process ends all the same. */
export async function main([file]: string[]): Promise<number> {
  const module = await openModule(file, () => {});
  await module.import();
  await module.check();
  return 0;
}
