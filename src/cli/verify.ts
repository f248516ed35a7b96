import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { readFile } from '../node/files.ts';
import { type Outcome, verifyOrRefuse } from '../verify/outcome.ts';
import { tensorLines, verdictLine, worstTable } from '../verify/report.ts';
import { openWebGpu } from './backend.ts';
import { print } from './output.ts';

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
      const outcome = await verifyOrRefuse(gpu, contents[index], basename(path));
      outcomes.push(outcome);
      if (!json) print(tensorLines(outcome));
    }
    const pass = outcomes.every((outcome) => outcome.pass);
    const report = { adapter: gpu.name, pass, files: outcomes };
    const verdict = verdictLine(gpu.name, outcomes, paths.length);
    print(json ? `${JSON.stringify(report)}\n` : `${worstTable(outcomes)}\n${verdict}\n`);
    return pass ? 0 : 1;
  } finally {
    gpu.destroy();
  }
}

/** The vector files that come with the project, found from its launcher (src/cli/launch.mjs). */
function shippedVectors(): string[] {
  const folder = join(dirname(process.argv[1]), '..', 'verify', 'vectors');
  const names = readdirSync(folder).filter((name) => name.endsWith('.safetensors'));
  return names.sort().map((name) => join(folder, name));
}
