import { ConfigError } from '../config.ts';
import { elementCount, type TensorData } from '../tensor.ts';
import type { LearnerSnapshot } from './learner.ts';

/**
 * A tensor of a snapshot, checked. Throws ConfigError naming it, what was found and what is allowed, if it
 * is missing, of another shape or type, or holds a number that is not finite.
 */
export function requireTensor<Data extends TensorData>(
  snapshot: LearnerSnapshot,
  name: string,
  shape: readonly number[],
  type: new (length: number) => Data,
): Data {
  const tensor = snapshot.get(name);
  if (!tensor) throw new ConfigError(`${name}: got nothing, allowed: a tensor of shape [${shape}]`);
  if (tensor.shape.length !== shape.length || tensor.shape.some((size, axis) => size !== shape[axis])) {
    throw new ConfigError(`${name}: got shape [${tensor.shape}], allowed: [${shape}]`);
  }
  const { data } = tensor;
  if (!(data instanceof type) || data.length !== elementCount(shape)) {
    throw new ConfigError(
      `${name}: got ${data.constructor.name} of ${data.length}, allowed: ${type.name} of ${elementCount(shape)}`,
    );
  }
  const bad = data.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new ConfigError(`${name}: got ${data[bad]} at index ${bad}, allowed: finite numbers`);
  return data;
}
