import { ConfigError } from '../config_error.ts';
import type {
  Learner,
  LearnerMetrics,
  LearnerOptions,
  LearnerSnapshot,
  StepInputs,
} from '../learner/learner.ts';
import { recordLayout } from '../shapes.ts';
import type { Tensor } from '../tensor.ts';
import { act } from './act.ts';
import { agentForward, allocateAgentActivations } from './agent_forward.ts';
import { insert } from './insert.ts';
import { Member } from './member.ts';
import { checkMemory, GREEDY_SAMPLES } from './memory.ts';
import { copyTarget } from './optimise.ts';
import { allocateBatch } from './sample.ts';
import { ALL_LEGAL, selectGreedy } from './select.ts';
import { checkSnapshot, loadMember, parametersOf, saveMember } from './snapshot.ts';
import { allocateWorkspace } from './update.ts';

/** Milliseconds of work after which a step lets timers, signals and messages through. */
const SLICE = 20;

/**
 * The backend where there is no GPU: the float64 reference, its learners one after another. What a learner
 * computes depends on no other.
 */
export class CpuLearner implements Learner {
  readonly backend = 'cpu';
  readonly adapter = 'float64 reference on one CPU core';
  readonly inputs: StepInputs;

  private readonly members: readonly Member[];
  private readonly recordSize: number;
  /** Numbers that say which actions of one environment are legal. */
  private readonly maskSize: number;
  /** [L, E, N] */
  private readonly actions: Uint32Array;
  /** [L][E, N] views of `actions` */
  private readonly actionsOf: readonly Uint32Array[];
  /** [L][E, N, A] views of `inputs.available`; empty where all actions always are legal */
  private readonly availableOf: readonly Float32Array[];
  // Scratch that all members share: each of their turns writes it before reading it.
  private readonly workspace;
  private readonly batch;
  private readonly acting;
  private readonly actingObservations: Float64Array;
  private readonly evaluating;
  private readonly evaluatingObservations: Float64Array;
  private sliceStart = performance.now();

  /**
   * @param memory bytes that the process may use; without it, what any machine has.
   * @throws ConfigError where the learners do not fit into it.
   */
  constructor(
    readonly options: LearnerOptions,
    memory?: number,
  ) {
    checkMemory(options, memory);
    const { shape, learners, environments, batchSize } = options;
    const seen = shape.agents * shape.observationSize;
    this.recordSize = recordLayout(shape).size;
    this.maskSize = shape.masked ? shape.agents * shape.actions : 0;
    this.members = learners.map((settings) => allocateMember(settings, options));
    this.inputs = {
      observations: new Float32Array(learners.length * environments * seen),
      available: new Float32Array(learners.length * environments * this.maskSize),
      transitions: new Float32Array(learners.length * environments * this.recordSize),
      steps: new Uint8Array(learners.length),
      stores: new Uint8Array(learners.length),
      trains: new Uint8Array(learners.length),
      copiesTarget: new Uint8Array(learners.length),
      epsilon: new Float32Array(learners.length),
    };
    const perLearner = environments * shape.agents;
    this.actions = new Uint32Array(learners.length * perLearner);
    this.actionsOf = learners.map((_, l) => this.actions.subarray(l * perLearner, (l + 1) * perLearner));
    const masks = environments * this.maskSize;
    this.availableOf = learners.map((_, l) => this.inputs.available.subarray(l * masks, (l + 1) * masks));
    this.workspace = allocateWorkspace(shape, batchSize);
    this.batch = allocateBatch(shape, batchSize);
    this.acting = allocateAgentActivations(shape, environments);
    this.actingObservations = new Float64Array(environments * seen);
    this.evaluating = allocateAgentActivations(shape, GREEDY_SAMPLES);
    this.evaluatingObservations = new Float64Array(GREEDY_SAMPLES * seen);
  }

  async step(stepNumber: number): Promise<Uint32Array> {
    const { options, inputs, members } = this;
    this.store();
    for (let l = 0; l < members.length; l++) {
      if (options.overlap) this.act(l, stepNumber);
      if (inputs.trains[l]) {
        for (let u = 0; u < options.updatesPerStep; u++) members[l].train(this.workspace, this.batch);
      }
      if (inputs.copiesTarget[l]) copyTarget(members[l].state);
      if (!options.overlap) this.act(l, stepNumber);
    }
    // Promises alone would keep Ctrl-C, timers and messages waiting for as long as training lasts.
    if (performance.now() - this.sliceStart > SLICE) {
      await new Promise((resolve) => setTimeout(resolve, 0));
      this.sliceStart = performance.now();
    }
    return this.actions;
  }

