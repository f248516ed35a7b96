import { describe, expect, it } from 'vitest';
import { optimalValues } from '../../src/env/table_game.ts';
import { twoStepRules } from '../../src/env/two_step.ts';
import { isStartable, type StartableEnv } from '../../src/env/vector_env.ts';
import { makeConfig } from '../../src/presets.ts';
import { createEnvironment } from '../../src/train/environments.ts';

/**
 * Shortest ways by brute force: a breadth-first search over what all agents do together, from the rules in words.
 *
 * A cell is (row, column). Each agent moves up, down, left or right by one cell, or stays; all move at once; one that
 * would leave the grid stays where it is. Agents may share a cell and pass each other.
 */
type Cells = readonly (readonly [row: number, column: number])[];

const MOVES = [
  [-1, 0],
  [1, 0],
  [0, -1],
  [0, 1],
  [0, 0],
] as const;

/** Where an agent may be after a step. */
function reachable([row, column]: Cells[number], size: number): Cells[number][] {
  return MOVES.map(([down, right]) => {
    const inside = row + down >= 0 && row + down < size && column + right >= 0 && column + right < size;
    return inside ? [row + down, column + right] : [row, column];
  });
}

/** Steps until `over` holds for the first time after a step, if all agents do their best. */
function fewestSteps(agents: Cells, size: number, over: (agents: Cells) => boolean): number {
  const seen = new Set<string>([String(agents)]);
  let now: Cells[] = [agents];
  for (let steps = 1; now.length > 0; steps++) {
    const next: Cells[] = [];
    for (const placed of now) {
      let joint: Cells[] = [[]];
      for (const agent of placed) {
        joint = joint.flatMap((before) => reachable(agent, size).map((cell) => [...before, cell]));
      }
      for (const moved of joint) {
        if (over(moved)) return steps;
        if (seen.has(String(moved))) continue;
        seen.add(String(moved));
        next.push(moved);
      }
    }
    now = next;
  }
  throw new Error('it is never over');
}

const same = (a: Cells[number], b: Cells[number]): boolean => a[0] === b[0] && a[1] === b[1];

/** Meeting Gridworld is over once all agents are on the goal. */
const allMeet =
  ([goal]: Cells) =>
  (agents: Cells): boolean =>
    agents.every((agent) => same(agent, goal));

/** Switch and door is over once one agent is on the switch and the other on the door. */
const bothHeld =
  ([lever, door]: Cells) =>
  ([first, second]: Cells): boolean =>
    (same(first, lever) && same(second, door)) || (same(first, door) && same(second, lever));

function environment(preset: string, changes: Record<string, unknown>): StartableEnv {
  const made = createEnvironment(makeConfig(preset, { ...changes, stateScale: 'raw' }), 1, 1);
  if (!isStartable(made)) throw new Error('cannot be started on purpose');
  return made;
}

/** Holds every `every`-th start to the search; returns the mean and the most of the lengths seen. */
function holdStarts(
  env: StartableEnv,
  size: number,
  over: (fixtures: Cells) => (agents: Cells) => boolean,
  every = 1,
) {
  const { agents } = env.spec;
  let [sum, most, count] = [0, 0, 0];
  const seen = new Set<string>();
  for (let start = 0; start < env.starts; start += every) {
    env.begin(0, start);
    // The state is the row and column of each agent, then of what does not move.
    const pieces: [number, number][] = [];
    for (let at = 0; at < env.states.length; at += 2) pieces.push([env.states[at], env.states[at + 1]]);
    seen.add(String(pieces));
    const length = fewestSteps(pieces.slice(0, agents), size, over(pieces.slice(agents)));
    if (env.optimalLength(start) !== length || env.optimalSteps(0) !== length) {
      const got = `${env.optimalLength(start)}, ${env.optimalSteps(0)}`;
      expect(`${got} from ${pieces.join('; ')}`).toBe(`${length}, ${length} from ${pieces.join('; ')}`);
    }
    sum += length;
    most = Math.max(most, length);
    count++;
  }
  expect(seen.size).toBe(count);
  return { mean: sum / count, most };
}

