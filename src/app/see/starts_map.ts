import './starts_map.css';
import { startNumber } from '../../inspect/starts.ts';
import { START_OUTCOME } from '../../train/start_outcome.ts';
import { make } from '../dom.ts';
import { colour, onColourChange } from '../theme.ts';
import { uniqueId } from './unique_id.ts';
import { describeStarts, place } from './words.ts';

/** Kinds of starts, in the order of the legend, with what the map has for them. */
const KINDS = [
  {
    outcome: START_OUTCOME.optimal,
    name: 'solved in the fewest steps',
    colour: 'start-optimal',
    mark: 'full',
  },
  { outcome: START_OUTCOME.longer, name: 'solved, but longer', colour: 'start-longer', mark: 'dot' },
  { outcome: START_OUTCOME.unsolved, name: 'not solved', colour: 'start-unsolved', mark: 'cross' },
] as const;

/** Points that a start's mark is wide and high. */
const MARK = 3;
/** What of each mark is not of its kind's own colour: which points, row by row, and their colour. */
const HOLES: Readonly<
  Record<(typeof KINDS)[number]['mark'], { readonly points: readonly number[]; readonly colour: string }>
> = {
  full: { points: [], colour: 'surface' },
  dot: { points: [4], colour: 'surface' },
  // Not of the surface's colour, of which so many points would make the whole mark as light as the others.
  cross: { points: [1, 3, 5, 7], colour: 'start-unsolved-hole' },
};

/** Starts that a gap between two blocks is wide. */
const GAP = 2;
/** Pixels of the page that small maps are enlarged to, at most. Larger ones are as wide as they have points. */
const ENLARGED = 480;

/**
 * How the greedy policy of two agents does from every start: a block for each cell of the goal, in it a row for each
 * cell of agent 1 and a column for each of agent 2. A start is picked by pointer or keyboard.
 */
export class StartsMap {
  private outcomes: Uint8Array = new Uint8Array(0);
  private gridSize = 0;
  /** The start that the keyboard's cursor is on, as the map has it. */
  private cursor = { column: 2, row: 1 };

  private readonly canvas = make('canvas', { 'aria-hidden': 'true' });
  private readonly frame = make('div', { class: 'starts-cursor', hidden: true });
  private readonly field: HTMLElement;
  private readonly text = make('p', { class: 'hint', id: uniqueId('starts-text') });
  private readonly pointed = make('p', { class: 'starts-pointed' });
  /** What the keys lead to, said. */
  private readonly said = make('p', { class: 'unseen', 'aria-live': 'polite' });
  private readonly counts = KINDS.map(() => make('span', {}, '–'));
  /** Whose starts these are, where there are others. */
  private readonly title = make('p', { class: 'starts-learner' });
  private readonly context: CanvasRenderingContext2D;

  /** `onPick` gets the cells of agent 1, agent 2 and the goal. */
  constructor(
    root: HTMLElement,
    private readonly onPick: (cells: readonly number[]) => void,
  ) {
    this.context = this.canvas.getContext('2d')!;
    this.field = make(
      'div',
      {
        class: 'starts-field',
        tabIndex: 0,
        role: 'application',
        'aria-label': 'Map of all starts',
        'aria-roledescription': 'map',
        'aria-describedby': this.text.id,
      },
      this.canvas,
      this.frame,
    );
    const legend = make('ul', { class: 'starts-legend' });
    for (const [kind, { name, mark, colour: paint }] of KINDS.entries()) {
      const swatch = make('span', { class: `starts-swatch starts-${mark}`, 'aria-hidden': 'true' });
      swatch.style.setProperty('--paint', `var(--${paint})`);
      legend.append(make('li', {}, swatch, `${name}: `, this.counts[kind]));
    }
    const none = make('span', { class: 'starts-swatch starts-none', 'aria-hidden': 'true' });
    legend.append(make('li', {}, none, 'no start: two pieces in one cell'));
    // What is said of a start comes first: a large map is higher than the window.
    root.append(
      make('div', { class: 'starts' }, this.title, legend, this.pointed, this.field, this.said, this.text),
    );
    this.clear();
    this.listen();
    onColourChange(() => this.draw());
  }

