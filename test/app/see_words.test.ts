import { describe, expect, it } from 'vitest';
import { describeMoment, describeStarts, describeWeights, short } from '../../src/app/see/words.ts';
import type { Episode, Moment } from '../../src/inspect/look.ts';

const world = {
  gridSize: 3,
  agents: 2,
  pieces: ['agent 1', 'agent 2', 'goal'],
  actions: ['up', 'down', 'left', 'right', 'stay'],
};

const moment = (cells: number[], actions: number[], greedy: number[]): Moment => ({
  cells,
  actions,
  reward: 0,
  tdError: 0,
  look: { q: [], legal: [], greedy, qTotal: undefined, slopes: undefined, mixing: undefined },
});

const episode: Episode = {
  moments: [
    moment([0, 5, 8], [], [3, 1]),
    moment([1, 8, 8], [3, 1], [1, 4]),
    moment([8, 8, 8], [1, 4], [0, 0]),
  ],
  optimal: 1,
  outcome: 'solved',
  updates: 3,
};

describe('the words of a moment', () => {
  it('say step, joint action, shortest length, positions and what is greedy now', () => {
    expect(describeMoment(episode, 0, world)).toBe(
      'A new start, shortest possible 1: goal at row 3, column 3; agent 1 at row 1, column 1; ' +
        'agent 2 at row 2, column 3. Greedy now: agent 1 right, agent 2 down.',
    );
    expect(describeMoment(episode, 1, world)).toBe(
      'Step 1 (agent 1 right, agent 2 down), shortest possible 1: goal at row 3, column 3; ' +
        'agent 1 at row 1, column 2; agent 2 at row 3, column 3. Greedy now: agent 1 down, agent 2 stay.',
    );
    expect(describeMoment(episode, 2, world)).toMatch(
      /^Solved after 2 steps \(agent 1 down, agent 2 stay\), shortest possible 1: .*column 3\.$/,
    );
  });

  it('say that it was not solved, and no length where none is known', () => {
    const lost: Episode = { ...episode, outcome: 'timeout', optimal: Number.NaN };
    expect(describeMoment(lost, 2, world)).toMatch(/^Not solved within 2 steps \(.*\): goal at/);
    expect(describeMoment({ ...lost, moments: lost.moments.slice(0, 2) }, 1, world)).toMatch(
      /within 1 step \(/,
    );
  });
});

it.each([
  [0, '0.000'],
  [-0.0104, '−0.010'],
  [0.00042, '4.2e−4'],
  [-0.00042, '−4.2e−4'],
  [9.9999, '10.000'],
  [-12.345, '−12.35'],
  [123.456, '123.5'],
  [4567, '4567'],
  [2.5e9, '2.5e+9'],
  [Number.NaN, '–'],
  [Number.NEGATIVE_INFINITY, '−∞'],
])('%f is written %s', (value, text) => {
  expect(short(value)).toBe(text);
});

it('starts are told by how they went, and the map by how it is read', () => {
  expect(describeStarts(13_800, ['13,000', '700', '100'])).toMatch(
    /^Of 13,800 starts, 13,000 are solved in the fewest steps, 700 with more, 100 not\. A block for each cell of the goal; .* row .* agent 1, .* column .* agent 2\./,
  );
});

it('weights are told by least, largest, and share near zero', () => {
  expect(describeWeights([2, 0.5, 0.03, 0.0199, 0, 0.1])).toBe(
    'least 0.000, largest 2.000, 33 % near zero (below a hundredth of the largest)',
  );
  expect(describeWeights(new Array(200_000).fill(1))).toContain('least 1.000, largest 1.000, 0 %');
});
