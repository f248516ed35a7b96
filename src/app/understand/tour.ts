import './understand.css';
import type { Episode } from '../../inspect/look.ts';
import { make } from '../dom.ts';
import { messageOf } from '../message_of.ts';
import type { RunInfo } from '../service.ts';
import { changeView, countedUpdates, describeChange } from './change_view.ts';
import { mixingView } from './mixing_view.ts';
import { SOURCES, STEPS } from './steps.ts';
import { agentsView, errorView, hypernetworksView } from './views.ts';

/** What the tour takes its numbers from. */
export interface TourSource {
  /** The run on the page; undefined while there is none. */
  readonly run: RunInfo | undefined;
  /** Which of its learners is shown. */
  readonly learner: number;
  /** An episode of the shown learner from these cells, or those the board shows. */
  episode(cells?: readonly number[]): Promise<Episode>;
  /** Makes exactly one step of training with its update, then pauses. */
  step(): Promise<void>;
  /** Starts a run of the settings where there is none. */
  start(): Promise<void>;
}

/** What a learner's policy played from a situation. */
interface Shown {
  readonly episode: Episode;
  readonly learner: number;
}

/**
 * What QMIX does, in five steps, told with the numbers of one situation of the run on the page. The situation stays
 * from step to step; its numbers are asked for anew at each.
 */
export class Tour {
  private index = 0;
  /** What is played from the situation, as of when it was last asked for. */
  private shown: Shown | undefined;
  /** The same after an update made here. */
  private after: Episode | undefined;
  /** An update is being made here. */
  private updating = false;
  /** A run is being started from here. */
  private starting = false;
  /** Numbers were asked for that have not come yet. */
  private asking = false;
  /** [N] what the sliders of the mixing say */
  private shifts: number[] = [];
  /** The run that the situation is of. */
  private runId: string | undefined;
  /** Counts what is asked for, so that no late answer replaces a later one. */
  private asked = 0;

  private readonly heading = make('h3', { tabIndex: -1 });
  private readonly body = make('div', { class: 'tour-body' });
  private readonly note = make('p', { class: 'tour-note', 'aria-live': 'polite' });
  private readonly back = make('button', { type: 'button' }, 'Back');
  private readonly next = make('button', { type: 'button' }, 'Next');
  private readonly again = make('button', { type: 'button' }, 'Use the board’s situation');

  constructor(
    root: HTMLElement,
    private readonly live: TourSource,
  ) {
    root.classList.add('tour');
    root.append(
      make('h2', {}, 'How QMIX learns, in five steps'),
      this.heading,
      this.body,
      this.note,
      make('div', { class: 'buttons steps' }, this.back, this.next, this.again),
      make('p', { class: 'hint sources' }, SOURCES),
    );
    this.back.addEventListener('click', () => this.go(this.index - 1));
    this.next.addEventListener('click', () => this.go(this.index + 1));
    this.again.addEventListener('click', () => {
      this.drop();
      this.draw();
      void this.take(undefined);
    });
    void this.refresh();
  }

  /** To be called where another run or learner is shown, or none, and where the numbers are to be those of now. */
  refresh(): Promise<void> {
    const { run, learner } = this.live;
    if (run?.id !== this.runId) {
      this.drop();
      this.shown = undefined;
      this.runId = run?.id;
    } else if (this.shown && learner !== this.shown.learner) {
      this.drop();
    }
    // What an update changes is there to be looked at, whatever else goes on.
    return this.after || this.updating ? Promise.resolve() : this.take(this.shown?.episode.moments[0].cells);
  }

  /** Goes to a step, and has it read from its heading. */
  private go(index: number): void {
    this.index = Math.max(0, Math.min(STEPS.length - 1, index));
    this.drop();
    this.draw();
    this.heading.focus();
    void this.refresh();
  }

  /** Forgets the last update, also one that is still being made: what it brings is not waited for any more. */
  private drop(): void {
    this.asked++;
    this.updating = false;
    this.after = undefined;
    this.say('');
  }

  /** Asks for the numbers of a situation; undefined: of that on the board. */
  private async take(cells: readonly number[] | undefined): Promise<void> {
    const { run, learner } = this.live;
    const asked = ++this.asked;
    this.asking = run?.picture === 'grid';
    if (!this.asking || !this.shown) this.draw();
    if (!this.asking) return;
    try {
      const episode = await this.live.episode(cells);
      if (asked !== this.asked) return;
      const { q } = episode.moments[0].look;
      if (!cells || this.shifts.length !== q.length) this.shifts = q.map(() => 0);
      this.shown = { episode, learner };
      this.say('');
    } catch (error) {
      if (asked !== this.asked) return;
      this.say(`The numbers could not be had: ${messageOf(error)}`);
    }
    this.asking = false;
    this.draw();
  }

