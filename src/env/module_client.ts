import { ConfigError } from '../config_error.ts';
import type { CheckReport } from './check.ts';
import { EnvironmentFailure } from './failure.ts';
import { faultText, placedFault } from './faults.ts';
import { type ModuleCalls, ModuleEnv } from './module_env.ts';
import {
  type Attached,
  type Call,
  FAILED,
  type FromHost,
  placeWords,
  RING,
  type ToHost,
  type Trouble,
  WORD,
} from './module_protocol.ts';
import { placeName, placeText, type Role, type Whose } from './place.ts';
import { Spinner } from './spinner.ts';
import type { UserModule } from './user_module.ts';
import type { EnvSpec, VectorEnv } from './vector_env.ts';

/** A thread with a module's host in it, as its client sees it. It does not keep the process alive. */
export interface ModuleThread {
  post(message: ToHost): void;
  /** `ended`: it ended by itself; `what` it did. */
  listen(message: (message: FromHost) => void, ended: (what: string) => void): void;
  terminate(): Promise<void>;
}

export interface ClientOptions {
  /** The module, as the configuration names it. */
  readonly file: string;
  /** Its address, for the thread. */
  readonly url: string;
  readonly fingerprint: string;
  /** Receives a line where the module keeps people waiting. */
  readonly tell: (line: string) => void;
  /** Milliseconds without an answer after which a line is told. */
  readonly patience: number;
}

/** How long (ms) the client waits awake for a step. */
const FOR_ANSWER = 0.2;
/** How long (ms) a module that does not answer lives after an interruption. */
const GRACE = 1000;

/** Copies in the thread, as the client knows them. */
interface Known extends Whose {
  readonly actions: Uint32Array;
  readonly agents: number;
}

/** The side of a module's thread from which it is asked: for all environments of the module, in the order of asking. */
export class ModuleClient implements UserModule, ModuleCalls {
  readonly fingerprint: string;
  changed = false;
  private readonly place;
  private readonly spinner = new Spinner(FOR_ANSWER);
  private readonly calls = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  private readonly known = new Map<number, Known>();
  private failure: EnvironmentFailure | undefined;
  private asked = 0;
  /** Numbers that were given out: of calls and of environments. */
  private numbers = 0;
  /** Calls and steps that wait for their answer, and those that have it. */
  private waiting = 0;
  private answers = 0;
  /** The last step that was asked for has been answered. */
  private lastStep: Promise<void> = Promise.resolve();
  private patience: number;
  /** Something was told of what is under way: no one needs to hear that it takes long. */
  private toldProgress = false;
  private grace: NodeJS.Timeout | undefined;

  constructor(
    private readonly thread: ModuleThread,
    private readonly words: Int32Array,
    private readonly options: ClientOptions,
  ) {
    this.place = placeWords(words);
    this.fingerprint = options.fingerprint;
    this.patience = options.patience;
    thread.listen(
      (message) => this.receive(message),
      (what) => this.end(what),
    );
  }

  get ended(): boolean {
    return this.failure !== undefined;
  }

  async import(): Promise<void> {
    await this.call({ do: 'import', url: this.options.url });
  }

  check(): Promise<CheckReport> {
    return this.call({ do: 'check' });
  }

  create(spec: EnvSpec, seed: number, copies: number, role: Role): VectorEnv {
    return new ModuleEnv(this, spec, seed, copies, role);
  }

  attach(attached: Omit<Attached, 'environment' | 'changed'>, role: Role, actions: Uint32Array): number {
    const environment = this.numbers++;
    const { seed, spec } = attached;
    this.known.set(environment, { seed, role, actions, agents: spec.agents });
    if (!this.failure) this.thread.post({ do: 'attach', environment, changed: this.changed, ...attached });
    return environment;
  }

  detach(environment: number): void {
    this.known.delete(environment);
    if (!this.failure) this.thread.post({ do: 'detach', environment });
  }

  async reset(environment: number): Promise<void> {
    await this.call({ do: 'reset', environment });
  }

  load(environment: number, saved: Int32Array): Promise<Uint8Array> {
    return this.call({ do: 'load', environment, saved });
  }

  step(environment: number): Promise<void> {
    const { words } = this;
    if (this.failure) return Promise.reject(this.failure);
    if (this.waiting >= RING) throw new Error(`more than ${RING} steps were asked for at once`);
    const slot = WORD.ring + ((this.asked >>> 0) % RING);
    words[slot] = environment;
    this.asked = (this.asked + 1) | 0;
    Atomics.store(words, WORD.asked, this.asked);
    this.ring();
    const answered = this.answered(this.asked, this.lastStep);
    this.lastStep = answered;
    return this.finish(answered, environment, slot);
  }

  expectStep(): void {
    Atomics.add(this.words, WORD.expected, 1);
    this.ring();
  }

