import type { Moment, SingleEnv, StepResult } from './single_env.ts';

/** A rule of users' environments that is broken: its name, what was found, and what is allowed. */
export interface Fault {
  readonly rule: string;
  readonly found: string;
}

const LARGEST = {
  agents: 16,
  actions: 4096,
  observationSize: 65_536,
  stateSize: 65_536,
  episodeLimit: 100_000,
};

/** What is wrong with the sizes that an environment states, and with its functions. */
export function environmentFault(environment: SingleEnv): Fault | undefined {
  if (typeof environment !== 'object' || environment === null) {
    return { rule: 'environment', found: `the default export made ${show(environment)}, allowed: an object` };
  }
  for (const name of ['reset', 'step'] as const) {
    if (typeof environment[name] !== 'function') {
      return { rule: name, found: `got ${show(environment[name])}, allowed: a function` };
    }
  }
  for (const [name, most] of Object.entries(LARGEST)) {
    const size: unknown = environment[name as keyof typeof LARGEST];
    const least = name === 'agents' ? 2 : 1;
    if (Number.isInteger(size) && Number(size) >= least && Number(size) <= most) continue;
    return { rule: name, found: `got ${show(size)}, allowed: a whole number from ${least} to ${most}` };
  }
  return undefined;
}

/** What is wrong with what there is to see; `over`: the episode has terminated; `masked`: there is an action mask. */
export function momentFault(
  { agents, actions, observationSize, stateSize }: SingleEnv,
  moment: Moment,
  masked: boolean,
  over: boolean,
): Fault | undefined {
  if (typeof moment !== 'object' || moment === null) {
    return { rule: 'result', found: `got ${show(moment)}, allowed: an object with observations and state` };
  }
  const { observations, state, actionMask } = moment;
  const wrongList = listFault('observations', observations, agents, 'one for each agent');
  if (wrongList) return wrongList;
  for (let agent = 0; agent < agents; agent++) {
    const fault = numbersFault('observations', observations[agent], observationSize, `agent ${agent}: `);
    if (fault) return fault;
  }
  const wrongState = numbersFault('state', state, stateSize, '');
  if (wrongState) return wrongState;
  if ((actionMask !== undefined) !== masked) {
    const found = `${masked ? 'left out' : 'given'} here, allowed: as at the first reset (${masked ? 'given' : 'left out'})`;
    return { rule: 'actionMask', found };
  }
  return actionMask === undefined ? undefined : maskFault(actionMask, agents, actions, over);
}

/** What is wrong with a step's result beyond what there is to see. */
export function stepFault({ reward, terminated, truncated, success }: StepResult): Fault | undefined {
  if (typeof reward !== 'number' || !Number.isFinite(Math.fround(reward))) {
    return { rule: 'reward', found: `got ${show(reward)}, allowed: a finite number` };
  }
  if (typeof terminated !== 'boolean') {
    return { rule: 'terminated', found: `got ${show(terminated)}, allowed: true or false` };
  }
  if (truncated !== undefined && typeof truncated !== 'boolean') {
    return { rule: 'truncated', found: `got ${show(truncated)}, allowed: true, false, or left out` };
  }
  if (terminated && truncated) {
    return { rule: 'truncated', found: 'true in a step that terminates, allowed: one of the two' };
  }
  if (success !== undefined && typeof success !== 'boolean') {
    return { rule: 'success', found: `got ${show(success)}, allowed: true, false, or left out` };
  }
  return undefined;
}

function maskFault(
  mask: NonNullable<Moment['actionMask']>,
  agents: number,
  actions: number,
  over: boolean,
): Fault | undefined {
  const wrongList = listFault('actionMask', mask, agents, 'one for each agent');
  if (wrongList) return wrongList;
  for (let agent = 0; agent < agents; agent++) {
    const row = mask[agent];
    const wrongRow = listFault('actionMask', row, actions, `one for each action of agent ${agent}`);
    if (wrongRow) return wrongRow;
    let legal = 0;
    for (let action = 0; action < actions; action++) {
      const value = Number(row[action]);
      if (value !== 0 && value !== 1) {
        return { rule: 'actionMask', found: `got ${show(row[action])}, allowed: 0, 1, false or true` };
      }
      legal += value;
    }
    if (legal > 0 || over) continue;
    return {
      rule: 'legal action',
      found: `agent ${agent} has none, allowed: at least one until the episode has terminated`,
    };
  }
  return undefined;
}

function numbersFault(
  rule: string,
  values: ArrayLike<number>,
  size: number,
  whose: string,
): Fault | undefined {
  const wrongList = listFault(rule, values, size, `${whose}its size`);
  if (wrongList) return wrongList;
  for (let index = 0; index < size; index++) {
    const value = values[index];
    if (typeof value === 'number' && Number.isFinite(Math.fround(value))) continue;
    return { rule, found: `${whose}got ${show(value)} at ${index}, allowed: finite numbers` };
  }
  return undefined;
}

function listFault(rule: string, list: ArrayLike<unknown>, length: number, why: string): Fault | undefined {
  const isList = Array.isArray(list) || ArrayBuffer.isView(list);
  if (isList && list.length === length) return undefined;
  const got = isList ? `${list.length} entries` : show(list);
  return { rule, found: `got ${got}, allowed: ${length} (${why})` };
}

const show = (value: unknown): string => {
  if (value === undefined) return 'nothing';
  if (typeof value === 'function') return 'a function';
  return typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value));
};
