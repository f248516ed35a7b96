import { ALGORITHM, OF_ALGORITHM, splitAssignment } from './assignments.ts';
import type { Settings } from './service.ts';

const ALGORITHMS = ['qmix', 'vdn', 'ps-dqn', 'iql'] as const;
/** Fields in which they differ. */
const VARIED: readonly string[] = [ALGORITHM, ...OF_ALGORITHM];

export interface ComparisonActions {
  /** The settings that all of them share. */
  settings(): Settings;
  /** Trains a run to its end, over the curves of the last; false where it did not come to that. */
  train(settings: Settings, overlays: boolean): Promise<boolean>;
  say(text: string): void;
}

/** Trains the algorithms that have a name one after another, equal in everything else. */
export class Comparison {
  /** Of the comparison that goes on, where one does. */
  private token: symbol | undefined;

  constructor(private readonly actions: ComparisonActions) {}

  /** Resolves when all have been trained, or one did not come to its end. Throws what training throws. */
  async train(): Promise<void> {
    if (this.token) return;
    const token = Symbol('comparison');
    this.token = token;
    const { actions } = this;
    const shared = actions.settings().filter((one) => !VARIED.includes(splitAssignment(one)[0]));
    let trained = 0;
    try {
      for (const algorithm of ALGORITHMS) {
        const number = `${trained + 1} of ${ALGORITHMS.length}`;
        actions.say(`Comparing: ${algorithm.toUpperCase()}, ${number}. Stop or Reset ends the comparison.`);
        const ended = await actions.train([...shared, `${ALGORITHM}=${algorithm}`], trained > 0);
        if (!ended || this.token !== token) break;
        trained++;
      }
    } finally {
      // Another may have been begun since this one was stopped.
      if (this.token === token || !this.token) {
        this.token = undefined;
        actions.say(
          trained === ALGORITHMS.length
            ? 'All four have been trained; their curves lie over one another, and each is kept as a run of its own.'
            : `The comparison ended after ${trained} of ${ALGORITHMS.length}.`,
        );
      }
    }
  }

  stop(): void {
    this.token = undefined;
  }
}
