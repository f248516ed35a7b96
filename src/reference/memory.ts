import { ConfigError } from '../config_error.ts';
import type { LearnerOptions } from '../learner/learner.ts';
import {
  agentInputs,
  HYPERNETWORKS,
  hypernetworkLayers,
  hypernetworkOutputs,
  layerTable,
  type NetworkShape,
  recordLayout,
  valueCount,
} from '../shapes.ts';

/** Bytes that a process may use where it cannot tell: what a browser gives a page at least. */
const MEMORY = 4 * 2 ** 30;
const FLOAT64 = 8;
/** Also of the other numbers that are not float64: uint32, int32. */
const FLOAT32 = 4;

/** Samples that greedy evaluation takes at a time. */
export const GREEDY_SAMPLES = 64;

/** What a field makes the learners take. */
export interface Share {
  readonly field: string;
  readonly value: number;
  readonly bytes: number;
}

/** Bytes that the learners of these options take on the CPU, by the field that most decides each part. */
export function memoryShares(options: LearnerOptions): Share[] {
  const { shape, environments, batchSize, replayCapacity } = options;
  const learners = options.learners.length;
  const { agents, masked, actions } = shape;
  const record = recordLayout(shape).size;
  const seen = agents * shape.observationSize;
  const acting = agentNumbers(shape) + seen;

  const parameters = { agents: 0, mixer: 0 };
  for (const { inputs, outputs, group } of layerTable(shape)) parameters[group] += (inputs + 1) * outputs;
  // Online, target and two moments of each; all share a gradient.
  const networks = (4 * learners + 1) * FLOAT64;

  const hyper = hypernetNumbers(shape);
  const mix = (shape.mixer === 'monotonic' ? shape.mixerWidth : 0) + valueCount(shape);
  // The batch itself; forward, next and delta of the networks; then q, Q_tot and what belongs to them.
  const sample =
    (record - agents + 3 * (agentNumbers(shape) + hyper) + 2 * mix + 2 * valueCount(shape) + 4 * agents) *
      FLOAT64 +
    2 * agents * FLOAT32;

  // Observations, masks, transitions and actions; and what the environments themselves hold.
  const step =
    (seen + (masked ? agents * actions : 0) + record + agents + 2 * (seen + shape.stateSize)) * FLOAT32;

  const share = (field: string, value: number, bytes: number): Share => ({ field, value, bytes });
  return [
    share('replayCapacity', replayCapacity, learners * replayCapacity * record * FLOAT32),
    share('batchSize', batchSize, batchSize * sample),
    share('hidden', shape.hidden, parameters.agents * networks + GREEDY_SAMPLES * acting * FLOAT64),
    share('mixerWidth', shape.mixerWidth, parameters.mixer * networks),
    share('environments', environments, environments * (learners * step + acting * FLOAT64)),
  ];
}

/**
 * Says, before anything is allocated, which field asks for more than there is: otherwise the system ends the process
 * once the arrays are written to. Half of the memory is left, as a checkpoint is a copy of nearly all.
 * @param memory bytes that the process may use.
 * @throws ConfigError
 */
export function checkMemory(options: LearnerOptions, memory = MEMORY): void {
  const shares = memoryShares(options);
  const wanted = shares.reduce((sum, { bytes }) => sum + bytes, 0);
  const most = memory / 2;
  if (wanted <= most) return;
  const { field, value, bytes } = shares.reduce((a, b) => (b.bytes > a.bytes ? b : a));
  const count = options.learners.length;
  const of = count > 1 ? ` for ${count} learners` : '';
  throw new ConfigError(
    `${field}: got ${value}, which needs ${mebibytes(bytes)} of memory${of} (${mebibytes(wanted)} with all else), ` +
      `allowed: at most ${mebibytes(most)} in all on the CPU here`,
  );
}

/** Numbers that the agent networks of one sample give. */
const agentNumbers = (shape: NetworkShape): number =>
  shape.agents * ((shape.agentId ? agentInputs(shape) : 0) + 2 * shape.hidden + shape.actions);

/** Numbers that the hypernetworks of one sample give. */
function hypernetNumbers(shape: NetworkShape): number {
  if (shape.mixer !== 'monotonic') return 0;
  const outputs = hypernetworkOutputs(shape);
  const layers = hypernetworkLayers(shape);
  let numbers = outputs.hyper_w1 + outputs.hyper_w2;
  for (const name of HYPERNETWORKS) numbers += outputs[name] + (layers[name] === 2 ? shape.hyperHidden : 0);
  return numbers;
}

const mebibytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20).toLocaleString('en')} MiB`;
