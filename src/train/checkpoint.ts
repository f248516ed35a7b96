import { type Config, ConfigError, validateConfig } from '../config.ts';
import type { Learner } from '../learner/learner.ts';
import { decodeSafetensors, encodeSafetensors } from '../safetensors.ts';
import { parameterTable, recordLayout } from '../shapes.ts';
import type { Tensor, TensorData } from '../tensor.ts';
import { configuredShape, createEnvironment } from './environments.ts';
import { Progress } from './progress.ts';
import type { Trainer } from './trainer.ts';

/**
 * A checkpoint is one safetensors file that holds a whole run: `seeds.2025.online.agents.0.0.weight` and so
 * on, whatever Trainer.save gives, under each seed; in the metadata the configuration, the backend and the
 * adapter. There is no clock in it: equal runs give equal bytes.
 */

const FORMAT = 'qmix-webgpu-checkpoint';
const VERSION = '1';

export interface Checkpoint {
  readonly config: Config;
  readonly backend: Learner['backend'];
  /** Adapter it was trained on, for people. */
  readonly adapter: string;
  /** What Trainer.load takes, one map a seed. */
  readonly seeds: Map<string, Tensor>[];
}

/** The checkpoint of a run, of what Trainer.save gave. */
export function encodeCheckpoint(
  { config, learner }: Trainer,
  saved: readonly ReadonlyMap<string, Tensor>[],
): Uint8Array {
  const tensors = new Map<string, Tensor>();
  for (const [index, seed] of saved.entries()) {
    for (const [name, tensor] of seed) tensors.set(`seeds.${config.seeds[index]}.${name}`, tensor);
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
  const config = readConfig(metadata.config, fileName);
  const seeds = config.seeds.map((seed) => takeSeed(tensors, config, backend, seed, fileName));
  for (const name of tensors.keys()) {
    throw new ConfigError(`${fileName}: tensor "${name}": not part of a checkpoint of this configuration`);
  }
  return { config, backend, adapter: metadata.adapter ?? 'unknown', seeds };
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

/** Moves one seed's tensors out of `tensors`, checked. */
function takeSeed(
  tensors: Map<string, Tensor>,
  config: Config,
  backend: Learner['backend'],
  seed: number,
  fileName: string,
): Map<string, Tensor> {
  const prefix = `seeds.${seed}.`;
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

/** A seed's tensors, in order. */
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

/** Refuses numbers that no run can have come to. */
function checkValues(
  taken: ReadonlyMap<string, Tensor>,
  config: Config,
  place: (name: string) => string,
): void {
  const fail = (name: string, index: number, allowed: string): ConfigError =>
    new ConfigError(`${place(name)}: got ${taken.get(name)!.data[index]} at ${index}, allowed: ${allowed}`);
  const failedUpdate = taken.get('counters')!.data[1];
  for (const [name, { data }] of taken) {
    // A learner that failed says so in its counters; its sums may hold what made it fail.
    if (name === 'metrics' && failedUpdate > 0) continue;
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

/** Throws ConfigError where a learner of the checkpoint failed: it cannot go on. */
export function checkResumable(checkpoint: Checkpoint, fileName: string): void {
  for (const [index, tensors] of checkpoint.seeds.entries()) {
    const failed = tensors.get('counters')!.data[1];
    if (failed === 0) continue;
    throw new ConfigError(
      `${fileName}: seed ${checkpoint.config.seeds[index]} failed at update ${failed}, whose gradient was not ` +
        'finite; such a run cannot go on (its parameters are those of before, and can be evaluated)',
    );
  }
}
