import { type Config, validateConfig } from '../config.ts';
import { gameRules, learnedStates } from '../inspect/game.ts';
import type { Episode } from '../inspect/look.ts';
import { Scene } from '../inspect/scene.ts';
import type { LearnerOptions } from '../learner/learner.ts';
import type { Tensor } from '../tensor.ts';
import { encodeCheckpoint } from '../train/checkpoint.ts';
import { DivergenceError } from '../train/divergence.ts';
import { configuredShape } from '../train/environments.ts';
import { hashParameters } from '../train/hash.ts';
import type { MetricsRow } from '../train/metrics.ts';
import { type OpenLearner, Population } from '../train/population.ts';
import { Jobs } from './jobs.ts';
import { LIVE_FIELDS } from './live_fields.ts';
import { messageOf } from './message_of.ts';
import { Meter } from './meter.ts';
import { describeProgress, describeRun, type Measured } from './run_info.ts';
import type { Outcomes, Standing } from './run_store.ts';
import type { GameState, Progress, RunInfo, RunListener, RunState } from './service.ts';
import { yieldToMessages } from './yield.ts';

/** Milliseconds of training after which messages are let in. */
const SLICE = 16;
/** Milliseconds between two reports of progress. */
const REPORT = 250;
/** Milliseconds between two savings, at least; and how many times what a saving takes. */
const SAVE = 3000;
const SAVE_SHARE = 20;
/** Steps of a slow run are made this often a second, or more seldom. */
const TICKS = 20;
/** Milliseconds for which parameters that were read are shown as those of now. */
const FRESH = 200;
/** Rows that the page is told in one message, at most. */
const ROWS_AT_ONCE = 2000;

/** What a run is saved to. */
export interface Keeper {
  save(standing: Standing, rows: readonly MetricsRow[], anew: boolean): Promise<void>;
}

/** What a run begins from, besides its configuration and where its learners stand. */
export interface RunStart {
  readonly id: string;
  readonly name: string;
  /** What it is to begin with: what has ended is only shown. */
  readonly state: RunState;
  /** How far a kept run is. */
  readonly before?: {
    readonly rows: readonly MetricsRow[];
    readonly outcomes: Outcomes;
    readonly seconds: number;
    readonly hash: string;
    readonly reason: string;
    /** It is kept just as it begins here. */
    readonly asKept: boolean;
  };
}

/** A learner's parameters, and how many updates they have seen. */
interface Read {
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly updates: number;
}

/** Opens a learner; throws ConfigError where the backend cannot hold it. */
export type OpenLearners = (options: LearnerOptions) => Promise<OpenLearner>;

/**
 * One run on the page: the training loop of the command line, with what people do to it between its steps. All of
 * that is done in one place, `live`, one thing after another; none of it changes what training comes to.
 */
export class Run {
  private population!: Population;
  private start!: RunStart;
  private listener!: RunListener;
  private keeper: Keeper | undefined;
  private meter = new Meter(0);
  private scene: Scene | undefined;
  private state: RunState = 'paused';
  private hash = '';
  private reason = '';
  /** Rows that the page has not been told, and rows that have not been saved. */
  private untold: MetricsRow[] = [];
  private unsaved: MetricsRow[] = [];
  /** All rows are to be saved instead of those saved before. */
  private anew = false;
  /** There is something that has not been saved. */
  private dirty = true;
  private saveAt = 0;
  /** Why it could not be saved last; empty where it could. */
  private saveProblem = '';
  private readonly measured: (Measured | undefined)[] = [];
  /** Of each learner, before it was evaluated here. */
  private outcomesBefore: readonly (Uint8Array | undefined)[] = [];
  /** Environment steps a second of each copy. */
  private speed = Number.POSITIVE_INFINITY;
  private readonly jobs = new Jobs();
  /** Parameters that were read, and how many updates they had seen then. */
  private parameters: (Read & { readonly learner: number; readonly time: number }) | undefined;
  private described: RunInfo | undefined;

  private constructor(
    private config: Config,
    private readonly openLearner: OpenLearners,
  ) {}

