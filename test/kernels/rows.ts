import { quads, type RowField } from '../../src/kernels/layout.ts';
import { batchRows, type KernelSizes } from '../../src/kernels/sizes.ts';
import type { Bench } from './bench.ts';
import type { Expected, Tolerance } from './compare.ts';

/** Stands where a kernel should neither read nor write: read, it shows. */
const SENTINEL = 54321;

/** A field of one half of all rows, or (2) of what stands after both: `size` numbers a block, padded to quads. */
export interface Part {
  readonly field: RowField;
  readonly half: 0 | 1 | 2;
  readonly size: number;
}

/** A field that a kernel writes, and what it should hold: [L, R, blocks · size]. */
export interface Output extends Part {
  readonly expected: Expected;
  readonly tolerance: Tolerance;
}

/** Rows as they stand on the GPU, (L, R, 2, HALF), R the rows of whole tiles. Sentinels but for what is put. */
export class Rows {
  readonly numbers: Float32Array<ArrayBuffer>;
  /** R, per learner. */
  readonly count: number;
  private readonly rowNumbers: number;

  constructor(private readonly sizes: KernelSizes) {
    this.count = batchRows(sizes);
    this.rowNumbers = 4 * sizes.layout.row;
    this.numbers = new Float32Array(sizes.learners * this.count * this.rowNumbers).fill(SENTINEL);
  }

  /** values [L, R, blocks · size] into a field, its padding 0. */
  put(part: Part, values: Expected): void {
    this.visit(part, values.length, (place, index) => {
      this.numbers[place] = index < 0 ? 0 : values[index];
    });
  }

  /** A learner's share of a field: [R, blocks · size]. */
  take(numbers: Float32Array, part: Part, blocks: number, learner: number): Float64Array {
    const values = new Float64Array(this.sizes.learners * this.count * blocks * part.size);
    this.visit(part, values.length, (place, index) => {
      if (index >= 0) values[index] = numbers[place];
    });
    const share = values.length / this.sizes.learners;
    return values.subarray(learner * share, (learner + 1) * share);
  }

  /**
   * Holds rows that came back to what they should be: `outputs` near what is expected, with 0 as padding, in
   * the learners that were at work and in rows 0..`until`−1, and all else as it was, to the bit.
   */
  check(
    bench: Bench,
    got: Float32Array<ArrayBuffer>,
    working: readonly boolean[],
    outputs: readonly Output[],
    until = this.count,
  ): void {
    const rest = got.slice();
    for (const output of outputs) {
      const { field, half, expected, tolerance } = output;
      const share = expected.length / this.sizes.learners;
      const rowShare = share / this.count;
      const seen: number[] = [];
      const wanted: number[] = [];
      const places: number[] = [];
      this.visit(output, expected.length, (place, index, row) => {
        const learner = Math.floor(row / this.count);
        if (!working[learner]) return;
        rest[place] = this.numbers[place];
        if (row % this.count >= until) return;
        seen.push(got[place]);
        wanted.push(index < 0 ? 0 : expected[index]);
        places.push(place);
      });
      bench.near(
        `${['', 'second half ', 'ahead '][half]}${field} (${rowShare} a row)`,
        seen,
        wanted,
        tolerance,
        (at) => this.place(places[at], output),
      );
    }
    bench.same('rows that are no output', rest, this.numbers, (at) => this.place(at));
  }

  /** Where a number of all rows stands: learner, row, and its place in the field, or in the row. */
  private place(at: number, part?: Part): string {
    const row = Math.floor(at / this.rowNumbers);
    const within = (at % this.rowNumbers) - (part ? this.firstOf(part) : 0);
    return ` of learner ${Math.floor(row / this.count)}, row ${row % this.count}[${within}]`;
  }

  /** Where a field begins in a row, in numbers. */
  private firstOf({ field, half }: Part): number {
    const { layout } = this.sizes;
    return 4 * (half * layout.half - (half === 2 ? layout.fields.H1 : 0) + layout.fields[field]);
  }

  /** Calls `visit` for every number of a field: its place, its index in [L, R, blocks · size] (−1: padding), its row. */
  private visit(
    part: Part,
    length: number,
    visit: (place: number, index: number, row: number) => void,
  ): void {
    const { size } = part;
    const rows = this.sizes.learners * this.count;
    const blocks = length / rows / size;
    const padded = 4 * quads(size);
    for (let row = 0; row < rows; row++) {
      const start = row * this.rowNumbers + this.firstOf(part);
      for (let block = 0; block < blocks; block++) {
        for (let i = 0; i < padded; i++) {
          visit(start + block * padded + i, i < size ? (row * blocks + block) * size + i : -1, row);
        }
      }
    }
  }
}
