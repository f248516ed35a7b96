import {
  agentInputs,
  HYPERNETWORKS,
  hypernetworkLayers,
  hypernetworkOutputs,
  type NetworkShape,
  networkCount,
  valueCount,
} from '../shapes.ts';

/**
 * Where everything stands in the GPU's buffers: host twin of shaders/lib/layout.wgsl, and the only place
 * that decides it. Unless said otherwise, places and sizes are in quads (four float32).
 */

/** Threads of a workgroup where it matters little. */
export const WORKGROUP = 64;

export const quads = (numbers: number): number => Math.ceil(numbers / 4);

/** A parameter of the table inside a layer of the GPU's: outputs [blocks, block], each block padded to quads. */
export interface LayerPart {
  /** Layer name in the table of shapes.ts. */
  readonly name: string;
  readonly inputs: number;
  readonly blocks: number;
  readonly block: number;
  /** First output quad of this part within the layer. */
  readonly firstOutput: number;
}

/**
 * A dense layer as the kernels see it: weight transposed [4·inputs4][outputs4] quads, then bias [outputs4].
 * The first layers of hypernetworks that have two, which share their input, are one.
 */
export interface GpuLayer {
  readonly offset: number;
  readonly inputs4: number;
  readonly outputs4: number;
  /** Field of the first half of a row that is its input. */
  readonly input: number;
  /** Field that is its output; its delta stands at the same place of the second half. */
  readonly output: number;
  /** Inputs a row has for it (agents that share it), and the distance from one to the next. */
  readonly repeat: number;
  readonly inputStep: number;
  readonly outputStep: number;
  readonly parts: readonly LayerPart[];
}

const layerQuads = (layer: GpuLayer): number => (4 * layer.inputs4 + 1) * layer.outputs4;

/** Those hypernetworks that have a hidden layer, in table order. */
const hiddenHypernetworks = (shape: NetworkShape) =>
  HYPERNETWORKS.filter((name) => hypernetworkLayers(shape)[name] === 2);

/** Fields of half a row, in the order of shaders/lib/layout.wgsl, with their quads. */
function rowFields(shape: NetworkShape) {
  const { agents, stateSize, actions, hidden, hyperHidden, masked } = shape;
  const mixing = shape.mixer === 'monotonic' ? 1 : 0;
  const width4 = mixing * quads(shape.mixerWidth);
  const values4 = quads(valueCount(shape));
  const sizes = {
    INPUT: agents * quads(agentInputs(shape)),
    AVAILABLE: masked ? agents * quads(actions) : 0,
    H1: agents * quads(hidden),
    H2: agents * quads(hidden),
    Q: agents * quads(actions),
    CHOSEN: quads(agents),
    ACTION: quads(agents),
    STATE: quads(stateSize),
    Z: mixing * hiddenHypernetworks(shape).length * quads(hyperHidden),
    W1_RAW: agents * width4,
    W1: agents * width4,
    B1: width4,
    W2_RAW: width4,
    W2: width4,
    B2: mixing,
    HIDDEN: width4,
    TOTAL: values4,
    OUTCOME: 1,
    TARGET: values4,
    ERROR: values4,
    SLOPE: quads(agents),
  };
  let offset = 0;
  const offsets = {} as Record<keyof typeof sizes, number>;
  for (const field of Object.keys(sizes) as (keyof typeof sizes)[]) {
    offsets[field] = offset;
    offset += sizes[field];
  }
  return { offsets, sizes, half: offset };
}

export type RowField = keyof ReturnType<typeof rowFields>['offsets'];

export interface Layout {
  readonly shape: NetworkShape;
  /** Field → first quad in half a row. */
  readonly fields: Readonly<Record<RowField, number>>;
  /** Quads of half a row. */
  readonly half: number;
  /** Quads from one row to the next when training: both halves, and H1 to Q of the online networks at o'. */
  readonly row: number;
  /** The same when acting: the agents' part of one half. */
  readonly actingRow: number;
  readonly layers: readonly GpuLayer[];
  /** Quads of one copy of the parameters, and of the agents' share of it, which comes first. */
  readonly parameters: number;
  readonly agentParameters: number;
  /** The constants of shaders/lib/layout.wgsl, but for BATCH and ROW, which depend on the kernel. */
  readonly constants: Readonly<Record<string, number>>;
}

