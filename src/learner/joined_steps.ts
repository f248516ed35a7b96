import type { DeviceSteps, EnvironmentState, PlacedEnvironments } from './device_steps.ts';

/** One of the parts, and how many learners it has. */
export interface StepsPart {
  readonly steps: DeviceSteps;
  readonly learners: number;
}

/** Steps of learners that are in several sets of buffers: every step in each of them, and all submitted together. */
export class JoinedSteps implements DeviceSteps {
  readonly capacity: number;
  private readonly learners: number;
  private outcomes = new Uint32Array(0);

  constructor(
    private readonly parts: readonly StepsPart[],
    /** E */
    private readonly environments: number,
    /** Hands each part its share of the inputs. */
    private readonly share: () => void,
  ) {
    this.capacity = Math.min(...parts.map(({ steps }) => steps.capacity));
    this.learners = parts.reduce((sum, { learners }) => sum + learners, 0);
  }

  add(stepNumber: number): void {
    this.share();
    for (const { steps } of this.parts) steps.add(stepNumber);
  }

  submit(): void {
    for (const { steps } of this.parts) steps.submit();
  }

  async take(): Promise<Uint32Array> {
    const { environments } = this;
    let at = 0;
    let length = 0;
    for (const { steps, learners } of this.parts) {
      const words = await steps.take();
      const own = learners * environments;
      const all = this.learners * environments;
      length = (words.length / own) * all;
      if (this.outcomes.length < length) this.outcomes = new Uint32Array(length);
      for (let from = 0, to = at; from < words.length; from += own, to += all) {
        for (let j = 0; j < own; j++) this.outcomes[to + j] = words[from + j];
      }
      at += own;
    }
    return this.outcomes.subarray(0, length);
  }

  place(learner: number, environment: PlacedEnvironments, transitions: Float32Array): void {
    let first = 0;
    for (const { steps, learners } of this.parts) {
      if (learner < first + learners) {
        steps.place(learner - first, environment, transitions);
        return;
      }
      first += learners;
    }
  }

  async save(): Promise<EnvironmentState[]> {
    const states: EnvironmentState[] = [];
    for (const { steps } of this.parts) states.push(...(await steps.save()));
    return states;
  }
}
