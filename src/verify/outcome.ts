import { ConfigError } from '../config_error.ts';
import type { Gpu } from '../gpu/gpu.ts';
import { type FileVerdict, verifyFile } from './verify.ts';

/** A file's verdict, or why there is none. */
export type Outcome = Pick<FileVerdict, 'file' | 'pass' | 'note' | 'worst'> & Partial<FileVerdict>;

/** Verifies a file; one that is broken fails, with the reason for its note. */
export async function verifyOrRefuse(gpu: Gpu, bytes: Uint8Array, file: string): Promise<Outcome> {
  try {
    return await verifyFile(gpu, bytes, file);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return refused(file, error.message);
  }
}

/** Of a file that could not be verified. */
export function refused(file: string, note: string): Outcome {
  const none = Number.NaN;
  const worst = { forward: none, gradients: none, parameters: none, updateRule: none, nextActions: none };
  return { file, pass: false, note, worst };
}