  /** Nothing, until there are outcomes. */
  clear(): void {
    this.outcomes = new Uint8Array(0);
    this.field.hidden = true;
    this.frame.hidden = true;
    this.pointed.textContent = '';
    this.title.textContent = '';
    for (const count of this.counts) count.textContent = '–';
    this.text.textContent = 'The map is drawn once all starts have been played.';
  }

  /** Shows the outcome (START_OUTCOME) of each start, by its number. `learner`: whose they are, where it is to be said. */
  show(outcomes: Uint8Array, gridSize: number, learner = ''): void {
    if (this.gridSize !== gridSize) this.cursor = { column: 2, row: 1 };
    this.outcomes = outcomes;
    this.gridSize = gridSize;
    this.field.hidden = false;
    this.title.textContent = learner && `The greedy policy of ${learner}`;
    const tally = [0, 0, 0];
    for (let start = 0; start < outcomes.length; start++) tally[outcomes[start]]++;
    const counted = KINDS.map(({ outcome }) => tally[outcome].toLocaleString('en'));
    for (const [kind, count] of this.counts.entries()) count.textContent = counted[kind];
    this.text.textContent = describeStarts(outcomes.length, counted);
    this.draw();
    this.placeCursor();
  }

  /** Starts along a side of a block and the gap behind it. */
  private get block(): number {
    return this.gridSize ** 2 + GAP;
  }

  /** Starts along a side of the map, with the gaps between its blocks. */
  private get side(): number {
    return this.gridSize * this.block - GAP;
  }

  /** [3] cells of what is shown in a column and a row; undefined in a gap. */
  private cellsAt(column: number, row: number): [number, number, number] | undefined {
    const { gridSize, block } = this;
    const second = column % block;
    const first = row % block;
    if (first >= gridSize ** 2 || second >= gridSize ** 2) return undefined;
    return [first, second, Math.floor(row / block) * gridSize + Math.floor(column / block)];
  }

  /** Draws all starts at once. */
  private draw(): void {
    const { outcomes, gridSize, side, block, canvas, context } = this;
    if (outcomes.length === 0) return;
    const width = side * MARK;
    if (canvas.width !== width) {
      canvas.width = width;
      canvas.height = width;
    }
    // A whole number of pixels a point, where there is room; where there is less, no point must be left out.
    const times = Math.max(1, Math.floor(ENLARGED / width));
    this.field.style.maxWidth = `${width * times}px`;
    canvas.classList.toggle('starts-enlarged', times > 1);
    const image = new ImageData(width, width);
    const pixels = new Uint32Array(image.data.buffer);
    /** By outcome: the points of its mark. */
    const marks: Uint32Array[] = [];
    for (const { outcome, colour: paint, mark } of KINDS) {
      const { points, colour: other } = HOLES[mark];
      marks[outcome] = new Uint32Array(MARK * MARK).fill(this.pixel(paint));
      for (const point of points) marks[outcome][point] = this.pixel(other);
    }
    const none = new Uint32Array(MARK * MARK).fill(this.pixel('start-none'));
    for (let goal = 0; goal < gridSize ** 2; goal++) {
      const left = (goal % gridSize) * block;
      const top = Math.floor(goal / gridSize) * block;
      for (let first = 0; first < gridSize ** 2; first++) {
        for (let second = 0; second < gridSize ** 2; second++) {
          const start = startNumber(first, second, goal, gridSize);
          const mark = start === undefined ? none : marks[outcomes[start]];
          const at = ((top + first) * width + left + second) * MARK;
          for (let y = 0; y < MARK; y++) {
            for (let x = 0; x < MARK; x++) pixels[at + y * width + x] = mark[y * MARK + x];
          }
        }
      }
    }
    context.putImageData(image, 0, 0);
  }

