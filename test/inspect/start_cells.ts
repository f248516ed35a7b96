import { cellsOfStart } from '../../src/env/grid.ts';

/** [3] cells of agent 1, agent 2 and the goal in a start of Meeting Gridworld with two agents. */
export function startCells(start: number, gridSize: number): number[] {
  const cells = new Int32Array(3);
  cellsOfStart(cells, start, gridSize);
  return [...cells];
}