  store(): void {
    const { environments } = this.options;
    for (let l = 0; l < this.members.length; l++) {
      if (!this.inputs.stores[l]) continue;
      insert(this.members[l].replay, this.inputs.transitions, l * environments, environments);
    }
  }

  async greedy(
    observations: Float32Array,
    rows: number,
    first: number,
    count: number,
    available: Float32Array = ALL_LEGAL,
  ): Promise<Uint32Array> {
    const { maskSize } = this;
    const { agents, observationSize, actions: actionCount } = this.options.shape;
    const seen = agents * observationSize;
    if (observations.length < rows * seen) {
      throw new Error(`greedy: got ${observations.length} numbers, allowed: at least ${rows * seen}`);
    }
    if (available.length < rows * maskSize) {
      throw new Error(
        `greedy: got available of ${available.length} numbers, allowed: at least ${rows * maskSize}`,
      );
    }
    if (first < 0 || first + count > this.members.length) {
      throw new Error(
        `greedy: got learners ${first} to ${first + count - 1}, allowed: 0 to ${this.members.length - 1}`,
      );
    }
    const actions = new Uint32Array(count * rows * agents);
    for (let c = 0; c < count; c++) {
      for (let row = 0; row < rows; row += GREEDY_SAMPLES) {
        const taken = Math.min(GREEDY_SAMPLES, rows - row);
        this.evaluatingObservations.set(observations.subarray(row * seen, (row + taken) * seen));
        agentForward(this.evaluating, this.members[first + c].state.online, this.evaluatingObservations);
        const at = (c * rows + row) * agents;
        const chosen = actions.subarray(at, at + taken * agents);
        const legal = available.subarray(row * maskSize, (row + taken) * maskSize);
        selectGreedy(chosen, this.evaluating.q, actionCount, chosen.length, legal);
      }
    }
    return actions;
  }

  async readMetrics(): Promise<LearnerMetrics[]> {
    return this.members.map((member) => member.readMetrics());
  }

  async readParameters(learner: number): Promise<ReadonlyMap<string, Tensor>> {
    return parametersOf(this.members[learner]);
  }

  async save(): Promise<LearnerSnapshot[]> {
    return this.members.map(saveMember);
  }

  /** Throws ConfigError, with nothing changed, where a snapshot is not one of a learner of these options. */
  load(snapshots: readonly LearnerSnapshot[]): void {
    const { shape, replayCapacity } = this.options;
    if (snapshots.length !== this.members.length) {
      throw new ConfigError(
        `snapshots: got ${snapshots.length}, allowed: ${this.members.length}, one a learner`,
      );
    }
    snapshots.forEach((snapshot, l) => {
      checkSnapshot(snapshot, shape, replayCapacity, l);
    });
    snapshots.forEach((snapshot, l) => {
      loadMember(this.members[l], snapshot);
    });
  }

  destroy(): void {
    // Memory only: it goes with the object.
  }

  /** Chooses the actions of learner l. */
  private act(l: number, stepNumber: number): void {
    const seen = this.actingObservations.length;
    const { observations, epsilon } = this.inputs;
    const { state, settings } = this.members[l];
    for (let j = 0; j < seen; j++) this.actingObservations[j] = observations[l * seen + j];
    agentForward(this.acting, state.online, this.actingObservations);
    act(
      this.actionsOf[l],
      this.acting.q,
      this.options.shape.actions,
      epsilon[l],
      settings.seed,
      stepNumber,
      this.availableOf[l],
    );
  }
}

export const createCpuLearner = (options: LearnerOptions, memory?: number): CpuLearner =>
  new CpuLearner(options, memory);

function allocateMember(settings: LearnerOptions['learners'][number], options: LearnerOptions): Member {
  try {
    return new Member(settings, options);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ConfigError(
      `replayCapacity: got ${options.replayCapacity}, allowed: what fits into memory (${error.message})`,
    );
  }
}
