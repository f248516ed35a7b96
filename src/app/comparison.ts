import type { Settings } from './service.ts';

const ALGORITHMS = ['qmix', 'vdn', 'ps-dqn', 'iql'] as const;
/** Fields that an algorithm's name stands for. */
const NAMED = ['algorithm', 'sharedAgents', 'agentId', 'mixer'];

export interface ComparisonActions {
  /** The settings that all of them share. */
  settings(): Settings;
  /** Trains a run to its end, over the curves of the last; false where it did not come to that. */
  train(settings: Settings, overlays: boolean): Promise<boolean>;
  say(text: string): void;
}

/** Trains the algorithms that have a name one after another, equal in everything else. */
export class Comparison {
  private running = false;

  constructor(private readonly actions: ComparisonActions) {}

  async train(): Promise<void> {
    if (this.running) return;
    this.running = true;
    const { actions } = this;
    const shared = actions.settings().filter((assignment) => !NAMED.includes(fieldOf(assignment)));
    let trained = 0;
    for (const algorithm of ALGORITHMS) {
      if (!this.running) break;
      const number = `${trained + 1} of ${ALGORITHMS.length}`;
      actions.say(`Comparing: ${algorithm.toUpperCase()}, ${number}. Stop or Reset ends the comparison.`);
      if (!(await actions.train([...shared, `algorithm=${algorithm}`], trained > 0))) break;
      trained++;
    }
    const all = trained === ALGORITHMS.length;
    actions.say(
      all
        ? 'All four have been trained; their curves lie over one another, and each is kept as a run of its own.'
        : `The comparison ended after ${trained} of ${ALGORITHMS.length}.`,
    );
    this.running = false;
  }

  stop(): void {
    this.running = false;
  }
}

const fieldOf = (assignment: string): string => assignment.split('=', 1)[0];
