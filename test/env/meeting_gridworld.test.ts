import { describe, expect, it } from 'vitest';
import { firstDifference, make, randomActions, STARTS, STATES, withCells } from './worlds.ts';

/** The chi-square of counts against a uniform law, in standard deviations from its mean. */
function deviation(counts: Uint32Array): number {
  const total = counts.reduce((sum, n) => sum + n, 0);
  const expected = total / counts.length;
  let chiSquare = 0;
  for (const n of counts) chiSquare += (n - expected) ** 2 / expected;
  const freedom = counts.length - 1;
  return (chiSquare - freedom) / Math.sqrt(2 * freedom);
}

describe('moves and rewards', () => {
  // The middle and a corner, agent 0; agent 1 stays on cell 24, the goal is on 20.
  const moves: [string, number, number, number][] = [
    ['up', 0, 12, 7],
    ['down', 1, 12, 17],
    ['left', 2, 12, 11],
    ['right', 3, 12, 13],
    ['stay', 4, 12, 12],
    ['up off the grid', 0, 3, 3],
    ['down off the grid', 1, 22, 22],
    ['left off the grid', 2, 10, 10],
    ['right off the grid', 3, 14, 14],
  ];
  it.each(moves)('%s', (_, action, from, to) => {
    const env = withCells([[from, 24, 20]]);
    env.step(Uint32Array.of(action, 4));
    expect([...env.cells]).toEqual([to, 24, 20]);
    expect(env.rewards[0]).toBe(Math.fround(-0.01));
    expect([env.terminations[0], env.truncations[0], env.steps[0]]).toEqual([0, 0, 1]);
  });

  it('moves agents at once, lets them share a cell and pass each other', () => {
    const env = withCells([
      [6, 8, 24],
      [6, 7, 24],
    ]);
    env.step(Uint32Array.of(3, 2, 3, 2));
    expect([...env.cells]).toEqual([7, 7, 24, 7, 6, 24]);
  });

  it('ends the episode, with the reward, only when all agents are on the goal', () => {
    const env = withCells([
      [7, 11, 12],
      [7, 10, 12],
      [12, 11, 12],
      [12, 12, 12],
    ]);
    env.step(Uint32Array.of(1, 3, 1, 3, 4, 3, 4, 0));
    expect([...env.terminations]).toEqual([1, 0, 1, 0]);
    expect([...env.rewards]).toEqual([10, -0.01, 10, -0.01].map(Math.fround));
    expect([...env.truncations]).toEqual([0, 0, 0, 0]);
  });

  it('truncates after episodeLimit steps, but not where the last step succeeds', () => {
    const env = withCells(
      [
        [0, 1, 24],
        [7, 11, 12],
      ],
      { episodeLimit: 3 },
    );
    for (let step = 1; step <= 3; step++) {
      env.step(Uint32Array.of(4, 4, step < 3 ? 4 : 1, step < 3 ? 4 : 3));
      expect([...env.truncations]).toEqual([step === 3 ? 1 : 0, 0]);
      expect([...env.terminations]).toEqual([0, step === 3 ? 1 : 0]);
    }
    expect([...env.steps]).toEqual([0, 0]);
    expect([...env.episodes]).toEqual([1, 1]);
  });
});

