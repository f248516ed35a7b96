import './understand.css';
import type { Episode } from '../../inspect/look.ts';
import { make } from '../dom.ts';
import type { RunInfo } from '../service.ts';
import { mixerOf } from './mixing.ts';
import { mixingView } from './mixing_view.ts';
import { SOURCES, STEPS } from './steps.ts';
import { agentsView, changeView, describeChange, errorView, hypernetworksView } from './views.ts';

/** What the tour takes its numbers from. */
export interface TourSource {
  /** The run on the page; undefined while there is none. */
  readonly run: RunInfo | undefined;
  /** An episode of the shown learner from these cells, or those the board shows. */
  episode(cells?: readonly number[]): Promise<Episode>;
  /** Makes exactly one step of training with its update, then pauses. */
  step(): Promise<void>;
  /** Starts a small run where there is none. */
  start(): Promise<void>;
}

/**
 * What QMIX does, in five steps, told with the numbers of one situation of the run on the page. The situation stays
 * from step to step; its numbers are asked for anew at each.
 */
export class Tour {
  private index = 0;
  /** What is played from the situation as the policy is now. */
  private episode: Episode | undefined;
  /** The same after an update made here. */
  private after: Episode | undefined;
  /** An update is being made here. */
  private updating = false;
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
    this.again.addEventListener('click', () => void this.take(undefined));
    this.draw();
    void this.refresh();
  }

  /** To be called where another run is on the page, or none, and where the numbers shown are to be those of now. */
  refresh(): Promise<void> {
    const { run } = this.live;
    if (run?.id !== this.runId) {
      this.episode = undefined;
      this.after = undefined;
      this.runId = run?.id;
    }
    // What an update changes is there to be looked at, whatever else goes on.
    return this.after || this.updating ? Promise.resolve() : this.take(this.episode?.moments[0].cells);
  }

  /** Goes to a step, and has it read from its heading. */
  private go(index: number): void {
    this.index = Math.max(0, Math.min(STEPS.length - 1, index));
    this.after = undefined;
    this.say('');
    this.draw();
    this.heading.focus();
    void this.refresh();
  }

  /** Asks for the numbers of a situation; undefined: of that on the board. */
  private async take(cells: readonly number[] | undefined): Promise<void> {
    if (!this.live.run) {
      this.draw();
      return;
    }
    const asked = ++this.asked;
    try {
      const episode = await this.play(cells);
      if (asked !== this.asked) return;
      const { q } = episode.moments[0].look;
      if (!cells || this.shifts.length !== q.length) this.shifts = q.map(() => 0);
      this.episode = episode;
      this.after = undefined;
      this.draw();
    } catch (error) {
      if (asked === this.asked) this.say(`The numbers could not be had: ${reason(error)}`);
    }
  }

  /** What has no pieces has no cells to begin from. */
  private play(cells: readonly number[] | undefined): Promise<Episode> {
    return this.live.episode(cells && cells.length > 0 ? cells : undefined);
  }

  private async update(button: HTMLButtonElement): Promise<void> {
    const { live } = this;
    const cells = this.episode?.moments[0].cells;
    const asked = ++this.asked;
    this.updating = true;
    button.disabled = true;
    this.say('Making one update …');
    try {
      // Training may have gone on since the numbers were taken.
      const before = await this.play(cells);
      await live.step();
      const after = await this.play(cells);
      if (asked !== this.asked) return;
      this.episode = before;
      this.after = after;
      this.say(describeChange(before, after));
    } catch (error) {
      if (asked === this.asked) this.say(`No update was made: ${reason(error)}`);
    }
    this.updating = false;
    if (asked === this.asked) this.draw('tour-update');
  }

  private async start(button: HTMLButtonElement): Promise<void> {
    button.disabled = true;
    this.say('Starting …');
    try {
      await this.live.start();
      this.say('');
      await this.refresh();
      this.heading.focus();
    } catch (error) {
      this.say(`Nothing was started: ${reason(error)}`);
      button.disabled = false;
    }
  }

  /** Draws the step. The focus stays on the control that has it, or goes to that of this id. */
  private draw(focus?: string): void {
    const { run } = this.live;
    const { index, episode } = this;
    const active = document.activeElement;
    const wanted = focus ?? (active instanceof HTMLElement && this.body.contains(active) ? active.id : '');
    this.heading.replaceChildren(
      make('span', { class: 'tour-place' }, `Step ${index + 1} of ${STEPS.length}`),
      make('span', { class: 'unseen' }, ': '),
      STEPS[index].title,
    );
    this.heading.hidden = !run;
    for (const button of [this.back, this.next, this.again]) button.hidden = !run;
    this.back.disabled = index === 0;
    this.next.disabled = index === STEPS.length - 1;
    this.body.replaceChildren(...(run ? this.step(run, episode) : this.invitation()));
    if (wanted) this.body.querySelector<HTMLElement>(`#${CSS.escape(wanted)}`)?.focus();
  }

  private step(run: RunInfo, episode: Episode | undefined): HTMLElement[] {
    const { view, text } = STEPS[this.index];
    const { prose, equations } = text[episode ? mixerOf(episode.moments[0].look) : mixerNamed(run.algorithm)];
    const words = [
      ...prose.map((paragraph) => make('p', {}, paragraph)),
      ...equations.map((equation) => make('p', { class: 'equation' }, equation)),
    ];
    if (!episode) return [...words, make('p', { class: 'hint' }, 'Asking for the numbers …')];
    const updates = episode.updates.toLocaleString('en');
    const when = make(
      'p',
      { class: 'hint' },
      `The numbers are those of ${run.name}, after ${updates} updates.`,
    );
    const [moment] = episode.moments;
    switch (view) {
      case 'agents':
        return [...words, agentsView(run, moment), when];
      case 'hypernetworks':
        return [...words, hypernetworksView(run, moment), when];
      case 'mixing':
        return [...words, mixingView(run, moment, this.shifts), when];
      case 'error':
        return [...words, errorView(run, episode), when];
      case 'update':
        return [...words, this.updateButton(), changeView(run, episode, this.after)];
    }
  }

  private updateButton(): HTMLElement {
    const button = make('button', { type: 'button', id: 'tour-update', class: 'primary' }, 'One update');
    button.addEventListener('click', () => void this.update(button));
    return make('div', { class: 'buttons' }, button);
  }

  private invitation(): HTMLElement[] {
    const button = make('button', { type: 'button', class: 'primary' }, 'Start a small run');
    button.addEventListener('click', () => void this.start(button));
    return [
      make(
        'p',
        {},
        'The tour shows what QMIX does with the numbers of a run, and there is none on this page yet. A small one takes a few seconds to begin.',
      ),
      make('div', { class: 'buttons' }, button),
    ];
  }

  private say(text: string): void {
    this.note.textContent = text;
  }
}

/** What an algorithm mixes with, before its numbers say so. */
const mixerNamed = (algorithm: string): 'monotonic' | 'sum' | 'none' =>
  algorithm === 'vdn' ? 'sum' : algorithm === 'iql' || algorithm === 'ps-dqn' ? 'none' : 'monotonic';

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));
