import { afterEach, describe, expect, it, vi } from 'vitest';
import { checkEnvironment } from '../../src/env/check.ts';
import makePlates from '../../src/env/examples/plates.mjs';
import { PlaceWords } from '../../src/env/place.ts';
import type { Moment, SingleEnv, StepResult } from '../../src/env/single_env.ts';
import { check } from './checked.ts';

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

/** What a module may change of what it handed out. */
interface Changeable {
  readonly observations: number[][];
  readonly state: number[];
  readonly actionMask: number[][];
  /** Not there. */
  readonly none: { readonly none: number[] };
}

/** Sound, but for what the third that is made, in which the first episode is repeated, steps to. */
const thirdOtherwise = (change: (given: StepResult) => Record<string, unknown>) => {
  let made = 0;
  return () => (++made === 3 ? alteredStep(change)() : sound());
};

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
    [
      'agents',
      'got ["a","b"], allowed: a whole number from 1 to 16, how many there are',
      () => altered({ agents: ['a', 'b'] }),
    ],
    ['actions', 'got 2.5', () => altered({ actions: 2.5 })],
    ['observationSize', 'got 0', () => altered({ observationSize: 0 })],
    ['stateSize', 'got nothing', () => altered({ stateSize: undefined })],
    [
      'episodeLimit',
      'got 100001, allowed: a whole number from 1 to 100000',
      () => altered({ episodeLimit: 100_001 }),
    ],
    ['episodeLimit', 'got Infinity', () => altered({ episodeLimit: Number.POSITIVE_INFINITY })],
    [
      'stateSize',
      'got 4, allowed: 3, as in the first copy',
      (() => {
        let made = 0;
        return () => altered({ stateSize: made++ === 0 ? 3 : 4 });
      })(),
    ],
    [
      'result',
      'reset gave nothing, allowed: an object with observations and state, in the reset of episode 0 of the check',
      () => altered({}, () => undefined),
    ],
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
    [
      'observations',
      'got null, allowed: a list of 2 (one for each agent), in the reset',
      alteredMoment({ observations: null }),
    ],
    ['state', 'got "000", allowed: a list of 3 (stateSize), in the reset', alteredMoment({ state: '000' })],
    ['state', 'got Infinity at 2', alteredStep(() => ({ state: [0, 0, Number.POSITIVE_INFINITY] }))],
    [
      'actionMask',
      'left out here, allowed: as at the first reset (given), in step 1',
      alteredStep(() => ({ actionMask: undefined })),
    ],
    [
      'actionMask',
      'given here, allowed: as at the first reset (left out), in step 1',
      () => altered({}, (given) => ({ ...given, actionMask: undefined })),
    ],
    [
      'actionMask',
      'got 1 entries, allowed: a list of 2 (one for each agent), in the reset',
      alteredMoment({ actionMask: [[1, 1, 1]] }),
    ],
    [
      'actionMask',
      'agent 1: got 2 entries, allowed: a list of 3 (one for each action), in the reset',
      alteredMoment({
        actionMask: [
          [1, 1, 1],
          [1, 1],
        ],
      }),
    ],
    [
      'actionMask',
      'agent 1: got 2 at 2, allowed: 0, 1, false or true, in the reset',
      alteredMoment({
        actionMask: [
          [1, 1, 1],
          [1, 0, 2],
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
    ['reward', 'got null, allowed: a finite number, in step 1', alteredStep(() => ({ reward: null }))],
    ['reward', 'got [1,1]', alteredStep(() => ({ reward: [1, 1] }))],
    ['terminated', 'got nothing', alteredStep(() => ({ terminated: undefined }))],
    ['terminated', 'got null, allowed: true or false, in step 1', alteredStep(() => ({ terminated: null }))],
    [
      'truncated',
      'got 0, allowed: true, false, or left out, in step 1',
      alteredStep(() => ({ truncated: 0 })),
    ],
    [
      'success',
      'got [true], allowed: true, false, or left out, for all agents together, in step 1',
      alteredStep(() => ({ success: [true] })),
    ],
    ['randomness', 'another episode', alteredStep(() => ({ reward: Math.random() }))],
    [
      'randomness',
      'in the reset of episode 0 of the check',
      (() => {
        let made = 0;
        return () => (++made === 3 ? altered({}, (given) => ({ ...given, state: [0, 0, 0] })) : sound());
      })(),
    ],
    [
      'randomness',
      'in step 1 of episode 0 of the check',
      thirdOtherwise(({ state }) => ({ state: [state[0], state[1], 2] })),
    ],
    [
      'randomness',
      'in step 1 of episode 0 of the check',
      thirdOtherwise(() => ({
        actionMask: [
          [1, 1, 1],
          [1, 1, 1],
        ],
      })),
    ],
    [
      'randomness',
      'in step 1 of episode 0 of the check',
      thirdOtherwise(() => ({ truncated: true, success: false })),
    ],
    ['randomness', 'of episode 0 of the check', thirdOtherwise(() => ({ success: false }))],
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

  it('says in which episode a reset fails, and knows sizes once there was one', async () => {
    let resets = 0;
    const failing = (at: number) => () =>
      altered({}, (given) => {
        if (++resets === at) throw { message: 'full' };
        return given;
      });
    // The first is for the sizes, the fourth that of the third episode.
    const third = await check(failing(4));
    expect(third.broken).toEqual({
      rule: 'exception',
      found: 'threw "full" in the reset of episode 2 of the check',
    });
    expect(third.sizes).toMatchObject({ agents: 2, masked: true });
    expect(third.episodes).toBe(2);
    resets = 0;
    const first = await check(failing(1));
    expect(first.broken?.found).toBe('threw "full" in the reset of episode 0 of the check');
    expect(first.sizes).toBeUndefined();
    expect((await check(() => 5)).sizes).toBeUndefined();
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

  it.each<[string, (before: Changeable) => void]>([
    ['an observation', ({ observations }) => observations[1].fill(9)],
    ['the state', ({ state }) => state.fill(9)],
    ['the masks', ({ actionMask }) => actionMask[1].fill(0)],
    ['what there is', (before) => Object.defineProperty(before, 'state', { get: () => before.none.none })],
  ])('advises against a step that changes %s of what was handed out before', async (_, change) => {
    const changing = () => {
      let before: Changeable | undefined;
      const keep = (given: Moment) => {
        before = {
          ...given,
          observations: given.observations.map((each) => [...Array.from(each)]),
          state: [...Array.from(given.state)],
          actionMask: given.actionMask!.map((each) => [...Array.from(each)]),
        } as unknown as Changeable;
        return before;
      };
      return altered({}, keep, (given) => {
        if (before) change(before);
        return keep(given);
      });
    };
    const { broken, advice } = await check(changing);
    expect(broken).toBeUndefined();
    expect(advice.map(({ rule }) => rule)).toEqual(['new arrays']);
  });

  it('advises against actions that are kept and fail once they are written over', async () => {
    const names = [['none'], ['left'], ['right']];
    const keeping = () => {
      let last: readonly number[] = [0];
      const env = sound();
      return {
        ...env,
        reset: (random: () => number) => {
          if (names[last[0]].length !== 1) throw new Error('no name');
          return env.reset(random);
        },
        step: (actions: number[]) => {
          last = actions;
          return env.step(actions);
        },
      };
    };
    const { broken, advice } = await check(keeping);
    expect(broken).toBeUndefined();
    expect(advice.map(({ rule }) => rule)).toEqual(['actions']);
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
});

describe('how long a check takes', () => {
  afterEach(() => vi.restoreAllMocks());

  /** Checks an environment without an end, each step of which takes so many milliseconds of a clock that shows no others. */
  async function checkOf(milliseconds: number, episodeLimit: number, shared = false) {
    let now = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => now);
    const lines: string[] = [];
    let turns = 0;
    const make = () =>
      altered({ episodeLimit }, undefined, (given) => {
        now += milliseconds;
        return { ...given, terminated: false };
      });
    const one = make();
    const factory = shared ? () => one : make;
    const { broken, episodes, steps } = await checkEnvironment(
      { factory, url: import.meta.url },
      {
        place: new PlaceWords(new Int32Array(PlaceWords.LENGTH)),
        turn: async () => {
          turns++;
        },
        tell: (line) => lines.push(line),
      },
    );
    expect(broken?.rule).toBe(shared ? 'copies' : undefined);
    return { episodes, steps, turns, lines };
  }

  it('is 5,000 steps at most', async () => {
    expect(await checkOf(0, 700)).toEqual({ episodes: 8, steps: 5000, turns: 0, lines: [] });
  });

  it('is three seconds and the time to repeat them, told of every two seconds', async () => {
    // Steps 1 to 31 for the first time, the last of them more than 3 s after the begin: of four whole episodes and one that
    // is cut short. Steps 32 to 38 in a new environment, 39 to 69 in one that was used, 70 to 97 in four side by side,
    // looked after every four steps, and 98 to 118 with one array of actions. There is no turn after an episode's repeated end.
    expect(await checkOf(100, 7)).toEqual({
      episodes: 5,
      steps: 31,
      turns: 31 + 6 + (3 + 4 * 6) + 7 + 3 * 6,
      lines: [
        '2 of 20 episodes',
        'repeating 2 of 5 episodes',
        'repeating 5 of 5 episodes',
        'playing copies side by side',
        'repeating an episode',
      ],
    });
  });

  it('is one episode that is cut short where that takes long, which two copies play side by side all the same', async () => {
    expect(await checkOf(200, 60, true)).toMatchObject({ episodes: 1, steps: 16 });
  });

  it('lets the event loop turn every 50 ms', async () => {
    // Steps of 20 ms: every third of the first 140, then two of each episode of seven that is repeated alone, and all seven
    // of those that are played side by side.
    expect(await checkOf(20, 7)).toEqual({
      episodes: 20,
      steps: 140,
      turns: 46 + 21 * 2 + 7 + 3 * 2,
      lines: ['14 of 20 episodes', 'repeating 8 of 20 episodes', 'playing copies side by side'],
    });
  });
});
