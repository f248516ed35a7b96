import { cellsOfStart, startOfCells } from '../env/grid.ts';

/** The starts of Meeting Gridworld with two agents, by number, as environments and evaluations count them. */

/** Agent 1, agent 2, the goal. */
const PIECES = 3;
const scratch = new Int32Array(PIECES);

/** How many there are: three pieces on distinct cells of a G×G grid. */
export function startCount(gridSize: number): number {
  const cells = gridSize ** 2;
  return cells * (cells - 1) * (cells - 2);
}

/** [3] cells of agent 1, agent 2 and the goal in a start, 0..startCount−1. */
export function startCells(start: number, gridSize: number): number[] {
  const cells = new Int32Array(PIECES);
  cellsOfStart(cells, start, gridSize);
  return [...cells];
}

/** The start with agent 1, agent 2 and the goal on these cells; undefined where two share one, as none begins so. */
export function startNumber(
  first: number,
  second: number,
  goal: number,
  gridSize: number,
): number | undefined {
  if (first === second || first === goal || second === goal) return undefined;
  scratch[0] = first;
  scratch[1] = second;
  scratch[2] = goal;
  return startOfCells(scratch, gridSize);
}
