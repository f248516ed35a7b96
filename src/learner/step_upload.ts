import { CALL, CALL_WORDS } from '../kernels/act.ts';
import { FLAGS, LEARNER_WORDS, LearnerStructs } from '../kernels/learners.ts';
import { recordLayout } from '../shapes.ts';
import type { LearnerOptions, StepInputs } from './learner.ts';

/** Bound ranges start at multiples of this (WebGPU's default limit). */
const ALIGNMENT = 256;
export const align = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

/** Where the parts of a step's upload stand, in bytes. */
export function stepUploadLayout(options: LearnerOptions) {
  const { shape, environments } = options;
  const learners = options.learners.length;
  const callBytes = CALL_WORDS * 4;
  const learnersBytes = learners * LEARNER_WORDS * 4;
  const observationsBytes = learners * environments * shape.agents * shape.observationSize * 4;
  const availableBytes = shape.masked ? learners * environments * shape.agents * shape.actions * 4 : 0;
  const transitionsBytes = learners * environments * recordLayout(shape).size * 4;
  const learnersOffset = align(callBytes);
  const observationsOffset = learnersOffset + align(learnersBytes);
  const availableOffset = observationsOffset + align(observationsBytes);
  const transitionsOffset = availableOffset + align(availableBytes);
  return {
    call: { offset: 0, size: callBytes },
    learners: { offset: learnersOffset, size: learnersBytes },
    observations: { offset: observationsOffset, size: observationsBytes },
    available: { offset: availableOffset, size: availableBytes },
    transitions: { offset: transitionsOffset, size: transitionsBytes },
    bytes: transitionsOffset + align(transitionsBytes),
  };
}

/**
 * Everything a step tells the GPU, in one piece of memory that goes up in one copy: what act is called
 * with, the learners' structs, observations, masks and transitions. The training loop writes straight into it.
 */
export class StepUpload {
  readonly data: ArrayBuffer;
  readonly inputs: StepInputs;
  readonly learners: LearnerStructs;
  private readonly call: Uint32Array;

  constructor(options: LearnerOptions) {
    const layout = stepUploadLayout(options);
    const count = options.learners.length;
    this.data = new ArrayBuffer(layout.bytes);
    this.call = new Uint32Array(this.data, layout.call.offset, CALL_WORDS);
    this.call[CALL.rows] = options.environments;
    this.learners = new LearnerStructs(this.data, layout.learners.offset, options.learners);
    this.inputs = {
      observations: new Float32Array(this.data, layout.observations.offset, layout.observations.size / 4),
      available: new Float32Array(this.data, layout.available.offset, layout.available.size / 4),
      transitions: new Float32Array(this.data, layout.transitions.offset, layout.transitions.size / 4),
      steps: new Uint8Array(count),
      stores: new Uint8Array(count),
      trains: new Uint8Array(count),
      copiesTarget: new Uint8Array(count),
      epsilon: new Float32Array(count),
    };
  }

  set stepNumber(step: number) {
    this.call[CALL.step] = step;
  }
}

/** Counts what is about to be stored in a step, and writes what its kernels are told of each learner. */
export function tellLearners(
  structs: LearnerStructs,
  inputs: StepInputs,
  stored: Float64Array,
  environments: number,
): void {
  for (let l = 0; l < stored.length; l++) {
    if (inputs.stores[l]) stored[l] += environments;
    const flags =
      inputs.stores[l] * FLAGS.store +
      inputs.trains[l] * FLAGS.train +
      inputs.copiesTarget[l] * FLAGS.copy +
      inputs.steps[l] * FLAGS.step;
    structs.set(l, stored[l], flags, inputs.epsilon[l]);
  }
}
