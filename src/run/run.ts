import type { Config } from '../config.ts';
import { ConfigError } from '../config_error.ts';
import { EnvironmentFailure } from '../env/failure.ts';
import { DeviceError } from '../gpu/gpu.ts';
import type { Tensor } from '../tensor.ts';
import { type CheckpointFile, readCheckpoint, takeLearners } from '../train/checkpoint.ts';
import { DivergenceError } from '../train/divergence.ts';
import type { MetricsRow } from '../train/metrics.ts';
import type { Population } from '../train/population.ts';
import { endingAs, endsAs } from './ending.ts';
import { Jobs } from './jobs.ts';
import {
  type Keeper,
  type Kept,
  progressOf,
  type RunState,
  rowsToGoOn,
  rowsUpTo,
  type Standing,
  type StartOutcomes,
} from './keeper.ts';
import { Meter } from './meter.ts';
import { isLost, type OpenLearners, Training, type TrainingOptions } from './training.ts';
import { yieldToOthers } from './yield.ts';

/** Milliseconds of training after which others are let in. */
const SLICE = 16;
/** Savings are further apart where they take long: so many times what one takes. */
const SAVE_SHARE = 20;
/** A device that was lost may soon be lost again: the next saving comes so many times sooner. */
const SOONER_AFTER_LOSS = 10;
/** Losses of the device, with nothing saved between them, after which a run stops. */
const MOST_LOSSES = 3;

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
  /** Milliseconds between two savings at most; and whether saveEvery is followed, too. */
  readonly saveMs: number;
  readonly followsSaveEvery: boolean;
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

