import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCheckpointFile } from '../../src/cli/checkpoint_file.ts';
import { RunFolder } from '../../src/cli/run_folder.ts';
import { ConfigError } from '../../src/config.ts';
import { below, philox, STREAM } from '../../src/random.ts';
import { encodeCheckpoint } from '../../src/train/checkpoint.ts';
import { qmix } from '../cli/command.ts';
import { advance, smallConfig, smallTrainer } from './small.ts';

/**
 * node test/support/run_module.mjs test/train/damage.ts [count] [every]: damages a checkpoint in `count` (3,000) ways and
 * hands each to what `evaluate` and `train --resume` read it with, and every `every`th (101) to these commands
 * themselves. Exit code 1 where one is taken, or refused otherwise than by an error that names the file.
 */
export async function main([count = '3000', every = '101']: readonly string[]): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'qmix-damage-'));
  const file = join(folder, 'checkpoint.safetensors');
  try {
    const [whole, later] = [await checkpoint(60), await checkpoint(61)];
    const tallies = new Map<string, Tally>();
    for (let index = 0; index < Number(count); index++) {
      const kind = KINDS[index % KINDS.length];
      const random = randomOf(index);
      const damaged = damage[kind](whole, later, random);
      if (Buffer.compare(damaged, whole) === 0) throw new Error(`${kind} ${index} changed nothing`);
      writeFileSync(file, damaged);
      const tally = tallies.get(kind) ?? { count: 0, taken: 0, wrong: [], milliseconds: [] };
      tallies.set(kind, tally);
      tally.count++;
      const begun = performance.now();
      await refuses(tally, file, () => openCheckpointFile(folder, {}));
      await refuses(tally, file, () => RunFolder.open(folder, {}));
      tally.milliseconds.push((performance.now() - begun) / 2);
      if (index % Number(every) === 0) await refusedByCommands(tally, folder, file);
    }
    return report(tallies);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Tally {
  count: number;
  taken: number;
  readonly wrong: string[];
  readonly milliseconds: number[];
}

const checkpoint = async (steps: number): Promise<Uint8Array> => {
  const trainer = await advance(smallTrainer(smallConfig()), steps);
  return encodeCheckpoint(trainer, await trainer.save());
};

async function refuses(tally: Tally, file: string, read: () => Promise<unknown>): Promise<void> {
  try {
    await read();
    tally.taken++;
  } catch (error) {
    const told = error instanceof ConfigError && error.message.includes(file);
    if (!told) tally.wrong.push(String(error));
  }
}

async function refusedByCommands(tally: Tally, folder: string, file: string): Promise<void> {
  for (const args of [
    ['evaluate', folder, '--backend', 'cpu'],
    ['train', '--resume', folder],
  ]) {
    const { code, stderr } = await qmix(...args);
    const lines = stderr.trimEnd().split('\n');
    if (code === 0) tally.taken++;
    if (code !== 1 || lines.length !== 1 || !lines[0].startsWith(`error: ${file}`)) tally.wrong.push(stderr);
  }
}

type Draw = (bound: number) => number;

/** Numbers that depend on the damage's number only. */
function randomOf(index: number): Draw {
  const words = new Uint32Array(4);
  let drawn = 0;
  return (bound) => {
    philox(words, 0xda3a6e, STREAM.test, index, drawn++);
    return below(words[0], bound);
  };
}

const edited = (bytes: Uint8Array, edit: (copy: Uint8Array) => void): Uint8Array => {
  const copy = bytes.slice();
  edit(copy);
  return copy;
};
const headerEnd = (bytes: Uint8Array): number =>
  8 + Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
const flip = (copy: Uint8Array, at: number, random: Draw): void => {
  copy[at] ^= 1 << random(8);
};

/** Ways to damage a file; `later` is a checkpoint of the same run, a step on. */
const damage = {
  'a bit of the numbers': (whole, _, random) =>
    edited(whole, (copy) => flip(copy, headerEnd(whole) + random(whole.length - headerEnd(whole)), random)),
  'a bit of the header': (whole, _, random) =>
    edited(whole, (copy) => flip(copy, random(headerEnd(whole)), random)),
  'a digit of the header': (whole, _, random) =>
    edited(whole, (copy) => {
      let at = random(headerEnd(whole));
      while (copy[at] < 0x30 || copy[at] > 0x39) at = (at + 1) % headerEnd(whole);
      copy[at] = 0x30 + ((copy[at] - 0x30 + 1 + random(9)) % 10);
    }),
  '512 bytes of zeros': (whole, _, random) =>
    edited(whole, (copy) => {
      let at = random(whole.length - 512);
      while (copy.subarray(at, at + 512).every((byte) => byte === 0)) at = random(whole.length - 512);
      copy.fill(0, at, at + 512);
    }),
  'cut short': (whole, _, random) => whole.slice(0, random(whole.length)),
  'bytes at the end': (whole, _, random) => {
    const longer = new Uint8Array(whole.length + 1 + random(64));
    longer.set(whole);
    return longer;
  },
  'bytes left out': (whole, _, random) => {
    const [at, length] = [random(whole.length - 64), 1 + random(64)];
    return Buffer.concat([whole.subarray(0, at), whole.subarray(at + length)]);
  },
  'half of a later file': (whole, later, random) =>
    edited(whole, (copy) => {
      const from = headerEnd(whole) + random(later.length - headerEnd(whole));
      copy.set(later.subarray(from, whole.length), from);
      // Two savings may agree in all that comes last.
      if (Buffer.compare(copy, whole) === 0) flip(copy, whole.length - 1, random);
    }),
} satisfies Record<string, (whole: Uint8Array, later: Uint8Array, random: Draw) => Uint8Array>;
const KINDS = Object.keys(damage) as (keyof typeof damage)[];

function report(tallies: ReadonlyMap<string, Tally>): number {
  let bad = 0;
  for (const [kind, { count, taken, wrong, milliseconds }] of tallies) {
    const sorted = milliseconds.toSorted((a, b) => a - b);
    const times = `${sorted[sorted.length >> 1].toFixed(2)} ms (median), ${sorted[sorted.length - 1].toFixed(2)} ms (most)`;
    process.stdout.write(
      `${kind.padEnd(24)} ${String(count).padStart(5)}: ${taken} taken, ${wrong.length} not told rightly, ${times}\n`,
    );
    for (const text of wrong.slice(0, 3)) process.stdout.write(`    ${text}\n`);
    bad += taken + wrong.length;
  }
  return bad > 0 ? 1 : 0;
}
