import { describe, expect, it } from 'vitest';
import type { GridEnv } from '../../src/env/grid_env.ts';
import { isStartable, type StartableEnv } from '../../src/env/vector_env.ts';
import { makeConfig } from '../../src/presets.ts';
import { createEnvironment } from '../../src/train/environments.ts';
import { randomActions } from './worlds.ts';

function make(copies: number, changes: Record<string, unknown> = {}): StartableEnv {
  const config = makeConfig('door', { observationScale: 'raw', stateScale: 'raw', ...changes });
  const environment = createEnvironment(config, 3, copies);
  if (!isStartable(environment)) throw new Error('cannot be started on purpose');
  return environment;
}

/** Cells of both agents, switch and door in each copy, as observed by agent 0. */
const cells = (env: StartableEnv, copy: number): number[] =>
  [0, 1, 2, 3].map((piece) => 5 * env.states[8 * copy + 2 * piece] + env.states[8 * copy + 2 * piece + 1]);

function withCells(rows: readonly number[][], changes: Record<string, unknown> = {}): StartableEnv {
  const env = make(rows.length, changes);
  env.load(Int32Array.from(rows.flatMap((row) => [...row, 0, 0])));
  return env;
}

describe('switch and door', () => {
  it('shows each agent itself, the other, switch and door, and the state all eight numbers', () => {
    // Cells 7 = (1, 2), 23 = (4, 3), 10 = (2, 0), 4 = (0, 4).
    const env = withCells([[7, 23, 10, 4]]);
    expect([...env.observations]).toEqual([1, 2, 4, 3, 2, 0, 0, 4, 4, 3, 1, 2, 2, 0, 0, 4]);
    expect([...env.states]).toEqual([1, 2, 4, 3, 2, 0, 0, 4]);
    expect((env as GridEnv).pieceNames).toEqual(['agent 1', 'agent 2', 'switch', 'door']);
    const unit = withCells([[7, 23, 10, 4]], { observationScale: 'unit', stateScale: 'grid' });
    expect([...unit.observations.subarray(0, 8)]).toEqual([1, 2, 4, 3, 2, 0, 0, 4].map((x) => x / 4));
    expect([...unit.states]).toEqual([1, 2, 4, 3, 2, 0, 0, 4].map((x) => Math.fround(x / 5)));
  });

  it('ends with +10 once one agent stands on the switch and the other on the door, whichever is where', () => {
    const env = withCells([
      [7, 23, 12, 22],
      [23, 7, 12, 22],
      [7, 23, 12, 12],
      [7, 7, 12, 22],
      [12, 7, 12, 22],
    ]);
    // down and left; left and down; both to 12; both down to the switch; one stays on the switch.
    env.step(Uint32Array.of(1, 2, 2, 1, 1, 2, 1, 1, 4, 4));
    expect([...env.terminations]).toEqual([1, 1, 0, 0, 0]);
    expect([...env.successes]).toEqual([1, 1, 0, 0, 0]);
    expect([...env.rewards]).toEqual([10, 10, -0.05, -0.05, -0.05].map(Math.fround));
    expect([...env.nextStates.subarray(0, 8)]).toEqual([2, 2, 4, 2, 2, 2, 4, 2]);
  });

  it('runs out of time after 30 steps', () => {
    const env = withCells([[0, 1, 23, 24]]);
    for (let step = 1; step <= 30; step++) {
      env.step(Uint32Array.of(4, 4));
      expect([env.truncations[0], env.terminations[0], env.successes[0]]).toEqual([
        step === 30 ? 1 : 0,
        0,
        0,
      ]);
    }
  });

  it('masks moves off the grid where they are illegal, for both agents', () => {
    // A corner and the middle.
    const masked = withCells([[0, 12, 23, 24]], { offGrid: 'illegal' });
    expect(masked.spec.masked).toBe(true);
    expect([...masked.available]).toEqual([0, 1, 0, 1, 1, 1, 1, 1, 1, 1]);
    expect(withCells([[0, 12, 23, 24]]).available).toHaveLength(0);
  });

  it('starts on four distinct cells, any of them, in each of 303,600 ways once', () => {
    const env = make(2000);
    expect(env.starts).toBe(25 * 24 * 23 * 22);
    env.reset();
    const seen = new Set<number>();
    for (let copy = 0; copy < 2000; copy++) {
      const all = cells(env, copy);
      expect(new Set(all).size).toBe(4);
      seen.add(all[3]);
    }
    expect(seen.size).toBe(25);

    const small = make(24, { gridSize: 2 });
    for (let start = 0; start < 24; start++) small.begin(start, start);
    const starts = new Set(Array.from({ length: 24 }, (_, copy) => cells(small, copy).join()));
    expect(starts.size).toBe(24);
  });

  it('knows the shortest way: the better of two ways to share out switch and door', () => {
    // 0 = (0, 0), 24 = (4, 4): crossed, 8 steps; straight, 1 and 1.
    expect(withCells([[0, 24, 23, 1]]).optimalSteps(0)).toBe(1);
    expect(withCells([[0, 24, 1, 23]]).optimalSteps(0)).toBe(1);
    expect(withCells([[0, 1, 24, 23]]).optimalSteps(0)).toBe(7);
    const env = make(1);
    env.begin(0, 1234);
    expect(env.optimalLength(1234)).toBe(env.optimalSteps(0));
  });

  it('goes on exactly from what was saved', () => {
    const env = make(20, { offGrid: 'illegal' });
    env.reset();
    const actions = new Uint32Array(40);
    for (let step = 0; step < 35; step++) {
      randomActions(actions, step);
      env.step(actions);
    }
    const twin = make(20, { offGrid: 'illegal' });
    twin.load(env.save());
    expect(twin.observations).toEqual(env.observations);
    expect(twin.available).toEqual(env.available);
    for (let step = 35; step < 70; step++) {
      randomActions(actions, step);
      env.step(actions);
      twin.step(actions);
    }
    expect(twin.save()).toEqual(env.save());
    expect(twin.states).toEqual(env.states);
  });

  it('is for two agents', () => {
    expect(() => makeConfig('door', { agents: 3 })).toThrow(
      'agents: got 3, allowed: 2, as this environment is for two agents',
    );
  });
});