/** A learner's parameters by name, and how many updates they have seen. */
export interface Parameters {
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly updates: number;
}

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
  /** It was saved; or could not be, for this reason. Throw to end the run; otherwise it goes on unsaved. */
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
  /** What it failed by, or was interrupted by. */
  error: unknown;

  private watcher!: RunWatcher;
  private keeper!: Keeper;
  /** It differs from what is kept: in something, and in where its learners stand. */
  private dirty = true;
  private trained = true;
  private saveMs = 0;
  private followsSaveEvery = false;
  private saveAt = 0;
  private losses = 0;
  /** What went wrong for good in something that it was told to do. */
  private broken: { readonly error: unknown } | undefined;
  private yielded = 0;
  private readonly jobs = new Jobs();
  /** What every turn asks for: made once, as turns are many. */
  private readonly forward = () => this.population.advance();
  private readonly turn = () => this.advance(this.forward);
  private readonly saving = () => this.save();

  private constructor(private readonly training: Training) {}

  /**
   * Everything that a run needs, so that it can begin at once. Throws ConfigError where the backend cannot hold the
   * configuration.
   */
  static async prepare(
    config: Config,
    openLearners: OpenLearners,
    options: TrainingOptions = {},
  ): Promise<Run> {
    return new Run(await Training.open(config, openLearners, options));
  }

  /** Once: from now on the run is in the hands of `live`. Throws what the keeper does. */
  begin(start: RunStart, keeper: Keeper, watcher: RunWatcher): void {
    this.watcher = watcher;
    this.keeper = keeper;
    this.state = start.state;
    this.hash = start.hash;
    this.reason = start.reason;
    this.saveMs = start.saveMs;
    this.followsSaveEvery = start.followsSaveEvery;
    this.dirty = start.savesAtOnce;
    this.saveAt = performance.now() + start.saveMs;
    this.training.outcomesBefore = start.outcomes;
    this.training.meter = new Meter(start.seconds);
    this.training.onRow = (row) => {
      keeper.append(row);
      watcher.row(row);
    };
    this.goOnWith(start.rows);
  }

  /** Frees it, wherever it stands. */
  close(): void {
    this.population.close();
  }

  get config(): Config {
    return this.training.config;
  }

  /** What trains. Another one where it goes on after its end, or after its device was lost. */
  get population(): Population {
    return this.training.population;
  }

  get progress(): Standing['progress'] {
    return this.population.progress;
  }

  get measured(): Standing['measured'] {
    return this.training.measured;
  }

  get outcomes(): Standing['outcomes'] {
    return this.training.outcomes;
  }

  get seconds(): number {
    return this.training.meter.seconds;
  }

  rates(): ReturnType<Training['rates']> {
    return this.training.rates();
  }

  /** Trains, and does what it is told, until it has ended; throws what training throws. `stays`: for good. */
  async live(stays = false): Promise<void> {
    try {
      if (this.dirty) await this.surviving(this.saving);
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
      this.saveAt = 0;
      this.watcher.changed();
    });
  }

  /** One step of all environments, with its updates, and then a pause. */
  step(): Promise<void> {
    return this.do(async () => {
      if (this.over) return;
      if (this.state === 'training') await this.rest();
      if (this.state === 'failed') return;
      await this.reopenIfEnded();
      this.training.meter.start();
      this.state = 'paused';
      await this.advance(() => this.training.step());
      // The step that reaches the end is evaluated, too.
      while (this.state === 'paused' && this.training.finished) {
        await this.turn();
      }
      this.training.meter.stop();
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

  /** Steps a second of each copy of the environment; Infinity: as fast as it can. */
  setSpeed(stepsPerSecond: number): Promise<void> {
    return this.do(async () => {
      await this.settle();
      this.training.speed = stepsPerSecond;
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
      if (this.state === 'failed') return;
      await this.reopen(config);
      if (ended && !this.training.finished) this.state = 'paused';
      this.trained = true;
      await this.save();
      this.watcher.changed();
    });
  }

  /** Whether it would go on from where its learners stand if it ended when another configuration says. */
  async goesFurther(asked: Config): Promise<boolean> {
    const saved = await this.do(() => this.population.save());
    return progressOf(endingAs(this.config, asked), saved).some(({ finished }) => !finished);
  }

  /** A learner's parameters, `online.*` and `target.*`, and how many updates they have seen. */
  parameters(learner: number): Promise<Parameters> {
    return this.do(async () => {
      const { updates } = this.progress[learner];
      return { tensors: await this.population.parameters(learner), updates };
    });
  }

  /** Everything, as a checkpoint. */
  checkpoint(): Promise<Uint8Array> {
    return this.do(async () => {
      await this.settle();
      return this.training.encode();
    });
  }

  /** Where it was ended, or shown as it was kept, it now goes on. */
  private async reopenIfEnded(): Promise<void> {
    if (this.population.finished) await this.reopen();
    else this.forgetEnd();
  }

  private async reopen(config = this.config): Promise<void> {
    await this.training.reopen(config);
    this.forgetEnd();
  }

  private forgetEnd(): void {
    this.hash = '';
    this.reason = '';
    this.error = undefined;
  }

  /** All rows so far are these. */
  private goOnWith(rows: readonly MetricsRow[]): void {
    this.keeper.begin(this.config, rows);
    this.training.know(rows);
    this.watcher.begun(rows);
  }

  /** Finished, evaluated and ended: there is nothing more to do. */
  private get over(): boolean {
    return this.training.finished && this.population.finished;
  }

  /** A little training, and a saving where it is time. */
  private async train(): Promise<void> {
    this.training.meter.start();
    const began = performance.now();
    await this.surviving(this.turn);
    this.watcher.stepped();
    if (this.state !== 'training') return;
    const due = this.followsSaveEvery && this.population.saveDue;
    if (due || performance.now() >= this.saveAt) {
      await this.surviving(this.saving);
    }
    const now = performance.now();
    const rest = this.training.pace - (now - began);
    if (rest > 0) await this.jobs.sleep(rest);
    if (now - this.yielded > SLICE) {
      await yieldToOthers();
      this.yielded = performance.now();
    }
  }

  /** Waits to be told something, or until it is time to save. */
  private async wait(): Promise<void> {
    if (!this.jobs.waiting) await this.jobs.sleep(this.dirty ? this.saveMs : undefined);
    if (this.dirty && performance.now() >= this.saveAt) await this.surviving(this.saving);
  }

  /** Some steps, and the end where that is reached. */
  private async advance(steps: () => Promise<void>): Promise<void> {
    this.dirty = true;
    try {
      await steps();
    } catch (error) {
      this.trained = true;
      await this.fail(error);
      return;
    }
    if (!this.population.finished) {
      this.trained = true;
      return;
    }
    // The last that is done is to evaluate, which leaves learners as they were.
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
    const whole = this.training.finished && this.population.evaluations.every(Boolean);
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
    this.training.meter.stop();
    this.hash = await this.training.hash();
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
    this.training.meter.stop();
    if (this.state === 'training') this.state = 'paused';
    this.dirty = true;
  }

  /** Saves where it stands. */
  private async save(): Promise<void> {
    const began = performance.now();
    await this.settle();
    const checkpoint = this.trained ? await this.training.encode() : undefined;
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
    const { training } = this;
    const { adapter } = this.population.learner;
    this.losses++;
    training.meter.stop();
    this.population.close();
    if (this.losses >= MOST_LOSSES) throw error;
    let kept: Kept | undefined;
    try {
      kept = await this.keeper.read();
      await training.openAt(kept && takeLearners(await this.readKept(kept), kept.name).learners);
    } catch (failure) {
      if (isLost(failure) || failure instanceof EnvironmentFailure) throw failure;
      const why = failure instanceof Error ? failure.message : String(failure);
      throw new DeviceError(`${error.message}; the run does not go on by itself: ${why}`, true, {
        cause: failure,
      });
    }
    const where = kept ? 'where it was saved last' : 'the beginning, as nothing was saved yet';
    const now = this.population.learner.adapter;
    const other = now === adapter ? '' : `, on ${now}: results may differ in the last bits`;
    this.watcher.lost(`${error.message}: the run goes on from ${where}${other}`);
    this.trained = kept === undefined;
    this.saveAt = performance.now() + this.saveMs / SOONER_AFTER_LOSS;
    training.outcomesBefore = kept?.outcomes ?? [];
    const goesOn = this.state === 'training' || this.state === 'paused';
    this.goOnWith((goesOn ? rowsToGoOn : rowsUpTo)(this.progress, this.config, kept?.rows ?? []));
  }

  /** What is kept, with when the run ends as it is now. */
  private async readKept({ checkpoint, name }: Kept): Promise<CheckpointFile> {
    return { ...(await readCheckpoint(checkpoint, name)), config: this.config };
  }
}