  /** A colour of the style sheet as a pixel of ImageData. */
  private pixel(name: string): number {
    const { context } = this;
    // A canvas spells every opaque colour #rrggbb.
    context.fillStyle = colour(name);
    const [red, green, blue] = [1, 3, 5].map((at) =>
      Number.parseInt(String(context.fillStyle).slice(at, at + 2), 16),
    );
    return new Uint32Array(Uint8Array.of(red, green, blue, 255).buffer)[0];
  }

  private listen(): void {
    const { field } = this;
    field.addEventListener('pointermove', (event) => {
      const at = this.underPointer(event);
      this.tell(at && this.cellsAt(at.column, at.row));
    });
    field.addEventListener('pointerleave', () => this.tell(undefined));
    field.addEventListener('click', (event) => {
      const at = this.underPointer(event);
      const cells = at && this.cellsAt(at.column, at.row);
      if (!at || !cells) return;
      this.cursor = at;
      this.placeCursor();
      this.pick(cells);
    });
    field.addEventListener('focus', () => {
      this.frame.hidden = !field.matches(':focus-visible');
      this.tell(this.cellsAt(this.cursor.column, this.cursor.row));
    });
    field.addEventListener('blur', () => {
      this.frame.hidden = true;
    });
    field.addEventListener('keydown', (event) => this.press(event));
  }

  private press(event: KeyboardEvent): void {
    const { cursor, block } = this;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const moves: Readonly<Record<string, readonly [number, number]>> = {
      ArrowUp: [0, -1],
      ArrowDown: [0, 1],
      ArrowLeft: [-1, 0],
      ArrowRight: [1, 0],
      PageUp: [0, -block],
      PageDown: [0, block],
      Home: [-block, 0],
      End: [block, 0],
    };
    const move = moves[event.key];
    const chooses = event.key === 'Enter' || event.key === ' ';
    if (!move && !chooses) return;
    event.preventDefault();
    if (move) {
      const [right, down] = move;
      const next = { column: cursor.column + right, row: cursor.row + down };
      // Over the gap between two blocks, into which only a single step can lead.
      if (!this.cellsAt(next.column, next.row)) {
        next.column += right * GAP;
        next.row += down * GAP;
      }
      const within = (at: number) => at >= 0 && at < this.side;
      if (within(next.column) && within(next.row)) this.cursor = next;
    }
    this.frame.hidden = false;
    this.placeCursor();
    const cells = this.cellsAt(this.cursor.column, this.cursor.row);
    this.tell(cells);
    this.said.textContent = this.pointed.textContent;
    if (chooses && cells) this.pick(cells);
  }

  private pick([first, second, goal]: [number, number, number]): void {
    if (startNumber(first, second, goal, this.gridSize) !== undefined) this.onPick([first, second, goal]);
  }

  private underPointer({ clientX, clientY }: MouseEvent): { column: number; row: number } | undefined {
    const { left, top, width, height } = this.canvas.getBoundingClientRect();
    const column = Math.floor(((clientX - left) / width) * this.side);
    const row = Math.floor(((clientY - top) / height) * this.side);
    const within = (at: number) => at >= 0 && at < this.side;
    return within(column) && within(row) ? { column, row } : undefined;
  }

  private placeCursor(): void {
    const { frame, cursor, side } = this;
    frame.style.left = `${(100 * cursor.column) / side}%`;
    frame.style.top = `${(100 * cursor.row) / side}%`;
    frame.style.width = `${100 / side}%`;
    frame.style.height = `${100 / side}%`;
  }

  /** Says which start that is, and how it went. */
  private tell(cells: readonly [number, number, number] | undefined): void {
    let text = '';
    if (cells) {
      const [first, second, goal] = cells;
      const start = startNumber(first, second, goal, this.gridSize);
      const kind =
        start === undefined ? undefined : KINDS.find(({ outcome }) => outcome === this.outcomes[start]);
      const where = [first, second, goal].map((cell) => place(cell, this.gridSize));
      text = `agent 1 ${where[0]}; agent 2 ${where[1]}; goal ${where[2]}: ${kind ? kind.name : 'no start'}`;
    }
    if (this.pointed.textContent !== text) this.pointed.textContent = text;
  }
}
