import { CheckPlayer } from './check_player.ts';
import { BrokenRule, type Fault, placedFault, sizesFault, thrownFault } from './faults.ts';
import { KeyedRandom } from './keyed_random.ts';
import type { MomentSizes } from './moment.ts';
import { type PlaceWords, WHERE } from './place.ts';
import type { SingleEnv } from './single_env.ts';
import { makeEnvironment, type UserFactory } from './user_environment.ts';
import type { EnvSpec } from './vector_env.ts';

/** What playing a user's environment at random has shown. */
export interface CheckReport {
  /** The first rule that it breaks; undefined where all are kept. */
  readonly broken: Fault | undefined;
  /** What is safe here and not everywhere. */
  readonly advice: readonly Fault[];
  /** Its sizes; undefined where it breaks a rule before they are known. */
  readonly sizes: Omit<EnvSpec, 'name'> | undefined;
  readonly episodes: number;
  readonly steps: number;
  /** Episodes that ended in success. */
  readonly successes: number;
}

/** What a check needs of the thread that it runs in. */
export interface CheckThread {
  readonly place: PlaceWords;
  /** Lets the event loop turn. */
  turn(): Promise<void>;
  /** Receives how far the check is, every few seconds. */
  tell(progress: string): void;
}

const EPISODES = 20;
/** Steps, numbers that were read and milliseconds after which no further episode is begun, nor a long one ended. */
const STEPS = 5000;
const NUMBERS = 3e7;
const PATIENCE = 3000;
/** Copies that are stepped side by side. */
const BESIDE = 4;
/** Milliseconds from one line of progress to the next, and between turns of the event loop. */
const TELL = 2000;
const TURN = 50;

/**
 * Plays random episodes of an environment, legal actions only, and says which rule it breaks first: sizes, what resets
 * and steps give, and that an episode is a function of its random numbers and actions alone, whatever was played
 * before it or beside it. Large or slow environments are played less.
 */
export async function checkEnvironment(user: UserFactory, thread: CheckThread): Promise<CheckReport> {
  const check = new Check(user, thread);
  try {
    await check.run();
    return check.report(undefined);
  } catch (error) {
    if (!(error instanceof BrokenRule)) throw error;
    return check.report(placedFault(error.fault, error.place, undefined, error.actions));
  }
}

class Check {
  private readonly played = { episodes: 0, steps: 0, successes: 0 };
  private readonly advice = new Map<string, Fault>();
  private sizes: MomentSizes & { readonly episodeLimit: number } = NO_SIZES;
  /** [episodes][moments] what each moment's numbers were, as a hash */
  private readonly traces: (readonly number[])[] = [];
  private numbers = 0;
  private told = performance.now();
  private turned = performance.now();
  private phase = '';

  constructor(
    private readonly user: UserFactory,
    private readonly thread: CheckThread,
  ) {}

  report(broken: Fault | undefined): CheckReport {
    const sizes = this.sizes === NO_SIZES ? undefined : this.sizes;
    return { broken, advice: [...this.advice.values()], sizes, ...this.played };
  }

  async run(): Promise<void> {
    this.sizes = this.readSizes(this.make());
    await this.playFirst();
    await this.repeatInNew();
    await this.repeatInUsed();
    await this.repeatBeside();
    await this.repeatWithReusedActions();
  }

  private async playFirst(): Promise<void> {
    const environment = this.make();
    const end = performance.now() + PATIENCE;
    const enough = () => this.played.steps >= STEPS || this.numbers >= NUMBERS || performance.now() > end;
    while (this.traces.length < EPISODES && !(this.traces.length > 0 && enough())) {
      this.phase = `${this.traces.length} of ${EPISODES} episodes`;
      const player = this.player(environment, this.traces.length);
      for (let going = true; going && !enough(); ) {
        going = player.step();
        this.played.steps++;
        this.numbers += player.width;
        await this.breathe();
      }
      this.traces.push(player.trace);
      this.played.episodes++;
      this.played.successes += player.success ? 1 : 0;
      if (player.changedBefore) this.advise(NEW_ARRAYS);
    }
  }

  private async repeatInNew(): Promise<void> {
    this.phase = 'repeating an episode';
    const player = this.player(this.make(), 0);
    await this.repeat(player);
    this.compare(player, 0, RANDOMNESS);
  }

  private async repeatInUsed(): Promise<void> {
    const used = this.make();
    for (let key = this.traces.length - 1; key >= 0; key--) {
      this.phase = `repeating ${this.traces.length - key} of ${this.traces.length} episodes`;
      const player = this.player(used, key);
      await this.repeat(player);
      this.compare(player, key, RESET);
    }
  }

