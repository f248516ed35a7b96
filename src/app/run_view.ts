import type { MetricsRow } from '../train/metrics.ts';
import { Curves } from './curves/curves.ts';
import { make } from './dom.ts';
import { Play, type PlaySource } from './play.ts';
import { StartsMap } from './see/starts_map.ts';
import type { Progress, RunEnd, RunInfo, RunState } from './service.ts';
import { StatusLine } from './status.ts';
import { describeEnd, describeProgress, listNumbers } from './words.ts';

/** Milliseconds between two showings of numbers. */
const NUMBERS = 500;

export interface ViewSource extends PlaySource {
  outcomes(learner: number): Promise<Uint8Array | undefined>;
}

const element = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;

/** Everything on the page that shows the run: what is going on, numbers, curves, the team at play, all starts. */
export class RunView {
  readonly status = new StatusLine(element('status'), element('announcement'));
  readonly curves = new Curves(element('curves'));
  readonly play: Play;
  private readonly map: StartsMap;
  private readonly bar = element<HTMLProgressElement>('progress');
  private readonly numbers = new Map<string, HTMLElement>();
  private numbersShown = 0;
  private state: RunState | undefined;
  private run: RunInfo | undefined;
  /** All rows of the run on the page. */
  rows: MetricsRow[] = [];

  constructor(private readonly source: ViewSource) {
    this.play = new Play(element('play'), source);
    this.map = new StartsMap(element('starts'), (cells) => this.play.playAt(cells));
    this.showNumbers(undefined);
  }

  /** Shows a run; undefined: none. */
  show(run: RunInfo | undefined): void {
    if (this.run && !run) this.curves.remove(this.run.id);
    this.run = run;
    this.state = undefined;
    this.rows = [];
    element('hash').textContent = '';
    this.play.show(run);
    this.map.clear();
    element('starts').hidden = run !== undefined && !run.mapped;
    element('no-starts').hidden = run === undefined || run.mapped;
    this.bar.value = 0;
    if (!run) this.showNumbers(undefined);
    else this.curves.begin({ ...run, current: true });
  }

  /** The same run, which now ends at another moment or is called otherwise. */
  update(run: RunInfo): void {
    this.run = run;
    this.curves.update({ ...run, current: true });
  }

  takeRows(rows: readonly MetricsRow[]): void {
    if (!this.run) return;
    this.rows.push(...rows);
    this.curves.add(this.run.id, rows);
    if (this.run.mapped && rows.some(({ kind }) => kind !== 'training')) void this.showMap();
  }

  takeProgress(state: RunState, progress: Progress): void {
    if (!this.run) return;
    // How a run ended is for takeEnd to say.
    if (state !== 'training' && state !== 'paused') {
      this.showNumbers(progress);
      return;
    }
    const text = describeProgress(state, progress, this.run);
    // While it trains, reports come by themselves; else somebody has done something.
    if (state === this.state && state === 'training') this.status.update(text);
    else this.status.say(text);
    const changed = state !== this.state;
    this.state = state;
    if (changed || state !== 'training' || performance.now() - this.numbersShown > NUMBERS)
      this.showNumbers(progress);
  }

  takeEnd(end: RunEnd, progress: Progress): void {
    if (!this.run) return;
    this.state = end.state;
    this.showNumbers(progress);
    this.status.say(describeEnd(end, progress, this.run));
    element('hash').textContent = end.hash ? `SHA-256 of the parameters: ${end.hash}` : '';
  }

  /** Where the policy of the first board's learner leads from each start. */
  async showMap(): Promise<void> {
    const { run } = this;
    if (!run?.mapped) return;
    const outcomes = await this.source.outcomes(this.play.learner).catch(() => undefined);
    if (outcomes && run === this.run) this.map.show(outcomes, run.gridSize);
  }

  private showNumbers(progress: Progress | undefined): void {
    this.numbersShown = performance.now();
    if (progress && this.run) this.bar.value = Math.min(1, progress.updates / Math.max(1, this.run.updates));
    for (const [name, value] of listNumbers(progress, this.run)) {
      let cell = this.numbers.get(name);
      if (!cell) {
        cell = make('dd');
        element('numbers').append(make('div', {}, make('dt', {}, name), cell));
        this.numbers.set(name, cell);
      }
      if (cell.textContent !== value) cell.textContent = value;
    }
  }
}
