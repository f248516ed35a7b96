import { describe, expect, it } from 'vitest';
import { type CheckReport, checkEnvironment } from '../../src/env/check.ts';
import makePlates from '../../src/env/examples/plates.mjs';
import { PlaceWords } from '../../src/env/place.ts';
import type { Moment, SingleEnv, StepResult } from '../../src/env/single_env.ts';

/** What the check says of a default export, in this thread. */
const check = (factory: unknown): Promise<CheckReport> =>
  checkEnvironment(
    { factory, url: import.meta.url },
    {
      place: new PlaceWords(new Int32Array(PlaceWords.LENGTH)),
      turn: () => new Promise((resolve) => setImmediate(resolve)),
      tell: () => {},
    },
  );

/** A sound environment: who says the drawn number gets a reward, and three right answers end the episode. */
function sound(): SingleEnv {
  let right = 0;
  let drawn = 0;
  let draw = () => 0;
  const look = (): Moment => ({
    observations: [
      [drawn, right],
      [drawn, right],
    ],
    state: [drawn, right, 1],
    actionMask: [
      [1, 1, 1],
      [true, true, false],
    ],
  });
  return {
    agents: 2,
    actions: 3,
    observationSize: 2,
    stateSize: 3,
    episodeLimit: 20,
    reset(random) {
      draw = () => Math.floor(random() * 2);
      right = 0;
      drawn = draw();
      return look();
    },
    step([first, second]) {
      const hit = first === drawn && second === drawn;
      right += hit ? 1 : 0;
      drawn = draw();
      return { ...look(), reward: hit ? 1 : 0, terminated: right === 3 };
    },
  };
}

/** The sound environment with what it states, resets and steps to replaced. */
const altered = (
  changes: Partial<Record<keyof SingleEnv, unknown>>,
  moment: (given: Moment) => unknown = (given) => given,
  result: (given: StepResult) => unknown = (given) => given,
) => {
  const env = sound();
  return {
    ...env,
    reset: (random: () => number) => moment(env.reset(random)),
    step: (actions: number[]) => result(env.step(actions)),
    ...changes,
  } as SingleEnv;
};
const alteredMoment = (change: Record<string, unknown>) => () =>
  altered({}, (given) => ({ ...given, ...change }));
const alteredStep = (change: (given: StepResult) => Record<string, unknown>) => () =>
  altered({}, undefined, (given) => ({ ...given, ...change(given) }));

