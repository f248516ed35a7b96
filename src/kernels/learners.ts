import type { LearnerSettings } from '../hyperparameters.ts';

/** Host twin of struct Learner in shaders/lib/learner.wgsl. */
export const LEARNER_WORDS = 12;
export const FLAGS = { store: 1, train: 2, copy: 4, step: 8 } as const;

/** Bindings that tell a kernel of the step it is part of: they move from step to step of a submit. */
export const TOLD_PER_STEP: readonly string[] = ['learners', 'call'];

/** Host twin of struct Progress: updates, failed. */
export const PROGRESS_WORDS = 2;

/** A view of L Learner structs in memory that is uploaded. */
export class LearnerStructs {
  private readonly words: Uint32Array;
  private readonly numbers: Float32Array;

  constructor(buffer: ArrayBuffer, byteOffset: number, learners: readonly LearnerSettings[]) {
    this.words = new Uint32Array(buffer, byteOffset, learners.length * LEARNER_WORDS);
    this.numbers = new Float32Array(buffer, byteOffset, learners.length * LEARNER_WORDS);
    learners.forEach((settings, l) => {
      const at = l * LEARNER_WORDS;
      this.words[at] = settings.seed;
      this.numbers[at + 5] = settings.gamma;
      this.numbers[at + 6] = settings.clipNorm;
      this.numbers[at + 7] = settings.tau;
      this.numbers[at + 8] = settings.learningRate;
      this.numbers[at + 9] = settings.mixerLearningRate;
    });
  }

  set(learner: number, stored: number, flags: number, epsilon: number): void {
    const at = learner * LEARNER_WORDS;
    this.words[at + 1] = stored;
    this.words[at + 2] = flags;
    this.numbers[at + 4] = epsilon;
  }
}
