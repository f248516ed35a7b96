import { make } from './dom.ts';
import './play.css';
import type { Episode } from '../inspect/look.ts';
import { Board } from './see/board.ts';
import { GamePanel } from './see/game_panel.ts';
import { LookPanel } from './see/look_panel.ts';
import { learnerName } from './see/words.ts';
import type { World } from './see/world.ts';
import type { GameState, RunInfo } from './service.ts';

/** Boards beside each other, at most. */
const MOST = 4;

/** What boards show while there is no run. */
const EMPTY: World = { gridSize: 5, agents: 0, pieces: [], actions: [] };

/** Steps beyond the shortest possible after which a team that will not get there has been looked at long enough. */
const PATIENCE = 10;
const isTooLong = ({ outcome, optimal }: Episode, index: number): boolean =>
  outcome === 'timeout' && index === optimal + PATIENCE;

/** Whom the boards ask. */
export interface PlaySource {
  episode(learner: number, exploring: boolean, cells?: readonly number[]): Promise<Episode>;
  game(learner: number): Promise<readonly GameState[]>;
}

/** One board, and whose policy plays on it. */
interface Slot {
  readonly root: HTMLElement;
  readonly board: Board;
  readonly learner: HTMLSelectElement;
  readonly manner: HTMLSelectElement;
  /** Where somebody has put the pieces; undefined: random starts. */
  cells: readonly number[] | undefined;
  /** Where they are now. */
  shown: readonly number[] | undefined;
  /** Counts what was asked for, so that late answers are known. */
  asked: number;
}

/**
 * The team at play: one board or several, each with a learner's policy of the moment, and what its networks say; or,
 * of a game, what has been learned of its states. It asks for an episode when the last one has ended, and for nothing
 * while nobody looks.
 */
export class Play {
  private readonly slots: Slot[] = [];
  /** Boards made so far: the last one's number. */
  private made = 0;
  /** What the learner that plays an episode is called. */
  private readonly players = new WeakMap<Episode, string>();
  private readonly boards = make('div', { class: 'boards' });
  private readonly add = make('button', { type: 'button' }, 'Add a board');
  private readonly random = make('button', { type: 'button' }, 'Random starts');
  private readonly hint = make('p', { class: 'hint' });
  private readonly inside = make(
    'details',
    { class: 'inside' },
    make('summary', {}, 'What the networks say'),
  );
  private readonly look: LookPanel;
  private readonly game: GamePanel;
  private run: RunInfo | undefined;
  /** Boards whose next episode is to be asked for once the page is seen again. */
  private readonly waiting = new Set<Slot>();

  /** `onLearner`: `learner` has become another one, as somebody chose it. */
  constructor(
    root: HTMLElement,
    private readonly source: PlaySource,
    private readonly onLearner: () => void,
  ) {
    const panel = make('div');
    this.inside.append(panel);
    this.look = new LookPanel(panel);
    const game = make('div');
    this.game = new GamePanel(game, { ask: (learner) => source.game(learner), onLearner });
    this.add.addEventListener('click', () => this.addBoard());
    this.random.addEventListener('click', () => {
      for (const slot of this.slots) this.playFrom(slot, undefined);
    });
    root.append(
      this.boards,
      make('div', { class: 'buttons' }, this.add, this.random),
      this.hint,
      game,
      this.inside,
    );
    document.addEventListener('visibilitychange', () => {
      if (document.hidden) return;
      for (const slot of this.waiting) this.ask(slot);
      this.waiting.clear();
    });
    this.addBoard();
    this.show(undefined);
  }

  /** Shows a run; undefined: none. */
  show(run: RunInfo | undefined): void {
    this.run = run;
    this.waiting.clear();
    const grid = run === undefined || run.picture === 'grid';
    this.boards.hidden = !grid;
    this.add.hidden = !grid || this.slots.length >= MOST;
    this.random.hidden = !grid;
    this.inside.hidden = !grid;
    this.game.show(run?.picture === 'game' ? run : undefined);
    this.hint.textContent =
      run === undefined
        ? 'Once training begins, the team plays here with what it has learned so far.'
        : grid
          ? ''
          : run.picture === 'game'
            ? 'A game has no board: these are the values that were learned for every joint action.'
            : 'There is no picture of this environment.';
    for (const slot of this.slots) {
      this.fill(slot);
      slot.cells = undefined;
      slot.shown = undefined;
      slot.asked++;
      slot.board.clear(run ?? EMPTY);
      if (run && grid) this.ask(slot);
    }
    this.look.clear(run ?? EMPTY);
  }

