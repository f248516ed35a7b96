import type { Operation } from '../kernels/alone.ts';
import type { KernelSizes } from '../kernels/sizes.ts';
import { agentInputs, type LayerSpec, layerTable, recordLayout, valueCount } from '../shapes.ts';

/**
 * What a dispatch has to do at least, whoever writes the kernel: the arithmetic of its equations, and the numbers
 * that it has to read or write, each moved once, as if every cache were perfect. Padding does not count. So a
 * kernel cannot look better by doing more.
 */
export interface Cost {
  /** Additions, multiplications, divisions, roots, exponentials and logarithms, each one. */
  readonly flops: number;
  readonly bytes: number;
}

/** The kernels that have a cost: those of an update and of a step, and the operations of update_rows alone. */
export type CostedKernel =
  | 'update_rows'
  | 'gradient'
  | 'optimise'
  | 'copy_target'
  | 'act'
  | 'insert'
  | Operation;

/** What a matmul and a copy reach on the adapter (src/bench/peak.ts). */
export interface Peaks {
  /** Multiplications and additions, 10⁹ a second. */
  readonly gflops: number;
  /** Bytes read and bytes written, 10⁹ a second. */
  readonly gbps: number;
}

const FLOAT = 4;

/** The three dispatches of an update. */
const UPDATE_KERNELS = ['update_rows', 'gradient', 'optimise'] as const;

/** Costs of one dispatch of every kernel, for all L learners. */
export function kernelCosts(sizes: KernelSizes): Readonly<Record<CostedKernel, Cost>> {
  const { layout, learners, environments, batch } = sizes;
  const { shape } = layout;
  const { agents, observationSize, actions, hidden, mixerWidth, hyperHidden, stateSize } = shape;
  const monotonic = shape.mixer === 'monotonic';
  const record = recordLayout(shape).size;
  const values = valueCount(shape);
  const layers = layerTable(shape);
  // Each agent runs through a network, its own or that of all.
  const agentRuns = shape.sharedAgents ? agents : 1;
  const runs = (layer: LayerSpec): number => (layer.group === 'agents' ? agentRuns : 1);
  const sum = (of: (layer: LayerSpec) => number, group?: LayerSpec['group']): number =>
    layers.reduce((total, layer) => (group && layer.group !== group ? total : total + of(layer)), 0);
  const weights = ({ inputs, outputs }: LayerSpec): number => inputs * outputs;
  const parameters = (layer: LayerSpec): number => weights(layer) + layer.outputs;
  const all = sum(parameters);
  const agentParameters = sum(parameters, 'agents');
  const mixerParameters = sum(parameters, 'mixer');

  // Of a row. A dense layer is a multiplication and an addition for each weight (the first addition is its bias's).
  const agentForward = sum((layer) => 2 * weights(layer) * runs(layer), 'agents');
  const hyperForward = sum((layer) => 2 * weights(layer), 'mixer');
  // Deltas go back through all layers but those that take in an observation or a state.
  const agentBackward = 2 * agents * (hidden * actions + hidden * hidden);
  const hyperBackward = sum((layer) => (layer.name.endsWith('.2') ? 2 * weights(layer) : 0), 'mixer');
  // Q w1 + b1 and its ELU, hidden · w2, and w1 and w2 made positive (one each).
  const mixForward = monotonic ? mixerWidth * (3 * agents + 4) : shape.mixer === 'sum' ? agents : 0;
  // s, d s, d hidden p'(w2), d s Q p'(w1), dQ_tot/dQ, with a slope p' for each weight.
  const mixBackward = monotonic ? mixerWidth * (6 * agents + 5) + agents : agents;
  const tdError = 6 * values;

  // Numbers of a row: what an operation takes in and what it leaves.
  const q = agents * actions;
  const input = agents * agentInputs(shape);
  const bothHidden = 2 * agents * hidden;
  const generated = monotonic ? (agents + 2) * mixerWidth + 1 : 0;
  const z = monotonic ? sum((layer) => (layer.name.endsWith('.2') ? hyperHidden : 0), 'mixer') : 0;
  const mixed = monotonic ? (agents + 2) * mixerWidth + 1 : 1;
  // What `gradient` reads of a row, which `update_rows` has to have written: inputs and deltas of all layers.
  const inputsAndDeltas = sum((layer) => (layer.inputs + layer.outputs) * runs(layer));

  const rows = learners * batch;
  const perRow = (flops: number, numbers: number, networkNumbers = 0): Cost => ({
    flops: rows * flops,
    bytes: FLOAT * (rows * numbers + learners * networkNumbers),
  });
  const acting = learners * environments;
  return {
    update_rows: perRow(
      3 * agentForward +
        2 * hyperForward +
        2 * mixForward +
        tdError +
        mixBackward +
        hyperBackward +
        agentBackward,
      record + inputsAndDeltas + 2 * values,
      2 * all,
    ),
    gradient: {
      flops: rows * sum((layer) => 2 * parameters(layer) * runs(layer)),
      bytes: FLOAT * (rows * inputsAndDeltas + learners * all),
    },
    // g·scale; m: 3; v: 4; p: root, ·, +, ·, ÷, −; target: 3. Reads p, target, m, v and g, writes the first four.
    optimise: { flops: learners * all * 17, bytes: FLOAT * learners * all * 9 },
    copy_target: { flops: 0, bytes: FLOAT * learners * all * 2 },
    act: {
      flops: acting * agentForward,
      bytes: FLOAT * (acting * (agents * observationSize + agents) + learners * agentParameters),
    },
    insert: { flops: 0, bytes: FLOAT * acting * record * 2 },

    sample: perRow(0, 2 * record),
    agent_forward: perRow(agentForward, input + bothHidden + q, agentParameters),
    agent_backward: perRow(agentBackward, q + 2 * bothHidden, agentParameters),
    hypernet_forward: perRow(hyperForward, stateSize + z + generated, mixerParameters),
    hypernet_backward: perRow(hyperBackward, generated + 2 * z, mixerParameters),
    mix_forward: perRow(mixForward, agents + generated + mixed),
    mix_backward: perRow(mixBackward, agents + 2 * generated + mixed + q),
    next_actions: perRow(0, q + 2 * agents),
    chosen_values: perRow(0, 3 * agents),
    td_error: perRow(tdError, 2 + 5 * values),
  };
}

/**
 * The share of the peak: the least time that the peaks allow, arithmetic or memory, whichever is more, over the
 * time that it took. Above 1 where it moves numbers faster than the copies do: from a cache, or because it writes
 * where it has just read.
 */
export const peakShare = (cost: Cost, ms: number, peak: Peaks): number => leastMs(cost, peak) / ms;

/** Operations of an update, of all learners. */
export function updateFlops(sizes: KernelSizes): number {
  const costs = kernelCosts(sizes);
  return UPDATE_KERNELS.reduce((sum, kernel) => sum + costs[kernel].flops, 0);
}

/** The least time of an update: its dispatches wait for one another, and none can do better than the peaks allow. */
export function leastUpdateMs(sizes: KernelSizes, peak: Peaks): number {
  const costs = kernelCosts(sizes);
  return UPDATE_KERNELS.reduce((sum, kernel) => sum + leastMs(costs[kernel], peak), 0);
}

const leastMs = ({ flops, bytes }: Cost, peak: Peaks): number =>
  Math.max(flops / peak.gflops, bytes / peak.gbps) / 1e6;
