import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { make } from '../dom.ts';
import { colour } from '../theme.ts';
import type { Look } from './looks.ts';
import { type MeanCurve, type Moment, type Quantity, type RunSeries, thin } from './series.ts';

/** Columns of a line, at most, and for each pixel of a panel's width. */
const MOST_COLUMNS = 1000;
const COLUMNS_PER_PIXEL = 1;
/** Up to this many learners have a line of their own beside the mean. */
export const MOST_LINES = 16;
const FONT = '12px system-ui, sans-serif';
const SYNC = 'curves';

/** A run as panels draw it. */
export interface ShownRun {
  readonly label: string;
  readonly look: Look;
  readonly series: RunSeries;
}

export interface PanelSpec {
  readonly id: string;
  readonly title: string;
  /** The first is drawn with its interval, the second dotted. */
  readonly lines: readonly { readonly quantity: Quantity; readonly name: string }[];
  readonly format: (value: number) => string;
  /** Of the axis, where it is known beforehand. */
  readonly range?: readonly [number, number];
  /** Can be drawn on a logarithmic scale. */
  readonly positive?: boolean;
}

export interface PanelView {
  readonly runs: readonly ShownRun[];
  readonly xEnd: number;
  readonly xName: string;
  readonly logarithmic: boolean;
}

type Column = (number | null | undefined)[];

/** One quantity (or two of a kind) of all shown runs, over updates or environment steps. */
export class Panel {
  readonly element: HTMLElement;
  private readonly holder: HTMLElement;
  private readonly text: HTMLElement;
  private plot: uPlot | undefined;
  /** What the plot was made for; another makes another plot. */
  private madeFor = '';
  private view: PanelView = { runs: [], xEnd: 1, xName: '', logarithmic: false };
  private extent: [number, number] = [0, 1];
  /** Where the cursor was put. */
  private pointed: number | undefined;

  constructor(
    private readonly spec: PanelSpec,
    private readonly onCursor: (x: number | undefined) => void,
  ) {
    const id = `curve-${spec.id}`;
    this.holder = make('div', {
      class: 'plot',
      role: 'img',
      'aria-labelledby': `${id}-title`,
      'aria-describedby': `${id}-text`,
    });
    this.text = make('figcaption', { id: `${id}-text` }, 'Nothing was measured yet.');
    const title = make('h3', { id: `${id}-title` }, spec.title);
    this.element = make('figure', { class: `panel ${spec.id}` }, title, this.holder, this.text);
    new ResizeObserver(() => this.resize()).observe(this.holder);
  }

  draw(view: PanelView): void {
    this.view = view;
    const logarithmic = this.logarithmic;
    const tables: uPlot.AlignedData[] = [];
    const series: uPlot.Series[] = [];
    for (const run of view.runs) {
      for (const [index, { quantity }] of this.spec.lines.entries()) {
        const curve = run.series.curve(quantity);
        if (index === 0) {
          for (const { x, y } of this.ownLines(curve)) {
            tables.push(table(x, y, this.columns, logarithmic));
            series.push(line(run.look, 1, [], 0.4));
          }
        }
        tables.push(table(curve.x, curve.mean, this.columns, logarithmic));
        series.push(index === 0 ? line(run.look, 2.25, run.look.dash, 1) : line(run.look, 1.5, [2, 3], 0.9));
      }
    }
    const data = (tables.length > 0 ? uPlot.join(tables) : [[]]) as uPlot.AlignedData;
    this.extent = this.measure(data);
    const madeFor = JSON.stringify([
      view.runs.map(({ look }) => look),
      series.length,
      logarithmic,
      view.xName,
    ]);
    if (!this.plot || madeFor !== this.madeFor) {
      this.madeFor = madeFor;
      this.plot?.destroy();
      this.plot = new uPlot(this.options(series), data, this.holder);
    } else {
      this.plot.setData(data);
    }
  }

