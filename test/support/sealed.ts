import { createHash } from 'node:crypto';
import { encodeSafetensors } from '../../src/safetensors.ts';
import type { Tensor } from '../../src/tensor.ts';

/**
 * A checkpoint of these tensors, with the checksum that the format asks for: the SHA-256 of all its bytes, in which its
 * own 64 digits are zeros.
 */
export function sealed(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const zeros = '0'.repeat(64);
  const bytes = encodeSafetensors(tensors, { ...metadata, sha256: zeros });
  const digest = createHash('sha256').update(bytes).digest('hex');
  bytes.set(Buffer.from(digest), Buffer.from(bytes).indexOf(zeros));
  return bytes;
}
