import { Connection, listening } from './connection.ts';
import type { PageState } from './controls.ts';
import { remember } from './last_shown.ts';
import { messageOf } from './message_of.ts';
import { NEWER_VERSION } from './not_loaded.ts';
import type { Notices } from './notices.ts';
import type { RunStore } from './run_store.ts';
import type {
  Begun,
  KeptRun,
  Manner,
  Problem,
  RunInfo,
  RunListener,
  Settings,
  TrainingService,
} from './service.ts';
import { GOES_ON, RESET } from './words.ts';

/** Milliseconds that saving a run may take before the page lets go of it nevertheless. */
const LET_GO_AFTER = 3000;

/** Whether a kept run can go on: it has neither ended by itself nor failed. */
export const isUnfinished = ({ state }: KeptRun): boolean =>
  state === 'training' || state === 'paused' || state === 'stopped';

/** A worker that trains, as the session needs it. */
type TrainingWorker = Pick<Connection, 'service' | 'closed' | 'close'>;

/** Whom the session tells what goes on, besides what the worker tells. */
export interface SessionView extends Pick<RunListener, 'progress' | 'rows' | 'restarted' | 'ended'> {
  entered(state: PageState): void;
  /** A run is on the page: another than before, or the same, which now ends at another moment or is called otherwise. */
  shown(run: RunInfo, another: boolean): void;
  /** None is any more. */
  left(): void;
  /** A run was asked for that cannot be begun. */
  refused(problems: readonly Problem[]): void;
  /** What is going on, in a sentence. */
  say(text: string): void;
  /** What there is to know beside that. */
  readonly notices: Pick<Notices, 'set' | 'clear'>;
}

/**
 * The run on the page, and the worker that has it. A worker holds one run at most: for another it is ended, and a new
 * one opened. Of several runs that are asked for while one is still being begun or left, the last is what comes.
 */
export class Session {
  state: PageState = 'opening';
  run: RunInfo | undefined;
  private connection: TrainingWorker;
  /** The run could not be saved last: the worker alone knows where it stands. */
  private unsaved = false;
  /** `pause` was called while a run was being prepared. */
  private pausesEarly = false;
  /** Counts what was asked for that puts another run on the page, or none. */
  private asked = 0;
  private leaving: Promise<void> | undefined;
  /** Hears how the run ends: true where it went to its end by itself. */
  private onEnd: ((ended: boolean) => void) | undefined;
  private stepsPerSecond = Number.POSITIVE_INFINITY;

  /** `openWorker`: its argument is to be told why the worker cannot work, where it cannot. */
  constructor(
    private readonly storage: Promise<RunStore>,
    private readonly view: SessionView,
    private readonly openWorker: (onError: (reason: string) => void) => TrainingWorker = (onError) =>
      new Connection(onError),
  ) {
    this.connection = this.connect();
  }

  /** The worker, for what asks of it and changes nothing. */
  get service(): Connection['service'] {
    return this.connection.service;
  }

  /** Whether something has been asked for since then that puts another run on the page. */
  get turn(): number {
    return this.asked;
  }

  /** Begins a run with these settings; `paused`: before its first step. False where it did not begin. */
  async start(settings: Settings, paused = false): Promise<boolean> {
    return (await this.makeRoom()) && this.begin(settings, paused);
  }

  /**
   * Opens a kept run; `settings`: to end when these say, where it goes on. False where that came to nothing.
   */
  async open(kept: KeptRun, manner: Manner, settings?: Settings): Promise<boolean> {
    if (!(await this.makeRoom())) return false;
    this.enter('preparing');
    this.view.say(manner === 'show' ? 'Opening the run' : 'Going on where the run was saved last');
    if (!(await this.take(this.service.open(kept.id, manner, this.listen(), settings)))) return false;
    const { state, hash, reason, progress } = kept;
    if (manner === 'show' && state !== 'training' && state !== 'paused')
      this.view.ended({ state, hash, reason, goesOn: false }, progress);
    return true;
  }

