import type { Learner } from '../learner/learner.ts';
import { emptyTensor, floatsOf, parameterEntries, type TableEntry } from '../learner/snapshot_table.ts';
import type { NetworkShape } from '../shapes.ts';
import type { Tensor } from '../tensor.ts';
import type { Evaluation } from './evaluate.ts';

/** How a learner's best evaluation went. */
export interface BestEvaluation extends Pick<Evaluation, 'success' | 'lengthRatio' | 'return'> {
  /** Updates that had been made. */
  readonly updates: number;
}

/** Numbers in `best.evaluation`: updates (0: there was no evaluation), success, length ratio (0: not known), return. */
const NUMBERS = 4;

export const bestTable = (shape: NetworkShape, backend: Learner['backend']): TableEntry[] => [
  ...parameterEntries(shape, 'best', [floatsOf(backend)]),
  { name: 'best.evaluation', dtypes: ['F64'], shape: [NUMBERS], values: 'any' },
];

/**
 * The online parameters of a learner's best evaluation so far: highest success, then shortest length / optimal, then
 * highest return; so that return decides where success is not seen. Of equals the first stays. They were chosen on the
 * starts that evaluations play: what they reach there says too much of other starts.
 */
export class Best {
  evaluation: BestEvaluation | undefined;
  private parameters: ReadonlyMap<string, Tensor> = new Map();
  private readonly table: readonly TableEntry[];

  constructor({ options, backend }: Learner) {
    this.table = bestTable(options.shape, backend);
  }

  /** Keeps the learner's parameters as they are now, if they are the best so far. */
  async offer(candidate: BestEvaluation, learner: Learner, index: number): Promise<void> {
    if (this.evaluation && !isBetter(candidate, this.evaluation)) return;
    const parameters = await learner.readParameters(index);
    this.parameters = new Map(
      Array.from(parameters)
        .filter(([name]) => name.startsWith('online.'))
        .map(([name, tensor]) => [name.replace('online.', 'best.'), tensor]),
    );
    const { updates, success, lengthRatio, return: total } = candidate;
    this.evaluation = { updates, success, lengthRatio, return: total };
  }

  /** By the names of bestTable; zeros where there was no evaluation. */
  save(): Map<string, Tensor> {
    if (!this.evaluation) return new Map(this.table.map((entry) => [entry.name, emptyTensor(entry)]));
    const tensors = new Map(this.parameters);
    const { updates, success, lengthRatio, return: total } = this.evaluation;
    const known = Number.isFinite(lengthRatio) ? lengthRatio : 0;
    tensors.set('best.evaluation', {
      shape: [NUMBERS],
      data: Float64Array.of(updates, success, known, total),
    });
    return tensors;
  }

  load(saved: ReadonlyMap<string, Tensor>): void {
    this.evaluation = savedBest(saved);
    if (!this.evaluation) return;
    this.parameters = new Map(this.table.map(({ name }) => [name, saved.get(name)!]));
  }
}

/** The best evaluation that a learner's tensors tell of; undefined: there was none. */
export function savedBest(saved: ReadonlyMap<string, Tensor>): BestEvaluation | undefined {
  const [updates, success, lengthRatio, total] = saved.get('best.evaluation')!.data;
  if (updates === 0) return undefined;
  return { updates, success, lengthRatio: lengthRatio > 0 ? lengthRatio : Number.NaN, return: total };
}

export function isBetter(a: Omit<BestEvaluation, 'updates'>, b: Omit<BestEvaluation, 'updates'>): boolean {
  if (a.success !== b.success) return a.success > b.success;
  // Neither is shorter where a length or the optimal one is not known.
  if (a.lengthRatio !== b.lengthRatio && Number.isFinite(a.lengthRatio) && Number.isFinite(b.lengthRatio)) {
    return a.lengthRatio < b.lengthRatio;
  }
  return a.return > b.return;
}
