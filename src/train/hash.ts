import type { LearnerSnapshot } from '../learner/learner.ts';
import { type NetworkShape, parameterTable } from '../shapes.ts';

/**
 * SHA-256 of online parameters as float32 little-endian, in hexadecimal: of all snapshots, one after another,
 * each in the order of parameterTable; and of each alone.
 */
export async function hashParameters(
  shape: NetworkShape,
  snapshots: readonly LearnerSnapshot[],
): Promise<{ all: string; each: string[] }> {
  const parts = snapshots.map((snapshot) => parameterBytes(shape, snapshot));
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return { all: await sha256(whole), each: await Promise.all(parts.map(sha256)) };
}

function parameterBytes(shape: NetworkShape, snapshot: LearnerSnapshot): Uint8Array<ArrayBuffer> {
  const values = parameterTable(shape).map(({ name }) => {
    const tensor = snapshot.get(`online.${name}`);
    if (!tensor) throw new Error(`online.${name} is missing from the snapshot`);
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

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
