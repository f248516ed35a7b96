import * as z from 'zod';
import { ConfigError, shorten, show } from '../config_error.ts';
import type { LearnerSettings, OptimiserRule } from '../hyperparameters.ts';
import type { LearnerSnapshot } from '../learner/learner.ts';
import { decodeSafetensors } from '../safetensors.ts';
import { type NetworkShape, parameterTable, recordLayout } from '../shapes.ts';
import { elementCount, type Tensor } from '../tensor.ts';

/**
 * A vector file: parameters, a batch, and what an independent float64 implementation made of them. A
 * safetensors file with metadata `config` (JSON) and tensors online.*, target.*, batch.*, expect.*.
 */
export interface VectorFile {
  readonly name: string;
  readonly shape: NetworkShape;
  readonly batchSize: number;
  /** Updates made on the batch, the target networks standing still. */
  readonly steps: number;
  readonly settings: Omit<LearnerSettings, 'seed'>;
  readonly optimiser: OptimiserRule;
  /** online.* and target.* */
  readonly parameters: ReadonlyMap<string, Tensor>;
  /** [B, record] the batch, as transition records */
  readonly records: Float32Array;
  /** expect.*, without the prefix */
  readonly expected: ReadonlyMap<string, Tensor>;
}

/** Adam as the report has it, RMSprop as the paper: its ε is added after the root. */
const OPTIMISERS: Readonly<Record<'adam' | 'rmsprop', OptimiserRule>> = {
  adam: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, corrected: true },
  rmsprop: { beta1: 0, beta2: 0.99, epsilon: 1e-5, corrected: false },
};

const WHOLE = 'allowed: whole numbers from 1';
const size = z.number(WHOLE).int(WHOLE).min(1, WHOLE);
const above = z.number('allowed: numbers above 0').positive('allowed: numbers above 0');
const flag = z.boolean('allowed: true, false').default(false);
/** What a file may ask for. Anything else is refused, by name. */
const schema = z.looseObject({
  agents: size,
  obs: size,
  state: size,
  actions: size,
  hidden: size,
  embed: size,
  hyper_hidden: size.optional(),
  batch: size,
  steps: size,
  gamma: z.number('allowed: numbers'),
  clip: above,
  lr: above,
  shared: flag,
  agent_id: flag,
  mixer: z.enum(['monotonic', 'sum', 'none'], 'allowed: monotonic, sum, none').default('monotonic'),
  positivity: z.enum(['softplus', 'abs'], 'allowed: softplus, abs').default('softplus'),
  hyper_layers: z.literal([1, 2], 'allowed: 1, 2').default(2),
  b1_layers: z.literal([1, 2], 'allowed: 1, 2').default(2),
  optimizer: z.enum(['adam', 'rmsprop'], 'allowed: adam, rmsprop').default('adam'),
  mask: flag,
});

/** Reads and checks a vector file. Throws ConfigError naming the file, the field, the value and what is allowed. */
export function parseVectorFile(bytes: Uint8Array, fileName: string): VectorFile {
  const { tensors, metadata } = decodeSafetensors(bytes, fileName);
  const config = parseConfig(metadata.config, fileName);
  const shape: NetworkShape = {
    agents: config.agents,
    observationSize: config.obs,
    stateSize: config.state,
    actions: config.actions,
    hidden: config.hidden,
    mixerWidth: config.embed,
    hyperHidden: config.hyper_hidden ?? config.embed,
    sharedAgents: config.shared,
    agentId: config.agent_id,
    mixer: config.mixer,
    positivity: config.positivity,
    hyperLayers: config.hyper_layers,
    biasLayers: config.b1_layers,
    masked: config.mask,
  };
  const take = (name: string, expected: readonly number[]): Tensor => {
    const tensor = tensors.get(name);
    if (String(tensor?.shape) !== String(expected)) {
      const found = tensor ? `shape [${tensor.shape}]` : 'nothing';
      throw new ConfigError(`${fileName}: ${name}: got ${found}, allowed: [${expected}]`);
    }
    const { data } = tensor!;
    const wrong = data.findIndex((value) => !Number.isFinite(value));
    if (wrong >= 0) {
      throw new ConfigError(
        `${fileName}: ${name}[${placeOf(wrong, expected)}]: got ${data[wrong]}, allowed: finite numbers`,
      );
    }
    return tensor!;
  };

  const parameters = new Map<string, Tensor>();
  for (const { name, shape: parameterShape } of parameterTable(shape)) {
    for (const copy of ['online', 'target']) {
      parameters.set(`${copy}.${name}`, take(`${copy}.${name}`, parameterShape));
    }
  }
  const expected = new Map<string, Tensor>();
  for (const [name, shapeOfName] of expectedShapes(shape, config.batch, config.steps)) {
    expected.set(name, take(`expect.${name}`, shapeOfName));
  }
  return {
    name: fileName,
    shape,
    batchSize: config.batch,
    steps: config.steps,
    settings: {
      learningRate: config.lr,
      mixerLearningRate: config.lr / 2,
      gamma: config.gamma,
      clipNorm: config.clip,
      tau: 0,
    },
    optimiser: OPTIMISERS[config.optimizer],
    parameters,
    records: records(shape, config.batch, take),
    expected,
  };
}

