import { type Config, makeConfig } from '../config.ts';
import type { Gpu } from '../gpu/gpu.ts';
import { learnerOptions } from '../learner/learner.ts';
import { WebGpuLearner } from '../learner/webgpu_learner.ts';
import { philox, STREAM, unitInterval } from '../random.ts';
import { recordLayout } from '../shapes.ts';
import { configuredShape } from '../train/environments.ts';
import { type CallCounts, countCalls } from './count_calls.ts';

/** One line of the benchmark. */
export interface UpdateTiming {
  /** L */
  readonly learners: number;
  /** B */
  readonly batch: number;
  /** N */
  readonly agents: number;
  /** Milliseconds of one update of all learners: median over the repeats, its smallest and its largest. */
  readonly ms: number;
  readonly least: number;
  readonly most: number;
  readonly repeats: number;
  /** Of one submit of one update. */
  readonly update: CallCounts;
  /** Of one step of the training loop: store, act, one update. */
  readonly step: CallCounts;
}

const REPEATS = 9;
/** About this long a repeat, so that what is timed is updates and not the wait for one of them. */
const REPEAT_MS = 400;
const MOST_UPDATES = 200;
/** Transitions in replay: few, as their number changes nothing of an update's cost. */
const REPLAY = 2048;

/** Times updates of `learners` learners at a preset's sizes, on random transitions. Throws where a result is not finite. */
export async function timeUpdates(gpu: Gpu, preset: string, learners: number): Promise<UpdateTiming> {
  const seeds = Array.from({ length: learners }, (_, seed) => seed);
  const config = makeConfig(preset, { seeds, replayCapacity: REPLAY, warmup: 1 });
  const shape = configuredShape(config);
  const learner = await WebGpuLearner.create(gpu, learnerOptions(config, shape));
  try {
    fillReplay(learner, config);
    const timed = async (updates: number): Promise<number> => {
      learner.inputs.trains.fill(1);
      const begun = performance.now();
      learner.train(updates);
      const metrics = await learner.readMetrics();
      const took = (performance.now() - begun) / updates;
      for (const { failedUpdate, count, loss } of metrics) {
        if (failedUpdate > 0 || count !== updates || !Number.isFinite(loss)) {
          throw new Error(`the update computed nonsense: ${JSON.stringify(metrics)}`);
        }
      }
      return took;
    };
    await timed(1);
    const updates = Math.min(MOST_UPDATES, Math.max(1, Math.round(REPEAT_MS / (await timed(3)))));
    const times: number[] = [];
    for (let repeat = 0; repeat < REPEATS; repeat++) times.push(await timed(updates));
    times.sort((a, b) => a - b);
    const update = await countCalls(async () => {
      learner.inputs.trains.fill(1);
      learner.train(1);
    });
    const step = await countCalls(async () => {
      learner.inputs.stores.fill(1);
      await learner.step(0);
    });
    return {
      learners,
      batch: config.batchSize,
      agents: shape.agents,
      ms: times[Math.floor(REPEATS / 2)],
      least: times[0],
      most: times[REPEATS - 1],
      repeats: REPEATS,
      update,
      step,
    };
  } finally {
    learner.destroy();
  }
}

function fillReplay(learner: WebGpuLearner, config: Config): void {
  const { inputs } = learner;
  const { environments } = config;
  const shape = learner.options.shape;
  const layout = recordLayout(shape);
  const words = new Uint32Array(4);
  inputs.stores.fill(1);
  for (let stored = 0; stored < config.replayCapacity; stored += environments) {
    for (let j = 0; j < inputs.transitions.length; j++) {
      philox(words, 0, STREAM.test, stored, j);
      const at = j % layout.size;
      const isAction = at >= layout.actions && at < layout.reward;
      inputs.transitions[j] = isAction
        ? words[0] % shape.actions
        : at === layout.terminated
          ? words[0] & 1
          : unitInterval(words[0]);
    }
    learner.store();
  }
}
