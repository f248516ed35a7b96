import { join } from 'node:path';
import { createServer } from 'vite';
import type { Gpu } from '../../src/gpu/gpu.ts';
import type { openNodeGpu } from '../../src/node/adapter.ts';
import type { KernelCase } from '../kernels/case.ts';
import type { ShaderMutation } from './mutation.ts';
import type { Progress, Verdict } from './verdict.ts';
import type { Workplace } from './workplace.ts';

interface Case {
  readonly title: string;
  run(): Promise<string[]>;
}

/** `agent_forward:` of a title. */
const kernelOf = (title: string): string => title.slice(0, title.indexOf(':') + 1);

/**
 * Runs the cases of the kernel that should notice each mutation, all in this process and on one device. Adapter: as
 * QMIX_ADAPTER says, else SwiftShader, which compiles fastest. Throws where a case is red without any mutation.
 */
export async function runShaders(
  mutations: readonly ShaderMutation[],
  place: Workplace,
  progress: Progress,
): Promise<void> {
  process.env.QMIX_ADAPTER ||= 'swiftshader';
  const server = await createServer({
    root: place.folder,
    configFile: join(place.folder, 'vite.config.ts'),
    appType: 'custom',
    logLevel: 'error',
    server: { middlewareMode: true, hmr: false, ws: false, watch: null },
    optimizeDeps: { noDiscovery: true },
  });
  let gpu: Gpu | undefined;
  try {
    const load = (file: string) => server.ssrLoadModule(file);
    // Whatever holds the adapter must outlive the device.
    const opened = await ((await load('/src/node/adapter.ts')).openNodeGpu as typeof openNodeGpu)();
    const open: Gpu = await ((await load('/src/gpu/gpu.ts')).Gpu as typeof Gpu).open(opened.adapter);
    gpu = open;
    /** The cases of the sources as they are now in the copy. */
    const loadCases = async (): Promise<Case[]> => {
      server.moduleGraph.invalidateAll();
      const { kernelCases } = (await load('/test/kernels/cases.ts')) as {
        kernelCases: readonly KernelCase[];
      };
      return kernelCases.map((one) => ({ title: `${one.kernel}: ${one.name}`, run: () => one.run(open) }));
    };
    const kernels = new Set(mutations.map(({ red }) => kernelOf(red)));
    const unprovoked = await redCases(await loadCases(), (title) => kernels.has(kernelOf(title)));
    progress.note(`no case is red without a mutation, on ${open.name}`);
    if (unprovoked.length > 0) throw new Error(`red without any mutation: ${unprovoked.join('; ')}`);
    for (const mutation of mutations) progress.add(await tryShader(mutation, place, loadCases));
  } finally {
    gpu?.destroy();
    await server.close();
  }
}

async function tryShader(
  mutation: ShaderMutation,
  place: Workplace,
  loadCases: () => Promise<Case[]>,
): Promise<Verdict> {
  try {
    return await place.mutated(mutation, async () => {
      const cases = await loadCases();
      const own = (title: string) => kernelOf(title) === kernelOf(mutation.red);
      let red = await redCases(cases, own);
      if (red.length === 0) red = await redCases(cases, (title) => !own(title));
      const named = red.some((title) => title.startsWith(mutation.red));
      return {
        mutation,
        noticed: named ? 'named' : red.length > 0 ? 'other' : 'none',
        detail: red.join('; '),
      };
    });
  } catch (error) {
    return { mutation, noticed: 'unknown', detail: error instanceof Error ? error.message : String(error) };
  }
}

/** Titles of the cases that are red, of those that `picks`. */
async function redCases(cases: readonly Case[], picks: (title: string) => boolean): Promise<string[]> {
  const red: string[] = [];
  for (const { title, run } of cases) {
    if (!picks(title)) continue;
    const mismatches = await run();
    const broken = mismatches.find((mismatch) => /shader \w+, line/.test(mismatch));
    if (broken) throw new Error(`does not compile: ${broken}`);
    if (mismatches.length > 0) red.push(title);
  }
  return red;
}