/** The indices of a tensor's entry, given where it stands in its data: `3, 0, 1`. */
function placeOf(at: number, shape: readonly number[]): string {
  const place: number[] = [];
  let rest = at;
  for (const size of shape.toReversed()) {
    place.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return place.join(', ');
}

function parseConfig(text: string | undefined, fileName: string): z.infer<typeof schema> {
  let json: unknown;
  try {
    json = JSON.parse(text ?? '');
  } catch {
    throw new ConfigError(
      `${fileName}: config: got ${shorten(text ?? 'nothing')}, allowed: JSON in the metadata`,
    );
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => {
    const value = path.reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown>)?.[key], json);
    return `${fileName}: config.${path.join('.')}: got ${show(value)}, ${message}`;
  });
  throw new ConfigError(problems.join('\n'));
}

/** Names and shapes of what a file expects. */
function expectedShapes(shape: NetworkShape, batch: number, steps: number): [string, readonly number[]][] {
  const { agents, actions, mixerWidth, mixer } = shape;
  const perValue = mixer === 'none' ? [batch, agents] : [batch];
  const mixing: [string, readonly number[]][] = [
    ['w1', [batch, agents, mixerWidth]],
    ['b1', [batch, mixerWidth]],
    ['hidden', [batch, mixerWidth]],
    ['w2', [batch, mixerWidth]],
    ['b2', [batch]],
  ];
  const table = parameterTable(shape);
  const named = (prefix: string) =>
    table.map((parameter): [string, readonly number[]] => [prefix + parameter.name, parameter.shape]);
  return [
    ['q', [batch, agents, actions]],
    ['q_chosen', [batch, agents]],
    ['next_actions', [batch, agents]],
    ['next_q', [batch, agents]],
    ...(mixer === 'monotonic' ? mixing : []),
    ['q_tot', perValue],
    ['target', perValue],
    ['dqtot_dq', [batch, agents]],
    ['loss', [1]],
    ['grad_norm', [1]],
    ...named('grad.'),
    ...named('step1.'),
    ...(steps > 1 ? named(`step${steps}.`) : []),
  ];
}

/** The batch as the replay would hold it. */
function records(
  shape: NetworkShape,
  batch: number,
  take: (name: string, shape: readonly number[]) => Tensor,
): Float32Array {
  const layout = recordLayout(shape);
  const { agents, observationSize, stateSize, actions } = shape;
  const parts: [string, number, readonly number[]][] = [
    ['obs', layout.observations, [batch, agents, observationSize]],
    ['state', layout.state, [batch, stateSize]],
    ['next_obs', layout.nextObservations, [batch, agents, observationSize]],
    ['next_state', layout.nextState, [batch, stateSize]],
    ['actions', layout.actions, [batch, agents]],
    ['reward', layout.reward, [batch]],
    ['terminated', layout.terminated, [batch]],
  ];
  if (shape.masked) parts.push(['next_available', layout.nextAvailable, [batch, agents, actions]]);
  const out = new Float32Array(batch * layout.size);
  for (const [name, offset, tensorShape] of parts) {
    const { data } = take(`batch.${name}`, tensorShape);
    const width = data.length / batch;
    for (let b = 0; b < batch; b++) {
      for (let i = 0; i < width; i++) out[b * layout.size + offset + i] = data[b * width + i];
    }
  }
  return out;
}

/** A learner that is about to make its first update, with these parameters, on these records. */
export function snapshotBeforeTraining(
  shape: NetworkShape,
  parameters: ReadonlyMap<string, Tensor>,
  recordsOfBatch: Float32Array,
): LearnerSnapshot {
  const snapshot = new Map<string, Tensor>(parameters);
  for (const { name, shape: parameterShape } of parameterTable(shape)) {
    const zeros = () => ({ shape: parameterShape, data: new Float32Array(elementCount(parameterShape)) });
    snapshot.set(`optimizer.exp_avg.${name}`, zeros());
    snapshot.set(`optimizer.exp_avg_sq.${name}`, zeros());
  }
  const width = recordLayout(shape).size;
  const count = recordsOfBatch.length / width;
  snapshot.set('replay.transitions', { shape: [count, width], data: recordsOfBatch });
  snapshot.set('counters', { shape: [3], data: Float64Array.of(0, 0, count) });
  snapshot.set('metrics', { shape: [4], data: new Float32Array(4) });
  return snapshot;
}
