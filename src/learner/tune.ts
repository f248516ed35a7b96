import * as z from 'zod';
import type { Gpu } from '../gpu/gpu.ts';
import { PLAIN, type Tuning } from '../kernels/tuning.ts';
import { knownTuning } from './known_tuning.ts';
import type { LearnerOptions } from './learner.ts';
import { measureTuning } from './measure_tuning.ts';

/**
 * How the kernels are best cut up for learners of these sizes on this adapter: what was measured for them before, else
 * what is known of such adapters, else what is measured now, and remembered.
 */
export async function chooseTuning(gpu: Gpu, options: LearnerOptions): Promise<Tuning> {
  const remembered = await recall(gpu, options);
  return remembered ?? knownTuning(gpu, options) ?? tune(gpu, options);
}

/** Measures now, whatever is known, and remembers. `note` is told what is being tried. */
export async function tune(
  gpu: Gpu,
  options: LearnerOptions,
  note?: (text: string) => void,
): Promise<Tuning> {
  const tuning = await measureTuning(gpu, options, candidates(gpu), note);
  const all = { ...(await readAll()), [tuningKey(gpu, options)]: tuning };
  await store?.write(JSON.stringify(all, undefined, 1));
  return tuning;
}

/** What is worth trying on an adapter of which nothing is known. */
function candidates({ subgroupSize }: Gpu): Tuning[] {
  const spread = subgroupSize === 4 || subgroupSize === 8 ? subgroupSize : 0;
  const few: Omit<Tuning, 'tile'> = {
    spread,
    rowThreads: spread,
    gradientThreads: 16,
    optimiseThreads: 16,
    optimiseGroups: 32,
  };
  const tiles = [8, 16, 32] as const;
  return [
    ...(spread > 0 ? tiles.map((tile): Tuning => ({ ...few, tile })) : []),
    ...[32, 64, 128].map((threads): Tuning => ({ ...PLAIN, rowThreads: threads, gradientThreads: threads })),
    { ...PLAIN, tile: 16 },
  ];
}

/** Keeps a text from one run to the next. */
export interface TuningStore {
  /** Undefined where nothing was kept, or it cannot be read. */
  read(): Promise<string | undefined>;
  /** What cannot be kept is measured again: it throws nothing. */
  write(text: string): Promise<void>;
}

let store: TuningStore | undefined;

/** Where what was measured is kept. Without it, it is measured anew by every learner. */
export function rememberTunings(where: TuningStore | undefined): void {
  store = where;
}

/** What was measured for learners of these sizes on this adapter. */
export async function recall(gpu: Gpu, options: LearnerOptions): Promise<Tuning | undefined> {
  return (await readAll())[tuningKey(gpu, options)];
}

const tuningSchema = z.strictObject({
  tile: z.union([z.literal(8), z.literal(16), z.literal(32)]),
  spread: z.union([z.literal(0), z.literal(4), z.literal(8)]),
  rowThreads: z.number().int().min(1).max(256),
  gradientThreads: z.number().int().min(8).max(256).multipleOf(8),
  optimiseThreads: z.number().int().min(1).max(256),
  optimiseGroups: z.number().int().min(1).max(65_535),
});

/** What is no tuning, of an older version or damaged, is not remembered. */
async function readAll(): Promise<Record<string, Tuning>> {
  try {
    return z.record(z.string(), tuningSchema).parse(JSON.parse((await store?.read()) ?? '{}'));
  } catch {
    return {};
  }
}

/** Adapter, with its subgroups, and all sizes that matter for speed. */
function tuningKey(gpu: Gpu, { shape, learners, batchSize, environments }: LearnerOptions): string {
  return JSON.stringify({
    adapter: gpu.name,
    subgroups: gpu.subgroupSize,
    ...shape,
    learners: learners.length,
    batchSize,
    environments,
  });
}
