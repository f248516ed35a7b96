import { type NetworkShape, valueCount } from '../shapes.ts';
import type { Tensor } from '../tensor.ts';
import { agentBackward } from './agent_backward.ts';
import { type AgentActivations, agentForward, allocateAgentActivations } from './agent_forward.ts';
import { hypernetBackward } from './hypernet_backward.ts';
import { allocateHyperActivations, type HyperActivations, hypernetForward } from './hypernet_forward.ts';
import { mixBackward } from './mix_backward.ts';
import { allocateMixActivations, type MixActivations, mixForward } from './mix_forward.ts';
import { allocateNetworks, type Networks } from './networks.ts';
import { followTarget, globalNorm, type LearnerState, type OptimiserSettings, optimise } from './optimise.ts';
import type { Batch } from './sample.ts';
import { selectBackward, selectGreedy, selectValues } from './select.ts';
import { tdError } from './td_error.ts';

export interface UpdateSettings extends OptimiserSettings {
  /** Discount factor. */
  readonly gamma: number;
  /** Polyak share; 0 where targets are copied instead. */
  readonly tau: number;
}

/** Every intermediate value of an update of B transitions. */
export interface Workspace {
  readonly agents: AgentActivations;
  /** Online networks at o', then target networks at o'. */
  readonly nextAgents: AgentActivations;
  readonly agentDelta: AgentActivations;
  readonly hyper: HyperActivations;
  readonly nextHyper: HyperActivations;
  readonly hyperDelta: HyperActivations;
  readonly mix: MixActivations;
  readonly nextMix: MixActivations;
  /** [B, N] Q_i(o_i, a_i) */
  readonly qChosen: Float64Array;
  /** [B, N] a'_i */
  readonly nextActions: Int32Array;
  /** [B, N] Q_i_target(o'_i, a'_i) */
  readonly nextQ: Float64Array;
  /** [B] y; without a mixer [B, N], as ∂L/∂Q_tot */
  readonly target: Float64Array;
  /** [B] ∂L/∂Q_tot */
  readonly lossSlope: Float64Array;
  /** [B, N] ∂Q_tot/∂Q_i */
  readonly slope: Float64Array;
  /** [B, N] ∂L/∂Q_i */
  readonly chosenDelta: Float64Array;
  /** Before clipping. */
  readonly gradient: Networks;
  loss: number;
  /** Global norm of `gradient`. */
  gradientNorm: number;
}

/** Room for updates of `batchSize` (B) transitions: no update allocates. */
export function allocateWorkspace(shape: NetworkShape, batchSize: number): Workspace {
  const perAgent = () => new Float64Array(batchSize * shape.agents);
  const perValue = () => new Float64Array(batchSize * valueCount(shape));
  return {
    agents: allocateAgentActivations(shape, batchSize),
    nextAgents: allocateAgentActivations(shape, batchSize),
    agentDelta: allocateAgentActivations(shape, batchSize),
    hyper: allocateHyperActivations(shape, batchSize),
    nextHyper: allocateHyperActivations(shape, batchSize),
    hyperDelta: allocateHyperActivations(shape, batchSize),
    mix: allocateMixActivations(shape, batchSize),
    nextMix: allocateMixActivations(shape, batchSize),
    qChosen: perAgent(),
    nextActions: new Int32Array(batchSize * shape.agents),
    nextQ: perAgent(),
    target: perValue(),
    lossSlope: perValue(),
    slope: perAgent(),
    chosenDelta: perAgent(),
    gradient: allocateNetworks(shape),
    loss: 0,
    gradientNorm: 0,
  };
}

/** A learner's first state: these parameters in online and target networks, nothing in the moments. */
export function allocateState(shape: NetworkShape): LearnerState {
  return {
    online: allocateNetworks(shape),
    target: allocateNetworks(shape),
    firstMoment: allocateNetworks(shape),
    secondMoment: allocateNetworks(shape),
    updates: 0,
  };
}

/**
 * One update (report, 3.2.4, "Training Step"), whatever the mixer. Returns false, with online, target and moments as
 * they were, where the gradient is not finite.
 */
