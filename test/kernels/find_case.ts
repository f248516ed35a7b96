import type { KernelCase } from './case.ts';
import { kernelCases } from './cases.ts';

const byTitle = new Map<string, KernelCase>();
for (const kernelCase of kernelCases) {
  const title = `${kernelCase.kernel}: ${kernelCase.name}`;
  if (byTitle.has(title)) throw new Error(`Two cases are called "${title}".`);
  byTitle.set(title, kernelCase);
}

/** Every case's title, by which Node asks the browser for it. */
export const caseTitles: readonly string[] = [...byTitle.keys()];

export function findCase(title: string): KernelCase {
  const found = byTitle.get(title);
  if (!found) throw new Error(`No case is called "${title}".`);
  return found;
}
