import type { Config } from '../config.ts';
import type { Gpu } from '../gpu/gpu.ts';
import { makeConfig } from '../presets.ts';
import { type CallCounts, countCalls } from './count_calls.ts';
import { environmentAlone, environmentsOnCpu, environmentsOnGpu, type TimedRollout } from './rollouts.ts';
import { measure } from './timing.ts';

type OpenRollout = (gpu: Gpu, config: Config) => Promise<TimedRollout>;

/**
 * The kinds of rollout, by the name that rows bear. A further one is a line here: how to open it for a configuration
 * (config.environments of each of config.seeds); the rest is measured alike. Throws ConfigError where it does not fit.
 */
export const ROLLOUTS: Readonly<Record<string, OpenRollout>> = {
  /** Environments in TypeScript, random actions, no network: what stepping costs by itself. */
  'typescript, no network': environmentAlone,
  /** Environments in TypeScript; the GPU stores and acts, and actions come back every step. */
  typescript: environmentsOnCpu,
  /** Environments, actions and replay on the GPU, many vector steps a submit. */
  gpu: environmentsOnGpu,
};

/** One line of the benchmark: acting in environments, without training. */
export interface RolloutRow {
  readonly kind: string;
  /** E, of one learner */
  readonly environments: number;
  /** Milliseconds of a vector step, median, and [least, most] of the repeats. */
  readonly ms: number;
  readonly spread: readonly [number, number];
  readonly repeats: number;
  /** Environment steps a second, by the median. */
  readonly stepsPerSecond: number;
  /** Of one vector step; where one submit makes many, shares of it. */
  readonly step: CallCounts;
}

const TIMING = { repeatMs: 200, most: 20_000 };
/** Vector steps over which calls are counted: where one submit makes many, one step alone tells nothing. */
const COUNTED = 64;
const REPLAY = 8192;

export async function timeRollout(
  gpu: Gpu,
  preset: string,
  kind: string,
  environments: number,
): Promise<RolloutRow> {
  const config = makeConfig(preset, {
    seeds: [0],
    environments,
    replayCapacity: Math.max(REPLAY, environments),
    warmup: 1,
  });
  const rollout = await ROLLOUTS[kind](gpu, config);
  try {
    const timing = await measure((count) => rollout.advance(count), TIMING);
    const counts = await countCalls(() => rollout.advance(COUNTED));
    const share = (calls: number): number => calls / COUNTED;
    return {
      kind,
      environments,
      ms: timing.ms,
      spread: [timing.least, timing.most],
      repeats: timing.repeats,
      stepsPerSecond: (environments / timing.ms) * 1000,
      step: {
        dispatches: share(counts.dispatches),
        passes: share(counts.passes),
        submits: share(counts.submits),
        bytesUp: share(counts.bytesUp),
        bytesDown: share(counts.bytesDown),
      },
    };
  } finally {
    rollout.destroy();
  }
}
