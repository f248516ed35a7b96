import type { MetricsRow } from '../train/metrics.ts';
import { Curves } from './curves/curves.ts';
import { make } from './dom.ts';
import { Play, type PlaySource } from './play.ts';
import { StartsMap } from './see/starts_map.ts';
import { learnerName } from './see/words.ts';
import type { Progress, RunEnd, RunInfo, RunState } from './service.ts';
import { StatusLine } from './status.ts';
import { describeEnd, describeHash, describeProgress, listNumbers } from './words.ts';

/** Milliseconds between two showings of numbers. */
const NUMBERS = 500;

export interface ViewSource extends PlaySource {
  outcomes(learner: number): Promise<Uint8Array | undefined>;
  /** Another learner of the run is looked at now. */
  onLearner(): void;
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
    this.play = new Play(element('play'), source, () => {
      void this.showMap();
      source.onLearner();
    });
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

  /** The same run, whose rows so far count no more. */
  restart(): void {
    if (!this.run) return;
    this.rows = [];
    this.curves.begin({ ...this.run, current: true });
  }

  /** The same run, which now ends at another moment or is called otherwise. */
  update(run: RunInfo): void {
    this.run = run;
    this.curves.update({ ...run, current: true });
  }

  takeRows(rows: readonly MetricsRow[]): void {
    if (!this.run) return;
    for (const row of rows) this.rows.push(row);
    this.curves.add(this.run.id, rows);
    if (this.run.mapped && rows.some(({ kind }) => kind !== 'training')) void this.showMap();
  }

  takeProgress(state: RunState, progress: Progress): void {
    if (!this.run) return;
    this.play.follow(state === 'training');
    // How a run ended is for takeEnd to say.
    if (state !== 'training' && state !== 'paused') {
      this.showNumbers(progress);
      return;
    }
    element('hash').textContent = '';
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
    this.play.follow(false);
    this.showNumbers(progress);
    this.status.say(describeEnd(end, progress, this.run));
    element('hash').textContent = describeHash(end.hash);
  }

  /** Where the policy of the learner that is looked at leads from each start. */
  async showMap(): Promise<void> {
    const { run } = this;
    if (!run?.mapped) return;
    const { learner } = this.play;
    // Where it cannot be had the map stays: whoever holds the run says what is wrong with it.
    const found = await this.source.outcomes(learner).then(
      (outcomes) => ({ outcomes }),
      () => undefined,
    );
    if (!found || run.id !== this.run?.id || learner !== this.play.learner) return;
    if (found.outcomes) this.map.show(found.outcomes, run.gridSize, learnerName(run.learners, learner));
    else this.map.clear();
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
