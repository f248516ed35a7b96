import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { nextLook, type Look as RunLook } from '../../src/app/curves/looks.ts';
import { drawBoard, type Picture, spotOf } from '../../src/app/see/draw_board.ts';
import type { Look } from '../../src/inspect/look.ts';

beforeAll(() => {
  vi.stubGlobal('devicePixelRatio', 1);
  vi.stubGlobal('document', {});
  // Every colour is called by its name.
  vi.stubGlobal('getComputedStyle', () => ({ getPropertyValue: (name: string) => name.slice(2) }));
});
afterAll(() => vi.unstubAllGlobals());

const ACTIONS = ['up', 'down', 'left', 'right', 'stay'];
const world = { gridSize: 3, agents: 2, pieces: ['agent 1', 'agent 2', 'goal'], actions: ACTIONS };
const round = (value: number): number => Math.round(100 * value) / 100;

describe('where a piece stands', () => {
  const spot = (piece: number, cells: readonly number[], agents = 2) => {
    const { x, y, radius } = spotOf(piece, cells, { ...world, agents });
    return [x, y, radius].map(round);
  };

  test('is the middle of its cell; agents are smaller the more there are', () => {
    expect(spot(0, [5, 7, 0])).toEqual([2.5, 1.5, 0.2]);
    expect(spot(1, [5, 7, 0])).toEqual([1.5, 2.5, 0.2]);
    expect(spot(2, [5, 7, 1])).toEqual([1.5, 0.5, 0.44]);
    expect([3, 4, 5].map((agents) => spot(0, [0, 1, 2, 3, 4, 5], agents)[2])).toEqual([0.17, 0.17, 0.12]);
  });

  test('is aside where agents share a cell, and not for who stands still there', () => {
    // 0.21 along the diagonals.
    expect(spot(0, [4, 4, 0])).toEqual([1.35, 1.35, 0.2]);
    expect(spot(1, [4, 4, 0])).toEqual([1.65, 1.65, 0.2]);
    expect(spot(0, [4, 0, 4])).toEqual([1.5, 1.5, 0.2]);
    expect(spot(2, [4, 4, 4])).toEqual([1.5, 1.5, 0.44]);
    // A switch and a door on one cell: the second is smaller.
    expect(spot(2, [0, 1, 4, 4])).toEqual([1.5, 1.5, 0.44]);
    expect(spot(3, [0, 1, 4, 4])).toEqual([1.5, 1.5, 0.31]);
  });
});

/** What is drawn of a picture on 300 pixels, 100 a cell: a text each. */
function drawn(picture: Partial<Picture>): string[] {
  const calls: string[] = [];
  let path: string[] = [];
  const add =
    (name: string) =>
    (...at: number[]) =>
      void path.push(`${name} ${at.slice(0, 4).map(round)}`);
  const put = (what: string, colour: string, at: readonly number[]) =>
    void calls.push(`${what} ${colour}: ${at.map(round)}`);
  const context = {
    ...{ fillStyle: '', strokeStyle: '', globalAlpha: 1, canvas: { width: 300 } },
    beginPath: () => {
      path = [];
    },
    ...{ moveTo: () => {}, closePath: () => {} },
    ...{ lineTo: add('to'), arc: add('disc'), roundRect: add('square') },
    measureText: () => ({ width: 8 }),
    fillRect: (...at: number[]) => put('area', context.fillStyle, at),
    strokeRect: (...at: number[]) => put('frame', context.strokeStyle, at),
    strokeText: () => {},
    fillText: (text: string, ...at: number[]) => put(`"${text}"`, context.fillStyle, at),
    fill: () => void calls.push(`fill ${context.fillStyle} ${round(context.globalAlpha)}: ${path.join(' ')}`),
    stroke: () => void calls.push(`line ${context.strokeStyle}: ${path.join(' ')}`),
  };
  drawBoard(context as unknown as CanvasRenderingContext2D, 300, {
    ...{ world, cells: [0, 4, 8], from: [0, 4, 8], share: 1, solved: false },
    ...{ look: undefined, dragged: undefined },
    ...picture,
  });
  return calls;
}
const having = (calls: readonly string[], like: RegExp) => calls.filter((call) => like.test(call));

