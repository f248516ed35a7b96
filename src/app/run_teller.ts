import type { Config } from '../config.ts';
import type { Run, RunWatcher } from '../run/run.ts';
import type { MetricsRow } from '../train/metrics.ts';
import { messageOf } from './message_of.ts';
import { describeProgress, describeRun } from './run_info.ts';
import type { RunInfo, RunListener } from './service.ts';

/** Milliseconds between two reports of progress. */
const REPORT = 250;
/** Rows that the page is told in one message, at most. */
const ROWS_AT_ONCE = 2000;

/** Tells the page how a run goes: now and then, not at every step. */
export class RunTeller implements RunWatcher {
  info: RunInfo;
  private config: Config;
  private untold: MetricsRow[] = [];
  private reported = Number.NEGATIVE_INFINITY;
  private hasBegun = false;
  /** Why it could not be saved last; empty where it could. */
  private problem = '';

  constructor(
    private readonly run: Run,
    { id, name }: Pick<RunInfo, 'id' | 'name'>,
    private readonly listener: RunListener,
  ) {
    this.config = run.config;
    this.info = describeRun(run.config, id, name);
  }

  begun(rows: readonly MetricsRow[]): void {
    if (this.hasBegun) this.listener.restarted();
    else this.listener.begun(this.info);
    this.hasBegun = true;
    this.untold = [...rows];
    this.report();
  }

  row(row: MetricsRow): void {
    this.untold.push(row);
  }

  stepped(): void {
    if (this.run.state === 'training' && performance.now() - this.reported > REPORT) this.report();
  }

  changed(): void {
    const { run, info } = this;
    if (this.config !== run.config) {
      this.config = run.config;
      this.info = describeRun(run.config, info.id, info.name);
      this.listener.changed(this.info);
    }
    this.report();
  }

  ended(): void {
    const { run } = this;
    this.tellRows();
    this.listener.ended(
      { state: run.state, hash: run.hash, reason: run.reason, goesOn: false },
      describeProgress(run, run.rates()),
    );
  }

  /** It cannot go on here; `kept`: it can from where it was saved last. */
  failed(error: unknown, kept: boolean): void {
    this.tellRows();
    this.listener.ended(
      { state: 'failed', hash: '', reason: messageOf(error), goesOn: kept },
      describeProgress(this.run, this.run.rates()),
    );
  }

  saved(problem?: unknown): void {
    const text = problem === undefined ? '' : messageOf(problem);
    if (text === this.problem) return;
    this.problem = text;
    this.listener.saved(text);
  }

  lost(text: string): void {
    const time = new Date().toLocaleTimeString('en', { hour12: false });
    this.listener.lost(`At ${time}, ${text}.`);
  }

  private report(): void {
    this.tellRows();
    this.listener.progress(this.run.state, describeProgress(this.run, this.run.rates()));
    this.reported = performance.now();
  }

  private tellRows(): void {
    while (this.untold.length > 0) this.listener.rows(this.untold.splice(0, ROWS_AT_ONCE));
  }
}
