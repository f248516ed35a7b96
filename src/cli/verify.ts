import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ConfigError } from '../config.ts';
import type { Gpu } from '../gpu/gpu.ts';
import { BOUNDS, type FileVerdict, verifyFile } from '../verify/verify.ts';
import { openWebGpu } from './backend.ts';
import { readFile } from './files.ts';

/** A file's verdict, or why there is none. */
type Outcome = Pick<FileVerdict, 'file' | 'pass' | 'note' | 'worst'> & Partial<FileVerdict>;

/**
 * Holds the updates that the GPU makes to vector files (without any: to those shipped) and to the reference.
 * Returns the exit code: 1 where a tensor is out of bounds or a file is refused.
 */
export async function verify(files: readonly string[], { json }: { json?: boolean }): Promise<number> {
  const paths = files.length > 0 ? files : shippedVectors();
  const contents = paths.map((path) => readFile(path, 'FILE', 'a vector file (.safetensors)'));
  const gpu = await openWebGpu();
  try {
    const outcomes: Outcome[] = [];
    for (const [index, path] of paths.entries()) {
      const outcome = await verifyOne(gpu, contents[index], path);
      outcomes.push(outcome);
      if (!json) process.stdout.write(describe(outcome));
    }
    const pass = outcomes.every((outcome) => outcome.pass);
    const passed = outcomes.filter((outcome) => outcome.pass).length;
    const report = { adapter: gpu.name, pass, files: outcomes };
    process.stdout.write(
      json
        ? `${JSON.stringify(report)}\n`
        : `${worstTable(outcomes)}\n${gpu.name}: ${passed} of ${outcomes.length} files pass\n`,
    );
    return pass ? 0 : 1;
  } finally {
    gpu.destroy();
  }
}

async function verifyOne(gpu: Gpu, bytes: Uint8Array, path: string): Promise<Outcome> {
  try {
    return await verifyFile(gpu, bytes, basename(path));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const none = Number.NaN;
    const worst = { forward: none, gradients: none, parameters: none, updateRule: none, nextActions: none };
    return { file: basename(path), pass: false, note: error.message, worst };
  }
}

/** The vector files that come with the project, beside its launcher. */
function shippedVectors(): string[] {
  const folder = join(dirname(process.argv[1]), '..', '..', 'test', 'vectors');
  const names = readdirSync(folder).filter((name) => name.endsWith('.safetensors'));
  return names.sort().map((name) => join(folder, name));
}

function describe({ file, pass, note, tensors = [] }: Outcome): string {
  const width = Math.max(0, ...tensors.map(({ name }) => name.length));
  const lines = tensors.map(
    (tensor) =>
      `  ${tensor.pass ? 'ok  ' : 'FAIL'} ${tensor.name.padEnd(width)}  ` +
      `file ${scientific(tensor.file)}  reference ${scientific(tensor.reference)}  ` +
      `bound ${scientific(BOUNDS[tensor.group])}`,
  );
  return [`${file}: ${pass ? 'pass' : 'FAIL'}. ${note}`, ...lines, ''].join('\n');
}

/** The worst error of each group of tensors, a line a file. */
function worstTable(outcomes: readonly Outcome[]): string {
  const groups = Object.keys(BOUNDS) as (keyof typeof BOUNDS)[];
  const width = Math.max(...outcomes.map(({ file }) => file.length));
  const line = (name: string, cells: readonly string[]) =>
    [name.padEnd(width), ...cells.map((cell) => cell.padStart(12))].join(' ');
  return [
    line('worst error', groups),
    ...outcomes.map(({ file, worst }) =>
      line(
        file,
        groups.map((group) => scientific(worst[group])),
      ),
    ),
    line(
      'bound',
      groups.map((group) => scientific(BOUNDS[group])),
    ),
  ].join('\n');
}

const scientific = (value: number): string => value.toExponential(1).padStart(7);
