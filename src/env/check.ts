import { below, philox, STREAM } from '../random.ts';
import { environmentFault, type Fault, momentFault, stepFault } from './faults.ts';
import { KeyedRandom } from './keyed_random.ts';
import type { EnvironmentFactory, Moment, SingleEnv, StepResult } from './single_env.ts';

/** What playing a user's environment at random has shown. */
export interface CheckReport {
  /** The first rule that it breaks; undefined where all are kept. */
  readonly broken: Fault | undefined;
  readonly episodes: number;
  readonly steps: number;
  /** Episodes that ended in success. */
  readonly successes: number;
}

const EPISODES = 20;
/** Steps after which no further episode is begun. */
const STEPS = 5000;

/**
 * Plays random episodes of an environment, legal actions only, and says which rule it breaks first: sizes,
 * what resets and steps give, that what was handed out stays as it was, and that an episode is a function of
 * its random numbers and actions alone, whatever was played before it or beside it.
 */
export function checkEnvironment(factory: EnvironmentFactory): CheckReport {
  const played = { episodes: 0, steps: 0, successes: 0 };
  try {
    const first = make(factory);
    const traces: number[][] = [];
    while (traces.length < EPISODES && played.steps < STEPS) {
      const player = new Player(first, traces.length);
      while (player.step()) {}
      traces.push(player.trace);
      played.episodes++;
      played.steps += player.steps;
      played.successes += player.success ? 1 : 0;
    }
    checkRepeats(factory, traces);
    return { broken: undefined, ...played };
  } catch (error) {
    if (error instanceof Broken) return { broken: error.fault, ...played };
    throw error;
  }
}

/** That episodes played before come out the same in environments that are new, or used, or stepped side by side. */
function checkRepeats(factory: EnvironmentFactory, traces: readonly number[][]): void {
  const replay = (environment: SingleEnv, key: number): number[] => {
    const player = new Player(environment, key);
    while (player.step()) {}
    return player.trace;
  };
  if (!equal(replay(make(factory), 0), traces[0])) {
    broken(
      'randomness',
      'the same random numbers and actions gave another episode in a new environment, allowed: no randomness but that of reset',
    );
  }
  const used = make(factory);
  for (let key = traces.length - 1; key >= 0; key--) {
    if (!equal(replay(used, key), traces[key])) {
      broken(
        'reset',
        'an episode came out differently after other episodes, allowed: reset leaves nothing of what was before',
      );
    }
  }
  const beside = new Player(make(factory), 0);
  const other = new Player(make(factory), traces.length - 1);
  let going = true;
  while (going) {
    other.step();
    going = beside.step();
  }
  if (!equal(beside.trace, traces[0])) {
    broken(
      'copies',
      'stepping one environment changed another, allowed: the default export makes a new one at every call',
    );
  }
}

function make(factory: EnvironmentFactory): SingleEnv {
  const environment = factory();
  const fault = environmentFault(environment);
  if (fault) throw new Broken(fault);
  return environment;
}

/** One episode, of random legal actions that depend on its number only. */
class Player {
  /** Every number that the environment gave, in order. */
  readonly trace: number[] = [];
  steps = 0;
  success = false;
  private over = false;
  private readonly words = new Uint32Array(4);
  private readonly masked: boolean;
  /** What was handed out last, and the numbers it held then. */
  private last: Moment;
  private lastNumbers: number[];

  constructor(
    private readonly environment: SingleEnv,
    private readonly key: number,
  ) {
    const random = new KeyedRandom(0, 0);
    random.begin(key);
    this.last = environment.reset(random.next);
    this.masked = this.last?.actionMask !== undefined;
    this.require(momentFault(environment, this.last, this.masked, false));
    this.lastNumbers = numbers(this.last);
    this.trace.push(...this.lastNumbers);
  }

  /** Plays a step; false once the episode is over. */
  step(): boolean {
    if (this.over) return false;
    const { environment } = this;
    const result = environment.step(this.choose());
    this.steps++;
    this.require(momentFault(environment, result, this.masked, result?.terminated === true));
    this.require(stepFault(result));
    if (!equal(numbers(this.last), this.lastNumbers)) {
      this.require({
        rule: 'new arrays',
        found: 'a step changed what was handed out before it, allowed: new arrays at every reset and step',
      });
    }
    this.note(result);
    return !this.over;
  }

  private note(result: StepResult): void {
    const { reward, terminated, truncated } = result;
    this.last = result;
    this.lastNumbers = numbers(result);
    this.trace.push(...this.lastNumbers, reward, Number(terminated), Number(truncated ?? false));
    this.over = terminated || truncated === true || this.steps >= this.environment.episodeLimit;
    this.success = this.over && (result.success ?? terminated);
    this.trace.push(Number(this.success));
  }

  private choose(): number[] {
    const { agents, actions } = this.environment;
    return Array.from({ length: agents }, (_, agent) => {
      philox(this.words, 0, STREAM.test, this.key, this.steps, agent);
      const mask = this.last.actionMask?.[agent];
      const legal = Array.from({ length: actions }, (_, action) => action).filter(
        (action) => mask === undefined || Number(mask[action]) === 1,
      );
      return legal[below(this.words[0], legal.length)];
    });
  }

  private require(fault: Fault | undefined): void {
    if (!fault) return;
    const where = this.steps === 0 ? 'at a reset' : `in step ${this.steps}`;
    throw new Broken({ rule: fault.rule, found: `${fault.found} (${where})` });
  }
}

/** Ends a check. */
class Broken extends Error {
  constructor(readonly fault: Fault) {
    super(fault.rule);
  }
}

function broken(rule: string, found: string): never {
  throw new Broken({ rule, found });
}

const numbers = ({ observations, state, actionMask }: Moment): number[] => [
  ...observations.flatMap((each) => Array.from(each)),
  ...Array.from(state),
  ...(actionMask ?? []).flatMap((each) => Array.from(each, Number)),
];

const equal = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((value, index) => Object.is(value, b[index]));
