import { ConfigError } from '../config_error.ts';
import type { LearnerSnapshot } from '../learner/learner.ts';
import {
  COUNTERS,
  checkTable,
  learnerTable,
  PARAMETER_COPIES,
  type ParameterCopy,
} from '../learner/snapshot_table.ts';
import type { NetworkShape } from '../shapes.ts';
import type { Tensor } from '../tensor.ts';
import type { Member } from './member.ts';
import type { Networks } from './networks.ts';

const networksOf = ({ state }: Member): Record<ParameterCopy, Networks> => ({
  online: state.online,
  target: state.target,
  'optimizer.exp_avg': state.firstMoment,
  'optimizer.exp_avg_sq': state.secondMoment,
});

/** Copies of online and target parameters, by the names that LearnerSnapshot lists. */
export const parametersOf = (member: Member): Map<string, Tensor> => copiesOf(member, ['online', 'target']);

/** Copies of everything, by the names that LearnerSnapshot lists. Float64 where the state is. */
export function saveMember(member: Member): Map<string, Tensor> {
  const { replay, state, failedUpdate, sums } = member;
  const snapshot = copiesOf(member, PARAMETER_COPIES);
  const counters = Float64Array.of(state.updates, failedUpdate, replay.stored);
  snapshot.set('counters', { shape: [counters.length], data: counters });
  const rows = Math.min(replay.stored, replay.capacity);
  const records = replay.records.slice(0, rows * replay.recordSize);
  snapshot.set('replay.transitions', { shape: [rows, replay.recordSize], data: records });
  snapshot.set('metrics', { shape: [sums.length], data: sums.slice() });
  return snapshot;
}

function copiesOf(member: Member, copies: readonly ParameterCopy[]): Map<string, Tensor> {
  const networks = networksOf(member);
  const tensors = new Map<string, Tensor>();
  for (const copy of copies) {
    for (const [name, { shape, data }] of networks[copy].tensors) {
      tensors.set(`${copy}.${name}`, { shape, data: data.slice() });
    }
  }
  return tensors;
}

/** Goes on from a snapshot that passed checkSnapshot. */
export function loadMember(member: Member, snapshot: LearnerSnapshot): void {
  const { replay, state, sums } = member;
  const networks = networksOf(member);
  for (const copy of PARAMETER_COPIES) {
    for (const [name, { data }] of networks[copy].tensors) {
      data.set(snapshot.get(`${copy}.${name}`)!.data);
    }
  }
  replay.records.fill(0);
  replay.records.set(snapshot.get('replay.transitions')!.data);
  const counters = snapshot.get('counters')!.data;
  state.updates = counters[COUNTERS.updates];
  member.failedUpdate = counters[COUNTERS.failedUpdate];
  replay.stored = counters[COUNTERS.stored];
  sums.set(snapshot.get('metrics')!.data);
}

/**
 * Checks a snapshot from outside: exactly the tensors of a learner of this shape (checkTable). Networks may be float32
 * as well, as other backends save them. Throws ConfigError naming learner, tensor, value and what is allowed.
 */
export function checkSnapshot(
  snapshot: LearnerSnapshot,
  shape: NetworkShape,
  replayCapacity: number,
  learner: number,
): void {
  const place = (name: string): string => `learner ${learner}: tensor "${name}"`;
  const table = learnerTable(shape, ['F64', 'F32']);
  checkTable(snapshot, table, { shape, replayCapacity, place });
  const names = new Set(table.map(({ name }) => name));
  for (const name of snapshot.keys()) {
    if (names.has(name)) continue;
    throw new ConfigError(
      `${place(name)}: got a tensor of this name, allowed: the tensors of a learner of this shape only`,
    );
  }
}
