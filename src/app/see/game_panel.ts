import './game_panel.css';
import { make } from '../dom.ts';
import type { GameState, RunInfo } from '../service.ts';
import { GameTable } from './game_table.ts';

/** Milliseconds between two looks at a game while it is trained. */
const PACE = 1000;

export interface GamePanelOptions {
  /** What a learner has learned of the game so far. */
  ask(learner: number): Promise<readonly GameState[]>;
  /** Another learner was chosen. */
  onLearner(): void;
}

/** What a learner of the run has learned of a game, as it is now, and which learner that is. */
export class GamePanel {
  private readonly choice = make('select');
  private readonly label = make('label', { class: 'game-learner' }, 'Learner', this.choice);
  private readonly table: GameTable;
  private run: RunInfo | undefined;
  private lastAsk = 0;
  /** Counts what was asked for, so that late answers are known. */
  private asked = 0;
  /** The last one asked for has not come yet. */
  private waits = false;

  constructor(
    private readonly root: HTMLElement,
    private readonly options: GamePanelOptions,
  ) {
    root.append(this.label);
    this.table = new GameTable(root);
    this.choice.addEventListener('change', () => {
      this.ask();
      options.onLearner();
    });
    document.addEventListener('visibilitychange', () => this.ask());
    this.show(undefined);
  }

  /** Shows a run of a game; undefined: there is none. */
  show(run: RunInfo | undefined): void {
    this.run = run;
    this.root.hidden = run === undefined;
    this.asked++;
    this.waits = false;
    this.table.clear();
    const learners = run?.learners ?? [];
    this.choice.replaceChildren(...learners.map(({ label }) => new Option(label)));
    this.label.hidden = learners.length <= 1;
    this.ask();
  }

  get learner(): number {
    return Math.max(0, this.choice.selectedIndex);
  }

  /** The run has come further. While it is `training` it says so often, and is looked at now and then only. */
  follow(training: boolean): void {
    if (training && (this.waits || performance.now() - this.lastAsk < PACE)) return;
    this.ask();
  }

  private ask(): void {
    if (!this.run || document.hidden) return;
    const asked = ++this.asked;
    this.lastAsk = performance.now();
    this.waits = true;
    this.options
      .ask(this.learner)
      .then(
        (states) => {
          if (asked === this.asked) this.table.show(states);
        },
        // Whoever holds the run says what is wrong with it; the tables stay.
        () => {},
      )
      .finally(() => {
        if (asked === this.asked) this.waits = false;
      });
  }
}
