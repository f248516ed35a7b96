import { HYPERNETWORKS, type NetworkShape, networkCount } from '../shapes.ts';

/**
 * Where everything stands in the GPU's buffers: host twin of shaders/lib/layout.wgsl, and the only place
 * that decides it. Unless said otherwise, places and sizes are in quads (four float32).
 */

/** Threads of a workgroup, where the number is no part of the result. */
export const WORKGROUP = 32;
/** Rows a workgroup takes at a time: TILE of the shaders. */
export const TILE_ROWS = 8;

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
 * The first layers of the four hypernetworks, which share their input, are one.
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

/** Fields of half a row, in the order of shaders/lib/layout.wgsl, with their quads. */
function rowFields(shape: NetworkShape) {
  const { agents, observationSize, stateSize, actions, hidden, mixerWidth, hyperHidden } = shape;
  const width4 = quads(mixerWidth);
  const sizes = {
    OBSERVATION: agents * quads(observationSize),
    H1: agents * quads(hidden),
    H2: agents * quads(hidden),
    Q: agents * quads(actions),
    CHOSEN: quads(agents),
    ACTION: quads(agents),
    STATE: quads(stateSize),
    Z: 4 * quads(hyperHidden),
    W1_RAW: agents * width4,
    W1: agents * width4,
    B1: width4,
    W2_RAW: width4,
    W2: width4,
    B2: 1,
    HIDDEN: width4,
    TOTAL: 1,
    TD: 1,
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
  /** Quads of a row when training: both halves. */
  readonly row: number;
  /** Quads of a row when acting: the agents' part of one half. */
  readonly actingRow: number;
  readonly layers: readonly GpuLayer[];
  /** Quads of one copy of the parameters, and of the agents' share of it, which comes first. */
  readonly parameters: number;
  readonly agentParameters: number;
  /** The constants of shaders/lib/layout.wgsl, but for BATCH and ROW, which depend on the kernel. */
  readonly constants: Readonly<Record<string, number>>;
}

export function makeLayout(shape: NetworkShape): Layout {
  const { agents, observationSize, stateSize, actions, hidden, mixerWidth, hyperHidden } = shape;
  const [observation4, state4, actions4, hidden4, width4, hyper4] = [
    observationSize,
    stateSize,
    actions,
    hidden,
    mixerWidth,
    hyperHidden,
  ].map(quads);
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
    { suffix: 0, inputs: observationSize, outputs: hidden, input: at.OBSERVATION, output: at.H1 },
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

  const single = { repeat: 1, inputStep: 0, outputStep: 0 };
  const hyperIn = add({
    ...single,
    inputs4: state4,
    outputs4: 4 * hyper4,
    input: at.STATE,
    output: at.Z,
    parts: HYPERNETWORKS.map((name, j) => ({
      name: `mixer.${name}.0`,
      inputs: stateSize,
      blocks: 1,
      block: hyperHidden,
      firstOutput: j * hyper4,
    })),
  });
  const outputs = {
    hyper_w1: { blocks: agents, block: mixerWidth, output: at.W1_RAW },
    hyper_b1: { blocks: 1, block: mixerWidth, output: at.B1 },
    hyper_w2: { blocks: 1, block: mixerWidth, output: at.W2_RAW },
    hyper_b2: { blocks: 1, block: 1, output: at.B2 },
  };
  const [hyperW1, hyperB1, hyperW2, hyperB2] = HYPERNETWORKS.map((name, j) => {
    const { blocks, block, output } = outputs[name];
    return add({
      ...single,
      inputs4: hyper4,
      outputs4: blocks * quads(block),
      input: at.Z + j * hyper4,
      output,
      parts: [{ name: `mixer.${name}.2`, inputs: hyperHidden, blocks, block, firstOutput: 0 }],
    });
  });

  return {
    shape,
    fields: at,
    half,
    row: 2 * half,
    actingRow: at.STATE,
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
      ACTIONS4: actions4,
      OBSERVATION4: observation4,
      STATE4: state4,
      HIDDEN4: hidden4,
      WIDTH4: width4,
      HYPER4: hyper4,
      PARAMETERS: end,
      AGENT_PARAMETERS: agentParameters,
      AGENT_STRIDE: shape.sharedAgents ? 0 : agentParameters / networks,
      AGENT_0: agentOffsets[0],
      AGENT_2: agentOffsets[1],
      AGENT_4: agentOffsets[2],
      HYPER_IN: hyperIn,
      HYPER_W1: hyperW1,
      HYPER_B1: hyperB1,
      HYPER_W2: hyperW2,
      HYPER_B2: hyperB2,
      HALF: half,
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
