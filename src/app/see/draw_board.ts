import type { Look } from '../../inspect/look.ts';
import { colour } from '../theme.ts';
import type { World } from './world.ts';

/** What a board's canvas shows. */
export interface Picture {
  readonly world: World;
  /** Cells of the pieces, and those that a move leaves; none on an empty grid. */
  readonly cells: readonly number[];
  readonly from: readonly number[];
  /** How much of the move is done, 0..1. */
  readonly share: number;
  readonly solved: boolean;
  /** What the arrows are drawn from; undefined where none are wanted. */
  readonly look: Look | undefined;
  /** The piece that is dragged, where it is, in cells from the top left, and the cell that it would be put on. */
  readonly dragged:
    | { readonly piece: number; readonly x: number; readonly y: number; readonly cell: number }
    | undefined;
}

/** Where a piece is drawn, in cells from the top left: its centre, and half of its width. */
export interface Spot {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

/** Directions of the actions that move, in columns and rows. */
const DIRECTIONS: Readonly<Record<string, readonly [number, number]>> = {
  up: [0, -1],
  down: [0, 1],
  left: [-1, 0],
  right: [1, 0],
};

/** Where an agent is put beside others, and its number beside its disc: a direction for each, right and down. */
function asideOf(agent: number, agents: number): readonly [number, number] {
  const angle = Math.PI * (0.75 + (2 * agent) / agents);
  return [Math.cos(angle), -Math.sin(angle)];
}

/** Where a piece stands for good: agents aside where they share a cell, so that all are seen. */
export function spotOf(piece: number, cells: readonly number[], { agents, gridSize }: World): Spot {
  const x = (cells[piece] % gridSize) + 0.5;
  const y = Math.floor(cells[piece] / gridSize) + 0.5;
  if (piece >= agents) {
    const before = cells.slice(agents, piece).filter((cell) => cell === cells[piece]).length;
    return { x, y, radius: 0.44 * 0.7 ** before };
  }
  const radius = agents <= 2 ? 0.2 : agents <= 4 ? 0.17 : 0.12;
  const shared = cells.some((cell, other) => other < agents && other !== piece && cell === cells[piece]);
  if (!shared) return { x, y, radius };
  const [right, down] = asideOf(piece, agents);
  return { x: x + 0.21 * right, y: y + 0.21 * down, radius };
}

/** Draws the whole board, `pixels` wide and high. */
export function drawBoard(context: CanvasRenderingContext2D, pixels: number, picture: Picture): void {
  const { world, cells, from, share, dragged, look } = picture;
  const cell = pixels / world.gridSize;
  context.fillStyle = colour('surface');
  context.fillRect(0, 0, pixels, pixels);
  drawLines(context, cell, world.gridSize);
  if (cells.length === 0) return;
  if (dragged) drawAim(context, dragged.cell, cell, world.gridSize);
  const spots = cells.map((_, piece): Spot => {
    const end = spotOf(piece, cells, world);
    if (dragged?.piece === piece) return { ...end, x: dragged.x, y: dragged.y };
    if (share === 1) return end;
    const begin = spotOf(piece, from, world);
    return { ...end, x: mix(begin.x, end.x, share), y: mix(begin.y, end.y, share) };
  });
  for (let piece = world.agents; piece < cells.length; piece++) {
    drawPlace(context, spots[piece], cell, world.pieces[piece], picture.solved && share === 1);
  }
  for (let agent = 0; agent < world.agents; agent++) {
    if (look && !dragged) drawActions(context, spots[agent], cell, agent, look, world.actions);
  }
  for (let agent = 0; agent < world.agents; agent++) drawAgent(context, spots[agent], cell, agent);
  // Last, as other discs must not hide them.
  for (let agent = 0; agent < world.agents; agent++) {
    drawNumber(context, spots[agent], cell, agent, asideOf(agent, world.agents));
  }
}

function drawLines(context: CanvasRenderingContext2D, cell: number, gridSize: number): void {
  context.strokeStyle = colour('line');
  context.lineWidth = Math.max(1, devicePixelRatio);
  context.beginPath();
  for (let i = 1; i < gridSize; i++) {
    const at = Math.round(i * cell);
    context.moveTo(at, 0);
    context.lineTo(at, gridSize * cell);
    context.moveTo(0, at);
    context.lineTo(gridSize * cell, at);
  }
  context.stroke();
}

/** The cell that a dragged piece would be put on. */
function drawAim(context: CanvasRenderingContext2D, aim: number, cell: number, gridSize: number): void {
  context.strokeStyle = colour('accent');
  context.lineWidth = Math.max(2, 0.04 * cell);
  const inset = context.lineWidth / 2;
  context.strokeRect(
    (aim % gridSize) * cell + inset,
    Math.floor(aim / gridSize) * cell + inset,
    cell - 2 * inset,
    cell - 2 * inset,
  );
}

/** A goal, or what else stands still: a square, filled once the team has solved it. All but goals bear an initial. */
function drawPlace(
  context: CanvasRenderingContext2D,
  { x, y, radius }: Spot,
  cell: number,
  name: string,
  solved: boolean,
): void {
  const half = radius * cell;
  context.beginPath();
  context.roundRect(x * cell - half, y * cell - half, 2 * half, 2 * half, 0.36 * half);
  context.fillStyle = colour(solved ? 'met' : 'goal-fill');
  context.fill();
  context.strokeStyle = colour('goal');
  context.lineWidth = Math.max(1.5, 0.045 * cell);
  context.stroke();
  if (name === 'goal' || half < 9 * devicePixelRatio) return;
  context.fillStyle = colour('goal');
  context.font = `600 ${Math.round(0.5 * half)}px system-ui, sans-serif`;
  context.textAlign = 'left';
  context.textBaseline = 'top';
  context.fillText(name[0].toUpperCase(), x * cell - 0.8 * half, y * cell - 0.8 * half);
}

/** A disc. */
function drawAgent(
  context: CanvasRenderingContext2D,
  { x, y, radius }: Spot,
  cell: number,
  agent: number,
): void {
  const size = radius * cell;
  context.beginPath();
  context.arc(x * cell, y * cell, size, 0, 2 * Math.PI);
  context.fillStyle = colour(`agent-${agent % 4}`);
  context.fill();
  context.strokeStyle = colour('surface');
  context.lineWidth = Math.max(1, 0.02 * cell);
  context.stroke();
}

/** Pixels of the page that an agent's number is high at least. */
const LEAST_NUMBER = 9;

/** An agent's number: within its disc, or aside of one that is too small for it. */
function drawNumber(
  context: CanvasRenderingContext2D,
  { x, y, radius }: Spot,
  cell: number,
  agent: number,
  [right, down]: readonly [number, number],
): void {
  const size = radius * cell;
  const number = String(agent + 1);
  const height = Math.max(1.15 * size, LEAST_NUMBER * devicePixelRatio);
  context.font = `600 ${Math.round(height)}px system-ui, sans-serif`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  // A digit is about 0.7 of its line high.
  if (Math.hypot(0.7 * height, context.measureText(number).width) <= 2 * size) {
    context.fillStyle = colour('on-agent');
    context.fillText(number, x * cell, y * cell + 0.06 * size);
    return;
  }
  const reach = size + 0.55 * height;
  const within = (at: number) => Math.min(context.canvas.width - height / 2, Math.max(height / 2, at));
  const place = [within(x * cell + reach * right), within(y * cell + reach * down)] as const;
  context.strokeStyle = colour('surface');
  context.lineWidth = 3 * devicePixelRatio;
  context.lineJoin = 'round';
  context.strokeText(number, ...place);
  context.fillStyle = colour('text');
  context.fillText(number, ...place);
}

/**
 * An agent's Q-values: an arrow for each legal move and a dot for staying, longer and stronger the higher the value
 * is within the agent's own range; the greedy one outlined.
 */
function drawActions(
  context: CanvasRenderingContext2D,
  { x, y, radius }: Spot,
  cell: number,
  agent: number,
  look: Look,
  names: readonly string[],
): void {
  const legal = names.map((_, action) => action).filter((action) => look.legal[agent][action]);
  const values = legal.map((action) => look.q[agent][action]);
  const least = Math.min(...values);
  const range = Math.max(...values) - least;
  const paint = colour(`agent-${agent % 4}`);
  context.fillStyle = paint;
  context.strokeStyle = colour('text');
  context.lineWidth = Math.max(1, 0.015 * cell);
  for (const [at, action] of legal.entries()) {
    const share = range > 0 ? (values[at] - least) / range : 0.5;
    const greedy = action === look.greedy[agent];
    const direction = DIRECTIONS[names[action]];
    context.beginPath();
    if (direction) {
      const reach = (radius + 0.08 + 0.2 * share) * cell;
      arrow(
        context,
        x * cell,
        y * cell,
        direction,
        (radius + 0.03) * cell,
        reach,
        (greedy ? 0.075 : 0.05) * cell,
      );
    } else {
      const aside = (radius + 0.09) * cell * Math.SQRT1_2;
      context.arc(x * cell + aside, y * cell + aside, (0.025 + 0.04 * share) * cell, 0, 2 * Math.PI);
    }
    context.globalAlpha = greedy ? 1 : 0.2 + 0.55 * share;
    context.fill();
    if (greedy) context.stroke();
  }
  context.globalAlpha = 1;
}

/** The outline of an arrow from `begin` to `end` off a centre; `half` is half of its shaft's width. */
function arrow(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  [dx, dy]: readonly [number, number],
  begin: number,
  end: number,
  half: number,
): void {
  const neck = Math.max(begin, end - 2.2 * half);
  const corners: [number, number][] = [
    [begin, half / 2],
    [neck, half / 2],
    [neck, 1.4 * half],
    [end, 0],
    [neck, -1.4 * half],
    [neck, -half / 2],
    [begin, -half / 2],
  ];
  for (const [along, across] of corners) {
    context.lineTo(x + dx * along - dy * across, y + dy * along + dx * across);
  }
  context.closePath();
}

const mix = (a: number, b: number, share: number): number => a + share * (b - a);
