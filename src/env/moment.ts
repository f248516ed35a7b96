import type { Fault } from './faults.ts';
import { isList, show } from './show.ts';

/** Sizes of what there is to see. */
export interface MomentSizes {
  readonly agents: number;
  readonly actions: number;
  readonly observationSize: number;
  readonly stateSize: number;
  readonly masked: boolean;
}

/** Where moments of copies are written: [copies, N, O], [copies, S], [copies, N, A] or empty. */
export interface MomentArrays {
  readonly observations: Float32Array | Float64Array;
  readonly states: Float32Array | Float64Array;
  readonly available: Uint8Array;
}

/**
 * Copies what there is to see out of what a module gave, and says what is wrong with it; then what was written is
 * half a moment. Every value is read once: what was checked is what is used. `over`: the episode has terminated.
 */
export function readMoment(
  moment: Record<string, unknown>,
  { agents, actions, observationSize, stateSize, masked }: MomentSizes,
  over: boolean,
  to: MomentArrays,
  copy: number,
): Fault | undefined {
  const { observations, state, actionMask } = moment;
  if (!isList(observations) || observations.length !== agents) {
    return listFault('observations', -1, observations, agents, 'one for each agent', BY_AGENT);
  }
  for (let agent = 0; agent < agents; agent++) {
    const at = (copy * agents + agent) * observationSize;
    const fault = readNumbers(
      'observations',
      agent,
      observations[agent],
      observationSize,
      to.observations,
      at,
    );
    if (fault) return fault;
  }
  const fault = readNumbers('state', -1, state, stateSize, to.states, copy * stateSize);
  if (fault) return fault;
  if ((actionMask !== undefined) !== masked) {
    const found = `${masked ? 'left out' : 'given'} here, allowed: as at the first reset (${masked ? 'given' : 'left out'})`;
    return { rule: 'actionMask', found };
  }
  return masked ? readMask(actionMask, agents, actions, over, to.available, copy) : undefined;
}

function readNumbers(
  rule: string,
  agent: number,
  values: unknown,
  size: number,
  to: Float32Array | Float64Array,
  at: number,
): Fault | undefined {
  if (!isList(values) || values.length !== size) {
    const unequal = agent >= 0 && isList(values) ? PADDED : '';
    return listFault(rule, agent, values, size, rule === 'state' ? 'stateSize' : 'observationSize', unequal);
  }
  for (let index = 0; index < size; index++) {
    const value = values[index];
    if (typeof value !== 'number' || !Number.isFinite(Math.fround(value))) {
      return { rule, found: `${whose(agent)}got ${show(value)} at ${index}, allowed: finite numbers` };
    }
    to[at + index] = value;
  }
  return undefined;
}

function readMask(
  mask: unknown,
  agents: number,
  actions: number,
  over: boolean,
  to: Uint8Array,
  copy: number,
): Fault | undefined {
  if (!isList(mask) || mask.length !== agents) {
    return listFault('actionMask', -1, mask, agents, 'one for each agent', BY_AGENT);
  }
  for (let agent = 0; agent < agents; agent++) {
    const row = mask[agent];
    if (!isList(row) || row.length !== actions) {
      return listFault('actionMask', agent, row, actions, 'one for each action', '');
    }
    const at = (copy * agents + agent) * actions;
    let legal = 0;
    for (let action = 0; action < actions; action++) {
      const value = row[action];
      const bit = value === true || value === 1 ? 1 : value === false || value === 0 ? 0 : -1;
      if (bit < 0) {
        const found = `${whose(agent)}got ${show(value)} at ${action}, allowed: 0, 1, false or true`;
        return { rule: 'actionMask', found };
      }
      to[at + action] = bit;
      legal += bit;
    }
    if (legal > 0 || over) continue;
    const found = `agent ${agent} has none, allowed: at least one until the episode has terminated`;
    return { rule: 'legal action', found };
  }
  return undefined;
}

/** For what PettingZoo's environments give. */
const BY_AGENT = '; an object keyed by agent becomes one by Object.values';
const PADDED = '; where agents differ, padded with zeros to the largest';

const whose = (agent: number): string => (agent < 0 ? '' : `agent ${agent}: `);

function listFault(
  rule: string,
  agent: number,
  list: unknown,
  length: number,
  why: string,
  advice: string,
): Fault {
  const keyed = advice === BY_AGENT && (isList(list) || typeof list !== 'object' || list === null);
  const got = isList(list) ? `${list.length} entries` : show(list);
  return {
    rule,
    found: `${whose(agent)}got ${got}, allowed: a list of ${length} (${why})${keyed ? '' : advice}`,
  };
}
