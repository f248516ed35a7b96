import { ConfigError } from '../config_error.ts';
import { checkEnvironment } from './check.ts';
import { BrokenRule, type Fault } from './faults.ts';
import { ModuleCopies } from './module_copies.ts';
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
import { WHERE } from './place.ts';
import { Spinner } from './spinner.ts';
import type { UserFactory } from './user_environment.ts';

/** What the host needs of the thread that it runs in. */
export interface HostThread {
  post(message: FromHost): void;
  receive(handler: (message: ToHost) => void): void;
  /** Lets the thread's event loop turn: what the module prints, its timers, and messages. */
  turn(): Promise<void>;
  /** Imports a module file; undefined where a rule is broken, as there is no such module or it throws. */
  open(url: string): Promise<UserFactory | Fault>;
}

/** The event loop turns at least this often (ms), however busy the host is. */
const TURN = 50;
/** How long (ms) it waits awake after an answer, and after a hint that a request comes soon. */
const AFTER_ANSWER = 0.05;
const AFTER_HINT = 1;

/** Copies of one client's environment, and what went wrong with them for good. */
interface Held {
  readonly copies: ModuleCopies;
  trouble: Trouble | undefined;
}

/** Serves a module in its own thread, for as long as that lives. `words`: shared with the client. */
export async function serveModule(words: Int32Array, thread: HostThread): Promise<never> {
  const host = new ModuleHost(words, thread);
  thread.receive((message) => host.receive(message));
  return host.serve();
}

class ModuleHost {
  private readonly held = new Map<number, Held>();
  private readonly place;
  private user: UserFactory | undefined;

  constructor(
    private readonly words: Int32Array,
    private readonly thread: HostThread,
  ) {
    this.place = placeWords(words);
  }

  receive(message: ToHost): void {
    if (message.do === 'attach') this.attach(message);
    else if (message.do === 'detach') this.held.delete(message.environment);
    else void this.reply(message);
  }

  async serve(): Promise<never> {
    const { words, thread } = this;
    const afterAnswer = new Spinner(AFTER_ANSWER);
    const afterHint = new Spinner(AFTER_HINT);
    let taken = 0;
    let expected = 0;
    let turned = performance.now();
    for (;;) {
      const rung = Atomics.load(words, WORD.rung);
      if (performance.now() - turned > TURN) {
        await thread.turn();
        turned = performance.now();
      }
      if (taken !== Atomics.load(words, WORD.asked)) {
        this.answer(WORD.ring + ((taken >>> 0) % RING));
        taken = (taken + 1) | 0;
        Atomics.store(words, WORD.answered, taken);
        Atomics.notify(words, WORD.answered);
        continue;
      }
      const hints = Atomics.load(words, WORD.expected);
      const spinner = hints === expected ? afterAnswer : afterHint;
      expected = hints;
      if (spinner.changes(words, WORD.rung, rung)) continue;
      const sleep = Atomics.waitAsync(words, WORD.rung, rung);
      if (!sleep.async) continue;
      await sleep.value;
      turned = performance.now();
    }
  }

  /** Steps the copies that the request in the ring's place `slot` names. */
  private answer(slot: number): void {
    const held = this.held.get(this.words[slot]);
    if (!held || held.trouble) {
      this.words[slot] = FAILED;
      return;
    }
    this.words[WORD.environment] = this.words[slot];
    try {
      held.copies.step();
    } catch (error) {
      held.trouble = this.trouble(error);
      this.words[slot] = FAILED;
    }
    this.place.set(WHERE.outside);
  }

  private attach(attached: Attached): void {
    if (!this.user) throw new Error('no module was imported');
    const copies = new ModuleCopies(this.user, attached, this.place);
    this.held.set(attached.environment, { copies, trouble: undefined });
  }

  private async reply(message: Call & { readonly call: number }): Promise<void> {
    const { call } = message;
    try {
      this.thread.post({ call, value: await this.perform(message) });
    } catch (error) {
      if (error instanceof BrokenRule) this.thread.post({ call, trouble: this.trouble(error) });
      else if (error instanceof ConfigError) {
        this.thread.post({ call, refused: error.message, mistake: false });
      } else this.thread.post({ call, refused: String((error as Error).stack), mistake: true });
    }
    this.place.set(WHERE.outside);
  }

  private async perform(message: Call) {
    const { place, thread } = this;
    this.words[WORD.environment] = 'environment' in message ? message.environment : -1;
    switch (message.do) {
      case 'import': {
        place.set(WHERE.import);
        const opened = await thread.open(message.url);
        if (!('factory' in opened)) throw new BrokenRule(opened, place.read());
        this.user = opened;
        return undefined;
      }
      case 'check':
        return checkEnvironment(this.user!, {
          place,
          turn: () => thread.turn(),
          tell: (progress) => thread.post({ progress }),
        });
      case 'explain':
        return this.find(message.environment).trouble;
      default:
        return this.begin(message);
    }
  }

  /** Begins the episodes of copies: what went wrong with them goes wrong for good. */
  private begin(message: Extract<Call, { do: 'reset' | 'load' }>): Uint8Array | undefined {
    const held = this.find(message.environment);
    if (held.trouble) throw asError(held.trouble);
    try {
      if (message.do === 'reset') held.copies.reset();
      else return held.copies.load(message.saved);
    } catch (error) {
      if (error instanceof BrokenRule) held.trouble = this.trouble(error);
      throw error;
    }
    return undefined;
  }

  private find(environment: number): Held {
    const held = this.held.get(environment);
    if (!held) throw new Error('copies were stepped that were never reset');
    return held;
  }

  private trouble(error: unknown): Trouble {
    if (!(error instanceof BrokenRule)) throw error;
    return { fault: error.fault, place: error.place, actions: error.actions };
  }
}

const asError = ({ fault, place, actions }: Trouble): BrokenRule => new BrokenRule(fault, place, actions);
