import { copyTarget } from '../../src/reference/optimise.ts';
import { allocateBatch, type Batch } from '../../src/reference/sample.ts';
import { allocateWorkspace, update } from '../../src/reference/update.ts';
import { decodeSafetensors } from '../../src/safetensors.ts';
import { HYPERNETWORKS, type Hypernetwork, type LayerSpec, layerTable } from '../../src/shapes.ts';
import { batchOf, stateOf } from '../../src/verify/reference_values.ts';
import { parseVectorFile, type VectorFile } from '../../src/verify/vector_file.ts';

/** The update that everybody has to make: parameters, settings, a batch, and the losses of a right implementation. */
export interface Problem {
  readonly file: VectorFile;
  /** B rows: those of the file, over and over. */
  readonly batch: Batch;
  /** B */
  readonly batchSize: number;
  /** [B, record] the batch as transition records */
  readonly records: Float32Array;
  /**
   * Losses of the first updates, targets standing still, then as many after one copy of the targets: in float64, by
   * the reference. A batch of repeated rows has the losses of the file's own.
   */
  readonly losses: readonly number[];
}

/**
 * Reads a vector file for batches of `batchSize`, a multiple of the file's. Throws where the reference does not
 * reach the file's losses, which an independent implementation computed.
 */
export function readProblem(bytes: Uint8Array, name: string, batchSize: number): Problem {
  const file = parseVectorFile(bytes, name);
  if (batchSize % file.batchSize !== 0 || batchSize < file.batchSize) {
    throw new Error(`batch: got ${batchSize}, allowed: multiples of ${file.batchSize}`);
  }
  const metrics = JSON.parse(decodeSafetensors(bytes, name).metadata.metrics ?? '[]') as { loss: number }[];
  const losses = referenceLosses(file);
  if (metrics.length !== file.steps) throw new Error(`${name}: metrics of ${metrics.length} updates`);
  compareLosses(
    'the reference',
    losses.slice(0, file.steps),
    metrics.map(({ loss }) => loss),
    1e-9,
  );
  return {
    file,
    batch: repeatBatch(file, batchSize),
    batchSize,
    records: repeatRecords(file, batchSize),
    losses,
  };
}

function referenceLosses(file: VectorFile): number[] {
  const state = stateOf(file);
  const batch = batchOf(file);
  const work = allocateWorkspace(file.shape, file.batchSize);
  return Array.from({ length: 2 * file.steps }, (_, step) => {
    if (step === file.steps) copyTarget(state);
    update(work, state, batch, { ...file.settings, ...file.optimiser });
    return work.loss;
  });
}

function repeatBatch(file: VectorFile, batchSize: number): Batch {
  const own = batchOf(file);
  const batch = allocateBatch(file.shape, batchSize);
  for (const name of Object.keys(batch) as (keyof Batch)[]) {
    const [from, to] = [own[name], batch[name]];
    for (let j = 0; j < to.length; j++) to[j] = from[j % from.length];
  }
  return batch;
}

const repeatRecords = ({ records, batchSize: own }: VectorFile, batchSize: number): Float32Array =>
  Float32Array.from({ length: (records.length / own) * batchSize }, (_, j) => records[j % records.length]);

/** A dense layer as frameworks with [inputs, outputs] weights take it. */
export interface DenseLayer {
  readonly inputs: number;
  readonly outputs: number;
  /** [inputs, outputs] */
  readonly weight: Float32Array;
  /** [outputs] */
  readonly bias: Float32Array;
}

/** The layers of the online or of the target networks. */
export interface DenseNetworks {
  /** By agent. */
  readonly agents: readonly (readonly DenseLayer[])[];
  readonly hypernetworks: Readonly<Record<Hypernetwork, readonly DenseLayer[]>>;
}

export function denseNetworks(file: VectorFile, copy: 'online' | 'target'): DenseNetworks {
  const table = layerTable(file.shape);
  const named = (prefix: string) =>
    table.filter(({ name }) => name.startsWith(`${prefix}.`)).map((layer) => denseLayer(file, copy, layer));
  return {
    agents: Array.from({ length: file.shape.agents }, (_, i) => named(`agents.${i}`)),
    hypernetworks: Object.fromEntries(HYPERNETWORKS.map((name) => [name, named(`mixer.${name}`)])) as Record<
      Hypernetwork,
      DenseLayer[]
    >,
  };
}

function denseLayer(file: VectorFile, copy: string, { name, inputs, outputs }: LayerSpec): DenseLayer {
  const rows = file.parameters.get(`${copy}.${name}.weight`)!.data;
  const weight = Float32Array.from(
    { length: rows.length },
    (_, j) => rows[(j % outputs) * inputs + Math.floor(j / outputs)],
  );
  return {
    inputs,
    outputs,
    weight,
    bias: Float32Array.from(file.parameters.get(`${copy}.${name}.bias`)!.data),
  };
}

/**
 * Largest relative error of a loss. In float32 all stay within 2e-6 but jax-js and JAX, whose own exp and log cost them
 * 1.5e-5. Without clipping, bias correction, termination, the mixer's own learning rate or the copy of the targets, a
 * loss is off by 2e-2 or more; what this would not tell is another epsilon of Adam.
 */
export const LOSS_BOUND = 1e-4;

/** Throws where a loss is off by more than the bound; returns the largest relative error. */
export function compareLosses(
  who: string,
  got: readonly number[],
  expected: readonly number[],
  bound = LOSS_BOUND,
): number {
  let worst = 0;
  for (const [step, loss] of expected.entries()) {
    const error = Math.abs(got[step] - loss) / Math.abs(loss);
    if (!(error <= bound)) {
      throw new Error(
        `${who}: loss of update ${step + 1}: got ${got[step]}, expected ${loss} ± ${bound * loss}`,
      );
    }
    worst = Math.max(worst, error);
  }
  return worst;
}
