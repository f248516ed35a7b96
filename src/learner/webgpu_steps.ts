import type { Gpu } from '../gpu/gpu.ts';
import { type Dispatch, encodeDispatch, Kernel } from '../gpu/kernel.ts';
import { CALL, CALL_WORDS } from '../kernels/act.ts';
import { WORKGROUP } from '../kernels/layout.ts';
import { LEARNER_WORDS, LearnerStructs, TOLD_PER_STEP } from '../kernels/learners.ts';
import type { KernelSizes } from '../kernels/sizes.ts';
import type { StepKernel } from '../kernels/step_kernel.ts';
import { recordLayout } from '../shapes.ts';
import {
  type DeviceSteps,
  type EnvironmentState,
  type PlacedEnvironments,
  SUBMITS_AT_ONCE,
} from './device_steps.ts';
import type { GpuUpdate, UpdateDispatches } from './gpu_update.ts';
import type { LearnerOptions, StepInputs } from './learner.ts';
import { align, tellLearners } from './step_upload.ts';

/** Bytes that go up with one submit, and that come down after it, at most; and steps. */
const MOST_BYTES = 2 ** 20;
const MOST_STEPS = 1024;

/** What a WebGpuLearner lends its steps. */
export interface StepParts {
  readonly gpu: Gpu;
  readonly options: LearnerOptions;
  readonly sizes: KernelSizes;
  readonly inputs: StepInputs;
  /** [L] transitions stored so far */
  readonly stored: Float64Array;
  readonly update: GpuUpdate;
  /** Where act writes, [L, E, N]. */
  readonly actions: GPUBuffer;
  readonly insert: (transitions: GPUBuffer | GPUBufferBinding, learners: GPUBufferBinding) => Dispatch;
  readonly act: (
    bound: Record<'observations' | 'available', GPUBuffer | GPUBufferBinding> & Told,
  ) => Dispatch;
}

type Told = Record<'learners' | 'call', GPUBufferBinding>;

/**
 * Steps of one WebGpuLearner. What the host knows beforehand of K steps goes up as K blocks in one piece: what act
 * is called with and the learners' structs. Each step's kernels bind its block by dynamic offset. What comes back
 * is a word for each environment and step.
 */
export class WebGpuSteps implements DeviceSteps {
  readonly capacity: number;
  private added = 0;
  /** Steps of each submit under way, oldest first. */
  private readonly underWay: { steps: number; mapped: Promise<void>; staging: GPUBuffer }[] = [];
  private readonly staging: GPUBuffer[];
  private readonly blocks: ArrayBuffer;
  private readonly calls: readonly Uint32Array[];
  private readonly structs: readonly LearnerStructs[];
  /** [capacity] whether any learner does so in the step: else its dispatch is left out */
  private readonly stores: Uint8Array;
  private readonly trains: Uint8Array;
  private readonly copies: Uint8Array;
  private readonly outcomes: Uint32Array;
  /** The running step's block, for each binding that moves. */
  private readonly offsets = new Uint32Array(TOLD_PER_STEP.length);

  private constructor(
    private readonly parts: StepParts,
    private readonly width: number,
    private readonly block: number,
    private readonly buffers: Readonly<
      Record<
        'blocks' | 'table' | 'environments' | 'observations' | 'available' | 'transitions' | 'outcomes',
        GPUBuffer
      >
    >,
    private readonly insert: Dispatch,
    private readonly act: Dispatch,
    private readonly step: Dispatch,
    private readonly update: UpdateDispatches,
  ) {
    const { sizes, options, gpu } = parts;
    const capacity = stepCapacity(sizes);
    const at = Array.from({ length: capacity }, (_, k) => k * block);
    this.capacity = capacity;
    this.blocks = new ArrayBuffer(capacity * block);
    this.calls = at.map((offset) => new Uint32Array(this.blocks, offset, CALL_WORDS));
    this.structs = at.map((offset) => new LearnerStructs(this.blocks, offset + CALL_BYTES, options.learners));
    for (const call of this.calls) call[CALL.rows] = sizes.environments;
    this.stores = new Uint8Array(capacity);
    this.trains = new Uint8Array(capacity);
    this.copies = new Uint8Array(capacity);
    this.outcomes = new Uint32Array(capacity * sizes.learners * sizes.environments);
    this.staging = Array.from({ length: SUBMITS_AT_ONCE }, () =>
      gpu.buffer(
        'steps.outcomes.staging',
        this.outcomes.byteLength,
        GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
      ),
    );
  }

  static async create(parts: StepParts, kernel: StepKernel): Promise<WebGpuSteps> {
    const { gpu, sizes } = parts;
    const { learners, environments, layout } = sizes;
    const { agents, observationSize, actions: actionCount, masked } = layout.shape;
    const step = await Kernel.compile(gpu, kernel.source, kernel.constants(sizes), TOLD_PER_STEP);
    const block = blockBytes(sizes);
    const copies = learners * environments;
    const storage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
    const make = (name: string, words: number, usage = storage) =>
      gpu.buffer(`steps.${name}`, words * 4, usage);
    const capacity = stepCapacity(sizes);
    const buffers = {
      blocks: make('blocks', (capacity * block) / 4, storage | GPUBufferUsage.UNIFORM),
      table: gpu.bufferWith('steps.table', kernel.table, storage),
      environments: make('environments', copies * kernel.stateWords),
      observations: make('observations', copies * agents * observationSize),
      available: make('available', masked ? copies * agents * actionCount : 4),
      transitions: make('transitions', copies * recordLayout(layout.shape).size),
      outcomes: make('outcomes', capacity * copies),
    };
    const told: Told = {
      call: { buffer: buffers.blocks, offset: 0, size: CALL_WORDS * 4 },
      learners: { buffer: buffers.blocks, offset: CALL_BYTES, size: learners * LEARNER_WORDS * 4 },
    };
    return new WebGpuSteps(
      parts,
      kernel.stateWords,
      block,
      buffers,
      parts.insert(buffers.transitions, told.learners),
      parts.act({ observations: buffers.observations, available: buffers.available, ...told }),
      step.dispatch(
        { ...buffers, ...told, actions: parts.actions },
        Math.ceil(environments / WORKGROUP),
        learners,
      ),
      parts.update.boundTo(told.learners),
    );
  }

