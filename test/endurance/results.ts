import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { decodeCheckpoint } from '../../src/train/checkpoint.ts';

const CHECKPOINT = 'checkpoint.safetensors';

/** What does not depend on the clock or on the folder, by file. */
export type Result = ReadonlyMap<string, string>;

/** What a finished run, sweep or comparison has come to: every file, by its path below the folder. */
export function readResult(folder: string): Result {
  const files = listFiles(folder).map((path) => [path, read(join(folder, path))] as const);
  return new Map(files.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A line for each file that is missing, left over or different. */
export function differences(expected: Result, got: Result): string[] {
  const names = [...new Set([...expected.keys(), ...got.keys()])];
  return names.flatMap((name) => {
    if (!got.has(name)) return [`${name}: is missing`];
    if (!expected.has(name)) return [`${name}: is left over`];
    const [before, now] = [expected.get(name)!, got.get(name)!];
    return before === now ? [] : [`${name}: ${firstDifference(before, now)}`];
  });
}

/** The hash of each run's parameters, by its folder below. */
export function hashesOf(folder: string): string[] {
  return listFiles(folder)
    .filter((path) => basename(path) === 'summary.json')
    .sort()
    .map((path) => JSON.parse(readFileSync(join(folder, path), 'utf8')).hash);
}

/** Paths of the files in a folder and in those below it; none where there is no folder. */
export function listFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

/** Folders, below one, that hold a checkpoint. */
export const runFolders = (folder: string): string[] =>
  listFiles(folder)
    .filter((path) => basename(path) === CHECKPOINT)
    .map((path) => path.slice(0, -CHECKPOINT.length));

/** What is wrong with the checkpoints in a folder and below: a line each. */
export async function brokenCheckpoints(folder: string): Promise<string[]> {
  const broken: string[] = [];
  for (const run of runFolders(folder)) {
    const file = join(folder, run, CHECKPOINT);
    try {
      await decodeCheckpoint(readFileSync(file), file);
    } catch (error) {
      broken.push(error instanceof Error ? error.message : String(error));
    }
  }
  return broken;
}

function read(path: string): string {
  const name = basename(path);
  if (name.endsWith('.svg')) return 'a drawing';
  const bytes = readFileSync(path);
  if (name.endsWith('.csv')) return withoutSeconds(bytes.toString());
  if (name.endsWith('.json')) return JSON.stringify(JSON.parse(bytes.toString()), withoutClock, 2);
  return `SHA-256 ${createHash('sha256').update(bytes).digest('hex')}`;
}

/** Rows of a CSV without the columns whose name speaks of seconds. Cells with commas in quotes stay whole. */
function withoutSeconds(text: string): string {
  const rows = text.split('\n').map((line) => line.match(/("[^"]*"|[^,])*(,|$)/g) ?? []);
  const [header] = rows;
  return rows
    .map((row) => row.filter((_, column) => !/seconds/i.test(header[column] ?? '')).join(''))
    .join('\n');
}

/** Where a run lies, and how long it took. */
const PLACES = ['run', 'checkpoint', 'sweep', 'comparison'];
const withoutClock = (key: string, value: unknown): unknown =>
  /seconds/i.test(key) || PLACES.includes(key) ? undefined : value;

function firstDifference(expected: string, got: string): string {
  const [before, now] = [expected.split('\n'), got.split('\n')];
  const at = before.findIndex((line, index) => line !== now[index]);
  const index = at < 0 ? before.length : at;
  return `line ${index + 1}: expected ${shorten(before[index] ?? 'no such line')}, got ${shorten(now[index] ?? 'no such line')}`;
}

const shorten = (text: string): string => (text.length > 100 ? `${text.slice(0, 100)}…` : text.trim());
