import { timeUpdates, type UpdateTiming } from '../bench/update_bench.ts';
import { ConfigError, presets } from '../config.ts';
import { openWebGpu } from './backend.ts';

export interface BenchOptions {
  readonly preset: string;
  readonly learners: string;
  readonly json?: boolean;
}

const MOST_LEARNERS = 1024;

/** Times updates of several numbers of learners. Returns the exit code. Throws ConfigError. */
export async function bench({ preset, learners, json }: BenchOptions): Promise<number> {
  if (!Object.hasOwn(presets, preset)) {
    throw new ConfigError(`--preset: got "${preset}", allowed: ${Object.keys(presets).join(', ')}`);
  }
  const counts = learners.split(',').map(Number);
  for (const [index, count] of counts.entries()) {
    if (!Number.isInteger(count) || count < 1 || count > MOST_LEARNERS) {
      const got = learners.split(',')[index];
      throw new ConfigError(`--learners: got "${got}", allowed: whole numbers 1 to ${MOST_LEARNERS}`);
    }
  }
  const gpu = await openWebGpu();
  try {
    const updates: UpdateTiming[] = [];
    if (!json) process.stdout.write(`${gpu.name}, sizes of preset ${preset}\n${HEADER}\n`);
    for (const count of counts) {
      const timing = await timeUpdates(gpu, preset, count);
      updates.push(timing);
      if (!json) process.stdout.write(`${row(timing)}\n`);
    }
    if (json) process.stdout.write(`${JSON.stringify({ adapter: gpu.name, preset, updates })}\n`);
    return 0;
  } finally {
    gpu.destroy();
  }
}

const COLUMNS = [
  'learners',
  'batch',
  'ms/update',
  'least',
  'most',
  'dispatches',
  'passes',
  'submits',
  'bytes down',
];
const WIDTH = 11;
const line = (cells: readonly (string | number)[]): string =>
  cells.map((cell) => String(cell).padStart(WIDTH)).join('');
const HEADER = line(COLUMNS);

const row = ({ learners, batch, ms, least, most, update }: UpdateTiming): string =>
  line([
    learners,
    batch,
    ...[ms, least, most].map((time) => time.toFixed(2)),
    update.dispatches,
    update.passes,
    update.submits,
    update.bytesDown,
  ]);