  private async repeatBeside(): Promise<void> {
    this.phase = 'playing copies side by side';
    const count = Math.max(2, Math.min(BESIDE, this.traces.length));
    const keys = Array.from({ length: count }, (_, index) => index % this.traces.length);
    // All are made before any is reset, and all reset before any steps.
    const environments = keys.map(() => this.make());
    const players = environments.map((environment, index) => this.player(environment, keys[index]));
    for (let going = true; going; ) {
      going = false;
      for (const [index, player] of players.entries()) {
        going = this.stepWithin(player, this.traces[keys[index]].length) || going;
      }
      await this.breathe();
    }
    for (const [index, player] of players.entries()) this.compare(player, keys[index], COPIES);
  }

  /** With an array of actions that is handed out again and written over, as other frameworks may. */
  private async repeatWithReusedActions(): Promise<void> {
    this.phase = 'repeating an episode';
    const environment = this.make();
    for (let key = 0; key < Math.min(this.traces.length, 3); key++) {
      try {
        const player = this.player(environment, key, true);
        await this.repeat(player);
        if (!equal(player.trace, this.traces[key])) this.advise(KEEPS_ACTIONS);
      } catch (error) {
        if (!(error instanceof BrokenRule)) throw error;
        this.advise(KEEPS_ACTIONS);
        return;
      }
    }
  }

  private async repeat(player: CheckPlayer): Promise<void> {
    while (this.stepWithin(player, this.traces[player.key].length)) await this.breathe();
  }

  /** Plays a step, of an episode that may have been cut short when it was played first. */
  private stepWithin(player: CheckPlayer, moments: number): boolean {
    return player.trace.length < moments && player.step();
  }

  private compare(player: CheckPlayer, key: number, fault: Fault): void {
    const expected = this.traces[key];
    const { trace } = player;
    if (equal(trace, expected)) return;
    // One that ends elsewhere differs there, too: how a moment ends is part of it.
    const step = trace.findIndex((moment, index) => moment !== expected[index]);
    const place = { kind: step === 0 ? WHERE.reset : WHERE.step, copy: -1, episode: key, step };
    throw new BrokenRule(fault, place);
  }

  private make(): SingleEnv {
    const { place } = this.thread;
    place.set(WHERE.making);
    const environment = makeEnvironment(this.user, place);
    const fault = this.sizes === NO_SIZES ? undefined : sizesFault(environment, this.sizes);
    if (fault) throw new BrokenRule(fault, place.read());
    return environment;
  }

  private player(environment: SingleEnv, key: number, reuses = false): CheckPlayer {
    return new CheckPlayer(environment, key, this.user.url, this.sizes, this.thread.place, reuses);
  }

  private readSizes(environment: SingleEnv): MomentSizes & { readonly episodeLimit: number } {
    const { agents, actions, observationSize, stateSize, episodeLimit } = environment;
    this.thread.place.set(WHERE.reset);
    try {
      // Only what a reset gives tells whether there are masks; what is wrong with it, the first episode tells.
      const moment: unknown = environment.reset(new KeyedRandom(0, 0).next);
      const masked = (moment as { actionMask?: unknown } | undefined | null)?.actionMask !== undefined;
      return { agents, actions, observationSize, stateSize, episodeLimit, masked };
    } catch (error) {
      throw new BrokenRule(thrownFault(error, this.user.url), this.thread.place.read());
    }
  }

  private advise(fault: Fault): void {
    this.advice.set(fault.rule, fault);
  }

  private async breathe(): Promise<void> {
    const now = performance.now();
    if (now - this.told > TELL) {
      this.told = now;
      this.thread.tell(this.phase);
    }
    if (now - this.turned < TURN) return;
    await this.thread.turn();
    this.turned = performance.now();
  }
}

const NO_SIZES = {
  agents: 0,
  actions: 0,
  observationSize: 0,
  stateSize: 0,
  episodeLimit: 0,
  masked: false,
};

const RANDOMNESS: Fault = {
  rule: 'randomness',
  found:
    'the same random numbers and actions gave another episode in a new environment, ' +
    'allowed: no randomness but that of reset',
};
const RESET: Fault = {
  rule: 'reset',
  found:
    'an episode came out differently after other episodes, allowed: reset leaves nothing of what was before',
};
const COPIES: Fault = {
  rule: 'copies',
  found:
    'stepping one environment changed another, allowed: the default export makes a new one at every call',
};
const NEW_ARRAYS: Fault = {
  rule: 'new arrays',
  found:
    'a step changes what was handed out before it; that is safe here, where everything is copied at once, but not ' +
    'with frameworks that keep it: hand out new arrays',
};
const KEEPS_ACTIONS: Fault = {
  rule: 'actions',
  found:
    'step keeps the array of actions that it is given; that is safe here, but not with frameworks that reuse it: ' +
    'copy it',
};

const equal = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((value, index) => value === b[index]);
