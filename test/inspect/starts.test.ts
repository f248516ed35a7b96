import { describe, expect, it } from 'vitest';
import { MeetingGridworld } from '../../src/env/meeting_gridworld.ts';
import { startNumber } from '../../src/inspect/starts.ts';
import { smallConfig } from '../train/small.ts';
import { startCells } from './start_cells.ts';

describe('starts', () => {
  it.each([2, 3, 5])('are those of the environment, there and back (%i cells along a side)', (gridSize) => {
    const environment = new MeetingGridworld(smallConfig({ gridSize }), 0, 1);
    const seen = new Set<string>();
    for (let start = 0; start < environment.starts; start++) {
      environment.begin(0, start);
      const cells = startCells(start, gridSize);
      expect(cells).toEqual([...environment.cells]);
      expect(startNumber(cells[0], cells[1], cells[2], gridSize)).toBe(start);
      seen.add(String(cells));
    }
    expect(seen.size).toBe(environment.starts);
  });

  it('are none where two pieces share a cell', () => {
    for (const [first, second, goal] of [
      [1, 1, 2],
      [1, 2, 1],
      [2, 1, 1],
      [3, 3, 3],
    ]) {
      expect(startNumber(first, second, goal, 3)).toBeUndefined();
    }
  });
});
