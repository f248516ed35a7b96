import './board.css';
import { neighbour } from '../../env/grid.ts';
import type { Episode } from '../../inspect/look.ts';
import { make } from '../dom.ts';
import { isMotionReduced } from '../theme.ts';
import { drawBoard, spotOf } from './draw_board.ts';
import { Surface } from './surface.ts';
import { uniqueId } from './unique_id.ts';
import { describeMoment, namePiece, positions } from './words.ts';
import type { World } from './world.ts';

/** Milliseconds that a move takes to be drawn. */
const MOVE = 160;
/** Milliseconds until the next moment. */
const PACE = { step: 260, end: 900, reducedStep: 700, reducedEnd: 1500 };
/** What the keys do to a piece, as actions of the grid. */
const KEYS: Readonly<Record<string, number>> = { ArrowUp: 0, ArrowDown: 1, ArrowLeft: 2, ArrowRight: 3 };

export interface BoardOptions {
  /** Its name, for screen readers too: `seed 2025, greedy`. */
  readonly title: string;
  /** The episode has been played to its end, or for long enough: the next is to be shown. Called once for each. */
  onEnded(): void;
  /** The user has put the pieces here: an episode from these cells is to be shown. Others are not, until then. */
  onStart(cells: readonly number[]): void;
  /** Another moment is shown. */
  onMoment?(episode: Episode, index: number): void;
  /** Whether the board, where it plays by itself, need not go on beyond this moment to the episode's end. */
  isEnough?(episode: Episode, index: number): boolean;
}

/**
 * Plays episodes on a grid. It rests while it is held by its button or by `setPaused`, while a piece or the moment's
 * slider has the keyboard's focus, while a piece is dragged, and while nobody sees the page.
 */
export class Board {
  private world: World = { gridSize: 5, agents: 0, pieces: [], actions: [] };
  private episode: Episode | undefined;
  private index = 0;
  /** Cells that the user has put the pieces on, until an episode from them comes. */
  private wanted: readonly number[] | undefined;
  private from: readonly number[] = [];
  private moveBegan = 0;
  private paused = false;
  /** The keyboard's focus is on what would change by itself. */
  private focused = false;
  private dragged: { piece: number; x: number; y: number; cell: number; moved: boolean } | undefined;
  /** The next episode was asked for. */
  private asked = false;
  /** What comes next was brought about by keys, and is to be said. */
  private says = false;
  private timer = 0;
  private frame = 0;

  private readonly captionId = uniqueId('board-text');
  private readonly hintId = uniqueId('board-hint');
  private readonly canvas: HTMLCanvasElement;
  private readonly field = make('div', { class: 'board-field' });
  private readonly caption = make('figcaption', { id: this.captionId });
  private readonly said = make('p', { class: 'unseen', 'aria-live': 'polite' });
  private readonly hold = make(
    'button',
    { type: 'button', class: 'board-hold', 'aria-pressed': 'false' },
    'Hold',
  );
  private readonly slider = make('input', { type: 'range', min: '0', max: '0', value: '0', disabled: true });
  private readonly arrows = make('input', { type: 'checkbox', checked: true });
  private buttons: HTMLButtonElement[] = [];
  private readonly surface: Surface;
  private readonly life = new AbortController();

  constructor(
    private readonly root: HTMLElement,
    private readonly options: BoardOptions,
  ) {
    const { signal } = this.life;
    this.canvas = make('canvas', {
      role: 'img',
      'aria-label': options.title,
      'aria-describedby': this.captionId,
    });
    this.field.append(this.canvas);
    const controls = make(
      'div',
      { class: 'board-controls' },
      this.hold,
      make('label', { class: 'board-moment' }, 'Moment', this.slider),
      make('label', { class: 'board-arrows' }, this.arrows, 'Q-values as arrows'),
    );
    const hint = make(
      'p',
      { class: 'hint', id: this.hintId },
      'Drag a piece, or choose it by Tab and move it with the arrow keys: the team plays on from there, by keys as soon as the piece is left.',
    );
    root.append(
      make(
        'figure',
        { class: 'board', 'aria-label': options.title },
        ...[this.field, controls, this.caption, hint, this.said],
      ),
    );
    this.surface = new Surface(this.canvas, (context, width) => this.paint(context, width), signal);
    this.hold.addEventListener('click', () => this.setPaused(!this.paused));
    this.arrows.addEventListener('change', () => this.surface.draw());
    this.slider.addEventListener('input', () => {
      this.setPaused(true);
      this.at(Number(this.slider.value));
    });
    this.listenForFocus();
    document.addEventListener('visibilitychange', () => this.schedule(), { signal });
    this.clear(this.world);
  }

