import { statSync } from 'node:fs';
import { join } from 'node:path';
import { readFile } from '../node/files.ts';
import { type Checkpoint, type CheckpointFile, readCheckpoint } from '../train/checkpoint.ts';
import { adoptCheckpoint, type EnvironmentOptions } from './own_environment.ts';

/** Reads a checkpoint, or that of a run's folder; runs nothing that it names. Throws ConfigError. */
export async function readCheckpointFile(path: string): Promise<{ file: string; read: CheckpointFile }> {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  const file = isFolder ? join(path, 'checkpoint.safetensors') : path;
  const bytes = readFile(file, 'CHECKPOINT', 'a checkpoint.safetensors, or the folder of a run');
  return { file, read: await readCheckpoint(bytes, file) };
}

/** As readCheckpointFile, with its learners, and the environment that users named loaded. Throws ConfigError. */
export async function openCheckpointFile(
  path: string,
  named: EnvironmentOptions,
): Promise<{ file: string; checkpoint: Checkpoint }> {
  const { file, read } = await readCheckpointFile(path);
  return { file, checkpoint: await adoptCheckpoint(read, named, file) };
}
