import { type Config, ConfigError, runMembers, validateConfig } from '../config.ts';
import { shorten, show } from '../config_error.ts';
import type { Learner } from '../learner/learner.ts';
import { COUNTERS } from '../learner/snapshot_table.ts';
import { decodeSafetensors, encodeSafetensors, metadataPlace } from '../safetensors.ts';
import { sha256 } from '../sha256.ts';
import type { Tensor } from '../tensor.ts';
import { describeMember } from './divergence.ts';
import { environmentFingerprint } from './environments.ts';
import { checkMember, memberTable } from './member_tensors.ts';
import { Progress } from './progress.ts';

/**
 * A checkpoint is one safetensors file that holds a whole run: `seeds.2025.online.agents.0.0.weight` and so
 * on (`variants.1.seeds.2025.online…` where there are variants), whatever Trainer.save gives, under each
 * learner's name; in the metadata the configuration, the backend, the adapter, the fingerprint of a user's
 * environment, and a checksum. There is no clock in it: equal runs give equal bytes.
 *
 * The checksum is the SHA-256 of the whole file, in which the checksum's own 64 digits are taken as zeros.
 */

const FORMAT = 'qmix-webgpu-checkpoint';
const VERSION = '2';
const UNSEALED = '0'.repeat(64);

/** What a checkpoint says of itself, and its tensors as they stand in the file: not yet held to its configuration. */
export interface CheckpointFile {
  readonly config: Config;
  readonly backend: Learner['backend'];
  /** Adapter it was trained on, for people. */
  readonly adapter: string;
  /** Of the user's environment that it was trained on (environmentFingerprint); empty: of one that comes with the project. */
  readonly fingerprint: string;
  readonly tensors: ReadonlyMap<string, Tensor>;
}

export interface Checkpoint extends Omit<CheckpointFile, 'tensors'> {
  /** What Trainer.load takes, one map a learner, in the order of runMembers. */
  readonly learners: Map<string, Tensor>[];
}

/** Whose checkpoint it is. */
interface Run {
  readonly config: Config;
  readonly learner: Pick<Learner, 'backend' | 'adapter'>;
}

/** The checkpoint of a run, of what Trainer.save gave of all its learners. */
export async function encodeCheckpoint(
  { config, learner }: Run,
  saved: readonly ReadonlyMap<string, Tensor>[],
): Promise<Uint8Array> {
  const tensors = new Map<string, Tensor>();
  for (const [index, member] of runMembers(config).entries()) {
    for (const [name, tensor] of saved[index]) tensors.set(`${member.name}.${name}`, tensor);
  }
  const bytes = encodeSafetensors(tensors, {
    sha256: UNSEALED,
    format: FORMAT,
    version: VERSION,
    backend: learner.backend,
    adapter: learner.adapter,
    environment: environmentFingerprint(config),
    config: JSON.stringify(config),
  });
  const seal = new TextEncoder().encode(await sha256(bytes));
  bytes.set(seal, metadataPlace('sha256'));
  return bytes;
}

/**
 * Reads a checkpoint and checks all that can be checked without its environment: format, checksum, configuration.
 * Throws ConfigError naming the file, what was found and what is allowed.
 */
export async function readCheckpoint(bytes: Uint8Array, fileName: string): Promise<CheckpointFile> {
  const { tensors, metadata } = decodeSafetensors(bytes, fileName);
  const expectMetadata = (key: string, allowed: readonly string[], why = ''): string => {
    const value = metadata[key];
    if (value === undefined || !allowed.includes(value)) {
      throw new ConfigError(
        `${fileName}: metadata ${key}: got ${show(value)}, allowed: ${allowed.join(', ')}${why}`,
      );
    }
    return value;
  };
  expectMetadata('format', [FORMAT]);
  expectMetadata('version', [VERSION], ' (checkpoints of version 1 have no checksum: train anew)');
  if (metadata.sha256?.length !== UNSEALED.length) {
    throw new ConfigError(
      `${fileName}: metadata sha256: got ${shorten(metadata.sha256 ?? 'nothing')}, allowed: ${UNSEALED.length} digits, first of the metadata`,
    );
  }
  expectMetadata('sha256', [await checksum(bytes)], ', as of its bytes: the file is damaged');
  const backend = expectMetadata('backend', ['webgpu', 'cpu']) as Learner['backend'];
  const fingerprint = metadata.environment ?? '';
  return {
    config: readConfig(metadata.config, fileName),
    backend,
    adapter: metadata.adapter ?? 'unknown',
    fingerprint,
    tensors,
  };
}

async function checksum(bytes: Uint8Array): Promise<string> {
  const unsealed = bytes.slice();
  unsealed.set(new TextEncoder().encode(UNSEALED), metadataPlace('sha256'));
  return sha256(unsealed);
}

/**
 * The learners of a checkpoint, checked: that every tensor is there with its shape, that every number can be and no
 * two contradict each other. A user's environment must have been loaded. Throws ConfigError naming file and tensor.
 */
export function takeLearners({ tensors, ...told }: CheckpointFile, fileName: string): Checkpoint {
  const { config, backend } = told;
  const left = new Set(tensors.keys());
  const learners = runMembers(config).map((member) => {
    const own = new Map<string, Tensor>();
    for (const { name } of memberTable(member.config, backend)) {
      const tensor = tensors.get(`${member.name}.${name}`);
      if (tensor) own.set(name, tensor);
      left.delete(`${member.name}.${name}`);
    }
    checkMember(own, member.config, backend, (name) => `${fileName}: tensor "${member.name}.${name}"`);
    return own;
  });
  for (const name of left) {
    throw new ConfigError(
      `${fileName}: tensor ${show(name)}: not part of a checkpoint of this configuration`,
    );
  }
  return { ...told, learners };
}

/** Reads and checks a checkpoint whose environment comes with the project, or has been loaded. Throws ConfigError. */
export const decodeCheckpoint = async (bytes: Uint8Array, fileName: string): Promise<Checkpoint> =>
  takeLearners(await readCheckpoint(bytes, fileName), fileName);

function readConfig(text: string | undefined, fileName: string): Config {
  let candidate: unknown;
  try {
    candidate = JSON.parse(text ?? '');
  } catch {
    throw new ConfigError(
      `${fileName}: metadata config: got ${shorten(text ?? 'nothing')}, allowed: a configuration as JSON`,
    );
  }
  try {
    return validateConfig(candidate);
  } catch (error) {
    if (error instanceof ConfigError) throw new ConfigError(`${fileName}: metadata config: ${error.message}`);
    throw error;
  }
}

/** Of what Trainer.save gave of a learner: the number of the update whose gradient was not finite; 0: none. */
export const failedUpdate = (saved: ReadonlyMap<string, Tensor>): number =>
  saved.get('counters')!.data[COUNTERS.failedUpdate];

/** Throws ConfigError where a learner of the checkpoint failed: it cannot go on. */
export function checkResumable(checkpoint: Checkpoint, fileName: string): void {
  for (const [index, member] of runMembers(checkpoint.config).entries()) {
    const failed = failedUpdate(checkpoint.learners[index]);
    const progress = new Progress(member.config);
    progress.load(checkpoint.learners[index]);
    // Where it was left out when it failed, the others go on without it.
    if (failed === 0 || progress.stopped === 1) continue;
    throw new ConfigError(
      `${fileName}: ${describeMember(member)} failed at update ${failed}, whose gradient was not ` +
        'finite; such a run cannot go on (its parameters are those of before, and can be evaluated)',
    );
  }
}
