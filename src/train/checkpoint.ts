import { type Config, ConfigError, type Member, runMembers, validateConfig } from '../config.ts';
import { initialParameters } from '../learner/initialise.ts';
import type { Learner } from '../learner/learner.ts';
import { decodeSafetensors, encodeSafetensors } from '../safetensors.ts';
import { parameterTable, recordLayout } from '../shapes.ts';
import { elementCount, type Tensor, type TensorData } from '../tensor.ts';
import { describeMember } from './divergence.ts';
import { configuredShape, createEnvironment } from './environments.ts';
import { Progress } from './progress.ts';

/**
 * A checkpoint is one safetensors file that holds a whole run: `seeds.2025.online.agents.0.0.weight` and so
 * on (`variants.1.seeds.2025.online…` where there are variants), whatever Trainer.save gives, under each
 * learner's name; in the metadata the configuration, the backend and the
 * adapter. There is no clock in it: equal runs give equal bytes.
 */

const FORMAT = 'qmix-webgpu-checkpoint';
const VERSION = '1';

export interface Checkpoint {
  readonly config: Config;
  readonly backend: Learner['backend'];
  /** Adapter it was trained on, for people. */
  readonly adapter: string;
  /** What Trainer.load takes, one map a learner, in the order of runMembers. */
  readonly learners: Map<string, Tensor>[];
}

/** Whose checkpoint it is. */
interface Run {
  readonly config: Config;
  readonly learner: Pick<Learner, 'backend' | 'adapter'>;
}

/** The checkpoint of a run, of what Trainer.save gave of all its learners. */
export function encodeCheckpoint(
  { config, learner }: Run,
  saved: readonly ReadonlyMap<string, Tensor>[],
): Uint8Array {
  const tensors = new Map<string, Tensor>();
  for (const [index, member] of runMembers(config).entries()) {
    for (const [name, tensor] of saved[index]) tensors.set(`${member.name}.${name}`, tensor);
  }
  return encodeSafetensors(tensors, {
    format: FORMAT,
    version: VERSION,
    backend: learner.backend,
    adapter: learner.adapter,
    config: JSON.stringify(config),
  });
}

/**
 * Reads and checks a checkpoint: format, configuration, that every tensor is there with its shape, and that
 * all numbers are finite. Throws ConfigError naming the file, the tensor, what was found and what is allowed.
 */
export function decodeCheckpoint(bytes: Uint8Array, fileName: string): Checkpoint {
  const { tensors, metadata } = decodeSafetensors(bytes, fileName);
  const { backend, config } = readMetadata(metadata, fileName);
  const learners = runMembers(config).map((member) => takeLearner(tensors, member, backend, fileName));
  for (const name of tensors.keys()) {
    throw new ConfigError(`${fileName}: tensor "${name}": not part of a checkpoint of this configuration`);
  }
  return { config, backend, adapter: metadata.adapter ?? 'unknown', learners };
}

/** The configuration alone, for what has to be prepared before the rest can be checked. Throws as decodeCheckpoint. */
export const checkpointConfig = (bytes: Uint8Array, fileName: string): Config =>
  readMetadata(decodeSafetensors(bytes, fileName).metadata, fileName).config;

function readMetadata(
  metadata: Readonly<Record<string, string>>,
  fileName: string,
): Pick<Checkpoint, 'backend' | 'config'> {
  const expectMetadata = (key: string, allowed: readonly string[]): string => {
    const value = metadata[key];
    if (value === undefined || !allowed.includes(value)) {
      const got = value === undefined ? 'nothing' : `"${value}"`;
      throw new ConfigError(`${fileName}: metadata ${key}: got ${got}, allowed: ${allowed.join(', ')}`);
    }
    return value;
  };
  expectMetadata('format', [FORMAT]);
  expectMetadata('version', [VERSION]);
  const backend = expectMetadata('backend', ['webgpu', 'cpu']) as Learner['backend'];
  return { backend, config: readConfig(metadata.config, fileName) };
}

function readConfig(text: string | undefined, fileName: string): Config {
  let candidate: unknown;
  try {
    candidate = JSON.parse(text ?? '');
  } catch {
    throw new ConfigError(
      `${fileName}: metadata config: got ${text ?? 'nothing'}, allowed: a configuration as JSON`,
    );
  }
  try {
    return validateConfig(candidate);
  } catch (error) {
    if (error instanceof ConfigError) throw new ConfigError(`${fileName}: metadata config: ${error.message}`);
    throw error;
  }
}

/** Moves one learner's tensors out of `tensors`, checked. */
function takeLearner(
  tensors: Map<string, Tensor>,
  member: Member,
  backend: Learner['backend'],
  fileName: string,
): Map<string, Tensor> {
  const { config } = member;
  const prefix = `${member.name}.`;
  const place = (name: string): string => `${fileName}: tensor "${prefix}${name}"`;
  const taken = new Map<string, Tensor>();
  for (const { name, type, shape } of expectedTensors(config, backend)) {
    const tensor = tensors.get(prefix + name);
    // The one size that the configuration does not tell comes right after the counters.
    const stored = taken.get('counters')?.data[2] ?? 0;
    const wanted = shape.map((size) => (size === STORED ? Math.min(stored, config.replayCapacity) : size));
    const allowed = `${type.name} [${wanted.join(', ')}]`;
    if (!tensor) throw new ConfigError(`${place(name)}: got nothing, allowed: ${allowed}`);
    const { data } = tensor;
    const fits =
      data instanceof type &&
      tensor.shape.length === wanted.length &&
      wanted.every((size, axis) => size === tensor.shape[axis]);
    if (!fits) {
      const got = `${data.constructor.name} [${tensor.shape.join(', ')}]`;
      throw new ConfigError(`${place(name)}: got ${got}, allowed: ${allowed}`);
    }
    tensors.delete(prefix + name);
    taken.set(name, tensor);
  }
  checkValues(taken, config, place);
  return taken;
}