describe('observations and states', () => {
  // Cells 7 = (1, 2), 23 = (4, 3), 10 = (2, 0), 4 = (0, 4).
  it('lists own, the others’ and the goal’s coordinates, and the state all agents’ and the goal’s', () => {
    const env = withCells([[7, 23, 10, 4]], { agents: 3 });
    expect(env.spec.observationSize).toBe(8);
    expect([...env.observations]).toEqual([
      ...[1, 2, 4, 3, 2, 0, 0, 4],
      ...[4, 3, 1, 2, 2, 0, 0, 4],
      ...[2, 0, 1, 2, 4, 3, 0, 4],
    ]);
    expect([...env.states]).toEqual([1, 2, 4, 3, 2, 0, 0, 4]);
  });

  it.each([
    ['unit', 4],
    ['raw', 1],
  ] as const)('scales observations: %s', (observationScale, divisor) => {
    const env = withCells([[7, 23, 10]], { observationScale });
    const expected = [1, 2, 4, 3, 2, 0, 4, 3, 1, 2, 2, 0].map((x) => Math.fround(x / divisor));
    expect([...env.observations]).toEqual(expected);
    expect([...env.states]).toEqual([1, 2, 4, 3, 2, 0]);
  });

  it.each([
    ['unit', 4],
    ['grid', 5],
    ['raw', 1],
  ] as const)('scales states: %s', (stateScale, divisor) => {
    const env = withCells([[7, 23, 10]], { stateScale });
    expect([...env.states]).toEqual([1, 2, 4, 3, 2, 0].map((x) => Math.fround(x / divisor)));
    expect([...env.observations.subarray(0, 6)]).toEqual([1, 2, 4, 3, 2, 0]);
  });

  it('hands over what a step led to before any reset, at time-outs too', () => {
    const copies = 120;
    const env = make(copies, { gridSize: 3, episodeLimit: 4 });
    const twin = make(copies, { gridSize: 3 });
    env.reset();
    const actions = new Uint32Array(2 * copies);
    let ended = 0;
    let timedOut = 0;
    for (let step = 0; step < 40; step++) {
      randomActions(actions, step);
      // The twin knows no time limit: what it observes after the step is what the step led to. Where it
      // resets as well, after meeting, all agents are on the goal.
      twin.load(env.save());
      const goals = Array.from({ length: copies }, (_, copy) => env.cells[3 * copy + 2]);
      env.step(actions);
      twin.step(actions);
      for (let copy = 0; copy < copies; copy++) {
        const next = env.nextObservations.slice(copy * 12, copy * 12 + 12);
        const now = env.observations.slice(copy * 12, copy * 12 + 12);
        const nextState = env.nextStates.slice(copy * 6, copy * 6 + 6);
        if (env.terminations[copy]) {
          const [x, y] = [Math.floor(goals[copy] / 3), goals[copy] % 3];
          expect([...next]).toEqual([x, y, x, y, x, y, x, y, x, y, x, y]);
          expect([...nextState]).toEqual([x, y, x, y, x, y]);
          ended++;
        } else {
          expect(firstDifference(next, twin.observations.subarray(copy * 12, copy * 12 + 12))).toBe(-1);
          expect(firstDifference(nextState, twin.states.subarray(copy * 6, copy * 6 + 6))).toBe(-1);
        }
        if (env.truncations[copy]) timedOut++;
        if (!env.terminations[copy] && !env.truncations[copy]) {
          expect(firstDifference(next, now)).toBe(-1);
          expect(firstDifference(nextState, env.states.subarray(copy * 6, copy * 6 + 6))).toBe(-1);
        } else {
          const cells = env.cells.subarray(3 * copy, 3 * copy + 3);
          expect([...now.subarray(0, 6)]).toEqual(
            [...cells].flatMap((cell) => [Math.floor(cell / 3), cell % 3]),
          );
          expect(env.steps[copy]).toBe(0);
        }
      }
    }
    expect(ended).toBeGreaterThan(15);
    expect(timedOut).toBeGreaterThan(500);
  });
});

