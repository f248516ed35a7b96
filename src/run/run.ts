import type { Config } from '../config.ts';
import { ConfigError } from '../config_error.ts';
import { EnvironmentFailure } from '../env/failure.ts';
import { DeviceError } from '../gpu/gpu.ts';
import type { Learner, LearnerOptions } from '../learner/learner.ts';
import type { Tensor } from '../tensor.ts';
import { type CheckpointFile, encodeCheckpoint, readCheckpoint, takeLearners } from '../train/checkpoint.ts';
import { DivergenceError } from '../train/divergence.ts';
import { configuredShape } from '../train/environments.ts';
import { hashParameters } from '../train/hash.ts';
import type { MetricsRow } from '../train/metrics.ts';
import { type OpenLearner, Population, type PopulationOptions } from '../train/population.ts';
import { endingAs, endsAs } from './ending.ts';
import { Jobs } from './jobs.ts';
import {
  type Keeper,
  type Kept,
  type Measured,
  type RunState,
  rowsToGoOn,
  type Standing,
  type StartOutcomes,
} from './keeper.ts';
import { Meter } from './meter.ts';
import { yieldToOthers } from './yield.ts';

/** Milliseconds of training after which others are let in. */
const SLICE = 16;
/** Savings are further apart where they take long: so many times what one takes. */
const SAVE_SHARE = 20;
/** Steps of a slow run are made this often a second, or more seldom. */
const TICKS = 20;
/** Losses of the device, with nothing saved between them, after which a run stops. */
export const MOST_LOSSES = 3;

/** Opens learners; throws ConfigError where they cannot be held. `backend`: on no other than this. */
export type OpenLearners = (options: LearnerOptions, backend?: Learner['backend']) => Promise<OpenLearner>;

export interface RunOptions extends Pick<PopulationOptions, 'rollout' | 'atOnce' | 'onDivergence'> {
  /** Where its learners stand, and what they were trained on; without it, they are at the beginning. */
  readonly from?: {
    readonly learners: readonly ReadonlyMap<string, Tensor>[];
    readonly backend: Learner['backend'];
  };
}

/** What a run begins with, besides its configuration and where its learners stand. */
export interface RunStart {
  /** What has ended is only shown. */
  readonly state: RunState;
  /** Those that it goes on with. */
  readonly rows: readonly MetricsRow[];
  /** Training so far. */
  readonly seconds: number;
  readonly outcomes: readonly StartOutcomes[];
  /** Of a run that has ended. */
  readonly hash: string;
  readonly reason: string;
  /** Milliseconds between two savings at most, whatever saveEvery says. */
  readonly saveMs: number;
  /** It is saved as soon as it has begun. */
  readonly savesAtOnce: boolean;
}

export const NEW_RUN = {
  state: 'training',
  rows: [],
  seconds: 0,
  outcomes: [],
  hash: '',
  reason: '',
} as const;

/** Who is told how a run goes; none of it may take long. */
export interface RunWatcher {
  row(row: MetricsRow): void;
  /** It begins, or goes on, with these rows: none of before count any more. */
  begun(rows: readonly MetricsRow[]): void;
  /** It was trained a little: called often. */
  stepped(): void;
  /** Its state is another, or somebody has done something to it. */
  changed(): void;
  /** It has ended; its hash and last evaluations are known. */
  ended(): void;
  /** It was saved; or could not be, for this reason: what is thrown ends it, without that it goes on unsaved. */
  saved(problem?: unknown): void;
  /** Its device was lost, and it goes on on another: from where, and what there is to know of that, in a sentence. */
  lost(text: string): void;
}

/**
 * One run as people have it: the training loop, with what is done to the run between its steps, one thing after
 * another; none of that changes what training comes to. A lost device is replaced, and the run goes on from where it
 * was saved last. Where it is kept, and who looks, is for others to say.
 */
export class Run implements Standing {
  state: RunState = 'paused';
  hash = '';
  reason = '';
  /** What it failed by. */
  error: unknown;
  readonly measured: (Measured | undefined)[] = [];
  /** What trains. Another one where it goes on after its end, or after its device was lost. */
  population!: Population;