  interrupt(): void {
    if (this.grace || this.failure) return;
    let { waiting, answers } = this;
    let { moved } = this.place;
    // From now on until the end: what answers now may hang in what is left to do.
    this.grace = setInterval(() => {
      const waits = waiting > 0 && this.answers === answers;
      const hangs = this.place.moved === moved;
      ({ waiting, answers } = this);
      ({ moved } = this.place);
      // Many copies may take long together, though none hangs. A check can be ended: no work is lost.
      if (!waits || (!hangs && this.words[WORD.environment] >= 0)) return;
      this.end(hangs ? `did not answer for ${GRACE / 1000} s and was ended` : 'was interrupted', true);
    }, GRACE);
    this.grace.unref();
  }

  async close(): Promise<void> {
    this.end('was closed');
    await this.thread.terminate();
  }

  private ring(): void {
    Atomics.add(this.words, WORD.rung, 1);
    Atomics.notify(this.words, WORD.rung);
  }

  /** Resolves when step number `ticket` has been answered, or never will be; steps are answered in order. */
  private async answered(ticket: number, before: Promise<void>): Promise<void> {
    const { words, spinner } = this;
    this.waiting++;
    await before;
    const seen = (ticket - 1) | 0;
    if (!spinner.changes(words, WORD.answered, seen)) {
      const watch = this.watch();
      while (Atomics.load(words, WORD.answered) === seen && !this.failure) {
        const sleep = Atomics.waitAsync(words, WORD.answered, seen);
        if (sleep.async) await sleep.value;
      }
      clearInterval(watch);
    }
    this.waiting--;
    this.answers++;
  }

  private async finish(answered: Promise<void>, environment: number, slot: number): Promise<void> {
    await answered;
    if (this.failure) throw this.failure;
    if (this.words[slot] !== FAILED) return;
    const trouble = await this.call<Trouble>({ do: 'explain', environment });
    throw this.describe(trouble, environment);
  }

  private async call<T>(request: Call): Promise<T> {
    if (this.failure) throw this.failure;
    const call = this.numbers++;
    const watch = this.watch();
    this.waiting++;
    try {
      return await new Promise<T>((resolve, reject) => {
        this.calls.set(call, { resolve: resolve as (value: unknown) => void, reject });
        this.thread.post({ ...request, call });
      });
    } catch (error) {
      if (!(error instanceof HostTrouble)) throw error;
      throw this.describe(error.trouble, 'environment' in request ? request.environment : -1);
    } finally {
      clearInterval(watch);
      this.waiting--;
      this.answers++;
    }
  }

  private receive(message: FromHost): void {
    if ('progress' in message) {
      this.toldProgress = true;
      this.options.tell(`checking ${this.options.file}: ${message.progress}`);
      return;
    }
    const waiting = this.calls.get(message.call);
    this.calls.delete(message.call);
    if ('value' in message) waiting?.resolve(message.value);
    else if ('trouble' in message) waiting?.reject(new HostTrouble(message.trouble));
    else waiting?.reject(message.mistake ? new Error(message.refused) : new ConfigError(message.refused));
  }

  /**
   * While it runs, it keeps the process alive, and says where the module is if that takes long; again only where it has
   * come elsewhere meanwhile, as from nowhere, where the thread began late.
   */
  private watch(): ReturnType<typeof setInterval> {
    let since = performance.now();
    let told: string | undefined;
    return setInterval(() => {
      const silent = this.toldProgress;
      this.toldProgress = false;
      if (silent || performance.now() - since < this.patience) return;
      const where = placeName(this.place.read(), this.known.get(this.words[WORD.environment]));
      if (where === told) return;
      told = where;
      since = performance.now();
      const seconds = Number((this.patience / 1000).toFixed(1));
      this.options.tell(`waiting for ${this.options.file} for ${seconds} s${where && `: ${where}`}`);
      // One that is slow at every step is told of ever more rarely.
      this.patience *= 2;
    }, this.patience);
  }

  /** Ends the thread, and everything that waits for it. */
  private end(what: string, interrupted = false): void {
    if (this.failure) return;
    clearInterval(this.grace);
    const known = this.known.get(this.words[WORD.environment]);
    const place = this.place.read();
    const actions = known?.actions.subarray(known.agents * place.copy, known.agents * (place.copy + 1));
    const text = `${this.options.file}: ${what}${placeText(place, known, actions)}`;
    const failure = new EnvironmentFailure(text, interrupted);
    this.failure = failure;
    for (const { reject } of this.calls.values()) reject(failure);
    this.calls.clear();
    Atomics.notify(this.words, WORD.answered);
    void this.thread.terminate();
  }

  private describe({ fault, place, actions }: Trouble, environment: number): EnvironmentFailure {
    const placed = placedFault(fault, place, this.known.get(environment), actions);
    return new EnvironmentFailure(`${this.options.file}: ${faultText(placed)}`);
  }
}

/** A call's reply that tells of trouble in the module. */
class HostTrouble extends Error {
  constructor(readonly trouble: Trouble) {
    super(trouble.fault.found);
  }
}
