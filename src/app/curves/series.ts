import type { MetricsRow } from '../../train/metrics.ts';
import type { LearnerInfo } from '../service.ts';

/** What the curves are over. */
export type Axis = 'updates' | 'environmentSteps';

const QUANTITIES = [
  'success',
  'trainingSuccess',
  'lengthRatio',
  'return',
  'trainingReturn',
  'loss',
  'qTotal',
  'gradientNorm',
  'epsilon',
] as const satisfies readonly (keyof MetricsRow)[];
export type Quantity = (typeof QUANTITIES)[number];

/** Rows that are taken in between two looks at the clock. */
const PORTION = 64;

/** A moment of a curve. */
export interface Moment {
  readonly mean: number;
  /** Ends of the 95% interval of the mean over learners; NaN with one learner. */
  readonly low: number;
  readonly high: number;
}

/**
 * One quantity of L learners, their mean and its 95% interval (Student's t), over x. Learners stop at different x: the
 * last value of one that has finished goes on to count, else the mean would jump to that of those which learn longest.
 * Learners of which nothing was measured yet are not counted.
 */
export class MeanCurve {
  /** Rising. */
  readonly x: number[] = [];
  readonly mean: number[] = [];
  readonly low: number[] = [];
  readonly high: number[] = [];
  /** [L] what was measured of each learner, x rising */
  readonly learners: readonly { readonly x: number[]; readonly y: number[] }[];
  /** Columns from here on are to be computed. */
  private stale = 0;

  constructor(learners: number) {
    this.learners = Array.from({ length: learners }, () => ({ x: [], y: [] }));
  }

  /** Takes what was measured of a learner at x; measured again, the later holds. */
  add(learner: number, x: number, y: number): void {
    const own = this.learners[learner];
    const at = place(own.x, x);
    if (own.x[at] === x) own.y[at] = y;
    else insert(at, [own.x, x], [own.y, y]);
    const column = place(this.x, x);
    if (this.x[column] !== x) {
      const none = Number.NaN;
      insert(column, [this.x, x], [this.mean, none], [this.low, none], [this.high, none]);
    }
    this.stale = Math.min(this.stale, column);
  }

  /** Computes what is stale, as long as it may; returns whether all is computed. */
  refresh(mayGoOn: () => boolean): boolean {
    if (this.stale >= this.x.length) return true;
    const next = this.learners.map(({ x }) => place(x, this.x[this.stale]));
    const values: number[] = [];
    while (this.stale < this.x.length) {
      if (!mayGoOn()) return false;
      const column = this.stale++;
      values.length = 0;
      for (const [index, { x, y }] of this.learners.entries()) {
        while (next[index] < x.length && x[next[index]] <= this.x[column]) next[index]++;
        if (next[index] > 0) values.push(y[next[index] - 1]);
      }
      const { mean, low, high } = summarise(values);
      this.mean[column] = mean;
      this.low[column] = low;
      this.high[column] = high;
    }
    return true;
  }

  /** The curve at x: that of the last column up to it; undefined before the first. */
  at(x: number): Moment | undefined {
    const column = place(this.x, x) - (this.x[place(this.x, x)] === x ? 0 : 1);
    if (column < 0) return undefined;
    return { mean: this.mean[column], low: this.low[column], high: this.high[column] };
  }
}

/** All quantities of a run, from its rows, over one axis. */
export class RunSeries {
  /** In the order in which they came. */
  private readonly rows: MetricsRow[] = [];
  private readonly indices: ReadonlyMap<string, number>;
  private curves: Readonly<Record<Quantity, MeanCurve>>;
  /** Rows that the curves have. */
  private taken = 0;

  constructor(
    learners: readonly Pick<LearnerInfo, 'seed' | 'variant'>[],
    private axis: Axis,
  ) {
    this.indices = new Map(learners.map((learner, index) => [nameOf(learner), index]));
    this.curves = this.empty();
  }

  add(rows: readonly MetricsRow[]): void {
    for (const row of rows) this.rows.push(row);
  }

  setAxis(axis: Axis): void {
    if (axis === this.axis) return;
    this.axis = axis;
    this.curves = this.empty();
    this.taken = 0;
  }

  curve(quantity: Quantity): MeanCurve {
    return this.curves[quantity];
  }

  /** The largest x of any row that was taken in; 0 before the first. */
  get end(): number {
    return Math.max(0, ...QUANTITIES.map((quantity) => this.curves[quantity].x.at(-1) ?? 0));
  }

  /** Takes rows in and computes what is stale, as long as it may; returns whether all is done. */
  refresh(mayGoOn: () => boolean): boolean {
    while (this.taken < this.rows.length) {
      if (!mayGoOn()) return false;
      const to = Math.min(this.rows.length, this.taken + PORTION);
      while (this.taken < to) this.take(this.rows[this.taken++]);
    }
    return QUANTITIES.every((quantity) => this.curves[quantity].refresh(mayGoOn));
  }

  private take(row: MetricsRow): void {
    const index = this.indices.get(nameOf(row));
    if (index === undefined) return;
    for (const quantity of QUANTITIES) {
      // What is NaN was not measured.
      if (!Number.isNaN(row[quantity])) this.curves[quantity].add(index, row[this.axis], row[quantity]);
    }
  }

  private empty(): Record<Quantity, MeanCurve> {
    const entries = QUANTITIES.map((quantity) => [quantity, new MeanCurve(this.indices.size)]);
    return Object.fromEntries(entries) as Record<Quantity, MeanCurve>;
  }
}

const nameOf = ({ seed, variant }: Pick<LearnerInfo, 'seed' | 'variant'>): string => `${variant}/${seed}`;

/** Mean and 95% interval of the mean; NaN where there are too few values. */
export function summarise(values: readonly number[]): Moment {
  const count = values.length;
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / count;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  const half = count > 1 ? studentT(count - 1) * Math.sqrt(squares / (count - 1) / count) : Number.NaN;
  return { mean, low: mean - half, high: mean + half };
}

const T_975 = [
  12.706205, 4.302653, 3.182446, 2.776445, 2.570582, 2.446912, 2.364624, 2.306004, 2.262157, 2.228139,
];
const Z_975 = 1.959963985;

/**
 * The 97.5% quantile of Student's t: a table for few degrees of freedom, then the expansion in their inverse
 * (Abramowitz and Stegun 26.7.5), to 5 digits.
 */
export function studentT(degrees: number): number {
  if (degrees <= T_975.length) return T_975[degrees - 1];
  const z = Z_975;
  return (
    z +
    (z ** 3 + z) / (4 * degrees) +
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * degrees ** 2) +
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * degrees ** 3)
  );
}

/**
 * Indices of at most `most` of `count` columns, evenly, the last included. The stride is a power of two, so that a
 * curve that grows keeps the columns it shows. A peak of one column can be left out: rows are means already.
 */
export function thin(count: number, most: number): number[] {
  let stride = 1;
  while (count / stride > most - 1) stride *= 2;
  const indices: number[] = [];
  for (let index = 0; index < count; index += stride) indices.push(index);
  if (count > 0 && indices[indices.length - 1] !== count - 1) indices.push(count - 1);
  return indices;
}

/** Index of the first element that is not less than x; rows come in order, so mostly near the end. */
function place(sorted: readonly number[], x: number): number {
  let high = sorted.length;
  if (high === 0 || sorted[high - 1] < x) return high;
  let low = 0;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

function insert(at: number, ...into: readonly (readonly [array: number[], value: number])[]): void {
  for (const [array, value] of into) {
    if (at === array.length) array.push(value);
    else array.splice(at, 0, value);
  }
}
