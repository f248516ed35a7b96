import { make } from '../dom.ts';
import { colour } from '../theme.ts';

/** How a run is told apart from others: by its colour, and by its dashes alone. */
export interface Look {
  /** Custom property of the style sheet. */
  readonly colour: string;
  /** Lengths of line and gap, in pixels; none: solid. Short dots are of training. */
  readonly dash: readonly number[];
}

const DASHES: readonly (readonly number[])[] = [
  [],
  [9, 4],
  [14, 4, 3, 4],
  [5, 3],
  [18, 5],
  [9, 3, 3, 3, 3, 3],
  [14, 3, 5, 3],
];

/** Runs that can be told apart; more begin anew. */
const LOOKS: readonly Look[] = DASHES.map((dash, index) => ({ colour: `run-${index + 1}`, dash }));

/** The first look that is least used. */
export function nextLook(used: readonly Look[]): Look {
  const uses = LOOKS.map((look) => used.filter((own) => own === look).length);
  return LOOKS[uses.indexOf(Math.min(...uses))];
}

const WIDTH = 44;
const HEIGHT = 12;

/** A piece of the line, for a legend. Beside it stands its name. */
export class Swatch {
  readonly element = make('canvas', { 'aria-hidden': 'true', width: 2 * WIDTH, height: 2 * HEIGHT });

  constructor(private readonly look: Look) {
    this.draw();
  }

  draw(): void {
    const context = this.element.getContext('2d')!;
    context.setTransform(2, 0, 0, 2, 0, 0);
    context.clearRect(0, 0, WIDTH, HEIGHT);
    context.strokeStyle = colour(this.look.colour);
    context.lineWidth = 2.5;
    context.setLineDash([...this.look.dash]);
    context.beginPath();
    context.moveTo(0, HEIGHT / 2);
    context.lineTo(WIDTH, HEIGHT / 2);
    context.stroke();
  }
}
