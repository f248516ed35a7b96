import { describe, expect, it } from 'vitest';
import makePlates from '../../src/env/examples/plates.mjs';
import type { SingleEnv } from '../../src/env/single_env.ts';
import { Vectorised } from '../../src/env/vectorised.ts';
import { below, philox, STREAM } from '../../src/random.ts';

const make = (copies: number, seed = 3) => new Vectorised(makePlates, 'plates.mjs', seed, copies);

/** A legal action for each agent, the same in every run. */
function legalActions(env: Vectorised, step: number): Uint32Array {
  const words = new Uint32Array(4);
  const { actions } = env.spec;
  return Uint32Array.from({ length: env.copies * env.spec.agents }, (_, row) => {
    philox(words, 1, STREAM.test, step, row);
    const legal = [0, 1, 2].filter((action) => env.available[row * actions + action] === 1);
    return legal[below(words[0], legal.length)];
  });
}

/** Everything that can be read of an environment. */
const view = (env: Vectorised) => [
  ...[env.observations, env.states, env.nextObservations, env.nextStates, env.rewards].map((x) => [...x]),
  ...[env.available, env.nextAvailable, env.terminations, env.truncations, env.successes].map((x) => [...x]),
];

describe('copies of a user’s environment', () => {
  it('have its sizes, each its own starts, which depend on the seed', () => {
    const env = make(50);
    env.reset();
    expect(env.spec).toEqual({
      name: 'plates.mjs',
      agents: 2,
      actions: 3,
      observationSize: 2,
      stateSize: 4,
      episodeLimit: 15,
      masked: true,
    });
    const starts = new Set(
      Array.from({ length: 50 }, (_, copy) => String(env.states.subarray(4 * copy, 4 * copy + 4))),
    );
    expect(starts.size).toBeGreaterThan(40);
    const again = make(50);
    again.reset();
    again.reset();
    expect(again.states).toEqual(env.states);
    const other = make(50, 4);
    other.reset();
    expect(other.states).not.toEqual(env.states);
  });

  it('end by termination, in success, or after the limit, and hand over what they ended in', () => {
    const env = make(40);
    env.reset();
    const steps = new Array(40).fill(0);
    let terminated = 0;
    let truncated = 0;
    for (let step = 0; step < 200; step++) {
      const before = env.states.slice();
      const actions = legalActions(env, step);
      env.step(actions);
      for (let copy = 0; copy < 40; copy++) {
        steps[copy]++;
        const [a, b, ...plates] = env.nextStates.subarray(4 * copy, 4 * copy + 4);
        const moved = [0, 1].map((agent) =>
          Math.fround((Math.round(before[4 * copy + agent] * 6) + [-1, 0, 1][actions[2 * copy + agent]]) / 6),
        );
        expect([a, b]).toEqual(moved);
        const open = a === plates[0] && b === plates[1];
        expect(env.terminations[copy]).toBe(open ? 1 : 0);
        expect(env.successes[copy]).toBe(open ? 1 : 0);
        expect(env.rewards[copy]).toBe(Math.fround(open ? 1 : -0.02));
        expect(env.truncations[copy]).toBe(!open && steps[copy] === 15 ? 1 : 0);
        terminated += env.terminations[copy];
        truncated += env.truncations[copy];
        if (open || steps[copy] === 15) steps[copy] = 0;
        else
          expect(env.states.slice(4 * copy, 4 * copy + 4)).toEqual(
            env.nextStates.slice(4 * copy, 4 * copy + 4),
          );
      }
    }
    expect(terminated).toBeGreaterThan(20);
    expect(truncated).toBeGreaterThan(20);
  });

  it('go on exactly from what was saved, in the middle of episodes', () => {
    const env = make(9);
    env.reset();
    for (let step = 0; step < 47; step++) env.step(legalActions(env, step));
    const saved = env.save();
    const twin = make(9);
    twin.load(saved);
    expect(twin.save()).toEqual(saved);
    expect(twin.observations).toEqual(env.observations);
    expect(twin.available).toEqual(env.available);
    for (let step = 47; step < 90; step++) {
      const actions = legalActions(env, step);
      env.step(actions);
      twin.step(actions);
      expect(view(twin)).toEqual(view(env));
    }
    expect(twin.save()).toEqual(env.save());
  });

  it('refuse what cannot have been saved of them', () => {
    const env = make(1);
    env.reset();
    const saved = env.save();
    const withWord = (at: number, word: number) => {
      const changed = saved.slice();
      changed[at] = word;
      return () => make(1).load(changed);
    };
    expect(() => make(2).load(saved)).toThrow('environment: got 32 saved numbers, allowed: 64');
    expect(withWord(0, -1)).toThrow('environment[0]: got -1, allowed: 0 to');
    expect(withWord(1, 15)).toThrow('environment[1]: got 15, allowed: 0 to 14');
    expect(withWord(2, 3)).toThrow('environment[2]: got 3, allowed: 0 to 2');
  });

  it('say of a saved episode that comes out differently that the module is another', () => {
    const shorter = (): SingleEnv => {
      const env = makePlates();
      return { ...env, step: (actions) => ({ ...env.step(actions), terminated: true }) };
    };
    const env = make(1);
    env.reset();
    env.step(legalActions(env, 0));
    expect(() => new Vectorised(shorter, 'shorter.mjs', 3, 1).load(env.save())).toThrow(
      'shorter.mjs, copy 0: its saved episode ends earlier when it is played again',
    );
  });

  it('that break a rule while they are stepped are told by rule, copy, episode and step', () => {
    let made = 0;
    const broken = (): SingleEnv => {
      const env = makePlates();
      const second = made++ === 1;
      return {
        ...env,
        step: (actions) => ({ ...env.step(actions), ...(second ? { reward: Number.NaN } : {}) }),
      };
    };
    const env = new Vectorised(broken, 'broken.mjs', 3, 3);
    env.reset();
    expect(() => env.step(Uint32Array.of(1, 1, 1, 1, 1, 1))).toThrow(
      'environment: broken.mjs: reward: got NaN, allowed: a finite number (copy 1, episode 0, step 1)',
    );
  });

  it('are never made to take an illegal action', () => {
    const env = make(30);
    env.reset();
    const wall = env.available.indexOf(0);
    const actions = legalActions(env, 0);
    actions[Math.floor(wall / 3)] = wall % 3;
    expect(() => env.step(actions)).toThrow(/was made to take the illegal action [02]/);
  });
});