  /**
   * Goes on with the run that was stopped or could not go on: from where it is kept, unless the worker alone knows
   * where it stands. False where it is not kept, or cannot go on.
   */
  async goOn(manner: Manner): Promise<boolean> {
    const failed = this.state === 'failed';
    const kept = this.run && (failed || !this.unsaved) ? await this.kept(this.run.id) : undefined;
    if (kept && isUnfinished(kept)) return this.open(kept, manner);
    if (failed) return false;
    if (manner === 'train') await this.service.resume();
    return true;
  }

  /** Goes on with the run that has ended, to the later end that these settings ask for. */
  async extend(settings: Settings): Promise<void> {
    const kept = this.run && !this.unsaved ? await this.kept(this.run.id) : undefined;
    if (kept) {
      await this.open(kept, 'train', settings);
      return;
    }
    // The worker alone knows where it stands.
    await this.service.change(settings);
    await this.service.resume();
  }

  /**
   * Trains a run from its beginning to its end; false where it did not come to that. `begun` is told once it is on
   * the page.
   */
  async trainToEnd(settings: Settings, begun: () => Promise<void>): Promise<boolean> {
    if (!(await this.makeRoom())) return false;
    const ended = new Promise<boolean>((resolve) => {
      this.onEnd = resolve;
    });
    if (!(await this.begin(settings, false))) return false;
    await begun();
    return ended;
  }

  async pause(): Promise<void> {
    this.pausesEarly = true;
    await this.service.pause();
  }

  async setSpeed(stepsPerSecond: number): Promise<void> {
    this.stepsPerSecond = stepsPerSecond;
    await this.service.setSpeed(stepsPerSecond);
  }

  /** What the settings say of when a run ends holds for the run on the page from now on. */
  async change(settings: Settings): Promise<readonly Problem[]> {
    const { state } = this;
    return state === 'training' || state === 'paused' || state === 'stopped'
      ? this.service.change(settings)
      : [];
  }

  /** A run is called so from now on: it may be the one on the page. */
  rename(id: string, name: string): void {
    if (this.run?.id !== id) return;
    this.run = { ...this.run, name };
    this.view.shown(this.run, false);
  }

  /** Leaves the page without a run, and the worker ready for one. False where another was asked for meanwhile. */
  async reset(): Promise<boolean> {
    const own = ++this.asked;
    await this.leave();
    return own === this.asked;
  }

  /** The worker can begin a run. */
  ready(): void {
    this.enter('idle');
    this.view.say('Ready');
  }

  /** What is kept of a run; undefined also where this browser keeps none. */
  async kept(id: string): Promise<KeptRun | undefined> {
    const store = await this.storage.catch(() => undefined);
    return store?.get(id);
  }

  /** Of the run on the page as it is now, or of another as it is kept. Throws an Error for people. */
  async checkpoint(id: string): Promise<Uint8Array<ArrayBuffer>> {
    const own = this.run?.id === id;
    if (own && this.state !== 'failed') return this.service.checkpoint();
    const store = await this.storage;
    const kept = await store.read(id);
    if (!kept) throw new Error('run: it is not kept in this browser');
    if (own) this.view.notices.set('other', 'What was exported is the run as it was saved last.');
    return kept.checkpoint as Uint8Array<ArrayBuffer>;
  }

  /** The worker cannot go on. */
  fail(error: unknown): void {
    this.enter('failed');
    const text = `Failed: ${messageOf(error)}`;
    this.view.say(text.endsWith(NEWER_VERSION) ? `${text}.` : `${text}. ${RESET}`);
    this.onEnd?.(false);
    const { run, turn } = this;
    const kept = run && this.kept(run.id).catch(() => undefined);
    void kept?.then((found) => {
      if (found && isUnfinished(found) && turn === this.turn) this.view.say(`${text}. ${GOES_ON}`);
    });
  }

  private connect(): TrainingWorker {
    const opened: TrainingWorker = this.openWorker((reason) => {
      if (opened === this.connection) this.fail(reason);
    });
    return opened;
  }

