import type { LearnerSnapshot } from '../learner/learner.ts';
import { sha256 } from '../sha256.ts';
import { type NetworkShape, parameterTable } from '../shapes.ts';

/**
 * SHA-256 of parameters as float32 little-endian, in hexadecimal: of all snapshots, one after another, each in the
 * order of parameterTable; and of each alone. `copy`: which, of those that a snapshot has.
 */
export async function hashParameters(
  shape: NetworkShape,
  snapshots: readonly LearnerSnapshot[],
  copy: 'online' | 'best' = 'online',
): Promise<{ all: string; each: string[] }> {
  const parts = snapshots.map((snapshot) => parameterBytes(shape, snapshot, copy));
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return { all: await sha256(whole), each: await Promise.all(parts.map(sha256)) };
}

function parameterBytes(
  shape: NetworkShape,
  snapshot: LearnerSnapshot,
  copy: string,
): Uint8Array<ArrayBuffer> {
  const values = parameterTable(shape).map(({ name }) => {
    const tensor = snapshot.get(`${copy}.${name}`);
    if (!tensor) throw new Error(`${copy}.${name} is missing from the snapshot`);
    return tensor.data;
  });
  const bytes = new DataView(new ArrayBuffer(4 * values.reduce((sum, data) => sum + data.length, 0)));
  let offset = 0;
  for (const data of values) {
    for (const value of data) {
      bytes.setFloat32(offset, value, true);
      offset += 4;
    }
  }
  return new Uint8Array(bytes.buffer);
}
