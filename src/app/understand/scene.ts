import { positions } from '../see/words.ts';
import type { RunInfo } from '../service.ts';
import { picture, svg } from './svg.ts';

const CELL = 20;

/** A small picture of the grid of a run. */
export function sceneOf(run: RunInfo, cells: readonly number[]): SVGElement {
  const { gridSize, pieces, agents } = run;
  const side = gridSize * CELL;
  const inner = Array.from({ length: gridSize - 1 }, (_, j) => (j + 1) * CELL);
  const lines = svg('path', {
    class: 'grid-lines',
    d: inner.map((at) => `M${at} 0V${side}M0 ${at}H${side}`).join(''),
  });
  const frame = svg('rect', { class: 'grid-frame', x: 0, y: 0, width: side, height: side });
  // Agents come first by number, and are drawn last, upon the others.
  const drawn = pieces
    .map((name, piece) => drawPiece(name, piece, agents, cells, gridSize))
    .reverse()
    .flat();
  return picture(side, side, positions(cells, run), frame, lines, ...drawn);
}

function drawPiece(
  name: string,
  piece: number,
  agents: number,
  cells: readonly number[],
  gridSize: number,
): SVGElement[] {
  const cell = cells[piece];
  const x = ((cell % gridSize) + 0.5) * CELL;
  const y = (Math.floor(cell / gridSize) + 0.5) * CELL;
  const isAgent = piece < agents;
  if (!isAgent) {
    const side = 0.84 * CELL;
    return [
      svg('rect', { class: 'goal', x: x - side / 2, y: y - side / 2, width: side, height: side, rx: 3 }),
      ...(name === 'goal' ? [] : [letter(name.charAt(0).toUpperCase(), x, y, 'piece-letter')]),
    ];
  }
  const sharing = Array.from({ length: agents }, (_, other) => other).filter((at) => cells[at] === cell);
  const aside = sharing.length > 1 ? (sharing.indexOf(piece) / (sharing.length - 1) - 0.5) * 0.5 * CELL : 0;
  return [
    svg('circle', { class: `agent tone-${piece % 4}`, cx: x + aside, cy: y, r: 0.3 * CELL }),
    letter(String(piece + 1), x + aside, y, 'agent-letter'),
  ];
}

const letter = (text: string, x: number, y: number, kind: string): SVGElement =>
  svg('text', { class: kind, x, y: y + 0.16 * CELL, 'text-anchor': 'middle' }, text);