  private watcher!: RunWatcher;
  private keeper!: Keeper;
  private meter = new Meter(0);
  private backend: Learner['backend'] | undefined;
  /** Of each learner, before it was evaluated here. */
  private outcomesBefore: readonly StartOutcomes[] = [];
  /** It differs from what is kept: in something, and in where its learners stand. */
  private dirty = true;
  private trained = true;
  private saveMs = 0;
  private saveAt = 0;
  private losses = 0;
  /** What went wrong for good in something that it was told to do. */
  private broken: { readonly error: unknown } | undefined;
  /** Environment steps a second of each copy. */
  private speed = Number.POSITIVE_INFINITY;
  private yielded = 0;
  private readonly jobs = new Jobs();

  private constructor(
    public config: Config,
    private readonly openLearners: OpenLearners,
    private readonly options: Omit<RunOptions, 'from'>,
  ) {}

  /**
   * Everything that a run needs, so that it can begin at once. Throws ConfigError where the backend cannot hold the
   * configuration.
   */
  static async prepare(
    config: Config,
    openLearners: OpenLearners,
    { from, ...options }: RunOptions = {},
  ): Promise<Run> {
    const run = new Run(config, openLearners, options);
    run.backend = from?.backend;
    await run.open(from?.learners);
    return run;
  }

  /** Once: from now on the run is in the hands of `live`. Throws what the keeper does. */
  begin(start: RunStart, keeper: Keeper, watcher: RunWatcher): void {
    this.watcher = watcher;
    this.keeper = keeper;
    this.state = start.state;
    this.hash = start.hash;
    this.reason = start.reason;
    this.outcomesBefore = start.outcomes;
    this.saveMs = start.saveMs;
    this.dirty = start.savesAtOnce;
    this.trained = start.savesAtOnce;
    this.saveAt = start.savesAtOnce ? 0 : performance.now() + start.saveMs;
    this.meter = new Meter(start.seconds);
    this.goOnWith(start.rows);
  }

  /** Frees it, wherever it stands. */
  close(): void {
    this.population.close();
  }

  get seconds(): number {
    return this.meter.seconds;
  }

  get progress(): Standing['progress'] {
    return this.population.progress;
  }

  get outcomes(): readonly StartOutcomes[] {
    return this.population.members.map(
      (_, index) =>
        (this.population.evaluations[index]?.outcomes as StartOutcomes) ?? this.outcomesBefore[index],
    );
  }

  /** Updates and environment steps a second of the learner that is furthest (Meter.rates). */
  rates(): ReturnType<Meter['rates']> {
    const { progress } = this;
    return this.meter.rates(
      progress.reduce((most, { updates }) => Math.max(most, updates), 0),
      progress.reduce((most, { environmentSteps }) => Math.max(most, environmentSteps), 0),
    );
  }

  /** Trains, and does what it is told, until it has ended; throws what training throws. `stays`: for good. */
  async live(stays = false): Promise<void> {
    try {
      if (this.dirty) await this.surviving(() => this.save());
      this.yielded = performance.now();
      for (;;) {
        await this.jobs.run();
        if (this.broken) throw this.broken.error;
        if (this.state === 'training') await this.train();
        else if (stays || this.state === 'paused') await this.wait();
        else return;
      }
    } catch (error) {
      this.jobs.end(error instanceof Error ? error : new Error(String(error)));
      throw error;
    }
  }

  pause(): Promise<void> {
    return this.do(async () => {
      if (this.state !== 'training') return;
      await this.rest();
      await this.save();
      this.watcher.changed();
    });
  }

  /** Goes on where it was paused or stopped, or where it has ended and now ends later. */
  resume(): Promise<void> {
    return this.do(async () => {
      if (this.state === 'training' || this.over) return;
      await this.reopenIfEnded();
      this.state = 'training';
      this.dirty = true;
      this.saveAt = 0;
      this.watcher.changed();
    });
  }

  /** One step of all environments, with its updates, and then a pause. */
  step(): Promise<void> {
    return this.do(async () => {
      if (this.over) return;
      if (this.state === 'training') await this.rest();
      await this.reopenIfEnded();
      this.population.stepsAtOnce = 1;
      this.meter.start();
      this.state = 'paused';
      await this.advance();
      this.meter.stop();
      this.population.stepsAtOnce = this.limit();
      this.watcher.changed();
    });
  }

  /** Ends the run where it stands. */
  stop(): Promise<void> {
    return this.do(async () => {
      if (this.state !== 'training' && this.state !== 'paused') return;
      await this.rest();
      if (!this.population.finished) await this.end('stopped');
    });
  }

