import type { Member } from '../config.ts';
import type { LearnerMetrics } from '../learner/learner.ts';

/** Training that met a number that is not finite. What it says is meant for users. */
export class DivergenceError extends Error {
  override name = 'DivergenceError';
}

/** What a learner is called in messages: `seed 7`, or `variant 1, seed 7`. */
export const describeMember = ({ name, variant, seed }: Member): string =>
  name.startsWith('variants.') ? `variant ${variant}, seed ${seed}` : `seed ${seed}`;

/** Remembers the last finite metrics of every learner, and tells of the first of each that are not. */
export class FiniteWatch {
  private readonly failed = new Set<number>();
  private readonly last: { updates: number; loss: number; gradientNorm: number }[];

  /**
   * `learners` [L]: what each is called in messages. `tell` is called once with each learner that failed;
   * without it, the first ends the run.
   */
  constructor(
    private readonly learners: readonly string[],
    private readonly tell: (index: number, error: DivergenceError) => void = (_, error) => {
      throw error;
    },
  ) {
    this.last = learners.map(() => ({ updates: 0, loss: Number.NaN, gradientNorm: Number.NaN }));
  }

  /** Tells of failures by a DivergenceError naming learner, update, what was last finite and epsilon [L]. */
  check(metrics: readonly LearnerMetrics[], epsilon: Float32Array): void {
    for (const [index, { failedUpdate, loss, gradientNorm, count, updates }] of metrics.entries()) {
      if (this.failed.has(index)) continue;
      const last = this.last[index];
      const finite = count === 0 || (Number.isFinite(loss) && Number.isFinite(gradientNorm));
      if (failedUpdate > 0 || !finite) {
        const which = failedUpdate > 0 ? `update ${failedUpdate}` : `an update up to ${updates}`;
        // Where the means are finite they end just before the failed update.
        const seen = finite && count > 0 ? { updates, loss, gradientNorm } : last;
        const before =
          seen.updates > 0
            ? `last finite means, up to update ${seen.updates}: loss ${seen.loss}, gradient norm ${seen.gradientNorm}`
            : 'no finite loss was seen before it in this session';
        this.failed.add(index);
        const message = `${this.learners[index]}: the gradient of ${which} is not finite; ${before}; epsilon ${epsilon[index]}`;
        this.tell(index, new DivergenceError(message));
      } else if (count > 0) Object.assign(last, { updates, loss, gradientNorm });
    }
  }
}