  recolour(): void {
    this.plot?.redraw(false);
  }

  /** Says the values at x, or the latest; also while it is out of sight and so not drawn. */
  describe(view: PanelView, x: number | undefined): void {
    const text = this.sentence(view, x);
    if (this.text.textContent !== text) this.text.textContent = text;
  }

  /** Puts the cursor at x, or away; it stays there while the axis grows. */
  point(x: number | undefined): void {
    this.pointed = x;
    this.place();
  }

  /** The cursor was put at x by the mouse, there or in another panel. */
  follow(x: number | undefined): void {
    this.pointed = x;
  }

  private place(): void {
    const left = this.pointed === undefined || !this.plot ? -10 : this.plot.valToPos(this.pointed, 'x');
    // A plot that is new has no axis before it is drawn.
    if (Number.isFinite(left)) this.plot?.setCursor({ left, top: left < 0 ? -10 : 0 }, false);
  }

  private sentence({ runs, xEnd, xName }: PanelView, x: number | undefined): string {
    const parts = runs.flatMap(({ label, series }) => {
      const values = this.spec.lines.flatMap(({ quantity, name }, index) => {
        const moment = series.curve(quantity).at(x ?? Number.POSITIVE_INFINITY);
        const words = name === '' ? '' : `${name} `;
        return moment ? [`${words}${this.value(moment, index === 0)}`] : [];
      });
      if (values.length === 0) return [];
      return [`${runs.length > 1 ? `${label}: ` : ''}${values.join(', ')}`];
    });
    if (parts.length === 0)
      return x === undefined ? 'Nothing was measured yet.' : 'Nothing was measured by then.';
    const where = `${Math.round(x ?? xEnd).toLocaleString('en')} ${xName}`;
    return `${x === undefined ? 'Latest, by' : 'At'} ${where}: ${parts.join('; ')}.`;
  }