describe('the fewest steps in which an episode can succeed are those of a breadth-first search', () => {
  it.each([
    { preset: 'solve', gridSize: 3, agents: 2, starts: 504, most: 4 },
    { preset: 'solve', gridSize: 2, agents: 3, starts: 24, most: 2 },
    { preset: 'door', gridSize: 2, agents: 2, starts: 24, most: 1 },
  ])('from every start: %j', ({ preset, starts, most, ...sizes }) => {
    const env = environment(preset, sizes);
    expect(env.starts).toBe(starts);
    const over = preset === 'door' ? bothHeld : allMeet;
    expect(holdStarts(env, sizes.gridSize, over).most).toBe(most);
  });

  it.each([
    { preset: 'solve', starts: 13_800, every: 1733 },
    { preset: 'solve', gridSize: 3, offGrid: 'illegal', starts: 504, every: 19 },
    { preset: 'solve', gridSize: 3, agents: 3, starts: 3024, every: 431 },
    { preset: 'door', starts: 303_600, every: 20_011 },
    { preset: 'door', gridSize: 3, starts: 3024, every: 29 },
  ])('from some of the starts: %j', ({ preset, starts, every, ...changes }) => {
    const env = environment(preset, changes);
    expect(env.starts).toBe(starts);
    holdStarts(env, changes.gridSize ?? 5, preset === 'door' ? bothHeld : allMeet, every);
  });

  it('4.215 on average over all 13,800 starts of Meeting Gridworld, and 8 at most', () => {
    const env = environment('solve', {});
    const lengths = Array.from({ length: env.starts }, (_, start) => env.optimalLength(start));
    expect(lengths.reduce((sum, length) => sum + length, 0) / lengths.length).toBeCloseTo(4.215, 3);
    expect(Math.max(...lengths)).toBe(8);
  });
});

describe('the largest return of a game is that of trying everything', () => {
  /** Each way to play a game of so many steps and actions: what each agent does in each step. */
  function plays(steps: number, actions: number): [number, number][][] {
    let all: [number, number][][] = [[]];
    for (let step = 0; step < steps; step++) {
      all = all.flatMap((before) =>
        Array.from({ length: actions ** 2 }, (_, joint): [number, number][] => [
          ...before,
          [Math.floor(joint / actions), joint % actions],
        ]),
      );
    }
    return all;
  }

  /**
   * In step 1 agent 1 alone chooses between states 2A and 2B, without reward. In step 2 state 2A pays 7 whatever is
   * done; state 2B pays 8 if both take their second action, 0 if both take their first, else 1.
   */
  const twoStep = ([[chosen], [first, second]]: readonly (readonly [number, number])[]): number => {
    if (chosen === 0) return 7;
    if (first === 1 && second === 1) return 8;
    return first === 0 && second === 0 ? 0 : 1;
  };
  const matrix =
    (payoff: readonly (readonly number[])[]) =>
    ([[row, column]]: readonly (readonly [number, number])[]): number =>
      payoff[row][column];
  const climbing = [
    [11, -30, 0],
    [-30, 7, 0],
    [0, 6, 5],
  ];
  const twoBest = [
    [3, -1],
    [-2, 3],
  ];

  it.each([
    { name: 'two-step', changes: { environment: 'two-step' }, steps: 2, actions: 2, pays: twoStep, best: 8 },
    {
      ...{ name: 'climbing', changes: { environment: 'matrix', payoff: climbing }, steps: 1, actions: 3 },
      ...{ pays: matrix(climbing), best: 11 },
    },
    {
      ...{
        name: 'a game with two best',
        changes: { environment: 'matrix', payoff: twoBest },
        steps: 1,
        actions: 2,
      },
      ...{ pays: matrix(twoBest), best: 3 },
    },
  ])('$name: $best', ({ changes, steps, actions, pays, best }) => {
    const env = environment('game', changes);
    expect([env.starts, env.optimalLength(0)]).toEqual([1, steps]);
    const returns = plays(steps, actions).map((play) => {
      env.reset();
      let total = 0;
      for (const [step, joint] of play.entries()) {
        expect(env.optimalSteps(0)).toBe(steps - step);
        env.step(Uint32Array.from(joint));
        total += env.rewards[0];
        expect(env.terminations[0]).toBe(step === steps - 1 ? 1 : 0);
      }
      expect(total).toBe(pays(play));
      expect(env.successes[0]).toBe(total === best ? 1 : 0);
      return total;
    });
    expect(Math.max(...returns)).toBe(best);
  });

  it('discounted, as inspect prints it: 0.99 of what state 2A or 2B can pay, in state 1', () => {
    const rounded = [...optimalValues(twoStepRules, 0.99)].map((value) => value.toFixed(2)).join(' ');
    expect(rounded).toBe('6.93 6.93 7.92 7.92 7.00 7.00 7.00 7.00 0.00 1.00 1.00 8.00');
  });
});
