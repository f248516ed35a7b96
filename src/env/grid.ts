/** A square grid of G×G cells: cell (x, y) has index x·G + y; x is the row. */

export const ACTIONS = ['up', 'down', 'left', 'right', 'stay'] as const;
/** Change of x and y by action. */
const DX = [-1, 1, 0, 0, 0];
const DY = [0, 0, -1, 1, 0];

/** The cell that an action leads to from a cell; a move off the grid stays. */
export function neighbour(cell: number, action: number, size: number): number {
  const x = Math.min(size - 1, Math.max(0, Math.floor(cell / size) + DX[action]));
  const y = Math.min(size - 1, Math.max(0, (cell % size) + DY[action]));
  return x * size + y;
}

/** Steps from cell to cell. */
export function distance(a: number, b: number, size: number): number {
  return Math.abs(Math.floor(a / size) - Math.floor(b / size)) + Math.abs((a % size) - (b % size));
}

/** What coordinate 0..G−1 becomes in an observation or a state. */
export function coordinates(size: number, scale: 'unit' | 'grid' | 'raw'): Float32Array {
  const divisor = scale === 'unit' ? size - 1 : scale === 'grid' ? size : 1;
  return Float32Array.from({ length: size }, (_, i) => i / divisor);
}

/** The `choice`-th cell, in index order, that is none of taken[0..count−1]. */
export function freeCell(taken: Int32Array, count: number, choice: number): number {
  let cell = choice;
  for (;;) {
    let atOrBelow = 0;
    for (let j = 0; j < count; j++) if (taken[j] <= cell) atOrBelow++;
    const shifted = choice + atOrBelow;
    if (shifted === cell) return cell;
    cell = shifted;
  }
}

/**
 * The cells [pieces] of a start: its digits, in mixed radix, say which of the cells still free each
 * piece takes.
 */
export function cellsOfStart(cells: Int32Array, start: number, size: number): void {
  let rest = start;
  for (let k = 0; k < cells.length; k++) {
    const free = size * size - k;
    cells[k] = freeCell(cells, k, rest % free);
    rest = Math.floor(rest / free);
  }
}

/** The start whose pieces stand on these cells, all distinct: the inverse of `cellsOfStart`. */
export function startOfCells(cells: ArrayLike<number>, size: number): number {
  let start = 0;
  for (let k = cells.length - 1; k >= 0; k--) {
    let below = 0;
    for (let j = 0; j < k; j++) if (cells[j] < cells[k]) below++;
    start = start * (size * size - k) + cells[k] - below;
  }
  return start;
}
