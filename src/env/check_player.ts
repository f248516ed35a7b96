import { below, philox, STREAM } from '../random.ts';
import { BrokenRule, type Fault, type Outcome } from './faults.ts';
import { KeyedRandom } from './keyed_random.ts';
import { type MomentArrays, type MomentSizes, readMoment } from './moment.ts';
import { type PlaceWords, WHERE } from './place.ts';
import type { Moment, SingleEnv, StepResult } from './single_env.ts';
import { type Playable, readReset, readStep } from './user_environment.ts';

/** One episode, of random legal actions that depend on its number only. Throws BrokenRule. */
export class CheckPlayer {
  /** [moments] a hash of every number that the environment gave, of the reset first */
  readonly trace: number[] = [];
  /** Numbers of a moment. */
  readonly width: number;
  success = false;
  /** A step changed what was handed out before it. */
  changedBefore = false;
  private steps = 0;
  private over = false;
  private readonly words = new Uint32Array(4);
  private readonly now: Numbers;
  /** Where what was handed out before is read again. */
  private readonly again: Numbers;
  private readonly watched: Watched;
  private readonly outcome: Outcome = { reward: 0, terminated: false, truncated: false, success: undefined };
  /** [N] handed out again at every step, where `reuses` */
  private readonly reused: number[] = [];
  private taken: readonly number[] = [];

  /** Begins the episode. `reuses`: actions are handed out in one array, which is written over between steps. */
  constructor(
    environment: SingleEnv,
    readonly key: number,
    private readonly url: string,
    private readonly sizes: MomentSizes & { readonly episodeLimit: number },
    private readonly place: PlaceWords,
    private readonly reuses: boolean,
  ) {
    this.now = new Numbers(sizes);
    this.again = new Numbers(sizes);
    this.width = this.now.width;
    const random = new KeyedRandom(0, 0);
    random.begin(key);
    place.set(WHERE.reset, -1, key);
    this.watched = new Watched(environment);
    this.require(readReset(this.watched, random.next, url, sizes, this.now, 0));
    this.trace.push(this.now.hash(SEED));
  }

  /** Plays a step; false once the episode is over. */
  step(): boolean {
    if (this.over) return false;
    const { outcome, now, sizes } = this;
    const before = now.hash(SEED);
    const handedOut = this.watched.given;
    const actions = this.choose();
    this.taken = actions.slice();
    this.place.set(WHERE.step, -1, this.key, ++this.steps);
    this.require(readStep(this.watched, actions, this.url, sizes, now, 0, outcome));
    this.lookAgain(handedOut, before);
    if (this.reuses) actions.fill(-1);
    this.note();
    return !this.over;
  }

  /** Whether what the step before handed out is what it was. */
  private lookAgain(handedOut: unknown, before: number): void {
    if (this.changedBefore) return;
    try {
      const wrong = readMoment(handedOut as Record<string, unknown>, this.sizes, true, this.again, 0);
      this.changedBefore = wrong !== undefined || this.again.hash(SEED) !== before;
    } catch {
      this.changedBefore = true;
    }
  }

  private note(): void {
    const { reward, terminated, truncated, success } = this.outcome;
    this.over = terminated || truncated || this.steps >= this.sizes.episodeLimit;
    this.success = this.over && (success ?? terminated);
    const ends = (terminated ? 1 : 0) + (truncated ? 2 : 0) + (this.success ? 4 : 0);
    this.trace.push(this.now.hash(hashNumber(reward, ends)));
  }

  private choose(): number[] {
    const { agents, actions, masked } = this.sizes;
    const { available } = this.now;
    const chosen = this.reuses ? this.reused : [];
    for (let agent = 0; agent < agents; agent++) {
      const row = agent * actions;
      let legal = masked ? 0 : actions;
      for (let action = 0; masked && action < actions; action++) legal += available[row + action];
      philox(this.words, 0, STREAM.test, this.key, this.steps, agent);
      let action = below(this.words[0], legal);
      if (masked) action = nthLegal(available, row, action);
      chosen[agent] = action;
    }
    return chosen;
  }

  private require(fault: Fault | undefined): void {
    if (fault) throw new BrokenRule(fault, this.place.read(), this.taken);
  }
}

/** An environment whose last result is kept as it was handed out. */
class Watched implements Playable {
  given: unknown;

  constructor(private readonly own: SingleEnv) {}

  reset(random: () => number): Moment {
    const moment = this.own.reset(random);
    this.given = moment;
    return moment;
  }

  step(actions: number[]): StepResult {
    const result = this.own.step(actions);
    this.given = result;
    return result;
  }
}

/** The action whose mask is the `n`-th 1, from 0, of those from `row` on. */
function nthLegal(available: Uint8Array, row: number, n: number): number {
  let action = 0;
  for (let left = n; available[row + action] === 0 || left-- > 0; ) action++;
  return action;
}

const SEED = 0x811c9dc5;

/** The numbers of one moment, exact. */
class Numbers implements MomentArrays {
  readonly observations: Float64Array;
  readonly states: Float64Array;
  readonly available: Uint8Array;
  readonly width: number;
  private readonly bits: Uint32Array;

  constructor({ agents, actions, observationSize, stateSize, masked }: MomentSizes) {
    const observed = agents * observationSize;
    const all = new Float64Array(observed + stateSize);
    this.observations = all.subarray(0, observed);
    this.states = all.subarray(observed);
    this.bits = new Uint32Array(all.buffer);
    this.available = new Uint8Array(masked ? agents * actions : 0);
    this.width = all.length + this.available.length;
  }

  /** 52 bits that nearly surely differ where any bit of the numbers does; `seed`: a hash of what else counts. */
  hash(seed: number): number {
    const { bits, available } = this;
    let low = seed | 0;
    let high = 0x9e3779b9;
    for (let index = 0; index < bits.length; index++) {
      low = Math.imul(low ^ bits[index], 0x01000193);
      high = Math.imul(high ^ low ^ (low >>> 15), 0x85ebca6b);
    }
    for (let index = 0; index < available.length; index++) {
      low = Math.imul(low ^ available[index], 0x01000193);
      high = Math.imul(high ^ low ^ (low >>> 15), 0x85ebca6b);
    }
    return (high >>> 12) * 2 ** 32 + (low >>> 0);
  }
}

const one = new Float64Array(1);
const oneBits = new Uint32Array(one.buffer);

function hashNumber(value: number, seed: number): number {
  one[0] = value;
  const low = Math.imul(Math.imul(SEED ^ oneBits[0], 0x01000193) ^ oneBits[1], 0x01000193) ^ seed;
  return low >>> 0;
}
