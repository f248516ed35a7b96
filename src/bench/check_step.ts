import type { Gpu } from '../gpu/gpu.ts';
import { initialParameters } from '../learner/initialise.ts';
import type { LearnerOptions } from '../learner/learner.ts';
import type { WebGpuLearner } from '../learner/webgpu_learner.ts';
import { agentForward, allocateAgentActivations } from '../reference/agent_forward.ts';
import { allocateReplay, insert, type Replay } from '../reference/insert.ts';
import { allocateNetworks } from '../reference/networks.ts';
import { globalNorm, type LearnerState, optimise } from '../reference/optimise.ts';
import { allocateBatch, sample } from '../reference/sample.ts';
import { allocateState, allocateWorkspace, backward, forward, intermediates } from '../reference/update.ts';
import { recordLayout } from '../shapes.ts';
import { BOUNDS, relativeError } from '../verify/bounds.ts';
import { readGradients } from '../verify/gpu_values.ts';
import { randomNumbers, randomRecords } from './random_numbers.ts';

/** Two Q-values that are closer than this may come out in either order in float32. */
const TIE = 2e-6;

/** A learner whose replay is full of random transitions: all learners have the same. */
export class FilledReplay {
  /** What every learner's replay holds now. */
  readonly ring: Replay;
  private stored = 0;

  constructor(private readonly learners: readonly WebGpuLearner[]) {
    const { shape, replayCapacity } = learners[0].options;
    this.ring = allocateReplay(replayCapacity, recordLayout(shape).size);
    const { environments } = learners[0].options;
    while (this.stored + environments <= replayCapacity) {
      this.stage();
      for (const learner of learners) learner.store();
    }
  }

  /** Puts the next transitions where the learners' next step stores them. */
  stage(): void {
    const { shape, environments } = this.learners[0].options;
    const records = randomRecords(shape, environments, 1000 + this.stored);
    insert(this.ring, records, 0, environments);
    this.stored += environments;
    for (const { inputs } of this.learners) {
      for (let at = 0; at < inputs.transitions.length; at += records.length)
        inputs.transitions.set(records, at);
      inputs.stores.fill(1);
    }
  }
}

/**
 * A learner's first step, everything at once: it stores, acts greedily, updates and copies its targets. Holds learners
 * 0 and L−1 to the float64 reference: replay (exactly), actions, gradients, parameters after the optimiser (which is
 * applied to the GPU's own gradients: it amplifies errors of tiny ones), targets. Throws where one is wrong.
 * The learner must overlap, as new as it was created but for its replay.
 */
export async function checkedStep(
  gpu: Gpu,
  learner: WebGpuLearner,
  replay: FilledReplay,
  step: () => Promise<Uint32Array>,
): Promise<void> {
  const { inputs, options } = learner;
  replay.stage();
  inputs.observations.set(randomNumbers(inputs.observations.length, 3));
  inputs.available.fill(1);
  inputs.epsilon.fill(0);
  inputs.trains.fill(1);
  inputs.copiesTarget.fill(1);
  const actions = (await step()).slice();
  const after = await learner.save();
  const last = options.learners.length - 1;
  for (const l of last > 0 ? [0, last] : [0]) {
    const fail = (what: string): never => {
      throw new Error(`learner ${l} of ${last + 1}: ${what}`);
    };
    const near = (name: string, got: ArrayLike<number>, expected: ArrayLike<number>, bound: number) => {
      const error = relativeError(got as Float32Array, expected as Float64Array);
      // Not `error > bound`: what is not a number is no match.
      if (!(error <= bound)) fail(`${name} is off by ${error} of its largest, allowed: ${bound}`);
    };
    const { records } = replay.ring;
    near('replay', after[l].get('replay.transitions')!.data, records, 0);
    const state = firstState(options, l);
    checkActions(options, state, inputs.observations, actions, l, fail);

    const { work, ties } = referenceUpdate(options, state, replay.ring, l);
    const gradients = await readGradients(gpu, learner, l);
    for (const [name, { data }] of intermediates(work, options.shape)) {
      if (!name.startsWith('grad.')) continue;
      // Where the best next action is a matter of rounding, a row may differ: one of B that are summed.
      const bound = BOUNDS.gradients + ties / options.batchSize;
      near(name, gradients.get(name.slice('grad.'.length))!, data, bound);
    }
    const own = allocateNetworks(options.shape);
    for (const [name, { data }] of own.tensors) data.set(gradients.get(name)!);
    optimise(state, own, globalNorm(own), { ...options.learners[l], ...options.optimiser });
    for (const [name, { data }] of state.online.tensors) {
      near(name, after[l].get(`online.${name}`)!.data, data, BOUNDS.updateRule);
      near(`target ${name}`, after[l].get(`target.${name}`)!.data, after[l].get(`online.${name}`)!.data, 0);
    }
  }
}

/** What a learner begins with, in float64. */
function firstState({ shape, learners }: LearnerOptions, l: number): LearnerState {
  const state = allocateState(shape);
  for (const [name, { data }] of initialParameters(shape, learners[l].seed)) {
    state.online.tensors.get(name)!.data.set(data);
    state.target.tensors.get(name)!.data.set(data);
  }
  return state;
}

function referenceUpdate(options: LearnerOptions, state: LearnerState, ring: Replay, l: number) {
  const { shape, batchSize } = options;
  const { seed, gamma } = options.learners[l];
  const batch = allocateBatch(shape, batchSize);
  sample(batch, ring, recordLayout(shape), seed, 0);
  const work = allocateWorkspace(shape, batchSize);
  forward(work, state, batch, gamma);
  backward(work, state, batch);
  // Online and target are the same at first: nextAgents holds what chose the actions.
  return { work, ties: countTies(work.nextAgents.q, shape.actions) };
}

/** Rows of q [R, A] whose two largest are too close to tell. */
function countTies(q: Float64Array, actions: number): number {
  let ties = 0;
  for (let row = 0; row < q.length; row += actions) {
    let best = Number.NEGATIVE_INFINITY;
    let second = Number.NEGATIVE_INFINITY;
    for (let a = row; a < row + actions; a++) {
      if (q[a] > best) [best, second] = [q[a], best];
      else if (q[a] > second) second = q[a];
    }
    if (best - second < TIE) ties++;
  }
  return ties;
}

/** Every action of learner l is worth as much as the best, by the reference's Q-values. */
function checkActions(
  { shape, environments }: LearnerOptions,
  state: LearnerState,
  observations: Float32Array,
  actions: Uint32Array,
  l: number,
  fail: (what: string) => never,
): void {
  const { agents, observationSize } = shape;
  const width = environments * agents * observationSize;
  const activations = allocateAgentActivations(shape, environments);
  agentForward(
    activations,
    state.online,
    Float64Array.from(observations.subarray(l * width, (l + 1) * width)),
  );
  const rows = environments * agents;
  for (let row = 0; row < rows; row++) {
    const q = activations.q.subarray(row * shape.actions, (row + 1) * shape.actions);
    const action = actions[l * rows + row];
    if (!(q[action] >= Math.max(...q) - TIE)) {
      fail(`action ${row} is ${action}, of Q-values ${[...q].map((value) => value.toFixed(4)).join(', ')}`);
    }
  }
}
