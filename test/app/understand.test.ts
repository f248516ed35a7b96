import { describe, expect, test } from 'vitest';
import type { GameState } from '../../src/app/service.ts';
import { describeChange } from '../../src/app/understand/change_view.ts';
import { chosenValues, slopesOf, totalOf } from '../../src/app/understand/mixing.ts';
import { decimal, signed } from '../../src/app/understand/numbers.ts';
import { STEPS, type Told } from '../../src/app/understand/steps.ts';
import { describeTwoStep, greedyPlay } from '../../src/app/understand/two_step_words.ts';
import { errorParts } from '../../src/app/understand/views.ts';
import type { Episode, Look } from '../../src/inspect/look.ts';
import { initialParameters } from '../../src/learner/initialise.ts';
import { allocateNetworks } from '../../src/reference/networks.ts';
import type { NetworkShape } from '../../src/shapes.ts';
import { REPORT, TestNumbers } from '../reference/random_case.ts';
import { lookAt } from './looks.ts';
import { ToldRun, toldEpisode } from './told_run.ts';

const SHAPE = {
  ...REPORT,
  agents: 3,
  actions: 4,
  observationSize: 5,
  stateSize: 6,
  hidden: 7,
  mixerWidth: 5,
  hyperHidden: 6,
} as const satisfies NetworkShape;

/** A look of random networks, of the greedy joint action or of another, with what the reference says of it. */
function randomLook(seed: number, changes: Partial<NetworkShape> = {}, chosen?: readonly number[]) {
  const shape: NetworkShape = { ...SHAPE, ...changes };
  const networks = allocateNetworks(shape);
  for (const [name, { data }] of initialParameters(shape, seed)) networks.tensors.get(name)!.data.set(data);
  const numbers = new TestNumbers(seed);
  const observations = new Float64Array(shape.agents * shape.observationSize);
  const state = new Float64Array(shape.stateSize);
  // Far from zero as well, so that both sides of the ELU are met.
  numbers.fill(observations, 20);
  numbers.fill(state, 3);
  return lookAt(shape, networks, observations, state, chosen);
}

describe('the mixing that the tour computes', () => {
  test.each([{}, { positivity: 'abs' as const }, { mixer: 'sum' as const }])(
    'is the reference’s, for greedy and other joint actions: %j',
    (changes) => {
      for (let seed = 0; seed < 20; seed++) {
        for (const chosen of [undefined, [seed % 4, 1, 3]]) {
          const look = randomLook(seed, changes, chosen);
          const values = chosenValues(look, chosen ?? look.greedy);
          expect(values).toEqual(look.values);
          expect(totalOf(look, values)).toBeCloseTo(look.qTotal!, 10);
          for (const [agent, slope] of slopesOf(look, values).entries()) {
            expect(slope).toBeCloseTo(look.slopes![agent], 10);
          }
        }
      }
    },
  );

  test('has slopes that are those of the curve, and never falls when a Q-value rises', () => {
    for (let seed = 0; seed < 20; seed++) {
      const look = randomLook(seed);
      const values = chosenValues(look, look.greedy);
      const slopes = slopesOf(look, values);
      for (let agent = 0; agent < 3; agent++) {
        const at = (shift: number): number =>
          totalOf(
            look,
            values.map((value, other) => (other === agent ? value + shift : value)),
          )!;
        expect(slopes[agent]).toBeGreaterThanOrEqual(0);
        expect((at(1e-5) - at(-1e-5)) / 2e-5).toBeCloseTo(slopes[agent], 4);
        for (let shift = -10; shift < 10; shift += 0.5)
          expect(at(shift + 0.5)).toBeGreaterThanOrEqual(at(shift));
      }
    }
  });

  test('has no Q_tot without a mixer', () => {
    expect(totalOf(randomLook(1, { mixer: 'none' }), [1, 2, 3])).toBeUndefined();
  });
});

