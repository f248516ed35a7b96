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
