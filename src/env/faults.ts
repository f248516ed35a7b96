import { type Place, placeText, WHERE, type Whose } from './place.ts';
import { describeThrown, isClass, isList, isPromise, show } from './show.ts';
import type { SingleEnv } from './single_env.ts';

/** A rule of users' environments that is broken: its name, what was found, and what is allowed. */
export interface Fault {
  readonly rule: string;
  readonly found: string;
}

/** The rule that whatever throws breaks; what it threw says everything. */
const NOTHING_THROWN = 'exception';

export const thrownFault = (error: unknown, url: string): Fault => ({
  rule: NOTHING_THROWN,
  found: describeThrown(error, url),
});

/** As users read it: `reward: got NaN, allowed: a finite number`. */
export const faultText = ({ rule, found }: Fault): string =>
  rule === NOTHING_THROWN ? found : `${rule}: ${found}`;

/** A broken rule with where it was broken: `got NaN, allowed: a finite number, in step 5 of …`. */
export function placedFault(
  fault: Fault,
  place: Place,
  whose: Whose | undefined,
  actions: ArrayLike<number> | undefined,
): Fault {
  const thrown = fault.rule === NOTHING_THROWN;
  // What a module exports and an environment states needs no place: the rule says it all.
  const stated = place.kind === WHERE.import || (place.kind === WHERE.making && place.copy < 0);
  if (stated && !thrown) return fault;
  return {
    rule: fault.rule,
    found: `${fault.found}${placeText(place, whose, actions, thrown ? ' ' : ', ')}`,
  };
}

/** Ends what is done with a module whose environment broke a rule. */
export class BrokenRule extends Error {
  constructor(
    readonly fault: Fault,
    readonly place: Place,
    readonly actions?: readonly number[],
  ) {
    super(fault.found);
  }
}

const LARGEST = {
  agents: 16,
  actions: 4096,
  observationSize: 65_536,
  stateSize: 65_536,
  episodeLimit: 100_000,
};
type Sizes = Pick<SingleEnv, keyof typeof LARGEST>;

const SYNCHRONOUS = 'environments are synchronous; what has to be awaited can be at the top of the module';

/** What is wrong with a module's default export, before it is called. */
export function factoryFault(factory: unknown): Fault | undefined {
  const rule = 'default export';
  if (isClass(factory)) {
    const { name } = factory as { name: string };
    const found = `got a class, allowed: a function that makes one: export default () => new ${name || 'Name'}()`;
    return { rule, found };
  }
  if (typeof factory === 'function') return undefined;
  return {
    rule,
    found: `got ${show(factory)}, allowed: a function that makes one copy of the environment: export default () => ({ … })`,
  };
}

/** What is wrong with the sizes that an environment states, and with its functions. */
export function environmentFault(environment: unknown): Fault | undefined {
  const asynchronous = promiseFault('default export', environment, 'an environment');
  if (asynchronous) return asynchronous;
  if (typeof environment !== 'object' || environment === null) {
    return { rule: 'environment', found: `the default export made ${show(environment)}, allowed: an object` };
  }
  const stated = environment as Record<string, unknown>;
  for (const name of ['reset', 'step']) {
    const given = stated[name];
    if (typeof given !== 'function') {
      return { rule: name, found: `got ${show(given)}, allowed: a function` };
    }
  }
  for (const [name, most] of Object.entries(LARGEST)) {
    const size = stated[name];
    if (Number.isInteger(size) && Number(size) >= 1 && Number(size) <= most) continue;
    return {
      rule: name,
      found: `got ${show(size)}, allowed: a whole number from 1 to ${most}${hint(name, size)}`,
    };
  }
  return undefined;
}

/** What to do where agents differ in what others may state of each. */
function hint(name: string, size: unknown): string {
  if (typeof size !== 'object' || size === null) return '';
  if (name === 'observationSize') return '; where agents differ, the largest, the others padded with zeros';
  if (name === 'actions') return '; where agents differ, the largest, and an actionMask';
  return name === 'agents' ? ', how many there are' : '';
}

/** What is wrong with the sizes of a copy: those of the first one are everyone's. */
export function sizesFault(environment: SingleEnv, sizes: Sizes): Fault | undefined {
  for (const name of Object.keys(LARGEST) as (keyof Sizes)[]) {
    const size = environment[name];
    if (size === sizes[name]) continue;
    return { rule: name, found: `got ${show(size)}, allowed: ${sizes[name]}, as in the first copy` };
  }
  return undefined;
}

/** What is wrong with a result as a whole. */
export function resultFault(rule: 'reset' | 'step', result: unknown): Fault | undefined {
  const fields = rule === 'reset' ? 'observations and state' : 'observations, state, reward and terminated';
  const asynchronous = promiseFault(rule, result, 'its result');
  if (asynchronous) return asynchronous;
  if (typeof result === 'object' && result !== null && !isList(result)) return undefined;
  return { rule: 'result', found: `${rule} gave ${show(result)}, allowed: an object with ${fields}` };
}

function promiseFault(rule: string, value: unknown, allowed: string): Fault | undefined {
  if (!isPromise(value)) return undefined;
  // It may reject later, which would end the worker before anyone has read this.
  value.then(undefined, () => {});
  return { rule, found: `gave a promise, allowed: ${allowed}, as ${SYNCHRONOUS}` };
}

/** How a step ended; read once, as a getter may answer otherwise the second time. */
export interface Outcome {
  reward: number;
  terminated: boolean;
  truncated: boolean;
  /** undefined: not given */
  success: boolean | undefined;
}

/** Reads what a step's result says beyond what there is to see; says what is wrong with it. */
export function readOutcome(result: Record<string, unknown>, to: Outcome): Fault | undefined {
  const { reward, terminated, truncated, success } = result;
  if (typeof reward !== 'number' || !Number.isFinite(Math.fround(reward))) {
    const team = typeof reward === 'object' && reward !== null ? ', the team’s: the sum over its agents' : '';
    return { rule: 'reward', found: `got ${show(reward)}, allowed: a finite number${team}` };
  }
  if (typeof terminated !== 'boolean') return flagFault('terminated', terminated, 'true or false');
  if (truncated !== undefined && typeof truncated !== 'boolean') {
    return flagFault('truncated', truncated, 'true, false, or left out');
  }
  if (success !== undefined && typeof success !== 'boolean') {
    return flagFault('success', success, 'true, false, or left out');
  }
  to.reward = reward;
  to.terminated = terminated;
  to.truncated = truncated === true;
  to.success = success;
  return undefined;
}

function flagFault(rule: string, value: unknown, allowed: string): Fault {
  const team = typeof value === 'object' && value !== null ? ', for all agents together' : '';
  return { rule, found: `got ${show(value)}, allowed: ${allowed}${team}` };
}
