import { startOfCells } from '../env/grid.ts';

/** Asked for every cell of a map, so not made anew each time. */
const scratch = new Int32Array(3);

/**
 * The start of Meeting Gridworld with agent 1, agent 2 and the goal on these cells, by its number as environments and
 * evaluations count starts; undefined where two share a cell, as none begins so.
 */
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