describe('the parts of a TD error', () => {
  const look = (qTotal: number | undefined): Look => ({
    q: [
      [1, 2],
      [5, 4],
    ],
    legal: [
      [true, true],
      [true, true],
    ],
    greedy: [1, 0],
    qTotal,
    slopes: undefined,
    mixing: undefined,
  });
  const episode = (qTotal: number | undefined, steps: number, tdError: number): Episode => {
    const start = { cells: [], actions: [], reward: Number.NaN, tdError: Number.NaN, look: look(qTotal) };
    const step = { cells: [], actions: [1, 0], reward: 10, tdError, look: look(qTotal) };
    return { moments: [start, ...Array(steps).fill(step)], optimal: 1, outcome: 'solved', updates: 3 };
  };

  test('add up to it', () => {
    const { reward, future, target, forecast, error, last } = errorParts(episode(7, 2, 4))!;
    expect([reward, future, target, forecast, error, last]).toEqual([10, 1, 11, 7, 4, false]);
  });

  test('have no next state where the episode ends in success', () => {
    const { future, target, last } = errorParts(episode(7, 1, 3))!;
    expect([future, target, last]).toEqual([0, 10, true]);
  });

  test('are means over the agents without a mixer, and none where nothing is played', () => {
    const { forecast, target, total } = errorParts(episode(undefined, 2, 1))!;
    expect([forecast, target, total]).toEqual([3.5, 4.5, false]);
    expect(errorParts(episode(7, 0, 0))).toBeUndefined();
  });
});

describe('what the tour says', () => {
  const told = { mixer: 'monotonic', sharedAgents: false, agentId: false, masked: false } as const;
  const said = (step: number, changes: Partial<Told> = {}): string => {
    const { prose, equations } = STEPS[step].text({ ...told, ...changes });
    return [...prose, ...equations].join('\n');
  };

  test('is of one network for all, and of the agents’ numbers, where the run has them', () => {
    expect(said(0)).toMatch(/sees its own observation oᵢ, and nothing else\. Its network gives/);
    expect(said(0)).toContain('Qᵢ(oᵢ, ·) = agent network i of oᵢ\n');
    const shared = said(0, { mixer: 'none', sharedAgents: true, agentId: true });
    expect(shared).toMatch(
      /own observation oᵢ and its number i, and nothing else\. One network, which all agents/,
    );
    expect(shared).toContain('= the shared agent network of oᵢ and i\n');
  });

  test('is of allowed actions where not all are', () => {
    expect(said(0)).toMatch(/action with the highest one: nobody.*aᵢ = arg maxₐ Qᵢ\(oᵢ, a\)$/s);
    expect(said(0, { masked: true })).toMatch(
      /highest one of those it may take: nobody.*aᵢ = arg max over allowed a of Qᵢ\(oᵢ, a\)$/s,
    );
    expect(said(2, { masked: true })).toContain('its own best action of those it may take.');
    expect(said(3)).toContain('a′ᵢ = arg maxₐ Qᵢ(o′ᵢ, a)');
    for (const mixer of ['monotonic', 'sum', 'none'] as const)
      expect(said(3, { mixer, masked: true })).toContain('arg max over allowed a of Qᵢ(o′ᵢ, a)');
  });

  test('does not put down to the state alone what sets QMIX apart from VDN', () => {
    const text = said(1, { mixer: 'sum' });
    expect(text).not.toContain('all that sets');
    expect(text).toMatch(/weights and the biases .* ELU .*QMIX-Lin.*QMIX-NS.*VDN-S/);
  });
});

