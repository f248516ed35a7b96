import type { Gpu } from '../gpu/gpu.ts';
import type { Tuning } from '../kernels/tuning.ts';
import type { LearnerOptions } from './learner.ts';
import { WebGpuLearner } from './webgpu_learner.ts';

/** Milliseconds that a candidate's updates are to take together, at least. */
const LONG_ENOUGH = 20;
const REPEATS = 3;
/** A candidate that takes this many times as long as the best is not looked at again. */
const HOPELESS = 2;

/**
 * Tries candidates on learners of these sizes: a step and several updates of each, the fastest of three times. No choice
 * changes what learners compute, so that it need not be the best, only good. `note` is told what is being tried.
 */
export async function measureTuning(
  gpu: Gpu,
  options: LearnerOptions,
  candidates: readonly Tuning[],
  note: (text: string) => void = () => {},
): Promise<Tuning> {
  let best: { tuning: Tuning; ms: number } | undefined;
  for (const tuning of candidates) {
    note(describeTuning(tuning));
    const ms = await timeTuning(gpu, options, tuning, HOPELESS * (best?.ms ?? Number.POSITIVE_INFINITY));
    if (!best || ms < best.ms) best = { tuning, ms };
  }
  return best!.tuning;
}

export const describeTuning = (tuning: Tuning): string =>
  Object.entries(tuning)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');

/** Milliseconds of an update of all learners. */
async function timeTuning(
  gpu: Gpu,
  options: LearnerOptions,
  tuning: Tuning,
  hopeless: number,
): Promise<number> {
  // A short replay, since its length changes nothing of the cost; what it holds is all zeros.
  const replayCapacity = Math.max(options.environments, options.batchSize);
  const learner = await WebGpuLearner.create(gpu, { ...options, replayCapacity }, false, tuning);
  try {
    const { inputs } = learner;
    inputs.available.fill(1);
    inputs.stores.fill(1);
    learner.store();
    const timed = async (updates: number): Promise<number> => {
      const begun = performance.now();
      inputs.trains.fill(1);
      learner.train(updates);
      await learner.readMetrics();
      return (performance.now() - begun) / updates;
    };
    // The first compiles.
    await timed(1);
    const once = await timed(1);
    if (once > hopeless && once > LONG_ENOUGH) return once;
    const updates = Math.max(1, Math.ceil(LONG_ENOUGH / once));
    let least = Number.POSITIVE_INFINITY;
    for (let repeat = 0; repeat < REPEATS; repeat++) least = Math.min(least, await timed(updates));
    return least;
  } finally {
    learner.destroy();
  }
}
