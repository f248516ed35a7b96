import './curves.css';
import { startWords } from '../../figures/start_words.ts';
import type { MetricsRow } from '../../train/metrics.ts';
import { make } from '../dom.ts';
import type { RunInfo } from '../service.ts';
import { onColourChange } from '../theme.ts';
import { type Look, nextLook, Swatch } from './looks.ts';
import { MOST_LINES, Panel, type PanelView, type ShownRun } from './panel.ts';
import { PANELS } from './panel_specs.ts';
import { type Axis, RunSeries } from './series.ts';

/** A run whose curves are shown. */
interface CurveRun extends Pick<RunInfo, 'id' | 'name' | 'learners' | 'starts' | 'allStarts'> {
  /** The one that trains, or is looked at. */
  readonly current: boolean;
}

interface Entry extends ShownRun {
  readonly run: CurveRun;
  readonly swatch: Swatch;
}

/** Length of the axis, at least. */
const LEAST_END = 100;
/** Milliseconds of a frame in which curves are computed. */
const BUDGET = 6;
/** Milliseconds between two of the texts that tell the latest values. */
const TOLD = 1000;
/** Steps of the slider that reads the curves. */
const STEPS = 200;

const AXES: readonly (readonly [axis: Axis, name: string])[] = [
  ['updates', 'updates'],
  ['environmentSteps', 'environment steps'],
];

/** Learning curves of one run or several, laid over each other: a panel each quantity, all read at one place. */
export class Curves {
  private readonly panels: readonly Panel[];
  private readonly entries = new Map<string, Entry>();
  private readonly axisSelect = make(
    'select',
    { id: 'curve-axis' },
    ...AXES.map(([axis, name]) => new Option(name, axis)),
  );
  private readonly logarithmic = make('input', { id: 'curve-log', type: 'checkbox' });
  private readonly slider = make('input', {
    id: 'curve-at',
    type: 'range',
    min: '0',
    max: String(STEPS),
    value: String(STEPS),
  });
  private readonly legend = make('ul', { class: 'runs', 'aria-label': 'Runs' });
  private readonly key = make('p', { class: 'hint' });
  private readonly inView = new Set<Element>();
  private readonly stale = new Set<Panel>();
  private frame = 0;
  private told = 0;
  private tellTimer = 0;
  /** Where the curves are read; undefined: at their end. */
  private readAt: number | undefined;
  /** The cursor is being put, by the slider. */
  private pointing = false;

  constructor(root: HTMLElement) {
    this.panels = PANELS.map((spec) => new Panel(spec, (x) => this.hover(x)));
    const controls = make(
      'div',
      { class: 'curve-controls' },
      make('label', { for: 'curve-axis' }, 'Over'),
      this.axisSelect,
      make(
        'span',
        { class: 'check' },
        this.logarithmic,
        make('label', { for: 'curve-log' }, 'Logarithmic loss and gradient norm'),
      ),
      make('span', { class: 'check read' }, make('label', { for: 'curve-at' }, 'Read at'), this.slider),
    );
    const [first, ...others] = this.panels.map(({ element }) => element);
    const folded = make(
      'details',
      {},
      make('summary', {}, 'Length, return, loss, Q_tot, gradient norm, ε'),
      make('div', { class: 'panels' }, ...others),
    );
    root.classList.add('curves');
    root.append(controls, this.legend, this.key, make('div', { class: 'panels' }, first), folded);
    this.axisSelect.addEventListener('change', () => this.setAxis());
    this.logarithmic.addEventListener('change', () => this.redraw());
    this.slider.addEventListener('input', () => this.slide());
    onColourChange(() => {
      for (const panel of this.panels) panel.recolour();
      for (const { swatch } of this.entries.values()) swatch.draw();
    });
    const observer = new IntersectionObserver((changes) => {
      for (const { target, isIntersecting } of changes) {
        if (isIntersecting) this.inView.add(target);
        else this.inView.delete(target);
      }
      this.request();
    });
    for (const { element } of this.panels) observer.observe(element);
    this.show();
  }

  /** Shows a run, still without rows; one of the same id is forgotten. */
  begin(run: CurveRun): void {
    const before = this.entries.get(run.id);
    const look = before?.look ?? nextLook([...this.entries.values()].map((entry) => entry.look));
    this.entries.set(run.id, this.enter(run, look, new RunSeries(run.learners, this.axis)));
    this.show();
  }

  /** Takes rows of a run in the order in which they came. */
  add(id: string, rows: readonly MetricsRow[]): void {
    this.entries.get(id)?.series.add(rows);
    this.redraw();
  }

  /** A run is called otherwise; its rows stay. */
  update(run: CurveRun): void {
    const entry = this.entries.get(run.id);
    if (entry) this.entries.set(run.id, this.enter(run, entry.look, entry.series));
    this.show();
  }