  /**
   * Everything that a run needs, so that it can begin at once; `learners`: where they stand. Throws ConfigError where
   * the backend cannot hold the configuration.
   */
  static async prepare(
    config: Config,
    openLearner: OpenLearners,
    learners?: readonly ReadonlyMap<string, Tensor>[],
  ): Promise<Run> {
    const run = new Run(config, openLearner);
    await run.open(learners);
    return run;
  }

  /** Once: from now on the run is in the hands of `live`. */
  begin(start: RunStart, listener: RunListener, keeper?: Keeper): void {
    const { before } = start;
    this.start = start;
    this.listener = listener;
    this.keeper = keeper;
    this.state = start.state;
    if (!before) return;
    this.dirty = !before.asKept;
    this.meter = new Meter(before.seconds);
    this.hash = before.hash;
    this.reason = before.reason;
    this.anew = true;
    this.outcomesBefore = before.outcomes;
    for (const row of before.rows) this.take(row);
  }

  /** Frees a run that was prepared and is not wanted. */
  close(): void {
    this.population.close();
  }

  get info(): RunInfo {
    this.described ??= describeRun(this.config, this.start.id, this.start.name);
    return this.described;
  }

  get progress(): Progress {
    const { population, meter } = this;
    const furthest = Math.max(...population.progress.map(({ updates }) => updates));
    const steps = Math.max(...population.progress.map(({ environmentSteps }) => environmentSteps));
    const rates = meter.rates(furthest, steps);
    return describeProgress(this.config, population.progress, this.measured, {
      seconds: meter.seconds,
      ...rates,
    });
  }

  /** Trains, and does what it is told, for as long as the worker lives. Throws what training throws. */
  async live(): Promise<never> {
    try {
      return await this.loop();
    } catch (error) {
      this.jobs.end(error instanceof Error ? error : new Error(String(error)));
      throw error;
    }
  }

  private async loop(): Promise<never> {
    this.listener.begun(this.info);
    this.report();
    if (this.dirty) await this.save();
    let yielded = performance.now();
    let reported = Number.NEGATIVE_INFINITY;
    for (;;) {
      await this.jobs.run();
      if (this.state !== 'training') {
        this.meter.stop();
        if (!this.jobs.waiting) await this.jobs.sleep(this.dirty ? SAVE : undefined);
        if (this.dirty && performance.now() >= this.saveAt) await this.save();
        continue;
      }
      this.meter.start();
      const began = performance.now();
      await this.advance();
      const now = performance.now();
      if (this.state === 'training' && now - reported > REPORT) {
        this.report();
        reported = now;
      }
      if (now >= this.saveAt) await this.save();
      const rest = this.stepsAtOnce() * (1000 / this.speed) - (performance.now() - began);
      if (rest > 0) await this.jobs.sleep(rest);
      if (now - yielded > SLICE) {
        await yieldToMessages();
        yielded = performance.now();
      }
    }
  }

  pause(): Promise<void> {
    return this.jobs.do(async () => {
      if (this.state !== 'training') return;
      await this.rest();
      await this.save();
      this.report();
    });
  }

  /** Goes on where it was paused or stopped. */
  resume(): Promise<void> {
    return this.jobs.do(async () => {
      if (this.state === 'training' || this.over) return;
      await this.goOn();
      this.state = 'training';
      this.saveAt = 0;
      this.report();
    });
  }

  /** One step of all environments, with its updates, and then a pause. */
  step(): Promise<void> {
    return this.jobs.do(async () => {
      if (this.over) return;
      if (this.state === 'training') await this.rest();
      await this.goOn();
      this.population.stepsAtOnce = 1;
      this.meter.start();
      this.state = 'paused';
      await this.advance();
      this.meter.stop();
      this.population.stepsAtOnce = this.limit();
      this.report();
    });
  }

  /** Ends the run where it stands. */
  stop(): Promise<void> {
    return this.jobs.do(async () => {
      if (this.state !== 'training' && this.state !== 'paused') return;
      await this.rest();
      if (!this.population.finished) await this.end('stopped');
    });
  }

