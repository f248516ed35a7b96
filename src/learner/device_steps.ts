/** What the device takes over of one learner's environments: where they stand, and what agents see there. */
export interface PlacedEnvironments {
  /** [E, N, O] */
  readonly observations: Float32Array;
  /** [E, N, A] 1 for each action that is legal; read where shape.masked */
  readonly available: Uint8Array;
  /** [E, …] everything that is needed to go on, laid out as their step kernel has it */
  save(): Int32Array;
}

/** Where the environments of one learner stand. */
export interface EnvironmentState {
  /** [E, …] everything that is needed to go on, as the environments' own `save` gives it */
  readonly environment: Int32Array;
  /** [E, record] what their last step was: the learner's next step stores it */
  readonly transitions: Float32Array;
  /** [E, N] what agents have chosen that the environments have not taken, as one failed; without it, nothing is owed */
  readonly owed?: Uint32Array;
}

/**
 * Steps of learners and of their environments, both on the device, many in one submit: insert, act, update and step
 * follow one another with nothing going up or coming down between them. What comes to the same bits as Learner.step
 * with environments in TypeScript.
 */
export interface DeviceSteps {
  /** Steps that one submit may hold. */
  readonly capacity: number;
  /** Adds a step to the next submit, as the learner's `inputs` say now. `stepNumber` keys exploration. */
  add(stepNumber: number): void;
  /** Submits what was added. At most SUBMITS_AT_ONCE may be under way. */
  submit(): void;
  /**
   * Waits for the oldest submit under way, and resolves to what its steps ended in: [steps, L, E] outcome words
   * (src/kernels/step_kernel.ts), valid until the next call; those of learners whose environments did not step mean
   * nothing.
   */
  take(): Promise<Uint32Array>;
  /** Puts a learner's environments where these in TypeScript are, whose last step was `transitions` (zeros: none). */
  place(learner: number, environment: PlacedEnvironments, transitions: Float32Array): void;
  /** [L] copies of where they stand after all that was submitted. */
  save(): Promise<EnvironmentState[]>;
}

/** While the device works on one submit, the next waits behind it. */
export const SUBMITS_AT_ONCE = 2;
