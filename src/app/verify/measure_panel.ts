import './verify.css';
import { type BenchPlan, DEFAULT_PLAN } from '../../bench/plan.ts';
import type { BenchReport } from '../../bench/run_bench.ts';
import { ROLLOUT_TABLE, reportText, type Table, UPDATE_TABLE } from '../../bench/tables.ts';
import type { BenchCommand, BenchMessage } from '../bench_protocol.ts';
import { make } from '../dom.ts';
import { workerFault } from '../not_loaded.ts';
import { CopyText } from './copy_text.ts';
import { describeMeasured } from './measure_words.ts';
import { ResultTable } from './result_table.ts';

/** An update at the report's sizes, and rollouts of so many environments: about half a minute where a CPU plays the GPU. */
const SHORT: BenchPlan = {
  ...DEFAULT_PLAN,
  parts: ['updates', 'rollout'],
  learners: [1],
  batch: [],
  agents: [],
  environments: [256],
};

/** Measures an update and a rollout on this very GPU, by the benchmark's own worker. */
export class MeasurePanel {
  private readonly measure = make('button', { type: 'button', class: 'primary' }, 'Measure');
  private readonly stop = make('button', { type: 'button', disabled: true }, 'Stop measuring');
  private readonly copy = new CopyText('Copy measurement as text');
  private readonly current = make('p', { class: 'hint' });
  private readonly verdict = make('p', { class: 'verdict', 'aria-live': 'polite' });
  private readonly results = make('div');
  /** By the titles of their tables. */
  private readonly tables = new Map<string, ResultTable>();
  private worker: Worker | undefined;

  /** `plan`: what is measured. */
  constructor(
    root: HTMLElement,
    private readonly plan: BenchPlan = SHORT,
  ) {
    root.classList.add('verify');
    root.append(
      make('h2', {}, 'Measure'),
      make(
        'p',
        {},
        'Times an update at the report’s sizes and the stepping of environments on this device, median and spread. Each result is checked before it is timed. ',
        make('a', { href: './bench.html' }, 'The whole benchmark'),
        ' measures every kernel.',
      ),
      make('div', { class: 'buttons' }, this.measure, this.stop, this.copy.button),
      this.current,
      this.verdict,
      this.results,
      this.copy.outlet,
    );
    this.measure.addEventListener('click', () => this.begin());
    this.stop.addEventListener('click', () => this.end('Stopped.'));
  }

  private begin(): void {
    this.tables.clear();
    this.results.replaceChildren();
    this.copy.content = '';
    this.verdict.textContent = 'Measuring.';
    this.measure.disabled = true;
    this.stop.disabled = false;
    this.stop.focus();
    const worker = new Worker(new URL('../bench_worker.ts', import.meta.url), {
      type: 'module',
      name: 'bench',
    });
    this.worker = worker;
    worker.addEventListener('message', ({ data }: MessageEvent<BenchMessage>) => {
      if (worker === this.worker) this.receive(data);
    });
    worker.addEventListener('error', (event) => {
      event.preventDefault();
      if (worker === this.worker) this.end(`Stopped: ${workerFault(event)}`);
    });
  }

  private receive(message: BenchMessage): void {
    switch (message.type) {
      case 'opened':
        if (message.adapter === '') this.end(`Nothing to measure: ${message.notice}.`);
        else this.worker?.postMessage({ type: 'start', plan: this.plan } satisfies BenchCommand);
        break;
      case 'note':
        this.current.textContent = message.text;
        break;
      case 'update':
        this.add(UPDATE_TABLE, message.row);
        break;
      case 'rollout':
        this.add(ROLLOUT_TABLE, message.row);
        break;
      case 'skipped':
        this.results.append(
          make('p', { class: 'problem' }, `Skipped ${message.skipped.what}: ${message.skipped.reason}`),
        );
        break;
      case 'finished':
        this.conclude(message.report);
        break;
      case 'failed':
        this.end(`Stopped: ${message.reason}`);
        break;
    }
  }

  private add<Row>(table: Table<Row>, row: Row): void {
    let shown = this.tables.get(table.title);
    if (!shown) {
      shown = new ResultTable(table.title, table.note, table.columns);
      this.tables.set(table.title, shown);
      this.results.append(shown.root);
    }
    shown.add(table.cells(row));
  }

  private conclude(report: BenchReport): void {
    this.copy.content = reportText(report);
    this.end(describeMeasured(report));
  }

  private end(verdict: string): void {
    this.worker?.terminate();
    this.worker = undefined;
    this.current.textContent = '';
    this.verdict.textContent = verdict;
    const focused = document.activeElement === this.stop;
    this.stop.disabled = true;
    this.measure.disabled = false;
    if (focused) this.measure.focus();
  }
}