  setSpeed(stepsPerSecond: number): Promise<void> {
    return this.jobs.do(async () => {
      this.speed = stepsPerSecond;
      await this.settle();
      this.population.stepsAtOnce = this.limit();
    });
  }

  /**
   * Goes on with what another configuration says of when a run ends, and keeps its own in everything else. Throws
   * ConfigError where the two do not go together.
   */
  change(asked: Config): Promise<void> {
    return this.jobs.do(async () => {
      const changes = LIVE_FIELDS.filter((field) => asked[field] !== this.config[field]);
      if (changes.length === 0) return;
      const own = { ...this.config, ...Object.fromEntries(changes.map((field) => [field, asked[field]])) };
      const config = validateConfig(own);
      const ended = this.population.finished;
      await this.settle();
      this.config = config;
      this.described = undefined;
      await this.reopen();
      if (ended && !this.finished) this.state = 'paused';
      this.listener.begun(this.info);
      await this.save();
      this.report();
    });
  }

  /** Everything, as a checkpoint. */
  checkpoint(): Promise<Uint8Array<ArrayBuffer>> {
    return this.jobs.do(async () => {
      await this.settle();
      return this.encode();
    });
  }

  /** Throws ConfigError where a cell is not on the grid. */
  async episode(learner: number, exploring: boolean, cells?: readonly number[]): Promise<Episode> {
    const { population } = this;
    const { tensors, updates } = await this.read(learner);
    this.scene ??= new Scene(this.config);
    this.scene.use(
      (name) => tensors.get(`online.${name}`)!,
      (name) => tensors.get(`target.${name}`)!,
      updates,
      population.members[learner].config.gamma,
    );
    return this.scene.episode(exploring ? population.progress[learner].epsilon() : 0, cells);
  }

  /** Throws ConfigError where the run is of no game. */
  async game(learner: number): Promise<readonly GameState[]> {
    const { config } = this.population.members[learner];
    const rules = gameRules(config, 'run');
    const { tensors } = await this.read(learner);
    return learnedStates(
      configuredShape(config),
      (name) => tensors.get(`online.${name}`)!,
      rules,
      config.gamma,
    );
  }

  outcomes(learner: number): Uint8Array | undefined {
    return this.population.evaluations[learner]?.outcomes ?? this.outcomesBefore[learner];
  }

  private async open(saved?: readonly ReadonlyMap<string, Tensor>[]): Promise<void> {
    this.population = await Population.open(this.config, this.openLearner, {
      ...(saved && { saved }),
      seconds: () => this.meter.seconds,
      onRow: (row) => {
        this.take(row);
        this.dirty = true;
      },
    });
    this.population.stepsAtOnce = this.limit();
  }

  /** The same run with the configuration as it is now, from where it stands. */
  private async reopen(): Promise<void> {
    const saved = await this.population.save();
    this.population.close();
    this.parameters = undefined;
    this.outcomesBefore = this.population.members.map((_, learner) => this.outcomes(learner));
    await this.open(saved);
    this.forgetEnd();
  }

  /** Where it was ended, or shown as it was kept, it now goes on. */
  private async goOn(): Promise<void> {
    if (this.population.finished) await this.reopen();
    else this.forgetEnd();
  }

  private forgetEnd(): void {
    this.hash = '';
    this.reason = '';
  }

  private take(row: MetricsRow): void {
    this.untold.push(row);
    this.unsaved.push(row);
    if (row.kind === 'training') return;
    const index = this.population.members.findIndex(
      ({ seed, variant }) => seed === row.seed && variant === row.variant,
    );
    this.measured[index] = { success: row.success, lengthRatio: row.lengthRatio };
  }

  private get finished(): boolean {
    return this.population.progress.every(({ finished }) => finished);
  }

  /** Finished, evaluated and ended: there is nothing more to do. */
  private get over(): boolean {
    return this.finished && this.population.finished;
  }

