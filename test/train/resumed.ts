import { decodeCheckpoint, encodeCheckpoint } from '../../src/train/checkpoint.ts';
import type { MetricsRow } from '../../src/train/metrics.ts';
import type { Trainer } from '../../src/train/trainer.ts';
import { smallTrainer } from './small.ts';

export const checkpointOf = async (trainer: Trainer): Promise<Uint8Array> =>
  encodeCheckpoint(trainer, await trainer.save());

/** A new trainer that goes on from a file, given other limits of its configuration. */
export async function resume(
  bytes: Uint8Array,
  changes: { updates?: number } = {},
  onRow = (_: MetricsRow) => {},
): Promise<Trainer> {
  const { config, learners } = await decodeCheckpoint(bytes, 'resumed');
  const trainer = smallTrainer({ ...config, ...changes }, { onRow, seconds: () => 0 });
  await trainer.load(learners);
  return trainer;
}