describe('what an update did', () => {
  const run = new ToldRun().run!;
  const first = [0, 1, 0, 2, 0];
  const second = [3, 0, 0, 0, 0];
  const before = toldEpisode([first, second], 10, 0.5);

  test('is that the TD error went nearer to 0, or not, where the move is the same', () => {
    const updated = (tdError: number) => toldEpisode([[0, 1, 0, 2.5, 0], second], 11, tdError);
    expect(describeChange(run, before, updated(-0.25))).toBe(
      'One update was made: here, the TD error went from 0.5000 to −0.2500, nearer to 0.',
    );
    expect(describeChange(run, before, updated(0.75))).toMatch(/to 0\.7500, not nearer to 0\.$/);
    expect(describeChange(run, before, updated(-0.75))).toMatch(/to −0\.7500, not nearer to 0\.$/);
  });

  test('is no change of the TD error where the greedy move turned', () => {
    const updated = toldEpisode([[0, 4, 0, 2, 0], second], 12, 0.1);
    expect(describeChange(run, before, updated)).toBe(
      '2 updates were made, and the greedy move here turned from agent 1 right, agent 2 up to agent 1 down, ' +
        'agent 2 up. The TD errors before and after are of different moves, and are not to be compared.',
    );
  });

  test('is nothing where none was made', () => {
    expect(describeChange(run, before, before)).toMatch(/^No update was made: /);
  });
});

describe('what is said of the two-step game', () => {
  const state = (name: string, joint: number[][], greedy: number[]): GameState => ({
    state: name,
    agents: [],
    joint,
    greedy,
    optimal: [],
  });
  const qmix = [
    state(
      '1',
      [
        [6.93, 6.93],
        [7.92, 7.92],
      ],
      [1, 0],
    ),
    state(
      '2A',
      [
        [7, 7],
        [7, 7],
      ],
      [1, 0],
    ),
    state(
      '2B',
      [
        [0, 1],
        [1, 8],
      ],
      [1, 1],
    ),
  ];
  const vdn = [
    state(
      '1',
      [
        [7.18, 7.19],
        [5.84, 5.85],
      ],
      [0, 1],
    ),
    state(
      '2A',
      [
        [6.87, 6.98],
        [7.08, 7.19],
      ],
      [1, 1],
    ),
    state(
      '2B',
      [
        [-1, 2.13],
        [2.98, 6.11],
      ],
      [1, 1],
    ),
  ];

  test('follows the greedy joint actions', () => {
    expect(greedyPlay(qmix)).toEqual({ state: 2, actions: [1, 1], reward: 8 });
    expect(greedyPlay(vdn)).toEqual({ state: 1, actions: [1, 1], reward: 7 });
  });

  test('is that VDN misses the best, and why', () => {
    expect(
      describeTwoStep([
        { name: 'QMIX', states: qmix },
        { name: 'VDN', states: vdn },
      ]),
    ).toBe(
      'QMIX goes to 2B, where both agents take their second action, for 8, the most there is. ' +
        'VDN goes to 2A, where both agents take their second action, for 7, 1 less than there is. ' +
        'VDN takes the best of 2B to be worth 6.11 and that of 2A 7.19: what is added up cannot say that an action ' +
        'pays only where both take it. QMIX has 8.00 and 7.00.',
    );
  });

  test('is what happened where something else happened', () => {
    const both = describeTwoStep([
      { name: 'QMIX', states: qmix },
      { name: 'VDN', states: qmix },
    ]);
    expect(both).toContain('VDN goes to 2B');
    expect(both).toContain('This time none of them missed it.');
    // QMIX early in training: no sum, so the sum is not to blame.
    const early = [
      qmix[0],
      qmix[1],
      state(
        '2B',
        [
          [0, 1],
          [1, 5],
        ],
        [0, 1],
      ),
    ];
    const missed = describeTwoStep([{ name: 'QMIX', states: early }]);
    expect(missed).toContain(
      'agent 1 takes its first action and agent 2 its second, for 1, 7 less than there is',
    );
    expect(missed).not.toContain('added up');
  });
});

test('numbers have a minus that is one, and zero has no sign', () => {
  expect(decimal(-1.234)).toBe('−1.23');
  expect(decimal(-0.001)).toBe('0.00');
  expect(decimal(Number.NaN)).toBe('–');
  expect(signed(0.5, 1)).toBe('+0.5');
  expect(signed(0.001)).toBe('0.00');
});