  /** An empty grid, of the run that is to be shown next. */
  clear(world: World): void {
    this.world = world;
    this.episode = undefined;
    this.wanted = undefined;
    this.dragged = undefined;
    this.asked = false;
    this.says = false;
    this.slider.disabled = true;
    this.schedule();
    for (const button of this.buttons) button.remove();
    this.buttons = world.pieces.map((_, piece) => this.makeButton(piece));
    this.field.append(...this.buttons);
    this.caption.textContent = 'Once training begins, the policy plays here.';
    this.said.textContent = '';
    this.placeButtons();
    this.surface.draw();
  }

  /**
   * Plays an episode. Where the user has put the pieces somewhere, one that does not begin there is not shown; nor is
   * one that follows by itself once the board has come to rest: it is asked for again when the board goes on.
   */
  show(episode: Episode): void {
    const follows = this.asked;
    this.asked = false;
    if (this.dragged || (follows && !this.wanted && this.rests)) return;
    if (this.wanted && String(episode.moments[0].cells) !== String(this.wanted)) return;
    this.wanted = undefined;
    this.episode = episode;
    this.slider.max = String(episode.moments.length - 1);
    this.slider.disabled = false;
    this.at(0);
    if (this.says) this.said.textContent = this.caption.textContent;
    this.says = false;
  }

  /**
   * The next episode begins on these cells; undefined: anywhere. Where the user has put the pieces somewhere else,
   * that no longer counts.
   */
  expect(cells: readonly number[] | undefined): void {
    this.asked = false;
    if (!this.wanted || String(cells) === String(this.wanted)) return;
    this.wanted = undefined;
    this.at(this.index);
  }

  /** Holds the board at the moment that it shows, or lets it play on. */
  setPaused(paused: boolean): void {
    this.paused = paused;
    this.hold.setAttribute('aria-pressed', String(paused));
    this.schedule();
  }

  /** Takes the board out of the page for good. */
  destroy(): void {
    this.life.abort();
    clearTimeout(this.timer);
    cancelAnimationFrame(this.frame);
    this.root.replaceChildren();
  }

  /** Cells that the pieces are shown on; none on an empty grid. */
  private get cells(): readonly number[] {
    return this.wanted ?? this.episode?.moments[this.index].cells ?? [];
  }

  /** Shows a moment of the episode, and has the next come. */
  private at(index: number): void {
    const { episode, world } = this;
    if (!episode) return;
    const follows = index === this.index + 1 && !isMotionReduced();
    const { cells } = episode.moments[index];
    this.from = follows ? episode.moments[index - 1].cells : cells;
    this.index = index;
    this.moveBegan = performance.now();
    this.caption.textContent = describeMoment(episode, index, world);
    this.slider.value = String(index);
    this.slider.setAttribute('aria-valuetext', `step ${index} of ${episode.moments.length - 1}`);
    this.surface.draw();
    this.placeButtons();
    this.options.onMoment?.(episode, index);
    this.schedule();
  }

  /** Somebody looks at the moment that is shown. */
  private get rests(): boolean {
    return this.paused || this.focused || this.dragged !== undefined || this.wanted !== undefined;
  }

  /** Has the next moment come in its time, unless the board rests. */
  private schedule(): void {
    clearTimeout(this.timer);
    const { episode, index } = this;
    if (!episode || this.rests || document.hidden) return;
    const over = index === episode.moments.length - 1 || (this.options.isEnough?.(episode, index) ?? false);
    if (over && this.asked) return;
    const pace = isMotionReduced() ? [PACE.reducedStep, PACE.reducedEnd] : [PACE.step, PACE.end];
    this.timer = window.setTimeout(
      () => {
        if (!over) {
          this.at(index + 1);
          return;
        }
        this.asked = true;
        this.options.onEnded();
      },
      pace[over ? 1 : 0],
    );
  }