/**
 * Quads, filled up to an odd number of cache lines of 64 bytes: the same field of all rows of a tile is read one after
 * another, and rows at a distance of a power of two would push each other out of the cache.
 */
const oddLines = (quads: number): number => 4 * (Math.ceil(quads / 4) | 1);

/** MIXER of the shader. */
const MIXERS = { none: 0, sum: 1, monotonic: 2 } as const;

export function makeLayout(shape: NetworkShape): Layout {
  const { agents, observationSize, stateSize, actions, hidden, mixerWidth, hyperHidden } = shape;
  const inputs = agentInputs(shape);
  const { offsets: at, half } = rowFields(shape);
  const layers: GpuLayer[] = [];
  let end = 0;
  const add = (layer: Omit<GpuLayer, 'offset'>): number => {
    const placed = { ...layer, offset: end };
    layers.push(placed);
    end += layerQuads(placed);
    return placed.offset;
  };

  const networks = networkCount(shape);
  const agentLayers = [
    { suffix: 0, inputs, outputs: hidden, input: at.INPUT, output: at.H1 },
    { suffix: 2, inputs: hidden, outputs: hidden, input: at.H1, output: at.H2 },
    { suffix: 4, inputs: hidden, outputs: actions, input: at.H2, output: at.Q },
  ];
  const agentOffsets: number[] = [];
  for (let network = 0; network < networks; network++) {
    for (const { suffix, inputs, outputs, input, output } of agentLayers) {
      const inputs4 = quads(inputs);
      const outputs4 = quads(outputs);
      const name = `agents.${network}.${suffix}`;
      const offset = add({
        inputs4,
        outputs4,
        input: input + network * inputs4,
        output: output + network * outputs4,
        repeat: shape.sharedAgents ? agents : 1,
        inputStep: inputs4,
        outputStep: outputs4,
        parts: [{ name, inputs, blocks: 1, block: outputs, firstOutput: 0 }],
      });
      agentOffsets.push(offset);
    }
  }
  const agentParameters = end;

  const mixer: Record<string, number> = {};
  if (shape.mixer === 'monotonic') {
    const single = { repeat: 1, inputStep: 0, outputStep: 0 };
    const hyper4 = quads(hyperHidden);
    const withHidden = hiddenHypernetworks(shape);
    mixer.HYPER_IN = add({
      ...single,
      inputs4: quads(stateSize),
      outputs4: withHidden.length * hyper4,
      input: at.STATE,
      output: at.Z,
      parts: withHidden.map((name, j) => ({
        name: `mixer.${name}.0`,
        inputs: stateSize,
        blocks: 1,
        block: hyperHidden,
        firstOutput: j * hyper4,
      })),
    });
    mixer.HYPER_IN_OUT4 = withHidden.length * hyper4;
    const fields = { hyper_w1: at.W1_RAW, hyper_b1: at.B1, hyper_w2: at.W2_RAW, hyper_b2: at.B2 };
    for (const name of HYPERNETWORKS) {
      const hiddenPlace = withHidden.indexOf(name);
      const direct = hiddenPlace < 0;
      const layerInputs = direct ? stateSize : hyperHidden;
      // hyper_w1's outputs are agent-major, a padded block for each.
      const blocks = name === 'hyper_w1' ? agents : 1;
      const block = hypernetworkOutputs(shape)[name] / blocks;
      const input = direct ? at.STATE : at.Z + hiddenPlace * hyper4;
      mixer[name.toUpperCase()] = add({
        ...single,
        inputs4: quads(layerInputs),
        outputs4: blocks * quads(block),
        input,
        output: fields[name],
        parts: [
          { name: `mixer.${name}.${direct ? 0 : 2}`, inputs: layerInputs, blocks, block, firstOutput: 0 },
        ],
      });
      mixer[`${name.toUpperCase()}_FROM`] = input;
    }
  } else {
    for (const name of ['HYPER_IN', ...HYPERNETWORKS.map((hyper) => hyper.toUpperCase())]) mixer[name] = 0;
    for (const name of HYPERNETWORKS) mixer[`${name.toUpperCase()}_FROM`] = 0;
    mixer.HYPER_IN_OUT4 = 0;
  }

  return {
    shape,
    fields: at,
    half,
    row: oddLines(2 * half + at.CHOSEN - at.H1),
    actingRow: oddLines(at.CHOSEN),
    layers,
    parameters: end,
    agentParameters,
    constants: {
      AGENTS: agents,
      ACTIONS: actions,
      OBSERVATION: observationSize,
      STATE: stateSize,
      WIDTH: mixerWidth,
      AGENTS4: quads(agents),
      ACTIONS4: quads(actions),
      INPUT4: quads(inputs),
      STATE4: quads(stateSize),
      HIDDEN4: quads(hidden),
      WIDTH4: quads(mixerWidth),
      HYPER4: quads(hyperHidden),
      VALUES: valueCount(shape),
      VALUES4: quads(valueCount(shape)),
      AGENT_ID: shape.agentId ? 1 : 0,
      MASKED: shape.masked ? 1 : 0,
      MIXER: MIXERS[shape.mixer],
      ABSOLUTE: shape.positivity === 'abs' ? 1 : 0,
      PARAMETERS: end,
      AGENT_PARAMETERS: agentParameters,
      AGENT_STRIDE: shape.sharedAgents ? 0 : agentParameters / networks,
      AGENT_0: agentOffsets[0],
      AGENT_2: agentOffsets[1],
      AGENT_4: agentOffsets[2],
      ...mixer,
      HALF: half,
      AHEAD: 2 * half - at.H1,
      ...Object.fromEntries(Object.entries(at).map(([field, offset]) => [`AT_${field}`, offset])),
    },
  };
}