  add(stepNumber: number): void {
    const { inputs, stored, sizes } = this.parts;
    const k = this.added++;
    this.calls[k][CALL.step] = stepNumber;
    this.calls[k][CALL.slot] = k;
    tellLearners(this.structs[k], inputs, stored, sizes.environments);
    this.stores[k] = inputs.stores.includes(1) ? 1 : 0;
    this.trains[k] = inputs.trains.includes(1) ? 1 : 0;
    this.copies[k] = inputs.copiesTarget.includes(1) ? 1 : 0;
  }

  submit(): void {
    const { gpu } = this.parts;
    const { device } = gpu;
    const staging = this.staging.find((free) => !this.underWay.some((submit) => submit.staging === free));
    if (!staging) throw new Error(`steps: ${SUBMITS_AT_ONCE} submits are under way already`);
    const steps = this.added;
    this.added = 0;
    device.queue.writeBuffer(this.buffers.blocks, 0, this.blocks, 0, steps * this.block);
    const encoder = device.createCommandEncoder({ label: 'steps' });
    const pass = encoder.beginComputePass();
    for (let k = 0; k < steps; k++) this.encodeStep(pass, k);
    pass.end();
    const bytes = steps * this.wordsPerStep * 4;
    encoder.copyBufferToBuffer(this.buffers.outcomes, 0, staging, 0, bytes);
    device.queue.submit([encoder.finish()]);
    const mapped = gpu.map(staging, bytes);
    // Who takes it is told of a failure; until then nobody is to be.
    mapped.catch(() => {});
    this.underWay.push({ steps, mapped, staging });
  }

  async take(): Promise<Uint32Array> {
    const [oldest] = this.underWay;
    const { steps, mapped, staging } = oldest;
    await mapped;
    const outcomes = this.outcomes.subarray(0, steps * this.wordsPerStep);
    await this.parts.gpu.takeMapped(staging, outcomes);
    this.underWay.shift();
    return outcomes;
  }

  place(learner: number, environment: PlacedEnvironments, transitions: Float32Array): void {
    const { gpu, sizes } = this.parts;
    const { queue } = gpu.device;
    const put = (buffer: GPUBuffer, values: Float32Array | Int32Array) =>
      queue.writeBuffer(buffer, learner * values.byteLength, values as Int32Array<ArrayBuffer>);
    put(this.buffers.environments, environment.save());
    put(this.buffers.observations, environment.observations);
    if (sizes.layout.shape.masked) put(this.buffers.available, Float32Array.from(environment.available));
    put(this.buffers.transitions, transitions);
  }

  async save(): Promise<EnvironmentState[]> {
    const { gpu, sizes } = this.parts;
    const { learners, environments, layout } = sizes;
    const state = environments * this.width;
    const record = environments * recordLayout(layout.shape).size;
    const words = new Int32Array(await gpu.read(this.buffers.environments, 0, learners * state * 4));
    const numbers = await gpu.readFloats(this.buffers.transitions, 0, learners * record);
    return Array.from({ length: learners }, (_, l) => ({
      environment: words.slice(l * state, (l + 1) * state),
      transitions: numbers.slice(l * record, (l + 1) * record),
    }));
  }

  destroy(): void {
    for (const buffer of [...Object.values(this.buffers), ...this.staging]) buffer.destroy();
  }

  /** Outcome words of a step. */
  private get wordsPerStep(): number {
    const { learners, environments } = this.parts.sizes;
    return learners * environments;
  }

  /** In the order of Learner.step; then the environments. */
  private encodeStep(pass: GPUComputePassEncoder, k: number): void {
    const { options } = this.parts;
    this.offsets.fill(k * this.block);
    if (this.stores[k] === 1) encodeDispatch(pass, this.insert, this.offsets);
    if (!options.overlap) this.encodeUpdates(pass, k);
    encodeDispatch(pass, this.act, this.offsets);
    if (options.overlap) this.encodeUpdates(pass, k);
    encodeDispatch(pass, this.step, this.offsets);
  }

  private encodeUpdates(pass: GPUComputePassEncoder, k: number): void {
    const { update, options } = this.parts;
    if (this.trains[k] === 1) update.encode(pass, options.updatesPerStep, this.update, this.offsets);
    if (this.copies[k] === 1) update.encodeCopyTarget(pass, this.update, this.offsets);
  }
}

/** Of a block: the call, and behind it the learners' structs, each where a binding may begin. */
const CALL_BYTES = align(CALL_WORDS * 4);
const blockBytes = ({ learners }: KernelSizes): number => CALL_BYTES + align(learners * LEARNER_WORDS * 4);

/** Steps that a submit may hold: at least one. */
function stepCapacity(sizes: KernelSizes): number {
  const up = Math.floor(MOST_BYTES / blockBytes(sizes));
  const down = Math.floor(MOST_BYTES / (sizes.learners * sizes.environments * 4));
  return Math.max(1, Math.min(MOST_STEPS, up, down));
}
