import { existsSync } from 'node:fs';
import { ConfigError, runMembers } from '../config.ts';
import { reason, writeAtomically } from '../node/files.ts';
import { encodeSafetensors } from '../safetensors.ts';
import type { Tensor } from '../tensor.ts';
import { savedBest } from '../train/best.ts';
import { readCheckpointFile } from './checkpoint_file.ts';
import { print, printJson } from './output.ts';

export interface ExportOptions {
  readonly out: string;
  readonly best?: boolean;
  readonly json?: boolean;
}

/**
 * Writes the parameters of a checkpoint's learners, and nothing else, as float32 under the names of PyTorch's
 * state_dict: `agents.0.0.weight` of a single learner, `seeds.2025.agents.0.0.weight` of several. Nothing that the
 * checkpoint names is run. Returns the exit code. Throws ConfigError.
 */
export async function exportParameters(path: string, { out, best, json }: ExportOptions): Promise<number> {
  if (existsSync(out)) throw new ConfigError(`--out: got "${out}", which exists; allowed: a new file`);
  const { file, read } = await readCheckpointFile(path);
  const members = runMembers(read.config);
  const copy = best ? 'best' : 'online';
  const tensors = new Map<string, Tensor>();
  for (const { name } of members) {
    const evaluation = read.tensors.get(`${name}.best.evaluation`);
    if (best && !(evaluation && savedBest(new Map([['best.evaluation', evaluation]])))) {
      throw new ConfigError(
        `--best: ${file}: ${name} had no evaluation on the way (evaluateEvery), allowed: its last parameters`,
      );
    }
    const from = `${name}.${copy}.`;
    const to = members.length > 1 ? `${name}.` : '';
    for (const [key, { shape, data }] of read.tensors) {
      if (!key.startsWith(from) || key === `${from}evaluation`) continue;
      tensors.set(to + key.slice(from.length), { shape, data: Float32Array.from(data) });
    }
  }
  const parameters = best ? 'best, chosen on the starts that evaluations play' : 'last';
  const { environment, preset, mixer } = read.config;
  try {
    writeAtomically(
      out,
      encodeSafetensors(tensors, { format: 'pt', parameters, environment, preset, mixer }),
    );
  } catch (error) {
    throw new ConfigError(`--out: got "${out}" (${reason(error)}), allowed: a file that can be written`);
  }
  const learners = members.map(({ name }) => name);
  if (json) printJson({ file: out, parameters, learners, tensors: tensors.size });
  else print(`${out}: ${tensors.size} tensors of ${learners.join(', ')}; parameters: ${parameters}\n`);
  return 0;
}
