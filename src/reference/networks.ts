import { type Hypernetwork, layerTable, type NetworkShape, networkCount } from '../shapes.ts';
import type { Tensor } from '../tensor.ts';

/** A dense layer's parameters, or their gradients: views into the flat values of its Networks. */
export interface DenseLayer {
  /** I */
  readonly inputs: number;
  /** O */
  readonly outputs: number;
  /** [O, I] */
  readonly weight: Float64Array;
  /** [O] */
  readonly bias: Float64Array;
}

/**
 * One number for every parameter: the parameters themselves, their gradients, or the optimiser's moments. The same
 * numbers can be read flat (as the optimiser does), by layer (as the networks do) and by name (as files do).
 */
export interface Networks {
  /** All numbers, in the order of the parameter table: agents first, then the mixer. */
  readonly values: Float64Array;
  /** How many of `values` belong to agent networks. */
  readonly agentCount: number;
  /** [networks][3]: the layers of each agent network; a single entry where agents share one. */
  readonly agents: readonly (readonly [DenseLayer, DenseLayer, DenseLayer])[];
  /** One or two layers of each hypernetwork; none where the mixer has no hypernetworks. */
  readonly hypernetworks: Readonly<Record<Hypernetwork, readonly DenseLayer[]>>;
  /** By name, as in parameterTable. */
  readonly tensors: ReadonlyMap<string, Tensor & { readonly data: Float64Array }>;
}

/** Networks of this shape, all zero. */
export function allocateNetworks(shape: NetworkShape): Networks {
  const table = layerTable(shape);
  const values = new Float64Array(table.reduce((sum, spec) => sum + (spec.inputs + 1) * spec.outputs, 0));
  const tensors = new Map<string, Tensor & { readonly data: Float64Array }>();
  let at = 0;
  let agentCount = 0;
  const layers = table.map(({ name, inputs, outputs, group }): DenseLayer => {
    const weight = values.subarray(at, at + outputs * inputs);
    at += weight.length;
    const bias = values.subarray(at, at + outputs);
    at += outputs;
    if (group === 'agents') agentCount = at;
    tensors.set(`${name}.weight`, { shape: [outputs, inputs], data: weight });
    tensors.set(`${name}.bias`, { shape: [outputs], data: bias });
    return { inputs, outputs, weight, bias };
  });

  const agents = Array.from(
    { length: networkCount(shape) },
    (_, i) => [layers[3 * i], layers[3 * i + 1], layers[3 * i + 2]] as const,
  );
  const layersOf = (name: Hypernetwork) =>
    layers.filter((_, k) => table[k].name.startsWith(`mixer.${name}.`));
  const hypernetworks = {
    hyper_w1: layersOf('hyper_w1'),
    hyper_b1: layersOf('hyper_b1'),
    hyper_w2: layersOf('hyper_w2'),
    hyper_b2: layersOf('hyper_b2'),
  };
  return { values, agentCount, agents, hypernetworks, tensors };
}
