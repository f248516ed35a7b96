import { readFileSync } from 'node:fs';
import { decodeSafetensors, encodeSafetensors } from '../../src/safetensors.ts';

const FILE = new URL('../../src/verify/vectors/clipped-3-agents.safetensors', import.meta.url);

/** A vector file with its configuration or a tensor altered. */
export function altered(
  config: Record<string, unknown>,
  alter: (tensors: Map<string, { data: ArrayLike<number> }>) => void,
) {
  const { tensors, metadata } = decodeSafetensors(readFileSync(FILE), 'altered');
  alter(tensors);
  const changed = JSON.stringify({ ...JSON.parse(metadata.config), ...config });
  return encodeSafetensors(tensors, { ...metadata, config: changed });
}

/** Tensors of odd-sizes.safetensors, one of each kind, and places in them for a number that is none. */
export const NAN_PLACES = [
  ['online.agents.0.0.weight', 0],
  ['online.mixer.hyper_w1.0.weight', 5],
  ['target.agents.1.4.bias', 1],
  ['batch.obs', 7],
  ['batch.reward', 0],
  ['batch.state', 3],
  ['expect.q', 2],
  ['expect.loss', 0],
  ['expect.grad.agents.0.2.weight', 9],
  ['expect.step1.agents.0.0.bias', 2],
] as const;
