import type { Gpu } from '../gpu/gpu.ts';
import { initialParameters } from '../learner/initialise.ts';
import type { LearnerOptions, LearnerSnapshot } from '../learner/learner.ts';
import { WebGpuLearner } from '../learner/webgpu_learner.ts';
import { philox, STREAM, unitInterval } from '../random.ts';
import { type NetworkShape, parameterTable, recordLayout } from '../shapes.ts';
import type { TensorData } from '../tensor.ts';
import { BOUNDS, type Group, parameterError, relativeError } from './bounds.ts';
import { readGradients, readUpdateValues } from './gpu_values.ts';
import { referenceValues } from './reference_values.ts';
import { updateRuleErrors } from './update_rule.ts';
import { parseVectorFile, snapshotBeforeTraining, type VectorFile } from './vector_file.ts';

/** One tensor's worst error over all placements. */
export interface TensorVerdict {
  readonly name: string;
  readonly group: Group;
  /** Against the file; for the update rule, which is in no file, against the rule. */
  readonly file: number;
  /** Against the float64 reference of this project. */
  readonly reference: number;
  readonly pass: boolean;
}

export interface FileVerdict {
  readonly file: string;
  readonly pass: boolean;
  /** What to know about the verdict, in a sentence. */
  readonly note: string;
  readonly worst: Readonly<Record<Group, number>>;
  readonly tensors: readonly TensorVerdict[];
}

/** The learner alone, and as first, middle and last of three that differ in everything but their sizes. */
const PLACEMENTS = [
  { learners: 1, place: 0 },
  { learners: 3, place: 0 },
  { learners: 3, place: 1 },
  { learners: 3, place: 2 },
];

/**
 * Makes a vector file's updates on the GPU and holds every tensor to the file and to the reference.
 * Throws ConfigError for a file that is broken or asks for what is not built.
 */
export async function verifyFile(gpu: Gpu, bytes: Uint8Array, fileName: string): Promise<FileVerdict> {
  const file = parseVectorFile(bytes, fileName);
  const reference = referenceValues(file);
  const verdicts = new Map<string, TensorVerdict>();
  for (const { learners, place } of PLACEMENTS) {
    for (const verdict of await verifyPlacement(gpu, file, reference, learners, place)) {
      const seen = verdicts.get(verdict.name);
      verdicts.set(verdict.name, seen ? worse(seen, verdict) : verdict);
    }
  }
  return conclude(fileName, [...verdicts.values()]);
}

async function verifyPlacement(
  gpu: Gpu,
  file: VectorFile,
  reference: ReadonlyMap<string, TensorData>,
  learners: number,
  place: number,
): Promise<TensorVerdict[]> {
  const learner = await WebGpuLearner.create(gpu, options(file, learners, place), true);
  try {
    learner.load(
      Array.from({ length: learners }, (_, l) => (l === place ? ownSnapshot(file) : decoy(file, l))),
    );
    learner.inputs.trains.fill(1);
    const verdicts: TensorVerdict[] = [];
    const compare = (name: string, group: Group, got: TensorData) => {
      const expected = file.expected.get(name)!.data;
      verdicts.push(
        tensorVerdict(name, group, relativeError(got, expected), relativeError(got, reference.get(name)!)),
      );
    };
    let before = (await learner.save())[place];
    for (let step = 1; step <= file.steps; step++) {
      learner.train(1);
      if (step === 1) {
        const values = await readUpdateValues(gpu, learner, place);
        for (const [name, got] of values) {
          if (name === 'next_actions') {
            const unequal = (expected: TensorData) =>
              got.filter((action, j) => action !== expected[j]).length;
            const counts = [file.expected.get(name)!.data, reference.get(name)!].map(unequal);
            verdicts.push(tensorVerdict(name, 'nextActions', counts[0], counts[1]));
          } else {
            compare(name, name.startsWith('grad.') ? 'gradients' : 'forward', got);
          }
        }
        const metrics = (await learner.readMetrics())[place];
        compare('loss', 'forward', Float64Array.of(metrics.loss));
        compare('grad_norm', 'gradients', Float64Array.of(metrics.gradientNorm));
      }
      const after = (await learner.save())[place];
      const gradients = await readGradients(gpu, learner, place);
      for (const [name, error] of updateRuleErrors(file, step, before, after, gradients)) {
        verdicts.push(tensorVerdict(`rule${step}.${name}`, 'updateRule', error, error));
      }
      if (step === 1 || step === file.steps) {
        for (const { name, layer } of parameterTable(file.shape)) {
          const got = after.get(`online.${name}`)!.data;
          const moved = `step${step}.${name}`;
          const leeway = largestMove(file, layer.group, step);
          const [own, independent] = [reference.get(moved)!, file.expected.get(moved)!.data].map((expected) =>
            parameterError(got, expected, file.expected.get(`grad.${name}`)!.data, leeway),
          );
          verdicts.push(tensorVerdict(moved, 'parameters', independent, own));
        }
      }
      before = after;
    }
    gpu.check();
    return verdicts;
  } finally {
    learner.destroy();
  }
}