  /** Some steps, and the end where that is reached. */
  private async advance(): Promise<void> {
    this.dirty = true;
    try {
      await this.population.advance();
      // What is left once a group is finished: to keep it, to evaluate it, and to begin the next.
      if (this.finished) while (!this.population.finished) await this.population.advance();
      if (!this.population.finished) return;
    } catch (error) {
      await this.fail(error);
      return;
    }
    const solved = this.measured.every((evaluation) => evaluation?.success === 1);
    await this.end(solved ? 'solved' : 'finished');
  }

  private async end(state: RunState): Promise<void> {
    const saved = await this.population.save();
    await this.population.evaluate();
    this.population.close();
    this.meter.stop();
    this.state = state;
    await this.tellEnd(saved);
  }

  /** A gradient that is not finite ends the run, which stays as it was before. What else fails is thrown. */
  private async fail(error: unknown): Promise<void> {
    if (!(error instanceof DivergenceError)) throw error;
    const saved = await this.population.save();
    this.population.close();
    this.meter.stop();
    this.state = 'failed';
    this.reason = error.message;
    await this.tellEnd(saved);
  }

  private async tellEnd(saved: readonly ReadonlyMap<string, Tensor>[]): Promise<void> {
    this.hash = (await hashParameters(configuredShape(this.config), saved)).all;
    await this.save();
    this.tellRows();
    const { state, hash, reason } = this;
    this.listener.ended({ state, hash, reason }, this.progress);
  }

  /** Ends steps under way. */
  private async settle(): Promise<void> {
    try {
      await this.population.settle();
    } catch (error) {
      await this.fail(error);
    }
  }

  private async rest(): Promise<void> {
    await this.settle();
    this.meter.stop();
    if (this.state === 'training') this.state = 'paused';
  }

  private stepsAtOnce(): number {
    return this.limit() ?? 0;
  }

  /** Steps that are made together: few where a run is slow; undefined: as many as the device likes. */
  private limit(): number | undefined {
    return Number.isFinite(this.speed) ? Math.max(1, Math.round(this.speed / TICKS)) : undefined;
  }

  private async read(learner: number): Promise<Read> {
    const { parameters } = this;
    const now = performance.now();
    if (parameters?.learner === learner && now - parameters.time < FRESH && this.state === 'training') {
      return parameters;
    }
    const { updates } = this.population.progress[learner];
    const tensors = await this.population.parameters(learner);
    this.parameters = { learner, time: now, tensors, updates };
    return this.parameters;
  }

  private async encode(): Promise<Uint8Array<ArrayBuffer>> {
    const saved = await this.population.save();
    return (await encodeCheckpoint(this.population, saved)) as Uint8Array<ArrayBuffer>;
  }

  /** Saves where it stands. Where that fails the page is told, and training goes on. */
  private async save(): Promise<void> {
    if (!this.keeper) {
      this.dirty = false;
      this.saveAt = Number.POSITIVE_INFINITY;
      return;
    }
    const began = performance.now();
    await this.settle();
    const checkpoint = await this.encode();
    const rows = this.unsaved;
    this.unsaved = [];
    try {
      const { info, state, hash, reason, progress } = this;
      const { id, name } = this.start;
      const run = { id, name, state, hash, reason, info, progress };
      const outcomes = info.learners.map(
        (_, index) => this.outcomes(index) as Uint8Array<ArrayBuffer> | undefined,
      );
      await this.keeper.save({ run, checkpoint, outcomes }, rows, this.anew);
      this.anew = false;
      this.dirty = false;
      this.tellSaved('');
    } catch (error) {
      this.unsaved = [...rows, ...this.unsaved];
      this.tellSaved(messageOf(error));
    }
    const now = performance.now();
    this.saveAt = now + Math.max(SAVE, SAVE_SHARE * (now - began));
  }

  private report(): void {
    this.tellRows();
    this.listener.progress(this.state, this.progress);
  }

  private tellRows(): void {
    while (this.untold.length > 0) this.listener.rows(this.untold.splice(0, ROWS_AT_ONCE));
  }

  private tellSaved(problem: string): void {
    if (problem === this.saveProblem) return;
    this.saveProblem = problem;
    this.listener.saved(problem);
  }
}
