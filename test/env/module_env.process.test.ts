import { describe, expect, it } from 'vitest';
import type { VectorEnv } from '../../src/env/vector_env.ts';
import { legalActions, moduleFile, open } from './open_module.ts';

const PLATES = 'src/env/examples/plates.mjs';
const PLATES_SIZES = { observationSize: 2, stateSize: 4, episodeLimit: 15, masked: true };

/** Makes copies of the example, all in one worker. */
async function plates(): Promise<(copies: number, seed?: number) => VectorEnv> {
  const { module, create } = await open(PLATES);
  await module.import();
  return (copies, seed = 3) => create(copies, seed, 'training', PLATES_SIZES);
}

/** Everything that can be read of an environment. */
const view = (env: VectorEnv) => [
  ...[env.observations, env.states, env.nextObservations, env.nextStates, env.rewards].map((x) => [...x]),
  ...[env.available, env.nextAvailable, env.terminations, env.truncations, env.successes].map((x) => [...x]),
];

describe('copies of a user’s environment', () => {
  it('have its sizes, each its own starts, which depend on the seed', async () => {
    const make = await plates();
    const env = make(50);
    await env.reset();
    expect(env.spec).toEqual({
      name: PLATES,
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
    const begun = again.save();
    await again.reset();
    for (let step = 0; step < 20; step++) await again.step(legalActions(again, step));
    expect(again.save()).not.toEqual(begun);
    // Once more: episode 0 of every copy, as if nothing had been.
    await again.reset();
    expect(again.states).toEqual(env.states);
    expect(again.save()).toEqual(begun);
    const actions = legalActions(env, 20);
    for (const each of [env, again]) await each.step(actions);
    expect(again.states).toEqual(env.states);
    const other = make(50, 4);
    await other.reset();
    expect(other.states).not.toEqual(env.states);
  });

  it('end by termination, in success, or after the limit, and hand over what they ended in', async () => {
    const make = await plates();
    const env = make(40);
    await env.reset();
    const steps = new Array(40).fill(0);
    let terminated = 0;
    let truncated = 0;
    for (let step = 0; step < 200; step++) {
      const before = env.states.slice();
      const actions = legalActions(env, step);
      await env.step(actions);
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

  it('go on exactly from what was saved, in the middle of episodes', async () => {
    const make = await plates();
    const env = make(9);
    await env.reset();
    for (let step = 0; step < 47; step++) await env.step(legalActions(env, step));
    const saved = env.save();
    const twin = make(9);
    await twin.load(saved);
    expect(twin.save()).toEqual(saved);
    expect(twin.observations).toEqual(env.observations);
    expect(twin.available).toEqual(env.available);
    for (let step = 47; step < 90; step++) {
      const actions = legalActions(env, step);
      await env.step(actions);
      await twin.step(actions);
      expect(view(twin)).toEqual(view(env));
    }
    expect(twin.save()).toEqual(env.save());
  });

  it('refuse what cannot have been saved of them', async () => {
    const make = await plates();
    const env = make(1);
    await env.reset();
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

  it.each([
    ['ends earlier', 'terminated: true', ''],
    ['ends earlier', 'truncated: true', ''],
    ['takes an illegal action', 'actionMask: [[0, 1, 1], [1, 1, 1]]', 'actionMask: [[1, 1, 1], [1, 1, 1]]'],
    ['takes an illegal action', 'actionMask: [[1, 1, 1], [0, 1, 1]]', 'actionMask: [[1, 1, 1], [1, 1, 1]]'],
  ])(
    'say of a saved episode that %s that the module is another, and begin the next if they are told so',
    async (how, change, before) => {
      const file = (result: string) =>
        moduleFile(`let made = 0;
      export default () => {
        const copy = made++;
        let at;
        const look = () => ({ observations: [[at], [at]], state: [at], ${before} });
        return {
          agents: 2, actions: 3, observationSize: 1, stateSize: 1, episodeLimit: 10,
          reset(random) { at = random(); return look(); },
          step: () => ({ ...look(), reward: 0, terminated: false, ...(copy === 1 && { ${result} }) }),
        };
      };`);
      const make = async (path: string, changed = false) => {
        const { module, create } = await open(path);
        await module.import();
        module.changed = changed;
        return create(2, 3, 'training', { masked: before !== '' });
      };
      const env = await make(file(''));
      await env.reset();
      for (let step = 0; step < 2; step++) await env.step(new Uint32Array(4));
      const path = file(change);
      await expect((await make(path)).load(env.save())).rejects.toMatchObject({
        name: 'ConfigError',
        message:
          `environment: ${path}, copy 1: its saved episode ${how} when it is played again, ` +
          'allowed: the module that the run was made with, and the files that it imports; --environment-changed begins such episodes anew',
      });
      // Of a module that is said to be another, the next episode is begun, and nothing of this one is left.
      const another = await make(path, true);
      await another.load(env.save());
      const none = new Array(20).fill(0);
      expect([...env.save()]).toEqual([0, 2, ...none, 0, 2, ...none]);
      expect([...another.save()]).toEqual([0, 2, ...none, 1, 0, ...none]);
      await env.load(another.save());
      expect(another.states).toEqual(env.states);
    },
  );

  it.each([
    ['terminated: true, success: false', [1, 0, 0]],
    ['terminated: true, success: true', [1, 0, 1]],
    ['terminated: true', [1, 0, 1]],
    ['terminated: false, truncated: true, success: true', [0, 1, 1]],
    ['terminated: false, truncated: true', [0, 1, 0]],
    ['terminated: true, truncated: true', [1, 0, 1]],
  ])('that end with %s are terminated, truncated, a success: %o', async (result, expected) => {
    const { module, create } = await open(
      moduleFile(`export default () => {
        const look = () => ({ observations: [[0], [0]], state: [0] });
        return {
          agents: 2, actions: 3, observationSize: 1, stateSize: 1, episodeLimit: 10,
          reset: look,
          step: () => ({ ...look(), reward: 0, ${result} }),
        };
      };`),
    );
    await module.import();
    const env = create(1);
    await env.reset();
    await env.step(Uint32Array.of(0, 0));
    expect([env.terminations[0], env.truncations[0], env.successes[0]]).toEqual(expected);
  });

  it('are never made to take an illegal action', async () => {
    const make = await plates();
    const env = make(30);
    await env.reset();
    const wall = env.available.lastIndexOf(0);
    const actions = legalActions(env, 0);
    actions[Math.floor(wall / 3)] = wall % 3;
    const row = Math.floor(wall / 3);
    expect(row).toBeGreaterThan(30);
    expect(() => env.step(actions)).toThrow(
      `${PLATES}, copy ${Math.floor(row / 2)}: agent ${row % 2} was made to take the illegal action ${wall % 3}`,
    );
    // Nothing is under way then.
    await env.step(legalActions(env, 0));
  });
});
