import type { LearnerSettings } from '../hyperparameters.ts';
import { initialParameters } from '../learner/initialise.ts';
import type { LearnerMetrics, LearnerOptions } from '../learner/learner.ts';
import { recordLayout } from '../shapes.ts';
import { allocateReplay, type Replay } from './insert.ts';
import { copyTarget, type LearnerState } from './optimise.ts';
import { type Batch, sample } from './sample.ts';
import { allocateState, type UpdateSettings, update, type Workspace } from './update.ts';

/** Where the sums over the updates since the last reading of the metrics stand. */
export const SUM = { loss: 0, gradientNorm: 1, qTotal: 2, count: 3 } as const;
export const SUM_COUNT = 4;

/** One of the learners that train together: all that it remembers, and nothing that it shares. */
export class Member {
  readonly state: LearnerState;
  readonly replay: Replay;
  readonly sums = new Float64Array(SUM_COUNT);
  /** 0, or the number (from 1) of the update whose gradient was not finite. */
  failedUpdate = 0;
  private readonly updateSettings: UpdateSettings;
  private readonly layout;

  constructor(
    readonly settings: LearnerSettings,
    options: LearnerOptions,
  ) {
    this.layout = recordLayout(options.shape);
    this.state = allocateState(options.shape);
    this.replay = allocateReplay(options.replayCapacity, this.layout.size);
    this.updateSettings = {
      ...settings,
      ...options.optimiser,
    };
    const { online } = this.state;
    for (const [name, { data }] of initialParameters(options.shape, settings.seed)) {
      online.tensors.get(name)!.data.set(data);
    }
    copyTarget(this.state);
  }

  /** Samples and updates once; after a gradient that was not finite, no update is applied any more. */
  train(work: Workspace, batch: Batch): void {
    const { state, replay, sums } = this;
    if (this.failedUpdate > 0) return;
    if (replay.stored === 0) throw new Error('update: nothing is in replay');
    sample(batch, replay, this.layout, this.settings.seed, state.updates);
    if (!update(work, state, batch, this.updateSettings)) {
      this.failedUpdate = state.updates + 1;
      return;
    }
    let qTotal = 0;
    for (let j = 0; j < work.mix.qTotal.length; j++) qTotal += work.mix.qTotal[j];
    sums[SUM.count] += 1;
    sums[SUM.loss] += work.loss;
    sums[SUM.gradientNorm] += work.gradientNorm;
    sums[SUM.qTotal] += qTotal / work.mix.qTotal.length;
  }

  /** Means since the last reading (NaN where there were no updates); starts new ones. */
  readMetrics(): LearnerMetrics {
    const count = this.sums[SUM.count];
    const mean = (sum: number) => (count > 0 ? this.sums[sum] / count : Number.NaN);
    const metrics = {
      updates: this.state.updates,
      failedUpdate: this.failedUpdate,
      count,
      loss: mean(SUM.loss),
      gradientNorm: mean(SUM.gradientNorm),
      qTotal: mean(SUM.qTotal),
    };
    this.sums.fill(0);
    return metrics;
  }
}