/** Calls `visit` with the place in the GPU's copy (in numbers) of every entry of a named layer's parameters. */
function forEachEntry(
  layer: GpuLayer,
  part: LayerPart,
  visit: (kind: 'weight' | 'bias', index: number, place: number) => void,
): void {
  const columns = 4 * layer.outputs4;
  for (let block = 0; block < part.blocks; block++) {
    for (let unit = 0; unit < part.block; unit++) {
      const output = block * part.block + unit;
      const column = 4 * (part.firstOutput + block * quads(part.block)) + unit;
      const first = 4 * layer.offset + column;
      for (let input = 0; input < part.inputs; input++) {
        visit('weight', output * part.inputs + input, first + input * columns);
      }
      visit('bias', output, first + 4 * layer.inputs4 * columns);
    }
  }
}

/** Writes named parameters [out, in] into one padded, transposed copy (4·layout.parameters numbers). */
export function packParameters(
  layout: Layout,
  parameters: ReadonlyMap<string, { data: ArrayLike<number> }>,
  prefix: string,
  packed: Float32Array,
): void {
  packed.fill(0);
  for (const layer of layout.layers) {
    for (const part of layer.parts) {
      const weight = parameters.get(`${prefix}${part.name}.weight`)!.data;
      const bias = parameters.get(`${prefix}${part.name}.bias`)!.data;
      forEachEntry(layer, part, (kind, index, place) => {
        packed[place] = kind === 'weight' ? weight[index] : bias[index];
      });
    }
  }
}

/** The inverse of packParameters: every layer's weight [out, in] and bias, by name. */
export function unpackParameters(layout: Layout, packed: Float32Array): Map<string, Float32Array> {
  const parameters = new Map<string, Float32Array>();
  for (const layer of layout.layers) {
    for (const part of layer.parts) {
      const weight = new Float32Array(part.blocks * part.block * part.inputs);
      const bias = new Float32Array(part.blocks * part.block);
      forEachEntry(layer, part, (kind, index, place) => {
        if (kind === 'weight') weight[index] = packed[place];
        else bias[index] = packed[place];
      });
      parameters.set(`${part.name}.weight`, weight);
      parameters.set(`${part.name}.bias`, bias);
    }
  }
  return parameters;
}