  private async update(run: RunInfo, cells: readonly number[], button: HTMLButtonElement): Promise<void> {
    const { live } = this;
    const { learner } = live;
    const asked = ++this.asked;
    this.updating = true;
    button.disabled = true;
    this.say('Making one update …');
    try {
      // Training may have gone on since the numbers were taken.
      const before = await live.episode(cells);
      await live.step();
      const after = await live.episode(cells);
      if (asked !== this.asked) return;
      this.shown = { episode: before, learner };
      this.after = after;
      this.say(describeChange(run, before, after));
    } catch (error) {
      if (asked !== this.asked) return;
      this.say(`No update was made: ${messageOf(error)}`);
    }
    this.updating = false;
    this.draw('tour-update');
  }

  private async start(): Promise<void> {
    this.starting = true;
    this.draw();
    this.say('Starting …');
    let problem = '';
    try {
      await this.live.start();
    } catch (error) {
      problem = `Nothing was started: ${messageOf(error)}`;
    }
    this.starting = false;
    this.say(problem);
    await this.refresh();
    if (this.live.run) this.heading.focus();
    else this.body.querySelector('button')?.focus();
  }

  /** Draws the step. The focus stays on the control that has it, or goes to that of this id. */
  private draw(focus?: string): void {
    const { run } = this.live;
    const { index } = this;
    const active = document.activeElement;
    const wanted = focus ?? (active instanceof HTMLElement && this.body.contains(active) ? active.id : '');
    this.heading.replaceChildren(
      make('span', { class: 'tour-place' }, `Step ${index + 1} of ${STEPS.length}`),
      make('span', { class: 'unseen' }, ': '),
      STEPS[index].title,
    );
    this.heading.hidden = !run;
    this.back.hidden = !run;
    this.next.hidden = !run;
    this.again.hidden = run?.picture !== 'grid';
    this.back.disabled = index === 0;
    this.next.disabled = index === STEPS.length - 1;
    this.body.replaceChildren(...(run ? this.step(run) : this.invitation()));
    if (wanted) this.body.querySelector<HTMLElement>(`#${CSS.escape(wanted)}`)?.focus();
  }

  /** The words of the step, and below them what there is to show of the run. */
  private step(run: RunInfo): HTMLElement[] {
    const { prose, equations, lead } = STEPS[this.index].text(run);
    const words = [
      ...prose.map((paragraph) => make('p', {}, paragraph)),
      ...equations.map((equation) => make('p', { class: 'equation' }, equation)),
    ];
    if (run.picture !== 'grid') return [...words, make('p', { class: 'hint' }, describeNoGrid(run))];
    if (!this.shown) {
      return this.asking ? [...words, make('p', { class: 'hint' }, 'Asking for the numbers …')] : words;
    }
    const leading = lead ? [make('p', {}, lead)] : [];
    return [...words, ...leading, ...this.numbers(run, this.shown)];
  }

  private numbers(run: RunInfo, { episode, learner }: Shown): HTMLElement[] {
    const [moment] = episode.moments;
    const whose = run.learners.length > 1 ? `${run.learners[learner].label} of ${run.name}` : run.name;
    const from = (when: string): HTMLElement =>
      make('p', { class: 'hint' }, `The numbers are those of ${whose}${when}.`);
    const when = from(`, after ${countedUpdates(episode.updates)}`);
    switch (STEPS[this.index].view) {
      case 'agents':
        return [agentsView(run, moment), when];
      case 'hypernetworks':
        return [hypernetworksView(run, moment), when];
      case 'mixing':
        return [mixingView(run, moment, this.shifts), when];
      case 'error':
        return [errorView(run, episode), when];
      case 'update':
        return [this.updateButton(run, moment.cells), changeView(run, episode, this.after), from('')];
    }
  }

  private updateButton(run: RunInfo, cells: readonly number[]): HTMLElement {
    const button = make(
      'button',
      { type: 'button', id: 'tour-update', class: 'primary', disabled: this.updating },
      'One update',
    );
    button.addEventListener('click', () => void this.update(run, cells, button));
    return make('div', { class: 'buttons' }, button);
  }

  private invitation(): HTMLElement[] {
    const button = make(
      'button',
      { type: 'button', class: 'primary', disabled: this.starting },
      'Start a run',
    );
    button.addEventListener('click', () => void this.start());
    return [
      make(
        'p',
        {},
        'The tour shows what QMIX does with the numbers of a run, and there is none on this page yet. Here it is started with the settings as they are.',
      ),
      make('div', { class: 'buttons' }, button),
    ];
  }

  private say(text: string): void {
    this.note.textContent = text;
  }
}

function describeNoGrid({ environment, picture }: RunInfo): string {
  const tables =
    picture === 'game' ? ' What was learned of its joint actions stands under “The team at play”.' : '';
  return `The tour’s numbers need an environment on a grid, and ${environment} is none: here are the words and the equations alone, which hold for it too.${tables}`;
}