  remove(id: string): void {
    this.entries.delete(id);
    this.show();
  }

  private enter(run: CurveRun, look: Look, series: RunSeries): Entry {
    return { run, label: run.name, look, series, swatch: new Swatch(look) };
  }

  private get axis(): Axis {
    return this.axisSelect.value as Axis;
  }

  private get xName(): string {
    return AXES[this.axisSelect.selectedIndex][1];
  }

  private setAxis(): void {
    for (const { series } of this.entries.values()) series.setAxis(this.axis);
    this.readAt = undefined;
    this.slider.value = String(STEPS);
    this.redraw();
  }

  /** Draws the legend, and all panels anew. */
  private show(): void {
    const entries = [...this.entries.values()];
    const several = entries.length > 1;
    this.legend.replaceChildren(
      ...entries.map(({ run, swatch }) => {
        const { length } = run.learners;
        const mean = length > 1 ? `, mean of ${length} learners` : '';
        const current = several && run.current ? ', the current run' : '';
        return make('li', {}, swatch.element, `${run.name}${mean}${current}`);
      }),
    );
    this.legend.hidden = entries.length === 0;
    const intervals = entries.some(({ run }) => run.learners.length > 1);
    const own = !several && intervals && entries[0].run.learners.length <= MOST_LINES;
    const starts = [...new Set(entries.map(({ run }) => startWords(run)))].join(' or ') || 'all starts';
    this.key.textContent = [
      `Success, length and return are greedy, over ${starts}; dotted: of the last 100 training episodes.`,
      'Loss, Q_tot, gradient norm and ε are of training. Without a mixer there is no Q_tot: the mean Q-value of the chosen actions stands in its place.',
      ...(intervals
        ? [
            'Band: 95 % interval of the mean over learners (Student’s t); one that has finished counts with its last value.',
          ]
        : []),
      ...(own ? ['Thin: each learner.'] : []),
    ].join(' ');
    this.redraw();
  }

  private redraw(): void {
    for (const panel of this.panels) this.stale.add(panel);
    this.request();
  }

  private request(): void {
    this.frame ||= requestAnimationFrame(() => this.draw());
  }

  private draw(): void {
    this.frame = 0;
    const until = performance.now() + BUDGET;
    const entries = [...this.entries.values()].sort((a, b) => Number(a.run.current) - Number(b.run.current));
    const done = entries.map(({ series }) => series.refresh(() => performance.now() < until)).every(Boolean);
    if (!done) {
      this.request();
      return;
    }
    const view = this.view(entries);
    // One a frame, in turn: uPlot draws after this returns, so that nobody could look at the clock between two.
    const next = [...this.stale].filter(({ element }) => this.inView.has(element));
    if (next.length > 0) {
      next[0].draw(view);
      this.stale.delete(next[0]);
    }
    if (next.length > 1) this.request();
    this.tellSoon();
  }

  private view(runs: readonly Entry[]): PanelView {
    return { runs, xEnd: this.xEnd, xName: this.xName, logarithmic: this.logarithmic.checked };
  }

  private get xEnd(): number {
    return Math.max(LEAST_END, ...[...this.entries.values()].map(({ series }) => series.end));
  }

  /** Texts of the latest values once a second at most. */
  private tellSoon(): void {
    if (this.tellTimer !== 0) return;
    const wait = Math.max(0, this.told + TOLD - performance.now());
    this.tellTimer = window.setTimeout(() => {
      this.tellTimer = 0;
      this.tell();
    }, wait);
  }

  private tell(): void {
    this.told = performance.now();
    const view = this.view([...this.entries.values()]);
    for (const panel of this.panels) panel.describe(view, this.readAt);
    const at =
      this.readAt === undefined ? 'the end' : `${Math.round(this.readAt).toLocaleString('en')} ${this.xName}`;
    this.slider.setAttribute('aria-valuetext', at);
  }

  private hover(x: number | undefined): void {
    if (this.pointing || x === this.readAt) return;
    this.readAt = x;
    for (const panel of this.panels) panel.follow(x);
    this.slider.value = String(x === undefined ? STEPS : Math.round((x / this.xEnd) * STEPS));
    this.tellNow();
  }

  private slide(): void {
    const step = Number(this.slider.value);
    this.readAt = step === STEPS ? undefined : (step / STEPS) * this.xEnd;
    this.pointing = true;
    for (const panel of this.panels) panel.point(this.readAt);
    this.pointing = false;
    this.tellNow();
  }

  /** Texts of a place that was asked for, with the next frame. */
  private tellNow(): void {
    clearTimeout(this.tellTimer);
    this.tellTimer = window.setTimeout(() => {
      this.tellTimer = 0;
      this.tell();
    });
  }
}