describe('the checker of environments', () => {
  it('has nothing against the example, or any sound one', async () => {
    const report = await check(makePlates);
    expect(report.broken).toBeUndefined();
    expect(report.advice).toEqual([]);
    expect(report.sizes).toEqual({
      agents: 2,
      actions: 3,
      observationSize: 2,
      stateSize: 4,
      episodeLimit: 15,
      masked: true,
    });
    expect(report.episodes).toBe(20);
    expect(report.steps).toBeGreaterThan(100);
    const { broken, successes } = await check(sound);
    expect(broken).toBeUndefined();
    expect(successes).toBeGreaterThan(0);
  });

  it('counts the episodes and steps that it played, and the episodes that ended in success', async () => {
    const ending = (after: number, success?: boolean) => () => {
      let steps = 0;
      return altered(
        { episodeLimit: 7 },
        (given) => {
          steps = 0;
          return given;
        },
        (given) => ({ ...given, terminated: ++steps === after, ...(success !== undefined && { success }) }),
      );
    };
    const counted = async (factory: () => unknown) => {
      const { broken, episodes, steps, successes } = await check(factory);
      expect(broken).toBeUndefined();
      return [episodes, steps, successes];
    };
    // Terminated after four steps; never, which ends at the limit; and at the limit, but not a success.
    expect(await counted(ending(4))).toEqual([20, 80, 20]);
    expect(await counted(ending(8))).toEqual([20, 140, 0]);
    expect(await counted(ending(7, false))).toEqual([20, 140, 0]);
    expect(await counted(ending(8, true))).toEqual([20, 140, 20]);
  });

  const off = { observations: [[0, 0]], state: [0, 0, 0] };
  let shared = sound();
  const rules: [string, string, () => unknown][] = [
    ['environment', 'made 5', () => 5],
    ['environment', 'made nothing', () => undefined],
    ['reset', 'got nothing, allowed: a function', () => altered({ reset: undefined })],
    ['step', 'got 3, allowed: a function', () => altered({ step: 3 })],
    ['agents', 'got 0, allowed: a whole number from 1 to 16', () => altered({ agents: 0 })],
    ['actions', 'got 2.5', () => altered({ actions: 2.5 })],
    ['observationSize', 'got 0', () => altered({ observationSize: 0 })],
    ['stateSize', 'got nothing', () => altered({ stateSize: undefined })],
    ['episodeLimit', 'got Infinity', () => altered({ episodeLimit: Number.POSITIVE_INFINITY })],
    ['result', 'reset gave nothing', () => altered({}, () => undefined)],
    ['result', 'step gave null', () => altered({}, undefined, () => null)],
    ['observations', 'got 1 entries, allowed: a list of 2 (one for each agent)', alteredMoment(off)],
    [
      'observations',
      'agent 1: got 1 entries, allowed: a list of 2 (observationSize)',
      alteredMoment({ observations: [[0, 0], [0]] }),
    ],
    [
      'observations',
      'agent 0: got NaN at 1',
      alteredStep(() => ({
        observations: [
          [0, Number.NaN],
          [0, 0],
        ],
      })),
    ],
    [
      'observations',
      'agent 1: got 1e+300 at 0',
      alteredStep(() => ({
        observations: [
          [0, 0],
          [1e300, 0],
        ],
      })),
    ],
    ['state', 'got "000"', alteredMoment({ state: '000' })],
    ['state', 'got Infinity at 2', alteredStep(() => ({ state: [0, 0, Number.POSITIVE_INFINITY] }))],
    ['actionMask', 'left out here', alteredStep(() => ({ actionMask: undefined }))],
    ['actionMask', 'got 1 entries', alteredMoment({ actionMask: [[1, 1, 1]] })],
    [
      'actionMask',
      'agent 1',
      alteredMoment({
        actionMask: [
          [1, 1, 1],
          [1, 1],
        ],
      }),
    ],
    [
      'actionMask',
      'got 2',
      alteredMoment({
        actionMask: [
          [1, 1, 1],
          [1, 2, 0],
        ],
      }),
    ],
    [
      'legal action',
      'agent 0 has none',
      alteredStep(() => ({
        actionMask: [
          [0, 0, 0],
          [1, 1, 1],
        ],
        terminated: false,
      })),
    ],
    ['reward', 'got NaN', alteredStep(() => ({ reward: Number.NaN }))],
    // What float32 cannot hold is as little a number.
    ['reward', 'got 1e+39', alteredStep(() => ({ reward: 1e39 }))],
    ['reward', 'got nothing', alteredStep(() => ({ reward: undefined }))],
    ['reward', 'got [1,1]', alteredStep(() => ({ reward: [1, 1] }))],
    ['terminated', 'got nothing', alteredStep(() => ({ terminated: undefined }))],
    ['truncated', 'got 0', alteredStep(() => ({ truncated: 0 }))],
    ['success', 'got 1', alteredStep(() => ({ success: 1 }))],
    ['randomness', 'another episode', alteredStep(() => ({ reward: Math.random() }))],
    [
      'reset',
      'after other episodes',
      () => {
        let episodes = 0;
        return altered(
          {},
          (given) => {
            episodes++;
            return given;
          },
          // What it remembers of the episodes before shows in rewards.
          (given) => ({ ...given, reward: given.reward + episodes }),
        );
      },
    ],
    [
      'copies',
      'changed another',
      () => {
        shared ??= sound();
        return shared;
      },
    ],
  ];
  it.each(rules)('names the rule "%s": %s', async (rule, found, factory) => {
    const { broken } = await check(factory);
    expect(broken?.rule).toBe(rule);
    expect(broken?.found).toContain(found);
  });

  it('has nothing against an agent without legal actions once the episode has terminated', async () => {
    const none = [
      [0, 0, 0],
      [0, 0, 0],
    ];
    const ending = alteredStep((given) => (given.terminated ? { actionMask: none } : {}));
    expect((await check(ending)).broken).toBeUndefined();
  });

  it('has nothing against one agent, or against a step that both terminates and is cut off', async () => {
    const one = alteredStep(({ terminated }) => ({ truncated: terminated }));
    expect((await check(one)).broken).toBeUndefined();
    const alone = () => {
      const env = sound();
      const first = <M extends Moment>(given: M): M => ({
        ...given,
        observations: given.observations.slice(0, 1),
        actionMask: given.actionMask?.slice(0, 1),
      });
      return {
        ...env,
        agents: 1,
        reset: (random: () => number) => first(env.reset(random)),
        step: ([action]: number[]) => first(env.step([action, action])),
      };
    };
    expect((await check(alone)).broken).toBeUndefined();
  });

  it('advises against one array that is handed out again and again, which is safe here', async () => {
    const reusing = () => {
      const observations = [
        [0, 0],
        [0, 0],
      ];
      const reuse = <M extends Moment>(given: M): M => {
        given.observations.forEach((each, i) => {
          for (let k = 0; k < each.length; k++) observations[i][k] = each[k];
        });
        return { ...given, observations };
      };
      return altered({}, reuse, reuse);
    };
    const { broken, advice } = await check(reusing);
    expect(broken).toBeUndefined();
    expect(advice).toEqual([
      {
        rule: 'new arrays',
        found:
          'a step changes what was handed out before it; that is safe here, where everything is copied at once, but ' +
          'not with frameworks that keep it: hand out new arrays',
      },
    ]);
  });

  it('advises against keeping the array of actions, which is safe here', async () => {
    const keeping = () => {
      const env = sound();
      let last: readonly number[] | undefined;
      return {
        ...env,
        reset: (random: () => number) => {
          last = undefined;
          return env.reset(random);
        },
        step: (actions: number[]) => {
          const changed = last !== undefined && last[0] !== actions[0];
          last = actions;
          return { ...env.step(actions), reward: changed ? 1 : 0 };
        },
      };
    };
    const { broken, advice } = await check(keeping);
    expect(broken).toBeUndefined();
    expect(advice).toEqual([
      {
        rule: 'actions',
        found:
          'step keeps the array of actions that it is given; that is safe here, but not with frameworks that reuse ' +
          'it: copy it',
      },
    ]);
  });

  it('has nothing against changing the array of actions', async () => {
    const changing = () => {
      const env = sound();
      return { ...env, step: (actions: number[]) => env.step(actions.splice(0)) };
    };
    const { broken, advice } = await check(changing);
    expect(broken).toBeUndefined();
    expect(advice).toEqual([]);
  });

  it('plays what has the largest sizes, in few steps, within seconds', async () => {
    const largest = {
      agents: 16,
      actions: 4096,
      observationSize: 65_536,
      stateSize: 65_536,
      episodeLimit: 100_000,
    };
    const huge = () => {
      let t = 0;
      const look = () => ({
        observations: Array.from({ length: 16 }, () => new Float32Array(65_536).fill(t)),
        state: new Array(65_536).fill(t),
        actionMask: Array.from({ length: 16 }, () => new Uint8Array(4096).fill(1)),
      });
      return {
        ...largest,
        reset: () => {
          t = 0;
          return look();
        },
        step: () => {
          t++;
          return { ...look(), reward: 0, terminated: false };
        },
      };
    };
    const begun = performance.now();
    const { broken, episodes, steps, sizes } = await check(huge);
    expect(performance.now() - begun).toBeLessThan(30_000);
    expect(broken).toBeUndefined();
    expect(sizes).toEqual({ ...largest, masked: true });
    expect(episodes).toBe(1);
    expect(steps).toBeGreaterThan(2);
  });
});
