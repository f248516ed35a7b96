/** Sizes of the networks. The letters are those used everywhere. */
export interface NetworkShape {
  /** N */
  readonly agents: number;
  /** O */
  readonly observationSize: number;
  /** S */
  readonly stateSize: number;
  /** A */
  readonly actions: number;
  /** H */
  readonly hidden: number;
  /** M */
  readonly mixerWidth: number;
  /** K */
  readonly hyperHidden: number;
  /** One network for all agents instead of one each. */
  readonly sharedAgents: boolean;
  /** The agent's one-hot number follows its observation: the first layer is O + N wide. */
  readonly agentId: boolean;
  readonly mixer: 'none' | 'sum' | 'monotonic';
  /** What makes the monotonic mixer's weights positive. */
  readonly positivity: 'softplus' | 'abs';
  /** Layers of hyper_w1 and hyper_w2, 1 or 2. */
  readonly hyperLayers: number;
  /** Layers of hyper_b1, 1 or 2; hyper_b2, the paper's V(s), always has two. */
  readonly biasLayers: number;
  /** Some actions may be illegal: transitions hold which of the next ones are legal. */
  readonly masked: boolean;
}

/** Sizes that the environment decides; the configuration decides the others. */
type EnvironmentSizes = Pick<NetworkShape, 'agents' | 'observationSize' | 'stateSize' | 'actions' | 'masked'>;

export function networkShape(
  config: Omit<NetworkShape, keyof EnvironmentSizes>,
  spec: EnvironmentSizes,
): NetworkShape {
  return {
    agents: spec.agents,
    observationSize: spec.observationSize,
    stateSize: spec.stateSize,
    actions: spec.actions,
    hidden: config.hidden,
    mixerWidth: config.mixerWidth,
    hyperHidden: config.hyperHidden,
    sharedAgents: config.sharedAgents,
    agentId: config.agentId,
    mixer: config.mixer,
    positivity: config.positivity,
    hyperLayers: config.hyperLayers,
    biasLayers: config.biasLayers,
    masked: spec.masked,
  };
}

/** The hypernetworks, in table order, and how many numbers each generates. */
export const HYPERNETWORKS = ['hyper_w1', 'hyper_b1', 'hyper_w2', 'hyper_b2'] as const;
export type Hypernetwork = (typeof HYPERNETWORKS)[number];

export function hypernetworkOutputs(shape: NetworkShape): Record<Hypernetwork, number> {
  const { agents, mixerWidth } = shape;
  return { hyper_w1: agents * mixerWidth, hyper_b1: mixerWidth, hyper_w2: mixerWidth, hyper_b2: 1 };
}

/** Layers of each hypernetwork. */
export function hypernetworkLayers(shape: NetworkShape): Record<Hypernetwork, number> {
  const { hyperLayers, biasLayers } = shape;
  return { hyper_w1: hyperLayers, hyper_b1: biasLayers, hyper_w2: hyperLayers, hyper_b2: 2 };
}

/** Numbers an agent network takes in: the observation and, where there is one, the agent's one-hot number. */
export const agentInputs = ({ agents, observationSize, agentId }: NetworkShape): number =>
  observationSize + (agentId ? agents : 0);

/** TD errors that a transition gives: each agent's own without a mixer, else one. */
export const valueCount = ({ mixer, agents }: NetworkShape): number => (mixer === 'none' ? agents : 1);

/** A dense layer: weight [outputs, inputs] and bias [outputs], named as PyTorch's state_dict would. */
export interface LayerSpec {
  /** `${name}.weight` and `${name}.bias` are its parameters. */
  readonly name: string;
  readonly inputs: number;
  readonly outputs: number;
  /** Which learning rate applies. */
  readonly group: 'agents' | 'mixer';
}

export const networkCount = (shape: NetworkShape): number => (shape.sharedAgents ? 1 : shape.agents);

/**
 * The one table of layers: names, shapes and order of all parameters, of files, of hashes, of the GPU's
 * buffers and of the reference.
 */
export function layerTable(shape: NetworkShape): LayerSpec[] {
  const { stateSize, actions, hidden, hyperHidden } = shape;
  const layers: LayerSpec[] = [];
  for (let network = 0; network < networkCount(shape); network++) {
    const name = `agents.${network}`;
    layers.push({ name: `${name}.0`, inputs: agentInputs(shape), outputs: hidden, group: 'agents' });
    layers.push({ name: `${name}.2`, inputs: hidden, outputs: hidden, group: 'agents' });
    layers.push({ name: `${name}.4`, inputs: hidden, outputs: actions, group: 'agents' });
  }
  if (shape.mixer !== 'monotonic') return layers;
  const outputs = hypernetworkOutputs(shape);
  const depth = hypernetworkLayers(shape);
  for (const hypernetwork of HYPERNETWORKS) {
    const name = `mixer.${hypernetwork}`;
    const last = outputs[hypernetwork];
    if (depth[hypernetwork] === 1) {
      layers.push({ name: `${name}.0`, inputs: stateSize, outputs: last, group: 'mixer' });
    } else {
      layers.push({ name: `${name}.0`, inputs: stateSize, outputs: hyperHidden, group: 'mixer' });
      layers.push({ name: `${name}.2`, inputs: hyperHidden, outputs: last, group: 'mixer' });
    }
  }
  return layers;
}

/** A parameter of the table. */
export interface ParameterSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly layer: LayerSpec;
}

export function parameterTable(shape: NetworkShape): ParameterSpec[] {
  return layerTable(shape).flatMap((layer) => [
    { name: `${layer.name}.weight`, shape: [layer.outputs, layer.inputs], layer },
    { name: `${layer.name}.bias`, shape: [layer.outputs], layer },
  ]);
}

/**
 * Where things stand in a transition record: float32 numbers, one after another:
 * observations [N, O], state [S], next observations [N, O], next state [S], actions [N], reward, terminated and,
 * where some actions may be illegal, 1 for each next action that is legal [N, A].
 */
export interface RecordLayout {
  readonly observations: number;
  readonly state: number;
  readonly nextObservations: number;
  readonly nextState: number;
  readonly actions: number;
  readonly reward: number;
  readonly terminated: number;
  readonly nextAvailable: number;
  /** Numbers in a record. */
  readonly size: number;
}

export function recordLayout(shape: NetworkShape): RecordLayout {
  const seen = shape.agents * shape.observationSize;
  const half = seen + shape.stateSize;
  const actions = 2 * half;
  return {
    observations: 0,
    state: seen,
    nextObservations: half,
    nextState: half + seen,
    actions,
    reward: actions + shape.agents,
    terminated: actions + shape.agents + 1,
    nextAvailable: actions + shape.agents + 2,
    size: actions + shape.agents + 2 + (shape.masked ? shape.agents * shape.actions : 0),
  };
}