  private enter(state: PageState): void {
    this.state = state;
    this.view.entered(state);
  }

  /** False where another run was asked for meanwhile. */
  private async makeRoom(): Promise<boolean> {
    const own = ++this.asked;
    if (this.state !== 'idle') await this.leave();
    return own === this.asked;
  }

  private begin(settings: Settings, paused: boolean): Promise<boolean> {
    this.enter('preparing');
    this.view.say('Preparing: the networks are being set up');
    void navigator.storage?.persist?.().catch(() => false);
    return this.take(this.service.begin(settings, true, this.listen(), paused));
  }

  /** Takes the run that the worker was asked for. False where there is none, or the page wants it no more. */
  private async take(answer: ReturnType<TrainingService['begin']>): Promise<boolean> {
    const own = this.connection;
    let begun: Begun | undefined;
    try {
      begun = await Promise.race([answer, own.closed]);
    } catch (error) {
      if (own === this.connection) this.fail(error);
      return false;
    }
    if (!begun || own !== this.connection) return false;
    if (!begun.run) {
      this.pausesEarly = false;
      this.enter('idle');
      this.view.refused(begun.problems);
      return false;
    }
    this.adopt(begun.run);
    this.view.notices.set('kept', begun.notice);
    if (this.pausesEarly) await own.service.pause();
    if (Number.isFinite(this.stepsPerSecond)) await own.service.setSpeed(this.stepsPerSecond);
    return own === this.connection;
  }

  /** The run that the worker has is the page's. */
  private adopt(info: RunInfo): void {
    const { run } = this;
    const another = run?.id !== info.id;
    // It may have been renamed here since the worker was told of it.
    this.run = another || !run ? info : { ...info, name: run.name };
    if (another) {
      this.unsaved = false;
      remember(info.id);
    }
    this.view.shown(this.run, another);
  }

  /** What the worker tells, as long as it is the one that the page listens to. */
  private listen(): RunListener {
    const own = this.connection;
    const { view } = this;
    const heard =
      <Told extends unknown[]>(take: (...told: Told) => void) =>
      (...told: Told): void => {
        if (own === this.connection) take(...told);
      };
    return listening({
      begun: heard((info) => this.adopt(info)),
      changed: heard((info) => this.adopt(info)),
      restarted: heard(() => view.restarted()),
      lost: heard((text) => view.notices.set('device', text)),
      progress: heard((state, progress) => {
        if (state !== this.state) this.enter(state);
        view.progress(state, progress);
      }),
      rows: heard((rows) => view.rows(rows)),
      ended: heard((end, progress) => {
        this.enter(end.state);
        view.ended(end, progress);
        this.onEnd?.(end.state === 'solved' || end.state === 'finished');
      }),
      saved: heard((problem) => {
        this.unsaved = problem !== '';
        view.notices.set('kept', problem && `This run goes on, but is not kept: ${problem}.`);
      }),
    });
  }

  /** Lets go of the run, which stays kept as it is, and of the worker. Called again meanwhile, it is the same. */
  private leave(): Promise<void> {
    this.leaving ??= this.letGo().finally(() => {
      this.leaving = undefined;
    });
    return this.leaving;
  }

  private async letGo(): Promise<void> {
    this.onEnd?.(false);
    const { run } = this;
    if (this.state === 'training') {
      this.enter('opening');
      this.view.say('Saving the run');
      await Promise.race([
        this.service.pause().catch(() => {}),
        new Promise((resolve) => setTimeout(resolve, LET_GO_AFTER)),
      ]);
    }
    this.connection.close();
    this.run = undefined;
    this.pausesEarly = false;
    this.view.notices.clear();
    this.enter('opening');
    this.connection = this.connect();
    if (run) {
      remember('');
      const store = await this.storage.catch(() => undefined);
      await store?.settle(run.id).catch(() => {});
    }
    this.view.left();
  }
}
