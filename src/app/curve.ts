import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { MetricsRow } from '../train/metrics.ts';
import { colour, onColourChange } from './theme.ts';

/** Up to this many seeds have a line of their own besides the mean. */
const SEED_LINES = 16;
/** Updates that the axis shows at least. */
const LEAST_RANGE = 100;

/** Success against updates: each seed's greedy success, their mean, and the mean success while exploring. */
export class Curve {
  private plot: uPlot | undefined;
  private seeds: readonly number[] = [];
  private updates: number[] = [];
  /** [mean greedy, mean training, each seed's greedy] by column */
  private lines: (number | null)[][] = [];
  /** Latest values of each seed: what a mean is over. */
  private greedy: number[] = [];
  private training: number[] = [];
  private due = false;

  constructor(private readonly element: HTMLElement) {
    onColourChange(() => this.plot?.redraw(false));
    new ResizeObserver(() => this.resize()).observe(element);
    this.begin([]);
  }

  /** Forgets the last run. */
  begin(seeds: readonly number[]): void {
    this.seeds = seeds;
    this.updates = [];
    this.greedy = seeds.map(() => Number.NaN);
    this.training = seeds.map(() => Number.NaN);
    const own = seeds.length > 1 && seeds.length <= SEED_LINES ? seeds.length : 0;
    this.lines = Array.from({ length: 2 + own }, () => []);
    this.plot?.destroy();
    this.plot = new uPlot(this.options(own), this.data(), this.element);
  }

  /** Takes rows in the order in which they came. */
  add(rows: readonly MetricsRow[]): void {
    for (const row of rows) this.addRow(row);
    if (this.due) return;
    this.due = true;
    requestAnimationFrame(() => {
      this.due = false;
      this.plot?.setData(this.data());
    });
  }

  private addRow({ kind, seed, updates, success, trainingSuccess }: MetricsRow): void {
    const index = this.seeds.indexOf(seed);
    if (index < 0) return;
    let column = this.updates.length - 1;
    // A seed that finished earlier reports its final row last: it belongs where the others are by now.
    if (column < 0 || updates > this.updates[column]) {
      column = this.updates.push(updates) - 1;
      for (const line of this.lines) line.push(null);
    }
    this.training[index] = trainingSuccess;
    this.lines[1][column] = mean(this.training);
    if (kind === 'training') return;
    this.greedy[index] = success;
    this.lines[0][column] = mean(this.greedy);
    if (this.lines.length > 2) this.lines[2 + index][column] = success;
  }

  private data(): uPlot.AlignedData {
    return [this.updates, ...this.lines];
  }

  private resize(): void {
    const { clientWidth: width, clientHeight: height } = this.element;
    if (width === 0 || (width === this.plot?.width && height === this.plot.height)) return;
    this.plot?.setSize({ width, height });
  }

  private options(seedLines: number): uPlot.Options {
    const axis = {
      stroke: () => colour('muted'),
      grid: { stroke: () => colour('line'), width: 1 },
      ticks: { stroke: () => colour('line'), width: 1 },
      font: '12px system-ui, sans-serif',
    };
    const line = (name: string, width: number, dash?: number[]): uPlot.Series => ({
      stroke: () => colour(name),
      width,
      spanGaps: true,
      points: { show: false },
      ...(dash && { dash }),
    });
    return {
      width: this.element.clientWidth || 300,
      height: this.element.clientHeight || 300,
      legend: { show: false },
      cursor: { show: false },
      scales: {
        x: { time: false, range: (_, __, high) => [0, Math.max(LEAST_RANGE, high ?? 0)] },
        y: { range: [0, 1] },
      },
      axes: [
        {
          ...axis,
          label: 'updates',
          labelSize: 20,
          labelFont: axis.font,
          values: (_, ticks) => ticks.map(short),
        },
        { ...axis, size: 52, values: (_, ticks) => ticks.map((tick) => `${Math.round(100 * tick)} %`) },
      ],
      series: [
        {},
        line('greedy', 2.5),
        line('exploring', 1.5, [5, 4]),
        ...Array.from({ length: seedLines }, () => line('seed', 1)),
      ],
    };
  }
}

/** Mean of what is known; null where nothing is. */
function mean(values: readonly number[]): number | null {
  const known = values.filter((value) => !Number.isNaN(value));
  return known.length > 0 ? known.reduce((sum, value) => sum + value, 0) / known.length : null;
}

const short = (updates: number): string =>
  updates >= 1000 ? `${(updates / 1000).toLocaleString('en')}k` : updates.toLocaleString('en');
