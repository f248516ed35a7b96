import { Presets, SingleBar } from 'cli-progress';
import { MEASURES, measureFor, seesSuccess } from '../compare/measure.ts';
import type { Member } from '../config.ts';
import type { MetricsRow } from '../train/metrics.ts';
import type { Population } from '../train/population.ts';
import { say } from './output.ts';
import { count } from './summary.ts';

/** Between two redraws on a terminal, and between two lines elsewhere. */
const REDRAW_MS = 200;
const LINE_MS = 10_000;
/** Seconds from the first step on after which the rate is known, and over which it is taken. */
const RATE_KNOWN_S = 10;
const RATE_OVER_S = 60;
/** The bar counts thousandths of the run. */
const WHOLE = 1000;
const FORMAT = '{bar} {percentage}% | {text}';

/** Which part of a larger work a run is. */
export interface Part {
  /** What to call it, as `vdn, 2 of 4`. */
  readonly label: string;
  /** Share of the whole work that is done before it, and that it is, 0..1. */
  readonly before: number;
  readonly share: number;
}
const WHOLE_WORK: Part = { label: '', before: 0, share: 1 };

/** How far a run is, on standard error: a bar on a terminal, elsewhere a plain line every ten seconds. */
export class ProgressBar {
  private readonly bar: SingleBar | undefined;
  private readonly begun = performance.now();
  private readonly updatesBefore: number;
  private readonly fractionBefore: number;
  private shown = performance.now();
  /** Per learner, the last seen. */
  private readonly greedy = new Map<string, MetricsRow>();
  private readonly loss = new Map<string, number>();
  /** How far it was when, in the last RATE_OVER_S seconds. */
  private readonly marks: { readonly seconds: number; readonly fraction: number }[] = [];
  /** Whether any learner has succeeded so far, greedily or in training. */
  private successSeen = false;

  constructor(
    private readonly run: { readonly population: Pick<Population, 'config' | 'progress' | 'groups'> },
    private readonly part: Part = WHOLE_WORK,
  ) {
    this.updatesBefore = this.updates();
    this.fractionBefore = this.fraction();
    if (process.stderr.isTTY) {
      this.bar = new SingleBar(
        {
          ...{ format: FORMAT, stream: process.stderr, hideCursor: true, barsize: 24, linewrap: false },
          // Else it would not come again below a line until it has something else to show.
          forceRedraw: true,
        },
        Presets.shades_classic,
      );
      this.bar.start(WHOLE, this.thousandths(), { text: this.text() });
    }
  }

  note(row: MetricsRow): void {
    if (Number.isFinite(row.success)) this.greedy.set(key(row), row);
    this.successSeen ||= seesSuccess(row);
    if (Number.isFinite(row.loss)) this.loss.set(key(row), row.loss);
  }

  /** Draws what there is to say, if it is time. */
  update(): void {
    const now = performance.now();
    if (now - this.shown < (this.bar ? REDRAW_MS : LINE_MS)) return;
    this.shown = now;
    if (this.bar) this.bar.update(this.thousandths(), { text: this.text() });
    else say(`${(100 * this.fraction()).toFixed(1)}% | ${this.text()}`);
  }

  /** Says a line, in place of the bar, which comes again below it. */
  say(line: string): void {
    // The bar has switched off that long lines are wrapped.
    if (this.bar) process.stderr.write('\r\u001b[2K\u001b[?7h');
    say(line);
    if (!this.bar) return;
    process.stderr.write('\u001b[?7l');
    this.bar.render();
  }

  stop(): void {
    this.bar?.update(this.thousandths(), { text: this.text() });
    this.bar?.stop();
  }

  private text(): string {
    const { progress } = this.run.population;
    const seconds = (performance.now() - this.begun) / 1000;
    const updates = this.updates();
    const fraction = this.fraction();
    const rate = (updates - this.updatesBefore) / seconds;
    const steps = progress.reduce((sum, { environmentSteps }) => sum + environmentSteps, 0);
    return [
      ...(this.part.label === '' ? [] : [this.part.label]),
      `${count(updates)} updates`,
      `${count(steps)} environment steps`,
      this.measured(),
      `loss ${this.loss.size > 0 ? mean(this.loss.values()).toPrecision(3) : '–'}`,
      `${Number.isFinite(rate) ? count(Math.round(rate)) : 0} updates/s`,
      ...this.timeLeft(seconds, fraction),
    ].join(' | ');
  }

  /** How long it takes yet; nothing until the rate is known, from the first step on: before it, kernels are compiled. */
  private timeLeft(seconds: number, fraction: number): string[] {
    const { marks } = this;
    if (fraction > this.fractionBefore) marks.push({ seconds, fraction });
    while (marks.length > 1 && marks[1].seconds < seconds - RATE_OVER_S) marks.shift();
    const [first] = marks;
    if (!first || seconds - first.seconds < RATE_KNOWN_S || fraction <= first.fraction) return [];
    const left = duration(((1 - fraction) * (seconds - first.seconds)) / (fraction - first.fraction));
    const mayStop = this.run.population.config.stopWhenSolved && this.part.share === 1;
    return [mayStop ? `stops when solved, or in about ${left}` : `about ${left} left`];
  }

  /** Success, and until there is some, return. */
  private measured(): string {
    const { progress } = this.run.population;
    this.successSeen ||= progress.some((learner) => learner.trainingSuccess > 0);
    const measure = measureFor(this.successSeen);
    const { training, text } = MEASURES[measure];
    const shown = (value: number): string => (Number.isFinite(value) ? text(value) : '–');
    const greedy = mean([...this.greedy.values()].map((row) => row[measure]));
    return `${measure} ${shown(greedy)} greedy, ${shown(mean(progress.map((learner) => learner[training])))} training`;
  }

  /** Updates of the learner that is furthest: all that still train are there. */
  private updates(): number {
    return this.run.population.progress.reduce((most, { updates }) => Math.max(most, updates), 0);
  }

  /**
   * How much of the work is done at least, 0..1: in each group that trains together, the learner with most to
   * do decides.
   */
  private fraction(): number {
    const { progress, config, groups } = this.run.population;
    let done = 0;
    for (const { first, count: size } of groups) {
      const least = progress.slice(first, first + size).reduce((least, learner) => {
        if (learner.finished) return least;
        const episodes = config.episodes > 0 ? learner.episodes / config.episodes : 0;
        return Math.min(least, Math.max(learner.updates / config.updates, episodes));
      }, 1);
      done += (least * size) / progress.length;
    }
    return this.part.before + this.part.share * done;
  }

  private thousandths(): number {
    return Math.round(WHOLE * this.fraction());
  }
}

const key = ({ variant, seed }: Pick<Member, 'variant' | 'seed'>): string => `${variant} ${seed}`;

/** Mean of what is finite; NaN where nothing is. */
function mean(values: Iterable<number>): number {
  const finite = [...values].filter(Number.isFinite);
  return finite.reduce((sum, value) => sum + value, 0) / finite.length;
}

function duration(seconds: number): string {
  const whole = Math.round(seconds);
  const minutes = Math.floor(whole / 60);
  if (minutes >= 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return minutes > 0 ? `${minutes} min ${whole % 60} s` : `${whole} s`;
}
