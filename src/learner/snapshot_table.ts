import { ConfigError } from '../config_error.ts';
import { type NetworkShape, parameterTable, recordLayout } from '../shapes.ts';
import { DTYPES, type Dtype, dtypeOf, elementCount, type Tensor, type TensorData } from '../tensor.ts';

/**
 * The one table of what a learner's snapshot holds: both backends save, load and check by it, and checkpoints are
 * made of it.
 */

/** What a tensor's numbers may be, besides finite. */
export type Values = 'any' | 'at least 0' | 'whole from 0' | '0 or 1' | 'records';

/** Stands for the number of transitions in replay, which the counters tell. */
const STORED = -1;

export interface TableEntry {
  readonly name: string;
  /** Those that are taken; the first is what is saved. */
  readonly dtypes: readonly [Dtype, ...Dtype[]];
  readonly shape: readonly number[];
  readonly values: Values;
}

/** Copies of the parameters that a learner keeps; `online.agents.0.0.weight` and so on, named as PyTorch's. */
export const PARAMETER_COPIES = ['online', 'target', 'optimizer.exp_avg', 'optimizer.exp_avg_sq'] as const;
export type ParameterCopy = (typeof PARAMETER_COPIES)[number];

/** Numbers in `counters`; `stored`: transitions stored ever, those overwritten since included. */
export const COUNTERS = { updates: 0, failedUpdate: 1, stored: 2 } as const;
/** Sums over the updates since the last reading of the metrics: loss, gradient norm, mean Q_tot, and their number. */
const METRICS = 4;

/** Numbers that a backend keeps as it computes: float32 on the GPU, float64 in the reference. */
export const floatsOf = (backend: 'webgpu' | 'cpu'): Dtype => (backend === 'cpu' ? 'F64' : 'F32');

/** Every parameter, under `prefix`. */
export const parameterEntries = (
  shape: NetworkShape,
  prefix: string,
  dtypes: TableEntry['dtypes'],
  values: Values = 'any',
): TableEntry[] =>
  parameterTable(shape).map((parameter) => ({
    name: `${prefix}.${parameter.name}`,
    dtypes,
    shape: parameter.shape,
    values,
  }));

/** The tensors of a learner, in order; `floats`: dtypes of what it computes. */
export function learnerTable(shape: NetworkShape, floats: TableEntry['dtypes']): TableEntry[] {
  const record = recordLayout(shape).size;
  return [
    ...PARAMETER_COPIES.flatMap((copy) =>
      // RMSprop and Adam take the root of it.
      parameterEntries(shape, copy, floats, copy === 'optimizer.exp_avg_sq' ? 'at least 0' : 'any'),
    ),
    // Counts are float64, exact up to 2^53.
    { name: 'counters', dtypes: ['F64'], shape: [Object.keys(COUNTERS).length], values: 'whole from 0' },
    { name: 'replay.transitions', dtypes: ['F32'], shape: [STORED, record], values: 'records' },
    { name: 'metrics', dtypes: floats, shape: [METRICS], values: 'any' },
  ];
}

/** The tensor of an entry as it is before anything has happened. */
export function emptyTensor({ dtypes, shape }: TableEntry): Tensor {
  const sizes = shape.map((size) => (size === STORED ? 0 : size));
  return { shape: sizes, data: new DTYPES[dtypes[0]](elementCount(sizes)) };
}

/** What a table's tensors are checked against. */
export interface CheckContext {
  readonly shape: NetworkShape;
  readonly replayCapacity: number;
  /** Begins a message about a tensor. */
  readonly place: (name: string) => string;
}

/**
 * That `tensors` holds every tensor of the table, with a dtype, shape and numbers that it can have. Throws ConfigError
 * naming tensor, value and what is allowed.
 */
export function checkTable(
  tensors: ReadonlyMap<string, Tensor>,
  table: readonly TableEntry[],
  context: CheckContext,
): void {
  const { place, replayCapacity } = context;
  for (const { name, dtypes, shape, values } of table) {
    const stored = tensors.get('counters')?.data[COUNTERS.stored] ?? 0;
    const wanted = shape.map((size) => (size === STORED ? Math.min(stored, replayCapacity) : size));
    const allowed = `${dtypes.join(' or ')} [${wanted.join(', ')}]`;
    const tensor = tensors.get(name);
    if (!tensor) throw new ConfigError(`${place(name)}: got nothing, allowed: ${allowed}`);
    const dtype = dtypeOf(tensor.data);
    const fits =
      dtypes.includes(dtype) &&
      tensor.shape.length === wanted.length &&
      wanted.every((size, axis) => size === tensor.shape[axis]);
    if (!fits) {
      throw new ConfigError(`${place(name)}: got ${dtype} [${tensor.shape.join(', ')}], allowed: ${allowed}`);
    }
    checkValues(name, tensor.data, values, context);
  }
}

function checkValues(name: string, data: TensorData, values: Values, { shape, place }: CheckContext): void {
  const fail = (at: number, allowed: string): ConfigError =>
    new ConfigError(`${place(name)}: got ${data[at]} at ${at}, allowed: ${allowed}`);
  const require = (holds: (value: number) => boolean, allowed: string): void => {
    for (let at = 0; at < data.length; at++) if (!holds(data[at])) throw fail(at, allowed);
  };
  require(Number.isFinite, 'finite numbers');
  if (values === 'at least 0') require((value) => value >= 0, 'means of squares, at least 0');
  if (values === 'whole from 0')
    require((value) => Number.isSafeInteger(value) && value >= 0, 'whole numbers from 0');
  if (values === '0 or 1') require((value) => value === 0 || value === 1, '0 or 1');
  if (values !== 'records') return;
  // Actions index arrays on the GPU: none may be out of range.
  const { actions, terminated, size } = recordLayout(shape);
  for (let record = 0; record < data.length; record += size) {
    for (let at = record + actions; at < record + actions + shape.agents; at++) {
      const fits = Number.isInteger(data[at]) && data[at] >= 0 && data[at] < shape.actions;
      if (!fits) throw fail(at, `actions from 0 to ${shape.actions - 1}`);
    }
    // Whether the episode terminated stands right before the mask, which is the record's end.
    for (let at = record + terminated; at < record + size; at++) {
      if (data[at] !== 0 && data[at] !== 1) throw fail(at, '0 or 1');
    }
  }
}