  /** The run has come further; `training`: and goes on. */
  follow(training: boolean): void {
    this.game.follow(training);
  }

  /** A greedy episode of `learner` from these cells, or those that the first board shows, for who explains it. */
  episodeOf(cells?: readonly number[]): Promise<Episode> {
    return this.source.episode(this.learner, false, cells ?? this.slots[0].shown);
  }

  /** Has the first board play from these cells. */
  playAt(cells: readonly number[]): void {
    this.playFrom(this.slots[0], cells);
  }

  /** The learner of the first board, or the one that was chosen of a game. */
  get learner(): number {
    if (this.run?.picture === 'game') return this.game.learner;
    return Math.max(0, this.slots[0].learner.selectedIndex);
  }

  private addBoard(): void {
    const number = ++this.made;
    const learner = make('select', { 'aria-label': `Learner on board ${number}` });
    const manner = make(
      'select',
      { 'aria-label': `How board ${number} plays` },
      make('option', { value: 'greedy' }, 'greedy'),
      make('option', { value: 'exploring' }, 'exploring'),
    );
    const place = make('div');
    const root = make('div', { class: 'slot' }, make('div', { class: 'choices' }, learner, manner), place);
    const slot: Slot = {
      root,
      board: new Board(place, {
        title: `Board ${number}`,
        onEnded: () => this.next(slot),
        onStart: (cells) => this.playFrom(slot, cells),
        onMoment: (episode, index) => {
          slot.shown = episode.moments[index].cells;
          if (slot === this.slots[0] && this.run) this.look.show(episode, index, this.players.get(episode));
        },
        isEnough: (episode, index) => !slot.cells && isTooLong(episode, index),
      }),
      learner,
      manner,
      cells: undefined,
      shown: undefined,
      asked: 0,
    };
    for (const choice of [learner, manner])
      choice.addEventListener('change', () => this.playFrom(slot, slot.cells));
    learner.addEventListener('change', () => {
      if (slot === this.slots[0]) this.onLearner();
    });
    if (number > 1) {
      const remove = make('button', { type: 'button', 'aria-label': `Remove board ${number}` }, 'Remove');
      remove.addEventListener('click', () => this.remove(slot));
      root.firstElementChild!.append(remove);
    }
    this.slots.push(slot);
    this.boards.append(root);
    this.add.hidden = this.slots.length >= MOST;
    this.fill(slot);
    slot.board.clear(this.run ?? EMPTY);
    if (!this.run) return;
    // Another board shows another learner, or how the same one explores.
    if (this.run.learners.length > 1) learner.selectedIndex = (number - 1) % this.run.learners.length;
    else if (number > 1) manner.value = 'exploring';
    this.ask(slot);
  }

  private remove(slot: Slot): void {
    slot.asked++;
    this.waiting.delete(slot);
    this.slots.splice(this.slots.indexOf(slot), 1);
    slot.board.destroy();
    slot.root.remove();
    this.add.hidden = false;
    this.add.focus();
  }

  private fill({ learner }: Slot): void {
    const labels = this.run?.learners.map(({ label }) => label) ?? ['first seed'];
    const selected = Math.max(0, learner.selectedIndex);
    learner.replaceChildren(...labels.map((label) => make('option', {}, label)));
    learner.selectedIndex = Math.min(selected, labels.length - 1);
    learner.disabled = labels.length === 1;
  }

  private playFrom(slot: Slot, cells: readonly number[] | undefined): void {
    slot.cells = cells;
    slot.board.expect(cells);
    if (this.run?.picture === 'grid') this.ask(slot);
  }

  private next(slot: Slot): void {
    if (document.hidden) this.waiting.add(slot);
    else this.ask(slot);
  }

  private ask(slot: Slot): void {
    const asked = ++slot.asked;
    const { manner, cells } = slot;
    const learner = slot.learner.selectedIndex;
    const player = learnerName(this.run?.learners ?? [], learner);
    this.source.episode(learner, manner.value === 'exploring', cells).then(
      (episode) => {
        if (asked !== slot.asked) return;
        this.players.set(episode, player);
        slot.board.show(episode);
      },
      // Whoever holds the run says what is wrong with it; a board keeps what it shows.
      () => {},
    );
  }
}
