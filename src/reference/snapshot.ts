import { ConfigError } from '../config.ts';
import type { LearnerSnapshot } from '../learner/learner.ts';
import { type NetworkShape, parameterTable, recordLayout } from '../shapes.ts';
import { elementCount, type Tensor, type TensorData } from '../tensor.ts';
import { type Member, SUM_COUNT } from './member.ts';
import type { Networks } from './networks.ts';

/** Names of a snapshot's networks, before the dot and the parameter's name. */
const NETWORKS = ['online', 'target', 'optimizer.exp_avg', 'optimizer.exp_avg_sq'] as const;
const REPLAY = 'replay.transitions';
const COUNTERS = 'counters';
const METRICS = 'metrics';
/** In `counters`: updates, failedUpdate, stored. */
const COUNTER_COUNT = 3;

const networksOf = ({ state }: Member): Record<(typeof NETWORKS)[number], Networks> => ({
  online: state.online,
  target: state.target,
  'optimizer.exp_avg': state.firstMoment,
  'optimizer.exp_avg_sq': state.secondMoment,
});

/** Copies of online and target parameters, by the names that LearnerSnapshot lists. */
export function parametersOf(member: Member): Map<string, Tensor> {
  const networks = networksOf(member);
  const copies = new Map<string, Tensor>();
  for (const prefix of ['online', 'target'] as const) {
    for (const [name, { shape, data }] of networks[prefix].tensors) {
      copies.set(`${prefix}.${name}`, { shape, data: data.slice() });
    }
  }
  return copies;
}

/** Copies of everything, by the names that LearnerSnapshot lists. Float64 where the state is. */
export function saveMember(member: Member): Map<string, Tensor> {
  const { replay, state, failedUpdate, sums } = member;
  const snapshot = new Map<string, Tensor>();
  const networks = networksOf(member);
  for (const prefix of NETWORKS) {
    for (const [name, { shape, data }] of networks[prefix].tensors) {
      snapshot.set(`${prefix}.${name}`, { shape, data: data.slice() });
    }
  }
  const rows = Math.min(replay.stored, replay.capacity);
  const records = replay.records.slice(0, rows * replay.recordSize);
  snapshot.set(REPLAY, { shape: [rows, replay.recordSize], data: records });
  const counters = Int32Array.of(state.updates, failedUpdate, replay.stored);
  snapshot.set(COUNTERS, { shape: [COUNTER_COUNT], data: counters });
  snapshot.set(METRICS, { shape: [SUM_COUNT], data: sums.slice() });
  return snapshot;
}

/** Goes on from a snapshot that passed checkSnapshot. */
export function loadMember(member: Member, snapshot: LearnerSnapshot): void {
  const { replay, state, sums } = member;
  const networks = networksOf(member);
  for (const prefix of NETWORKS) {
    for (const [name, { data }] of networks[prefix].tensors) {
      data.set(snapshot.get(`${prefix}.${name}`)!.data);
    }
  }
  replay.records.fill(0);
  replay.records.set(snapshot.get(REPLAY)!.data);
  const counters = snapshot.get(COUNTERS)!.data;
  state.updates = counters[0];
  member.failedUpdate = counters[1];
  replay.stored = counters[2];
  sums.set(snapshot.get(METRICS)!.data);
}

/**
 * Checks a snapshot from outside: exactly the tensors of a learner of this shape, of the right dtypes and
 * shapes, finite, counters, actions and their legality in range. Networks may be float32 as well, as other backends save them.
 * Throws ConfigError naming learner, tensor, value and what is allowed.
 */
export function checkSnapshot(
  snapshot: LearnerSnapshot,
  shape: NetworkShape,
  replayCapacity: number,
  learner: number,
): void {
  const fail = (name: string, got: string, allowed: string): ConfigError =>
    new ConfigError(`learner ${learner}: tensor "${name}": got ${got}, allowed: ${allowed}`);
  const take = (name: string, dtypes: readonly string[], expected: readonly number[]): TensorData => {
    const tensor = snapshot.get(name);
    if (!tensor) throw fail(name, 'nothing', `${dtypes.join(' or ')} [${expected}]`);
    const dtype = dtypeName(tensor.data);
    const fits = expected.length === tensor.shape.length && expected.every((n, i) => n === tensor.shape[i]);
    if (!dtypes.includes(dtype) || !fits || tensor.data.length !== elementCount(expected)) {
      throw fail(name, `${dtype} [${tensor.shape}]`, `${dtypes.join(' or ')} [${expected}]`);
    }
    const bad = tensor.data.findIndex((value: number) => !Number.isFinite(value));
    if (bad >= 0) throw fail(name, `${tensor.data[bad]} at ${bad}`, 'finite numbers');
    return tensor.data;
  };
  const names = new Set([REPLAY, COUNTERS, METRICS]);

  for (const prefix of NETWORKS) {
    for (const parameter of parameterTable(shape)) {
      const name = `${prefix}.${parameter.name}`;
      names.add(name);
      const data = take(name, ['F64', 'F32'], parameter.shape);
      const negative = prefix === 'optimizer.exp_avg_sq' ? data.findIndex((value: number) => value < 0) : -1;
      if (negative >= 0) throw fail(name, `${data[negative]} at ${negative}`, 'means of squares, at least 0');
    }
  }

  const counters = take(COUNTERS, ['I32'], [COUNTER_COUNT]);
  const [updates, failedUpdate, stored] = counters;
  if (updates < 0 || stored < 0 || failedUpdate < 0) {
    throw fail(COUNTERS, `${[...counters]}`, 'updates, failedUpdate and stored of at least 0');
  }
  take(METRICS, ['F64', 'F32'], [SUM_COUNT]);

  const layout = recordLayout(shape);
  const rows = Math.min(stored, replayCapacity);
  const records = take(REPLAY, ['F32'], [rows, layout.size]);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < shape.agents; i++) {
      const action = records[row * layout.size + layout.actions + i];
      if (!Number.isInteger(action) || action < 0 || action >= shape.actions) {
        throw fail(
          REPLAY,
          `action ${action} in record ${row}`,
          `whole numbers from 0 to ${shape.actions - 1}`,
        );
      }
    }
    for (let j = layout.nextAvailable; j < layout.size; j++) {
      const legal = records[row * layout.size + j];
      if (legal !== 0 && legal !== 1) {
        throw fail(REPLAY, `legality ${legal} in record ${row}`, '1 for a legal next action, 0 for others');
      }
    }
  }
  for (const name of snapshot.keys()) {
    if (!names.has(name))
      throw fail(name, 'a tensor of this name', 'the tensors of a learner of this shape only');
  }
}

function dtypeName(data: TensorData): string {
  if (data instanceof Float64Array) return 'F64';
  if (data instanceof Float32Array) return 'F32';
  return data instanceof Int32Array ? 'I32' : 'U8';
}
