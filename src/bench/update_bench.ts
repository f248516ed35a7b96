import type { Config } from '../config.ts';
import type { Gpu } from '../gpu/gpu.ts';
import { learnerOptions } from '../learner/learner.ts';
import { mostLearnersAtOnce } from '../learner/limits.ts';
import { WebGpuLearner } from '../learner/webgpu_learner.ts';
import { makeConfig } from '../presets.ts';
import { configuredShape } from '../train/environments.ts';
import { checkedStep, FilledReplay } from './check_step.ts';
import { leastUpdateMs, type Peaks, updateFlops } from './cost.ts';
import { type CallCounts, countCalls } from './count_calls.ts';
import { measure } from './timing.ts';

/** Sizes of an update: learners (L), batch (B), agents (N). */
export interface UpdateSizes {
  readonly learners: number;
  readonly batch: number;
  readonly agents: number;
}

/** One line of the benchmark: an update of all learners. */
export interface UpdateRow extends UpdateSizes {
  /** Milliseconds, median, and [least, most] of the repeats. */
  readonly ms: number;
  readonly spread: readonly [number, number];
  readonly repeats: number;
  /** 10⁹ of what it has to compute, a second (src/bench/cost.ts). */
  readonly gflops: number;
  /** The least time that the peaks allow for its dispatches over the time that it took; without peaks there is none. */
  readonly share?: number;
  /** Of a call for one update. */
  readonly dispatches: number;
  readonly passes: number;
  readonly submits: number;
  readonly bytesWritten: number;
  readonly bytesRead: number;
  /** Of one step of the training loop: store, act, one update. */
  readonly step: CallCounts;
}

/** About this long a repeat. */
const TIMING = { repeatMs: 250, most: 500 };
/** Transitions in replay: few, as their number changes nothing of an update's cost. */
const REPLAY = 2048;

/** What lists of sizes ask for: each varied alone, the others as the preset has them (and one learner). */
export function updateSizes(
  { batchSize, agents }: Pick<Config, 'batchSize' | 'agents'>,
  lists: { readonly [size in keyof UpdateSizes]: readonly number[] },
): UpdateSizes[] {
  const base: UpdateSizes = { learners: 1, batch: batchSize, agents };
  const all = (['learners', 'batch', 'agents'] as const).flatMap((size) =>
    lists[size].map((value): UpdateSizes => ({ ...base, [size]: value })),
  );
  const key = ({ learners, batch, agents: n }: UpdateSizes): string => `${learners} ${batch} ${n}`;
  return all.filter((sizes, index) => all.findIndex((other) => key(other) === key(sizes)) === index);
}

/**
 * Times updates at a preset's sizes but for those given, on random transitions, after a whole step was held to the
 * float64 reference. Learners that do not fit into one set of buffers are split, as in training. Throws where a result
 * is wrong; ConfigError where not even one learner fits.
 */
export async function timeUpdates(
  gpu: Gpu,
  preset: string,
  sizes: UpdateSizes,
  peak?: Peaks,
): Promise<UpdateRow> {
  const config = makeConfig(preset, {
    seeds: Array.from({ length: sizes.learners }, (_, seed) => seed),
    batchSize: sizes.batch,
    agents: sizes.agents,
    replayCapacity: REPLAY,
    warmup: 1,
    overlap: true,
    updatesPerStep: 1,
  });
  const parts: WebGpuLearner[] = [];
  try {
    const options = learnerOptions(config, configuredShape(config));
    const atOnce = mostLearnersAtOnce(gpu, options);
    for (let first = 0; first < sizes.learners; first += atOnce) {
      const learners = options.learners.slice(first, first + atOnce);
      parts.push(await WebGpuLearner.create(gpu, { ...options, learners }));
    }
    const replay = new FilledReplay(parts);
    const [first] = parts;
    await checkedStep(gpu, first, replay, () => first.step(0));
    for (const { inputs } of parts) {
      inputs.stores.fill(0);
      inputs.copiesTarget.fill(0);
      inputs.trains.fill(1);
    }
    const updates = async (count: number): Promise<void> => {
      for (const part of parts) part.train(count);
      for (const part of parts) await checkMetrics(part, count);
    };
    await clearMetrics(parts);
    const timing = await measure(updates, TIMING);
    const update = await countCalls(async () => {
      for (const part of parts) part.train(1);
    });
    const step = await countCalls(async () => {
      for (const part of parts) {
        part.inputs.stores.fill(1);
        part.inputs.trains.fill(1);
        await part.step(1);
      }
    });
    const sum = (of: (learner: WebGpuLearner) => number): number =>
      parts.reduce((total, part) => total + of(part), 0);
    return {
      ...sizes,
      ms: timing.ms,
      spread: [timing.least, timing.most],
      repeats: timing.repeats,
      gflops: sum((part) => updateFlops(part.sizes)) / timing.ms / 1e6,
      ...(peak && { share: sum((part) => leastUpdateMs(part.sizes, peak)) / timing.ms }),
      dispatches: update.dispatches,
      passes: update.passes,
      submits: update.submits,
      bytesWritten: update.bytesUp,
      bytesRead: update.bytesDown,
      step,
    };
  } finally {
    for (const part of parts) part.destroy();
  }
}

/** The step that was checked is none of those that are timed. */
async function clearMetrics(parts: readonly WebGpuLearner[]): Promise<void> {
  for (const part of parts) await part.readMetrics();
}

/** Waits for the updates. Throws where one was not made, or came to what is no number. */
async function checkMetrics(learner: WebGpuLearner, updates: number): Promise<void> {
  const metrics = await learner.readMetrics();
  for (const { failedUpdate, count, loss } of metrics) {
    if (failedUpdate > 0 || count !== updates || !Number.isFinite(loss)) {
      throw new Error(`the update computed nonsense: ${JSON.stringify(metrics)}`);
    }
  }
}