export function update(
  work: Workspace,
  state: LearnerState,
  batch: Batch,
  settings: UpdateSettings,
): boolean {
  forward(work, state, batch, settings.gamma);
  backward(work, state, batch);
  if (!Number.isFinite(work.gradientNorm)) return false;
  optimise(state, work.gradient, work.gradientNorm, settings);
  followTarget(state, settings.tau);
  return true;
}

/** Up to the loss. */
export function forward(
  work: Workspace,
  { online, target }: Pick<LearnerState, 'online' | 'target'>,
  batch: Batch,
  gamma: number,
): void {
  const { agents, nextAgents, hyper, nextHyper, mix, nextMix } = work;

  // Q_tot(s, a) of the actions taken, from the online networks.
  agentForward(agents, online, batch.observations);
  selectValues(work.qChosen, agents.q, batch.actions);
  hypernetForward(hyper, online, batch.states);
  mixForward(mix, work.qChosen, hyper);

  // Double Q: the online networks choose a legal a' at o', the target networks say what it is worth.
  agentForward(nextAgents, online, batch.nextObservations);
  selectGreedy(
    work.nextActions,
    nextAgents.q,
    nextAgents.q.length / work.nextActions.length,
    work.nextActions.length,
    batch.nextAvailable,
  );
  agentForward(nextAgents, target, batch.nextObservations);
  selectValues(work.nextQ, nextAgents.q, work.nextActions);
  hypernetForward(nextHyper, target, batch.nextStates);
  mixForward(nextMix, work.nextQ, nextHyper);

  work.loss = tdError(
    work.target,
    work.lossSlope,
    mix.qTotal,
    nextMix.qTotal,
    batch.rewards,
    batch.terminated,
    gamma,
  );
}

/** From the loss to the gradient of every online parameter; `forward` comes first. */
export function backward(work: Workspace, { online }: Pick<LearnerState, 'online'>, batch: Batch): void {
  const { gradient, slope, chosenDelta } = work;

  mixBackward(slope, work.hyperDelta, work.lossSlope, work.qChosen, work.hyper, work.mix);
  hypernetBackward(gradient, work.hyperDelta, online, work.hyper, batch.states);

  const mixed = slope.length / work.lossSlope.length;
  for (let j = 0; j < slope.length; j++) chosenDelta[j] = work.lossSlope[Math.floor(j / mixed)] * slope[j];
  selectBackward(work.agentDelta.q, chosenDelta, batch.actions);
  agentBackward(gradient, work.agentDelta, online, work.agents, batch.observations);

  work.gradientNorm = globalNorm(gradient);
}

/**
 * The last update's intermediate values by the names of the vector files: q, q_chosen, …, grad.*. Views, not
 * copies. What only the monotonic mixer computes is there only where it mixes.
 */
export function intermediates(work: Workspace, shape: NetworkShape): Map<string, Tensor> {
  const { agents: N, actions: A, mixerWidth: M } = shape;
  const B = work.qChosen.length / N;
  const perValue = shape.mixer === 'none' ? [B, N] : [B];
  const tensors = new Map<string, Tensor>([
    ['q', { shape: [B, N, A], data: work.agents.q }],
    ['q_chosen', { shape: [B, N], data: work.qChosen }],
    ['next_actions', { shape: [B, N], data: work.nextActions }],
    ['next_q', { shape: [B, N], data: work.nextQ }],
    ['q_tot', { shape: perValue, data: work.mix.qTotal }],
    ['target', { shape: perValue, data: work.target }],
    ['dqtot_dq', { shape: [B, N], data: work.slope }],
    ['loss', { shape: [1], data: Float64Array.of(work.loss) }],
    ['grad_norm', { shape: [1], data: Float64Array.of(work.gradientNorm) }],
  ]);
  if (shape.mixer === 'monotonic') {
    const { hyper_w1: w1, hyper_b1: b1, hyper_w2: w2, hyper_b2: b2 } = work.hyper.generated;
    tensors.set('w1', { shape: [B, N, M], data: w1 });
    tensors.set('b1', { shape: [B, M], data: b1 });
    tensors.set('hidden', { shape: [B, M], data: work.mix.hidden });
    tensors.set('w2', { shape: [B, M], data: w2 });
    tensors.set('b2', { shape: [B], data: b2 });
  }
  for (const [name, tensor] of work.gradient.tensors) tensors.set(`grad.${name}`, tensor);
  return tensors;
}
