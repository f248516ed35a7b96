import type { Problem } from './problem.ts';

/** A learner of this project or of another framework. */
export interface Contender {
  /** Makes `count` updates on the problem's batch, then target ← online if asked to. May return before they are done. */
  train(count: number, copiesTarget: boolean): void;
  /** Loss of the last update (or mean over those since the last call), once everything asked for is done. */
  loss(): Promise<number>;
  /** Frees everything. */
  destroy(): void;
}

export interface ContenderKind {
  /** Framework and backend. */
  readonly name: string;
  /** Makes the framework ready for this backend, which contenders of the same framework share. Before every turn. */
  select(): Promise<void>;
  /** A learner before its first update. After `select`. */
  create(problem: Problem): Promise<Contender>;
}