/** Stands for a replay's size, which depends on how much is stored. */
const STORED = -1;

/** A learner's tensors, in order. */
function expectedTensors(
  config: Config,
  backend: Learner['backend'],
): { name: string; type: new (length: number) => TensorData; shape: readonly number[] }[] {
  const shape = configuredShape(config);
  const record = recordLayout(shape).size;
  const { environments } = config;
  const float = backend === 'cpu' ? Float64Array : Float32Array;
  const parameters = ['online', 'target', 'optimizer.exp_avg', 'optimizer.exp_avg_sq'].flatMap((group) =>
    parameterTable(shape).map(({ name, shape }) => ({ name: `${group}.${name}`, type: float, shape })),
  );
  const progress = Array.from(new Progress(config).save(), ([name, { data, shape }]) => ({
    name,
    type: data.constructor as new (length: number) => TensorData,
    shape,
  }));
  const words = createEnvironment(config, 0, 1).save().length;
  return [
    ...parameters,
    { name: 'counters', type: Int32Array, shape: [3] },
    { name: 'replay.transitions', type: Float32Array, shape: [STORED, record] },
    { name: 'metrics', type: float, shape: [4] },
    ...progress,
    { name: 'environment', type: Int32Array, shape: [environments, words] },
    { name: 'transitions', type: Float32Array, shape: [environments, record] },
  ];
}

/** What a checkpoint holds of a learner that has not begun: what Trainer.save gives before the first step. */
export function freshTensors({ config, seed }: Member, backend: Learner['backend']): Map<string, Tensor> {
  const environment = createEnvironment(config, seed, config.environments);
  environment.reset();
  const initial = initialParameters(configuredShape(config), seed);
  const given = new Map<string, Tensor>(new Progress(config).save());
  for (const [name, tensor] of initial) {
    given.set(`online.${name}`, tensor);
    given.set(`target.${name}`, tensor);
  }
  const words = environment.save();
  given.set('environment', { shape: [config.environments, words.length / config.environments], data: words });
  return new Map(
    expectedTensors(config, backend).map(({ name, type, shape }) => {
      const sizes = shape.map((size) => (size === STORED ? 0 : size));
      const data = new type(elementCount(sizes));
      const values = given.get(name)?.data;
      if (values) data.set(values);
      return [name, { shape: sizes, data }];
    }),
  );
}

/** Refuses numbers that no run can have come to. */
function checkValues(
  taken: ReadonlyMap<string, Tensor>,
  config: Config,
  place: (name: string) => string,
): void {
  const fail = (name: string, index: number, allowed: string): ConfigError =>
    new ConfigError(`${place(name)}: got ${taken.get(name)!.data[index]} at ${index}, allowed: ${allowed}`);
  const failed = failedUpdate(taken);
  for (const [name, { data }] of taken) {
    // A learner that failed says so in its counters; its sums may hold what made it fail.
    if (name === 'metrics' && failed > 0) continue;
    const bad = data.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) throw fail(name, bad, 'finite numbers');
    const counts = name === 'counters' || name === 'progress.counters';
    const wrong = counts ? data.findIndex((value) => !Number.isSafeInteger(value) || value < 0) : -1;
    if (wrong >= 0) throw fail(name, wrong, 'whole numbers from 0');
  }
  const { environments } = config;
  if (taken.get('progress.counters')!.data[0] % environments !== 0) {
    throw fail('progress.counters', 0, `a multiple of environments (${environments})`);
  }

  // Actions index arrays on the GPU: none may be out of range.
  const shape = configuredShape(config);
  const { actions, size } = recordLayout(shape);
  for (const name of ['replay.transitions', 'transitions']) {
    const { data } = taken.get(name)!;
    for (let record = 0; record < data.length; record += size) {
      for (let at = record + actions; at < record + actions + shape.agents; at++) {
        const fits = Number.isInteger(data[at]) && data[at] >= 0 && data[at] < shape.actions;
        if (!fits) throw fail(name, at, `actions from 0 to ${shape.actions - 1}`);
      }
    }
  }
  const environment = createEnvironment(config, 0, environments);
  try {
    environment.load(taken.get('environment')!.data as Int32Array);
  } catch (error) {
    throw error instanceof ConfigError ? new ConfigError(`${place('environment')}: ${error.message}`) : error;
  }
}

/** Of what Trainer.save gave of a learner: the number of the update whose gradient was not finite; 0: none. */
export const failedUpdate = (saved: ReadonlyMap<string, Tensor>): number => saved.get('counters')!.data[1];

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
