import { type Config, runMembers } from '../config.ts';
import { type Learner, type LearnerOptions, learnerOptions } from '../learner/learner.ts';
import { configuredShape } from '../train/environments.ts';
import { createEvaluator, type Evaluation } from '../train/evaluate.ts';
import type { MetricsRow } from '../train/metrics.ts';
import { openRollout } from '../train/open_rollout.ts';
import type { Rollout } from '../train/rollout.ts';
import { Trainer } from '../train/trainer.ts';
import { Player } from './player.ts';
import type { Message, Phase, Progress, RunInfo } from './protocol.ts';
import { yieldToMessages } from './yield.ts';

/** Milliseconds of training after which messages are let in. */
const SLICE = 16;
/** Milliseconds between two reports of progress. */
const REPORT = 250;
/** Milliseconds over which the rate is taken, at least. */
const RATE_WINDOW = 2000;

/** One run: the training loop of the command line, with pauses, reports and the board's game between its steps. */
export class Run {
  private readonly trainer: Trainer;
  private readonly player: Player;
  private readonly rows: MetricsRow[] = [];
  private readonly evaluations: (Evaluation | MetricsRow | undefined)[];
  private paused = false;
  /** Ends a pause. */
  private wake: (() => void) | undefined;
  private playing = false;
  /** Milliseconds trained before the running stretch, and when that began. */
  private trained = 0;
  private stretchBegan = 0;
  private inStretch = false;
  /** Moments that the rate is taken from: (milliseconds, updates), oldest first. */
  private marks: { time: number; updates: number }[] = [];

  private constructor(
    private readonly config: Config,
    learner: Learner,
    rollout: Rollout,
    private readonly tell: (message: Message) => void,
  ) {
    this.evaluations = config.seeds.map(() => undefined);
    this.player = new Player(config, learner);
    this.trainer = new Trainer(config, learner, {
      rollout,
      seconds: () => this.milliseconds() / 1000,
      onRow: (row) => {
        this.rows.push(row);
        if (row.kind !== 'training') this.evaluations[config.seeds.indexOf(row.seed)] = row;
      },
    });
  }

  /** Throws ConfigError where the backend cannot hold the configuration. */
  static async create(
    config: Config,
    backend: { createLearner(options: LearnerOptions): Promise<Learner> },
    tell: (message: Message) => void,
  ): Promise<Run> {
    const learner = await backend.createLearner(learnerOptions(config, configuredShape(config)));
    const rollout = await openRollout('auto', config, learner, runMembers(config));
    return new Run(config, learner, rollout, tell);
  }

  get info(): RunInfo {
    const { preset, gridSize, agents, seeds, updates } = this.config;
    return { preset, gridSize, agents, seeds, updates, starts: createEvaluator(this.config).starts };
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
    this.wake?.();
  }

  /** Tells the game's next position once no step is under way. */
  play(): void {
    this.playing = true;
    this.wake?.();
  }

  /** Trains until every learner is finished, then only plays. Throws what training throws. */
  async train(): Promise<never> {
    const { trainer } = this;
    this.begin();
    let yielded = performance.now();
    let reported = 0;
    while (!trainer.finished) {
      if (this.paused) {
        await this.rest();
        yielded = performance.now();
      }
      if (this.playing) await this.showNext();
      await trainer.advance();
      const now = performance.now();
      if (now - reported > REPORT) {
        this.report('training');
        reported = now;
      }
      if (now - yielded > SLICE) {
        await yieldToMessages();
        yielded = performance.now();
      }
    }
    await trainer.finish();
    this.end();
    this.tellRows();
    this.tell({ type: 'finished', progress: this.progress() });
    for (;;) {
      await this.sleep();
      if (this.playing) await this.showNext();
    }
  }

  /** Tells that it pauses, and plays until it goes on. */
  private async rest(): Promise<void> {
    this.end();
    this.report('paused');
    while (this.paused) {
      await this.sleep();
      if (this.playing) await this.showNext();
    }
    this.begin();
  }

  private sleep(): Promise<void> {
    if (this.playing) return Promise.resolve();
    return new Promise((resolve) => {
      this.wake = () => {
        this.wake = undefined;
        resolve();
      };
    });
  }

  private async showNext(): Promise<void> {
    this.playing = false;
    // Where the learner answers at once, a game would leave no turn to messages.
    await yieldToMessages();
    this.tell({ type: 'position', position: await this.player.next() });
  }

  private begin(): void {
    this.stretchBegan = performance.now();
    this.inStretch = true;
    this.marks = [];
  }

  private end(): void {
    this.trained = this.milliseconds();
    this.inStretch = false;
    this.marks = [];
  }

  private milliseconds(): number {
    return this.trained + (this.inStretch ? performance.now() - this.stretchBegan : 0);
  }

  private report(phase: Phase): void {
    this.tellRows();
    this.tell({ type: 'progress', phase, progress: this.progress() });
  }

  private tellRows(): void {
    if (this.rows.length > 0) this.tell({ type: 'rows', rows: this.rows.splice(0) });
  }

  private progress(): Progress {
    const { progress: learners } = this.trainer;
    const furthest = learners.reduce((a, b) => (b.environmentSteps > a.environmentSteps ? b : a));
    return {
      updates: furthest.updates,
      environmentSteps: furthest.environmentSteps,
      episodes: furthest.episodes,
      updatesPerSecond: this.rate(furthest.updates),
      seconds: this.milliseconds() / 1000,
      epsilon: furthest.epsilon(),
      trainingSuccess:
        learners.reduce((sum, { trainingSuccess }) => sum + trainingSuccess, 0) / learners.length,
      success: this.evaluations.map((evaluation) => evaluation?.success ?? Number.NaN),
      lengthRatio: this.evaluations.map((evaluation) => evaluation?.lengthRatio ?? Number.NaN),
      solvedUpdates: learners.map(({ solvedUpdates }) => solvedUpdates),
    };
  }

  private rate(updates: number): number {
    if (!this.inStretch) return 0;
    const { marks } = this;
    const time = performance.now();
    marks.push({ time, updates });
    while (marks.length > 2 && time - marks[1].time >= RATE_WINDOW) marks.shift();
    const [oldest] = marks;
    return time > oldest.time ? (1000 * (updates - oldest.updates)) / (time - oldest.time) : 0;
  }
}