  private paint(context: CanvasRenderingContext2D, pixels: number): void {
    cancelAnimationFrame(this.frame);
    const { world, episode, cells, dragged, index } = this;
    const share = this.wanted ? 1 : Math.min(1, (performance.now() - this.moveBegan) / MOVE);
    const moves = share < 1 && this.from !== cells;
    const last = episode !== undefined && index === episode.moments.length - 1;
    drawBoard(context, pixels, {
      world,
      cells,
      from: this.from,
      share: moves ? share : 1,
      solved: !this.wanted && last && episode.outcome === 'solved',
      look: this.arrows.checked && !this.wanted ? episode?.moments[index].look : undefined,
      dragged,
    });
    if (moves) this.frame = requestAnimationFrame(() => this.surface.draw());
  }

  /** Puts the buttons where their pieces are, and names them. */
  private placeButtons(): void {
    const { cells, world, buttons } = this;
    for (const [piece, button] of buttons.entries()) {
      button.hidden = cells.length === 0;
      if (button.hidden) continue;
      const { x, y, radius } = spotOf(piece, cells, world);
      button.style.left = `${(100 * x) / world.gridSize}%`;
      button.style.top = `${(100 * y) / world.gridSize}%`;
      button.style.width = `${(200 * radius) / world.gridSize}%`;
      button.setAttribute('aria-label', namePiece(piece, cells[piece], world));
    }
  }

  private makeButton(piece: number): HTMLButtonElement {
    const still = piece >= this.world.agents;
    const button = make('button', {
      type: 'button',
      class: still ? 'piece piece-still' : 'piece',
      'aria-describedby': this.hintId,
    });
    button.addEventListener('keydown', (event) => {
      const action = KEYS[event.key];
      if (action === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      this.focused = true;
      const cell = neighbour(this.cells[piece], action, this.world.gridSize);
      if (cell === this.cells[piece]) return;
      this.says = true;
      this.put(piece, cell);
    });
    button.addEventListener('pointerdown', (event) => {
      if (event.button !== 0 || this.dragged) return;
      button.setPointerCapture(event.pointerId);
      this.drag(piece, event, false);
      this.schedule();
    });
    button.addEventListener('pointermove', (event) => {
      if (this.dragged?.piece === piece) this.drag(piece, event, true);
    });
    button.addEventListener('pointerup', () => this.drop(piece, true));
    button.addEventListener('pointercancel', () => this.drop(piece, false));
    return button;
  }

  /** The piece follows the pointer. A press alone does not move it. */
  private drag(piece: number, { clientX, clientY }: PointerEvent, moved: boolean): void {
    const { gridSize } = this.world;
    const { left, top, width, height } = this.canvas.getBoundingClientRect();
    const within = (share: number) => Math.min(gridSize - 1e-6, Math.max(0, share * gridSize));
    const x = within((clientX - left) / width);
    const y = within((clientY - top) / height);
    const spot = spotOf(piece, this.cells, this.world);
    const cell = moved ? Math.floor(y) * gridSize + Math.floor(x) : this.cells[piece];
    this.dragged = moved ? { piece, x, y, cell, moved } : { piece, x: spot.x, y: spot.y, cell, moved };
    this.surface.draw();
  }

  private drop(piece: number, put: boolean): void {
    const { dragged } = this;
    if (dragged?.piece !== piece) return;
    this.dragged = undefined;
    if (put && dragged.moved && dragged.cell !== this.cells[piece]) {
      this.put(piece, dragged.cell);
      return;
    }
    this.surface.draw();
    this.schedule();
  }

  /** The user puts a piece on a cell: all pieces stay there until an episode from there comes. */
  private put(piece: number, cell: number): void {
    const cells = this.cells.map((before, other) => (other === piece ? cell : before));
    this.wanted = cells;
    this.schedule();
    this.caption.textContent = `A start of your own: ${positions(cells, this.world)}.`;
    this.surface.draw();
    this.placeButtons();
    this.options.onStart(cells);
  }

  /** What has the keyboard's focus must not change by itself: the board rests until it has gone on. */
  private listenForFocus(): void {
    const change = (focused: boolean) => {
      this.focused = focused;
      this.schedule();
    };
    for (const holder of [this.field, this.slider]) {
      holder.addEventListener('focusin', ({ target }) => {
        if ((target as Element).matches(':focus-visible')) change(true);
      });
      holder.addEventListener('focusout', () => change(false));
    }
  }
}