/**
 * How far two right updates can move a parameter apart whose gradient's sign they do not agree on: twice the largest
 * steps of the optimiser, over all updates so far.
 */
function largestMove({ settings, optimiser }: VectorFile, group: string, updates: number): number {
  const rate = group === 'agents' ? settings.learningRate : settings.mixerLearningRate;
  let sum = 0;
  for (let step = 1; step <= updates; step++) {
    // Without bias corrections the mean square is still small at first, and steps are large.
    sum += optimiser.corrected ? rate : rate / Math.sqrt(1 - optimiser.beta2 ** step);
  }
  return 2 * sum;
}

/** Options of `count` learners, of which that at `place` has the file's settings and the others have their own. */
function options(file: VectorFile, count: number, place: number): LearnerOptions {
  const { learningRate, mixerLearningRate, gamma, clipNorm } = file.settings;
  return {
    shape: file.shape,
    learners: Array.from({ length: count }, (_, l) =>
      l === place
        ? { seed: l, ...file.settings }
        : {
            seed: l,
            learningRate: learningRate * (2 + l),
            mixerLearningRate: mixerLearningRate / (2 + l),
            gamma: gamma / (1 + l),
            clipNorm: clipNorm / (2 + l),
            tau: 0.1 * (l + 1),
          },
    ),
    environments: 1,
    batchSize: file.batchSize,
    replayCapacity: file.batchSize,
    updatesPerStep: 1,
    overlap: false,
    optimiser: file.optimiser,
  };
}

const ownSnapshot = (file: VectorFile): LearnerSnapshot =>
  snapshotBeforeTraining(file.shape, file.parameters, file.records);

/** Another learner of the same sizes: other parameters, other transitions. */
function decoy(file: VectorFile, l: number): LearnerSnapshot {
  const parameters = new Map(
    ['online', 'target'].flatMap((copy, c) =>
      [...initialParameters(file.shape, 1000 + 2 * l + c)].map(
        ([name, tensor]) => [`${copy}.${name}`, tensor] as const,
      ),
    ),
  );
  return snapshotBeforeTraining(file.shape, parameters, decoyRecords(file.shape, file.batchSize, l));
}

function decoyRecords(shape: NetworkShape, batch: number, l: number): Float32Array {
  const layout = recordLayout(shape);
  const words = new Uint32Array(4);
  return Float32Array.from({ length: batch * layout.size }, (_, j) => {
    philox(words, l, STREAM.test, 0, j);
    const at = j % layout.size;
    if (at === layout.terminated) return words[0] & 1;
    if (at >= layout.actions && at < layout.reward) return words[0] % shape.actions;
    // Half of the actions are legal, and of each agent's the last.
    if (at >= layout.nextAvailable) {
      return (at - layout.nextAvailable + 1) % shape.actions === 0 ? 1 : words[0] & 1;
    }
    return 4 * unitInterval(words[0]) - 2;
  });
}

const tensorVerdict = (name: string, group: Group, file: number, reference: number): TensorVerdict => ({
  name,
  group,
  file,
  reference,
  pass: file <= BOUNDS[group] && reference <= BOUNDS[group],
});

const worse = (a: TensorVerdict, b: TensorVerdict): TensorVerdict =>
  tensorVerdict(a.name, a.group, Math.max(a.file, b.file), Math.max(a.reference, b.reference));

function conclude(file: string, tensors: readonly TensorVerdict[]): FileVerdict {
  const worst: Record<Group, number> = {
    forward: 0,
    gradients: 0,
    parameters: 0,
    updateRule: 0,
    nextActions: 0,
  };
  for (const { group, file: error, reference } of tensors)
    worst[group] = Math.max(worst[group], error, reference);
  const failed = tensors.filter(({ pass }) => !pass);
  const onlyParameters = failed.length > 0 && failed.every(({ group }) => group === 'parameters');
  const note =
    failed.length === 0
      ? 'every tensor within its bound'
      : onlyParameters
        ? 'parameters out of bounds, though gradients are not and the update rule holds on them: ' +
          failed.map(({ name }) => name).join(', ')
        : `out of bounds: ${failed.map(({ name }) => name).join(', ')}`;
  return { file, pass: failed.length === 0, note, worst, tensors };
}
