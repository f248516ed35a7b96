import type { Position } from './protocol.ts';
import { colour, onColourChange, reducedMotion } from './theme.ts';

/** Milliseconds that a move takes to be drawn. */
const MOVE = 160;
/** Milliseconds until the next moment is wanted. */
const PACE = { step: 260, end: 900, reducedStep: 700, reducedEnd: 1500 };

/** The gridworld being played: a canvas, and no more than what the last position says. */
export class Board {
  private gridSize = 5;
  private position: Position | undefined;
  /** Cells that a move leaves. */
  private from: readonly number[] = [];
  private moveBegan = 0;
  private frame = 0;
  private readonly context: CanvasRenderingContext2D;

  constructor(private readonly canvas: HTMLCanvasElement) {
    this.context = canvas.getContext('2d')!;
    onColourChange(() => this.draw());
    new ResizeObserver(() => this.draw()).observe(canvas);
  }

  /** An empty grid. */
  clear(gridSize: number): void {
    this.gridSize = gridSize;
    this.position = undefined;
    this.draw();
  }

  /** Shows a moment. Returns the milliseconds after which the next should come. */
  show(position: Position): number {
    const moves = position.step > 0 && this.position !== undefined && !reducedMotion.matches;
    this.from = moves ? this.position!.cells : position.cells;
    this.position = position;
    this.moveBegan = performance.now();
    this.draw();
    const ended = position.outcome !== 'playing';
    if (reducedMotion.matches) return ended ? PACE.reducedEnd : PACE.reducedStep;
    return ended ? PACE.end : PACE.step;
  }

  private draw(): void {
    cancelAnimationFrame(this.frame);
    const { canvas, context, gridSize, position } = this;
    const side = canvas.clientWidth;
    if (side === 0) return;
    const pixels = Math.round(side * devicePixelRatio);
    if (canvas.width !== pixels) {
      canvas.width = pixels;
      canvas.height = pixels;
    }
    const cell = pixels / gridSize;
    context.fillStyle = colour('surface');
    context.fillRect(0, 0, pixels, pixels);
    this.drawLines(cell, pixels);
    if (!position) return;
    const share = Math.min(1, (performance.now() - this.moveBegan) / MOVE);
    const agents = position.cells.length - 1;
    this.drawGoal(position.cells[agents], cell, share === 1 && position.outcome === 'met');
    for (let agent = 0; agent < agents; agent++) this.drawAgent(agent, cell, share);
    if (share < 1 && this.from !== position.cells) this.frame = requestAnimationFrame(() => this.draw());
  }

  private drawLines(cell: number, pixels: number): void {
    const { context, gridSize } = this;
    context.strokeStyle = colour('line');
    context.lineWidth = Math.max(1, devicePixelRatio);
    context.beginPath();
    for (let i = 1; i < gridSize; i++) {
      const at = Math.round(i * cell);
      context.moveTo(at, 0);
      context.lineTo(at, pixels);
      context.moveTo(0, at);
      context.lineTo(pixels, at);
    }
    context.stroke();
  }

  /** A ring; filled once the team has met on it. */
  private drawGoal(goal: number, cell: number, met: boolean): void {
    const { context, gridSize } = this;
    const x = ((goal % gridSize) + 0.5) * cell;
    const y = (Math.floor(goal / gridSize) + 0.5) * cell;
    context.beginPath();
    context.roundRect(x - 0.44 * cell, y - 0.44 * cell, 0.88 * cell, 0.88 * cell, 0.16 * cell);
    context.fillStyle = colour(met ? 'met' : 'goal-fill');
    context.fill();
    context.strokeStyle = colour('goal');
    context.lineWidth = Math.max(1.5, 0.045 * cell);
    context.stroke();
  }

  /** A numbered disc. */
  private drawAgent(agent: number, cell: number, share: number): void {
    const { context, gridSize, position, from } = this;
    const { cells } = position!;
    const agents = cells.length - 1;
    const a = from[agent];
    const b = cells[agent];
    // In a shared cell each agent has a place of its own, so that all are seen.
    const angle = Math.PI * (0.75 + (2 * agent) / agents);
    const aside = 0.19 * mix(isShared(from, agent), isShared(cells, agent), share);
    const x = (mix(a % gridSize, b % gridSize, share) + 0.5 + aside * Math.cos(angle)) * cell;
    const y =
      (mix(Math.floor(a / gridSize), Math.floor(b / gridSize), share) + 0.5 - aside * Math.sin(angle)) * cell;
    const radius = (agents <= 2 ? 0.22 : agents <= 4 ? 0.17 : 0.12) * cell;
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.fillStyle = colour(`agent-${agent % 4}`);
    context.fill();
    context.strokeStyle = colour('surface');
    context.lineWidth = Math.max(1, 0.02 * cell);
    context.stroke();
    if (radius < 7 * devicePixelRatio) return;
    context.fillStyle = colour('on-agent');
    context.font = `600 ${Math.round(radius * 1.15)}px system-ui, sans-serif`;
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    context.fillText(String(agent + 1), x, y + 0.06 * radius);
  }
}

const mix = (a: number, b: number, share: number): number => a + share * (b - a);

/** 1 where another agent is in an agent's cell; the last of the cells is the goal's. */
function isShared(cells: readonly number[], agent: number): number {
  for (let other = 0; other < cells.length - 1; other++) {
    if (other !== agent && cells[other] === cells[agent]) return 1;
  }
  return 0;
}
