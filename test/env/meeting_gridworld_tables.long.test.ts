import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/config.ts';
import { allStates, firstDifference, make, randomActions, STARTS, STATES, withCells } from './worlds.ts';

describe('a uniformly random policy', () => {
  it('succeeds in 5.4% of episodes: by counting exactly, and by playing', () => {
    // Chance of success within the steps left, from every state, by all 25 joint actions.
    const env = withCells([[0, 1, 2]]);
    let chance = new Float64Array(STATES);
    const next = Array.from({ length: 25 }, (_, joint) => {
      const actions = new Uint32Array(2 * STATES);
      for (let state = 0; state < STATES; state++) {
        actions[2 * state] = joint % 5;
        actions[2 * state + 1] = Math.floor(joint / 5);
      }
      const to = new Int32Array(STATES);
      env.successors(actions, to, new Float32Array(STATES));
      return to;
    });
    for (let left = 1; left <= 50; left++) {
      const before = new Float64Array(STATES);
      for (const to of next) {
        for (let state = 0; state < STATES; state++) before[state] += to[state] < 0 ? 1 : chance[to[state]];
      }
      chance = before.map((sum) => sum / 25);
    }
    let exact = 0;
    for (let start = 0; start < STARTS; start++) {
      env.begin(0, start);
      exact += chance[env.stateIndex(0)] / STARTS;
    }
    expect(exact.toFixed(3)).toBe('0.054');

    const played = make(STARTS);
    for (let start = 0; start < STARTS; start++) played.begin(start, start);
    const actions = new Uint32Array(2 * STARTS);
    const met = new Uint8Array(STARTS);
    for (let step = 0; step < 50; step++) {
      randomActions(actions, step);
      played.step(actions);
      for (let start = 0; start < STARTS; start++) {
        const first = played.episodes[start] === 1 && played.steps[start] === 0;
        if (first && played.terminations[start]) met[start] = 1;
      }
    }
    const share = met.reduce((sum, n) => sum + n, 0) / STARTS;
    const standardError = Math.sqrt((exact * (1 - exact)) / STARTS);
    expect(Math.abs(share - exact)).toBeLessThan(4 * standardError);
  });
});

describe('tables', () => {
  it('list what is observed in every state, agents that share cells included', () => {
    for (const observationScale of ['unit', 'raw'] as const) {
      const env = withCells(allStates(), { observationScale });
      expect(env.stateCount).toBe(STATES);
      for (let state = 0; state < STATES; state++) {
        if (env.stateIndex(state) !== state) expect(env.stateIndex(state)).toBe(state);
      }
      expect(firstDifference(env.tabulateObservations(), env.observations)).toBe(-1);
    }
  });

  it('lead from state to state as steps do, for every state and joint action', () => {
    const cells = allStates();
    const actions = new Uint32Array(2 * STATES);
    const next = new Int32Array(STATES);
    const rewards = new Float32Array(STATES);
    const env = withCells(cells);
    const saved = env.save();
    for (let joint = 0; joint < 25; joint++) {
      for (let state = 0; state < STATES; state++) {
        actions[2 * state] = joint % 5;
        actions[2 * state + 1] = Math.floor(joint / 5);
      }
      env.successors(actions, next, rewards);
      env.load(saved);
      env.step(actions);
      expect(firstDifference(rewards, env.rewards)).toBe(-1);
      const stepped = Int32Array.from(next, (_, s) => (env.terminations[s] ? -1 : env.stateIndex(s)));
      expect(firstDifference(next, stepped)).toBe(-1);
    }
  });
});

describe('save and load', () => {
  it('go on exactly, resets included', () => {
    const env = make(40, { episodeLimit: 7 }, 9);
    env.reset();
    const actions = new Uint32Array(80);
    for (let step = 0; step < 23; step++) {
      randomActions(actions, step);
      env.step(actions);
    }
    const resumed = make(40, { episodeLimit: 7 }, 9);
    resumed.load(env.save());
    expect(resumed.observations).toEqual(env.observations);
    expect(resumed.states).toEqual(env.states);
    for (let step = 23; step < 60; step++) {
      randomActions(actions, step);
      env.step(actions);
      resumed.step(actions);
      for (const key of ['observations', 'nextObservations', 'states', 'nextStates', 'rewards'] as const) {
        expect(firstDifference(resumed[key], env[key]), key).toBe(-1);
      }
      expect(resumed.terminations).toEqual(env.terminations);
      expect(resumed.truncations).toEqual(env.truncations);
    }
    expect(resumed.save()).toEqual(env.save());
  });

  it('copy', () => {
    const env = make(3);
    env.reset();
    const saved = env.save();
    const before = saved.slice();
    env.step(Uint32Array.of(0, 1, 2, 3, 0, 1));
    expect(saved).toEqual(before);
    env.load(saved);
    saved.fill(0);
    expect(env.save()).toEqual(before);
  });

  it.each([
    [0, 25, /environment\[0\]: got 25, allowed: 0 to 24/],
    [2, -1, /environment\[2\]: got -1, allowed: 0 to 24/],
    [3, 50, /environment\[3\]: got 50, allowed: 0 to 49/],
    [9, -4, /environment\[9\]: got -4, allowed: 0 to/],
  ])('refuse word %i of %i and change nothing', (at, value, message) => {
    const env = make(2);
    env.reset();
    const before = env.save();
    const damaged = before.slice();
    damaged.fill(1);
    damaged[at] = value;
    expect(() => env.load(damaged)).toThrow(ConfigError);
    expect(() => env.load(damaged)).toThrow(message);
    expect(env.save()).toEqual(before);
    expect(() => env.load(before.subarray(1))).toThrow('environment: got 9 saved numbers, allowed: 10');
  });
});
