import { describe, expect, it } from 'vitest';
import { checkEnvironment } from '../../src/env/check.ts';
import makePlates from '../../src/env/examples/plates.mjs';
import type { Moment, SingleEnv, StepResult } from '../../src/env/single_env.ts';

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
    step: (actions: number[]) => result({ ...env.step(actions), ...{} }),
    ...changes,
  } as SingleEnv;
};
const alteredMoment = (change: Record<string, unknown>) => () =>
  altered({}, (given) => ({ ...given, ...change }));
const alteredStep = (change: (given: StepResult) => Record<string, unknown>) => () =>
  altered({}, undefined, (given) => ({ ...given, ...change(given) }));

describe('the checker of environments', () => {
  it('finds nothing wrong with the README’s example, nor with a sound one', () => {
    const report = checkEnvironment(makePlates);
    expect(report.broken).toBeUndefined();
    expect(report.episodes).toBe(20);
    expect(report.steps).toBeGreaterThan(100);
    expect(checkEnvironment(sound).broken).toBeUndefined();
    expect(checkEnvironment(sound).successes).toBeGreaterThan(0);
  });

  const off = { observations: [[0, 0]], state: [0, 0, 0] };
  let shared = sound();
  const rules: [string, string, () => unknown][] = [
    ['environment', 'made 5', () => 5],
    ['environment', 'made nothing', () => undefined],
    ['reset', 'got nothing, allowed: a function', () => altered({ reset: undefined })],
    ['step', 'got 3, allowed: a function', () => altered({ step: 3 })],
    ['agents', 'got 1, allowed: a whole number from 2', () => altered({ agents: 1 })],
    ['actions', 'got 2.5', () => altered({ actions: 2.5 })],
    ['observationSize', 'got 0', () => altered({ observationSize: 0 })],
    ['stateSize', 'got nothing', () => altered({ stateSize: undefined })],
    ['episodeLimit', 'got Infinity', () => altered({ episodeLimit: Number.POSITIVE_INFINITY })],
    ['result', 'got nothing', () => altered({}, () => undefined)],
    ['result', 'got null', () => altered({}, undefined, () => null)],
    ['observations', 'got 1 entries, allowed: 2', alteredMoment(off)],
    ['observations', 'agent 1: its size', alteredMoment({ observations: [[0, 0], [0]] })],
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
    ['reward', 'got nothing', alteredStep(() => ({ reward: undefined }))],
    ['reward', 'got [1,1]', alteredStep(() => ({ reward: [1, 1] }))],
    ['terminated', 'got nothing', alteredStep(() => ({ terminated: undefined }))],
    ['truncated', 'got 0', alteredStep(() => ({ truncated: 0 }))],
    [
      'truncated',
      'true in a step that terminates',
      alteredStep(({ terminated }) => ({ truncated: terminated })),
    ],
    ['success', 'got 1', alteredStep(() => ({ success: 1 }))],
    ['randomness', 'another episode', alteredStep(() => ({ reward: Math.random() }))],
    [
      'new arrays',
      'changed what was handed out',
      () => {
        const observations = [
          [0, 0],
          [0, 0],
        ];
        const reuse = (given: Moment) => {
          given.observations.forEach((each, i) => {
            for (let k = 0; k < each.length; k++) observations[i][k] = each[k];
          });
          return { ...given, observations };
        };
        return altered({}, reuse, (given) => ({ ...given, ...reuse(given) }));
      },
    ],
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
  it.each(rules)('names the rule "%s": %s', (rule, found, factory) => {
    const { broken } = checkEnvironment(factory as () => SingleEnv);
    expect(broken?.rule).toBe(rule);
    expect(broken?.found).toContain(found);
  });

  it('has nothing against an agent without legal actions once the episode has terminated', () => {
    const none = [
      [0, 0, 0],
      [0, 0, 0],
    ];
    const ending = alteredStep((given) => (given.terminated ? { actionMask: none } : {}));
    expect(checkEnvironment(ending as () => SingleEnv).broken).toBeUndefined();
  });
});