  setSpeed(stepsPerSecond: number): Promise<void> {
    return this.do(async () => {
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
    return this.do(async () => {
      if (endsAs(this.config, asked)) return;
      const config = endingAs(this.config, asked);
      const ended = this.population.finished;
      await this.settle();
      this.config = config;
      await this.reopen();
      if (ended && !this.finished) this.state = 'paused';
      this.dirty = true;
      this.trained = true;
      await this.save();
      this.watcher.changed();
    });
  }

  /** Everything, as a checkpoint. */
  checkpoint(): Promise<Uint8Array> {
    return this.do(async () => {
      await this.settle();
      return this.encode();
    });
  }

  /** The same with another configuration, or another device, from here. */
  private async open(saved?: readonly ReadonlyMap<string, Tensor>[]): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        this.population = await Population.open(
          this.config,
          (options) => this.openLearners(options, this.backend),
          {
            ...this.options,
            ...(saved && { saved }),
            seconds: () => this.meter.seconds,
            onRow: (row) => this.take(row),
          },
        );
        break;
      } catch (error) {
        if (!isLost(error) || tries === MOST_LOSSES) throw error;
      }
    }
    this.backend = this.population.learner.backend;
    this.population.stepsAtOnce = this.limit();
  }

  private async reopen(): Promise<void> {
    const saved = await this.population.save();
    const { outcomes } = this;
    this.population.close();
    this.outcomesBefore = outcomes;
    await this.open(saved);
    this.forgetEnd();
  }

  /** Where it was ended, or shown as it was kept, it now goes on. */
  private async reopenIfEnded(): Promise<void> {
    if (this.population.finished) await this.reopen();
    else this.forgetEnd();
  }

  private forgetEnd(): void {
    this.hash = '';
    this.reason = '';
    this.error = undefined;
  }

  /** All rows so far are these. */
  private goOnWith(rows: readonly MetricsRow[]): void {
    this.keeper.begin(this.config, rows);
    this.measured.length = 0;
    for (const row of rows) this.measure(row);
    this.watcher.begun(rows);
  }

  private take(row: MetricsRow): void {
    this.measure(row);
    this.dirty = true;
    this.keeper.append(row);
    this.watcher.row(row);
  }

  private measure({ kind, seed, variant, success, lengthRatio }: MetricsRow): void {
    if (kind === 'training') return;
    const index = this.population.members.findIndex((own) => seed === own.seed && variant === own.variant);
    this.measured[index] = { success, lengthRatio };
  }

  private get finished(): boolean {
    return this.progress.every(({ finished }) => finished);
  }

  /** Finished, evaluated and ended: there is nothing more to do. */
  private get over(): boolean {
    return this.finished && this.population.finished;
  }

  /** A little training, and a saving where it is time. */
  private async train(): Promise<void> {
    this.meter.start();
    const began = performance.now();
    await this.surviving(() => this.advance());
    this.watcher.stepped();
    const now = performance.now();
    if (this.state !== 'training') return;
    if (this.population.saveDue || now >= this.saveAt) await this.surviving(() => this.save());
    const rest = (this.limit() ?? 0) * (1000 / this.speed) - (performance.now() - began);
    if (rest > 0) await this.jobs.sleep(rest);
    if (now - this.yielded > SLICE) {
      await yieldToOthers();
      this.yielded = performance.now();
    }
  }

  /** Waits to be told something, or until it is time to save. */
  private async wait(): Promise<void> {
    this.meter.stop();
    if (!this.jobs.waiting) await this.jobs.sleep(this.dirty ? this.saveMs : undefined);
    if (this.dirty && performance.now() >= this.saveAt) await this.surviving(() => this.save());
  }

  /** Some steps, and the end where that is reached. */
  private async advance(): Promise<void> {
    this.dirty = true;
    try {
      await this.population.advance();
    } catch (error) {
      this.trained = true;
      await this.fail(error);
      return;
    }
    if (!this.population.finished) {
      this.trained = true;
      return;
    }
    // The last that is done is to evaluate.
    const solved = this.measured.every((evaluation) => evaluation?.success === 1);
    await this.end(solved ? 'solved' : 'finished');
  }

  private async end(state: RunState): Promise<void> {
    if (!this.population.finished) {
      await this.save();
      try {
        await this.population.evaluate();
      } catch (error) {
        await this.fail(error);
        return;
      }
      this.population.close();
    }
    // Where it was stopped just when there was nothing left to do, it is finished.
    const whole = this.finished && this.population.evaluations.every(Boolean);
    this.state = state === 'stopped' && whole ? 'finished' : state;
    await this.tellEnd();
  }

  /**
   * What training meets that no device or disk is to blame for ends the run, which stays as it was before. What else
   * fails is thrown.
   */
  private async fail(error: unknown): Promise<void> {
    if (!(error instanceof DivergenceError || error instanceof EnvironmentFailure)) throw error;
    // What was saved before the evaluation that ends a run goes on exactly; after it, it would not.
    if (!this.population.evaluating) await this.save();
    this.population.close();
    this.error = error;
    this.state = error instanceof EnvironmentFailure && error.interrupted ? 'stopped' : 'failed';
    this.reason = this.state === 'failed' ? error.message : '';
    await this.tellEnd();
  }

  private async tellEnd(): Promise<void> {
    this.meter.stop();
    this.hash = (await hashParameters(configuredShape(this.config), await this.population.save())).all;
    this.dirty = true;
    await this.save();
    this.watcher.ended();
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
    this.dirty = true;
  }

  /** Steps that are made together: few where a run is slow; undefined: as many as the device likes. */
  private limit(): number | undefined {
    return Number.isFinite(this.speed) ? Math.max(1, Math.round(this.speed / TICKS)) : undefined;
  }

  private async encode(): Promise<Uint8Array> {
    return encodeCheckpoint(this.population, await this.population.save());
  }

  /** Saves where it stands. */
  private async save(): Promise<void> {
    const began = performance.now();
    await this.settle();
    const checkpoint = this.trained ? await this.encode() : undefined;
    try {
      await this.keeper.save(this, checkpoint);
      if (checkpoint) this.losses = 0;
      this.dirty = false;
      this.trained = false;
      this.watcher.saved();
    } catch (error) {
      this.watcher.saved(error);
    }
    const now = performance.now();
    this.saveAt = now + Math.max(this.saveMs, SAVE_SHARE * (now - began));
  }

  /** Does this between two steps; rejects where the run has failed, or fails in it. */
  private do<T>(work: () => Promise<T>): Promise<T> {
    return this.jobs.do(async () => {
      if (this.broken) throw this.broken.error;
      try {
        return await this.surviving(work, work);
      } catch (error) {
        // What was asked for in vain leaves the run as it was.
        if (!(error instanceof ConfigError)) this.broken = { error };
        throw error;
      }
    });
  }

  /** Does it; where the device is lost meanwhile, the run goes on on another, and `then` is done. */
  private async surviving<T>(work: () => Promise<T>, then: () => Promise<T>): Promise<T>;
  private async surviving(work: () => Promise<void>): Promise<void>;
  private async surviving<T>(work: () => Promise<T>, then?: () => Promise<T>): Promise<T | undefined> {
    for (let next: typeof then = work; next; next = then) {
      try {
        return await next();
      } catch (error) {
        if (!isLost(error)) throw error;
        await this.recover(error);
      }
    }
    return undefined;
  }

  /** Goes on from where it was saved last, on another device. Throws DeviceError where that cannot be. */
  private async recover(error: DeviceError): Promise<void> {
    const { adapter } = this.population.learner;
    this.losses++;
    this.population.close();
    if (this.losses >= MOST_LOSSES) throw error;
    const kept = await this.keeper.read();
    const from = kept && takeLearners(await this.readKept(kept), kept.name);
    try {
      await this.open(from?.learners);
    } catch (failure) {
      if (isLost(failure)) return this.recover(failure);
      const why = failure instanceof Error ? failure.message : String(failure);
      throw new DeviceError(`${error.message}; no other could be opened: ${why}`, true);
    }
    const where = kept ? 'where it was saved last' : 'the beginning, as nothing was saved yet';
    const now = this.population.learner.adapter;
    const other = now === adapter ? '' : `, on ${now}: results may differ in the last bits`;
    this.watcher.lost(`${error.message}: the run goes on from ${where}${other}`);
    this.trained = from === undefined;
    this.outcomesBefore = kept?.outcomes ?? [];
    this.goOnWith(kept ? rowsToGoOn(this.progress, this.config, kept.rows) : []);
  }

  /** What is kept, with when the run ends as it is now. */
  private async readKept({ checkpoint, name }: Kept): Promise<CheckpointFile> {
    return { ...(await readCheckpoint(checkpoint, name)), config: this.config };
  }
}

const isLost = (error: unknown): error is DeviceError => error instanceof DeviceError && error.lost;