describe('starts', () => {
  const env = make(STARTS);
  for (let start = 0; start < STARTS; start++) env.begin(start, start);

  it('are 13,800, each reached once, on distinct cells', () => {
    expect(env.starts).toBe(STARTS);
    const seen = new Set<number>();
    for (let copy = 0; copy < STARTS; copy++) {
      const cells = env.cells.subarray(3 * copy, 3 * copy + 3);
      expect(new Set(cells).size).toBe(3);
      expect(Math.min(...cells) >= 0 && Math.max(...cells) < 25).toBe(true);
      seen.add(env.stateIndex(copy));
    }
    expect(seen.size).toBe(STARTS);
  });

  it('counts those of other grids', () => {
    expect(make(1, { gridSize: 2 }).starts).toBe(4 * 3 * 2);
    const three = make(1, { gridSize: 3, agents: 3 });
    expect(three.starts).toBe(9 * 8 * 7 * 6);
    expect(three.stateCount).toBe(9 ** 4);
  });

  it('need 4.215 steps on average and 8 at most, which return 9.968; a direct walk needs just these', () => {
    const lengths = Array.from({ length: STARTS }, (_, start) => env.optimalLength(start));
    const mean = lengths.reduce((sum, n) => sum + n, 0) / STARTS;
    expect(mean.toFixed(3)).toBe('4.215');
    expect(Math.max(...lengths)).toBe(8);
    expect((10 - 0.01 * (mean - 1)).toFixed(3)).toBe('9.968');

    const walk = make(STARTS);
    for (let start = 0; start < STARTS; start++) walk.begin(start, start);
    const actions = new Uint32Array(2 * STARTS);
    const needed = new Int32Array(STARTS);
    for (let step = 1; step <= 8; step++) {
      for (let copy = 0; copy < STARTS; copy++) {
        const left = lengths[copy] - step + 1;
        if (needed[copy] === 0 && walk.optimalSteps(copy) !== left) {
          expect(walk.optimalSteps(copy), `start ${copy}, step ${step}`).toBe(left);
        }
        const goal = walk.cells[3 * copy + 2];
        for (let i = 0; i < 2; i++) {
          const cell = walk.cells[3 * copy + i];
          const dx = Math.floor(goal / 5) - Math.floor(cell / 5);
          const dy = (goal % 5) - (cell % 5);
          actions[2 * copy + i] = dx < 0 ? 0 : dx > 0 ? 1 : dy < 0 ? 2 : dy > 0 ? 3 : 4;
        }
      }
      walk.step(actions);
      for (let copy = 0; copy < STARTS; copy++) {
        if (walk.terminations[copy] && needed[copy] === 0) needed[copy] = step;
      }
    }
    expect(firstDifference(needed, lengths)).toBe(-1);
  });

  it('are as likely as each other at a reset, in the first episode and in later ones', () => {
    const startOf = new Int32Array(STATES).fill(-1);
    for (let copy = 0; copy < STARTS; copy++) startOf[env.stateIndex(copy)] = copy;
    const first = make(20 * STARTS, {}, 2025);
    first.reset();
    const counts = new Uint32Array(STARTS);
    for (let copy = 0; copy < first.copies; copy++) counts[startOf[first.stateIndex(copy)]]++;
    expect(Math.abs(deviation(counts))).toBeLessThan(5);

    // A limit of one step: every step begins another episode.
    const later = make(STARTS, { episodeLimit: 1 }, 2025);
    later.reset();
    const laterCounts = new Uint32Array(STARTS);
    const actions = new Uint32Array(2 * STARTS);
    for (let step = 0; step < 20; step++) {
      later.step(actions);
      for (let copy = 0; copy < STARTS; copy++) laterCounts[startOf[later.stateIndex(copy)]]++;
    }
    expect(later.episodes.every((episode) => episode === 20)).toBe(true);
    expect(Math.abs(deviation(laterCounts))).toBeLessThan(5);
    expect(laterCounts).not.toEqual(counts);
  });

  it('differ from seed to seed and repeat for equal seeds', () => {
    const cells = (seed: number) => {
      const made = make(50, {}, seed);
      made.reset();
      return made.cells;
    };
    expect(cells(4)).toEqual(cells(4));
    expect(cells(4)).not.toEqual(cells(5));
  });

  it('put more pieces than one draw has words on distinct cells', () => {
    const crowd = make(2000, { gridSize: 3, agents: 8 });
    crowd.reset();
    const lastCell = new Uint32Array(9);
    for (let copy = 0; copy < 2000; copy++) {
      const cells = crowd.cells.subarray(9 * copy, 9 * copy + 9);
      expect(new Set(cells).size).toBe(9);
      lastCell[cells[8]]++;
    }
    expect(Math.abs(deviation(lastCell))).toBeLessThan(5);
  });
});