  private value({ mean, low, high }: Moment, withInterval: boolean): string {
    const { range: [least, most] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] } = this.spec;
    // A curve that is still being computed has columns without a value.
    const format = (value: number): string => (Number.isNaN(value) ? '–' : this.spec.format(value));
    // Student's t knows nothing of shares: what it gives beyond them is not said.
    const from = format(Math.max(least, low));
    const to = format(Math.min(most, high));
    const interval = withInterval && low < high ? ` (interval ${from} to ${to})` : '';
    return `${format(mean)}${interval}`;
  }

  private get columns(): number {
    return Math.min(MOST_COLUMNS, Math.ceil(COLUMNS_PER_PIXEL * (this.holder.clientWidth || 300)));
  }

  private get logarithmic(): boolean {
    return this.view.logarithmic && this.spec.positive === true;
  }

  /** Lines of learners, where they can be told apart from all else. */
  private ownLines(curve: MeanCurve): MeanCurve['learners'] {
    const { runs } = this.view;
    const { length } = curve.learners;
    return runs.length === 1 && length > 1 && length <= MOST_LINES ? curve.learners : [];
  }

  /** The range of the y axis: all lines, and the intervals as far as they can be drawn. */
  private measure(data: uPlot.AlignedData): [number, number] {
    if (this.spec.range) return [...this.spec.range];
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    const include = (value: number | null | undefined): void => {
      if (value === null || value === undefined || !Number.isFinite(value)) return;
      low = Math.min(low, value);
      high = Math.max(high, value);
    };
    for (const ys of data.slice(1) as Column[]) for (const y of ys) include(y);
    if (this.logarithmic)
      return low <= high ? [10 ** Math.floor(Math.log10(low)), 10 ** Math.ceil(Math.log10(high))] : [0.1, 10];
    for (const { series } of this.view.runs) {
      const curve = series.curve(this.spec.lines[0].quantity);
      for (const value of curve.low) include(value);
      for (const value of curve.high) include(value);
    }
    if (low > high) return [0, 1];
    const margin = low === high ? Math.abs(low) / 10 || 1 : (high - low) / 20;
    return [low - margin, high + margin];
  }

  /** The 95% intervals, under the lines. */
  private drawBands(plot: uPlot): void {
    const { ctx, bbox } = plot;
    const [floor] = this.extent;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    for (const { look, series } of this.view.runs) {
      const { x, low, high } = series.curve(this.spec.lines[0].quantity);
      const columns = thin(x.length, this.columns).filter((column) => !Number.isNaN(low[column]));
      if (columns.length < 2) continue;
      const left = (column: number): number => plot.valToPos(x[column], 'x', true);
      // What a logarithmic scale does not have is below its floor, and clipped.
      const top = (value: number): number =>
        plot.valToPos(this.logarithmic ? Math.max(value, floor / 10) : value, 'y', true);
      ctx.beginPath();
      for (const column of columns) ctx.lineTo(left(column), top(high[column]));
      for (const column of columns.toReversed()) ctx.lineTo(left(column), top(low[column]));
      ctx.closePath();
      ctx.globalAlpha = 0.2;
      ctx.fillStyle = colour(look.colour);
      ctx.fill();
    }
    ctx.restore();
  }

  private resize(): void {
    const { clientWidth: width, clientHeight: height } = this.holder;
    if (width === 0 || (width === this.plot?.width && height === this.plot.height)) return;
    this.plot?.setSize({ width, height });
  }

  private options(series: readonly uPlot.Series[]): uPlot.Options {
    const axis: uPlot.Axis = {
      stroke: () => colour('muted'),
      grid: { stroke: () => colour('line'), width: 1 },
      ticks: { stroke: () => colour('line'), width: 1 },
      font: FONT,
      labelFont: FONT,
    };
    return {
      width: this.holder.clientWidth || 300,
      height: this.holder.clientHeight || 200,
      legend: { show: false },
      cursor: {
        y: false,
        points: { show: false },
        drag: { x: false, y: false, setScale: false },
        sync: { key: SYNC, scales: ['x', null], setSeries: false },
      },
      scales: {
        x: { time: false, range: () => [0, this.view.xEnd] },
        y: { distr: this.logarithmic ? 3 : 1, range: () => this.extent },
      },
      axes: [
        { ...axis, size: 44, label: this.view.xName, labelSize: 16, values: (_, ticks) => ticks.map(short) },
        {
          ...axis,
          size: 58,
          values: (_, ticks) => ticks.map((tick) => (tick === null ? '' : this.spec.format(tick))),
        },
      ],
      series: [{}, ...series],
      hooks: {
        drawAxes: [(plot) => this.drawBands(plot)],
        draw: [() => this.place()],
        setCursor: [
          ({ cursor, posToVal }) => {
            const { left = -1 } = cursor;
            const x = left < 0 ? undefined : posToVal(left, 'x');
            if (!Number.isNaN(x)) this.onCursor(x);
          },
        ],
      },
    };
  }
}

function table(
  x: readonly number[],
  y: readonly number[],
  most: number,
  logarithmic: boolean,
): uPlot.AlignedData {
  const columns = thin(x.length, most);
  const shown = (value: number): number | null =>
    Number.isFinite(value) && !(logarithmic && value <= 0) ? value : null;
  return [columns.map((column) => x[column]), columns.map((column) => shown(y[column]))];
}

function line(look: Look, width: number, dash: readonly number[], alpha: number): uPlot.Series {
  return {
    stroke: () => colour(look.colour),
    width,
    alpha,
    dash: [...dash],
    // Columns of other lines, in which this one was not measured, are no gaps.
    spanGaps: true,
    points: { show: false },
  };
}

const short = (count: number): string => {
  if (count >= 1e6) return `${(count / 1e6).toLocaleString('en')}M`;
  return count >= 1000 ? `${(count / 1000).toLocaleString('en')}k` : count.toLocaleString('en');
};