describe('a board', () => {
  test('has its grid, the goal, and the agents above it, each with its number', () => {
    expect(drawn({})).toEqual([
      'area surface: 0,0,300,300',
      'line line: to 100,300 to 300,100 to 200,300 to 300,200',
      'fill goal-fill 1: square 206,206,88,88',
      'line goal: square 206,206,88,88',
      'fill agent-0 1: disc 50,50,20,0',
      'line surface: disc 50,50,20,0',
      'fill agent-1 1: disc 150,150,20,0',
      'line surface: disc 150,150,20,0',
      '"1" on-agent: 50,51.2',
      '"2" on-agent: 150,151.2',
    ]);
    expect(drawn({ cells: [], from: [] }), 'without a run').toHaveLength(2);
    const door = { ...world, pieces: ['agent 1', 'agent 2', 'door'] };
    expect(having(drawn({ world: door }), /"D"/)).toEqual(['"D" goal: 214.8,214.8']);
  });

  test('fills the goal once it is solved, and the last move has been drawn', () => {
    expect(having(drawn({ solved: true }), /met/)).toEqual(['fill met 1: square 206,206,88,88']);
    expect(having(drawn({ solved: true, share: 0.5 }), /met/)).toEqual([]);
  });

  test('draws a move as far as it has come', () => {
    const moving = drawn({ from: [2, 4, 8], share: 0.25 });
    expect(having(moving, /fill agent-0/)).toEqual(['fill agent-0 1: disc 200,50,20,0']);
    expect(having(moving, /fill agent-1/)).toEqual(['fill agent-1 1: disc 150,150,20,0']);
  });

  test('shows a dragged piece under the pointer, and the cell that it would be put on', () => {
    const look = { q: [], legal: [], greedy: [] } as unknown as Look;
    const dragging = drawn({ look, dragged: { piece: 1, x: 0.6, y: 2.25, cell: 6 } });
    expect(having(dragging, /frame/)).toEqual(['frame accent: 2,202,96,96']);
    expect(having(dragging, /fill agent/)).toEqual([
      'fill agent-0 1: disc 50,50,20,0',
      'fill agent-1 1: disc 60,225,20,0',
    ]);
  });

  test('draws the Q-values of what is legal, the greedy one outlined', () => {
    const look = {
      q: [
        [0, 9, -9, 1, 0.5],
        [2, 2, 2, 2, 2],
      ],
      legal: [
        [true, false, false, true, true],
        [false, true, true, false, false],
      ],
      greedy: [3, 1],
    } as unknown as Look;
    const arrows = having(drawn({ cells: [4, 0, 8], from: [4, 0, 8], look }), /^(fill agent|line text)/);
    expect(arrows.slice(7), 'the agents themselves').toEqual([
      'fill agent-0 1: disc 150,150,20,0',
      'fill agent-1 1: disc 50,50,20,0',
    ]);
    // From the edge of the disc to its tip: 28 pixels for the least, 48 for the highest.
    const tip = (call: string): string | undefined => call.split('to ')[4]?.trim();
    expect(arrows.slice(0, 4).map((call) => [call.split(':')[0], tip(call)])).toEqual([
      ['fill agent-0 0.2', '150,122'],
      ['fill agent-0 1', '198,150'],
      ['line text', '198,150'],
      ['fill agent-0 0.48', undefined],
    ]);
    expect(arrows[3]).toMatch(/disc 170\.51,170\.51,4\.5,0$/);
    // Where all are equal, all are drawn half.
    expect(arrows.slice(4, 7).map((call) => [call.split(':')[0], tip(call)])).toEqual([
      ['fill agent-1 1', '50,88'],
      ['line text', '50,88'],
      ['fill agent-1 0.48', '12,50'],
    ]);
  });
});

test('a run has the first of the looks that are used least', () => {
  const used: RunLook[] = [];
  for (let run = 0; run < 9; run++) used.push(nextLook(used));
  const numbers = used.map(({ colour }) => Number(colour.slice('run-'.length)));
  expect(numbers).toEqual([1, 2, 3, 4, 5, 6, 7, 1, 2]);
  expect(new Set(used.map(({ dash }) => String(dash))).size, 'each by its dashes alone').toBe(7);
  expect(nextLook([used[0], used[2]])).toBe(used[1]);
});
