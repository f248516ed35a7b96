import { describe, expect, it } from 'vitest';
import { parseAssignment } from '../../src/config.ts';
import { formatPayoff, parsePayoff } from '../../src/env/payoffs.ts';
import { isStartable, isTabular, type StartableEnv } from '../../src/env/vector_env.ts';
import { makeConfig } from '../../src/presets.ts';
import { createEnvironment } from '../../src/train/environments.ts';

function make(changes: Record<string, unknown>, copies: number): StartableEnv {
  const environment = createEnvironment(makeConfig('game', changes), 5, copies);
  if (!isStartable(environment)) throw new Error('cannot be started on purpose');
  return environment;
}

describe('the two-step game', () => {
  it('lets agent 1 alone choose between 2A and 2B, pays there, and begins again', () => {
    const env = make({ environment: 'two-step' }, 8);
    expect(env.spec).toEqual({
      name: 'two-step',
      agents: 2,
      actions: 2,
      observationSize: 3,
      stateSize: 3,
      episodeLimit: 2,
      masked: false,
    });
    expect([env.starts, isTabular(env)]).toEqual([1, false]);
    env.reset();
    expect([...env.observations.subarray(0, 6)]).toEqual([1, 0, 0, 1, 0, 0]);
    // Copies 0 to 3 choose 2A, 4 to 7 choose 2B; agent 2's action makes no difference.
    env.step(Uint32Array.from([0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 1, 1, 1, 0, 1, 1]));
    expect([...env.rewards]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
    expect([...env.terminations]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
    for (let copy = 0; copy < 8; copy++) {
      const expected = copy < 4 ? [0, 1, 0] : [0, 0, 1];
      expect([...env.states.subarray(3 * copy, 3 * copy + 3)]).toEqual(expected);
      expect([...env.nextStates.subarray(3 * copy, 3 * copy + 3)]).toEqual(expected);
      expect([...env.observations.subarray(6 * copy, 6 * copy + 6)]).toEqual([...expected, ...expected]);
    }
    const joint = [0, 0, 0, 1, 1, 0, 1, 1];
    env.step(Uint32Array.from([...joint, ...joint]));
    expect([...env.rewards]).toEqual([7, 7, 7, 7, 0, 1, 1, 8]);
    expect([...env.terminations]).toEqual([1, 1, 1, 1, 1, 1, 1, 1]);
    expect([...env.truncations]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
    // Only the return of 8 is the optimum.
    expect([...env.successes]).toEqual([0, 0, 0, 0, 0, 0, 0, 1]);
    expect([...env.nextStates.subarray(0, 3)]).toEqual([0, 1, 0]);
    for (let copy = 0; copy < 8; copy++) {
      expect([...env.states.subarray(3 * copy, 3 * copy + 3)]).toEqual([1, 0, 0]);
    }
    // Nothing of the episode before remains: all choose 2B, and take 8 there.
    env.step(new Uint32Array(16).fill(1));
    expect([...env.successes]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
    expect([...env.terminations]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
    env.step(new Uint32Array(16).fill(1));
    expect([...env.rewards]).toEqual([8, 8, 8, 8, 8, 8, 8, 8]);
    expect([...env.successes]).toEqual([1, 1, 1, 1, 1, 1, 1, 1]);
  });

  it('is saved and loaded exactly, in the middle of an episode', () => {
    const env = make({ environment: 'two-step' }, 2);
    env.reset();
    env.step(Uint32Array.of(0, 0, 1, 0));
    const twin = make({ environment: 'two-step' }, 2);
    twin.load(env.save());
    expect(twin.observations).toEqual(env.observations);
    for (const each of [env, twin]) each.step(Uint32Array.of(1, 1, 1, 1));
    expect(twin.rewards).toEqual(env.rewards);
    expect([...twin.successes]).toEqual([0, 1]);
    expect([...twin.successes]).toEqual([...env.successes]);
  });

  it.each([
    [[3, 1, 0, 1], 'environment[0]: got 3, allowed: 0 to 2'],
    [[0, 1, -1, 1], 'environment[2]: got -1, allowed: 0 to 2'],
    [[0, 2, 0, 1], 'environment[1]: got 2, allowed: 0 to 1'],
    [[0, 1], 'environment: got 2 saved numbers, allowed: 4'],
  ])('refuses to load %j', (saved, message) => {
    const env = make({ environment: 'two-step' }, 2);
    expect(() => env.load(Int32Array.from(saved))).toThrow(message);
  });
});

describe('matrix games', () => {
  it.each([
    ['penalised', [8, -12, -12, -12, 0, 0, -12, 0, 0], 8],
    ['climbing', [11, -30, 0, -30, 7, 0, 0, 6, 5], 11],
    ['penalty', [-100, 0, 10, 0, 2, 0, 10, 0, -100], 10],
    ['penalty:25.5', [-25.5, 0, 10, 0, 2, 0, 10, 0, -25.5], 10],
    ['[[1,2],[-3,2]]', [1, 2, -3, 2], 2],
  ])('%s pays by rows of agent 1 and columns of agent 2', (text, expected, best) => {
    const [, payoff] = parseAssignment(`payoff=${text}`);
    const env = make({ environment: 'matrix', payoff }, expected.length);
    env.reset();
    const actions = Math.sqrt(expected.length);
    expect(env.spec).toMatchObject({ actions, observationSize: 1, stateSize: 1, episodeLimit: 1 });
    expect([...env.observations]).toEqual(new Array(2 * expected.length).fill(1));
    env.step(Uint32Array.from(expected.flatMap((_, cell) => [Math.floor(cell / actions), cell % actions])));
    expect([...env.rewards]).toEqual(expected);
    expect([...env.terminations]).toEqual(expected.map(() => 1));
    expect([...env.successes]).toEqual(expected.map((reward) => (reward === best ? 1 : 0)));
    expect([...env.states]).toEqual(expected.map(() => 1));
  });

  it.each([
    [' climbing ', 'climbing'],
    ['penalty:100', 'penalty'],
    ['penalty:25.5', 'penalty:25.5'],
    ['[[1, 2], [-3, 2]]', '[[1,2],[-3,2]]'],
  ])('the payoff %j is told of as %s', (text, told) => {
    expect(formatPayoff(parsePayoff(text) as number[][])).toBe(told);
  });

  it.each(['chicken', 'penalty:1234567', '[[1, 2]'])(
    '%s is no payoff, and stays what was written',
    (text) => {
      expect(parsePayoff(text)).toBe(text);
    },
  );
});
