import { describe, expect, it } from 'vitest';
import { requireLegal } from '../../src/env/legal.ts';
import type { VectorEnv } from '../../src/env/vector_env.ts';
import { allStates, firstDifference, make, randomActions, withCells } from './worlds.ts';

describe('moves off the grid', () => {
  it('are masked where they are illegal, before and after a step, and staying never is', () => {
    // Corner 0, edge 2, centre 12.
    const env = withCells(
      [
        [0, 2, 24],
        [12, 24, 1],
      ],
      { offGrid: 'illegal' },
    );
    expect(env.spec.masked).toBe(true);
    expect([...env.available]).toEqual([0, 1, 0, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 0, 1]);
    env.step(Uint32Array.of(1, 1, 0, 0));
    // Now on 5 and 7, 7 and 19.
    const after = [1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1];
    expect([...env.nextAvailable]).toEqual(after);
    expect([...env.available]).toEqual(after);
  });

  it('are told of where an episode ended and where the next begins', () => {
    const env = make(200, { offGrid: 'illegal', episodeLimit: 1, gridSize: 3 });
    const free = make(200, { gridSize: 3 });
    env.reset();
    const actions = new Uint32Array(400);
    randomActions(actions, 1);
    free.load(env.save());
    free.step(actions);
    env.step(actions);
    let differ = 0;
    for (let copy = 0; copy < 200; copy++) {
      for (let agent = 0; agent < 2; agent++) {
        const at = (2 * copy + agent) * 6;
        const mask = (2 * copy + agent) * 5;
        const [x, y] = env.nextObservations.subarray(at, at + 2);
        const legal = [x > 0, x < 2, y > 0, y < 2, true].map(Number);
        expect([...env.nextAvailable.subarray(mask, mask + 5)]).toEqual(legal);
        if (String(env.available.subarray(mask, mask + 5)) !== String(legal)) differ++;
      }
    }
    expect(differ).toBeGreaterThan(50);
  });

  it('are listed for every state as they are met in it', () => {
    const env = withCells(allStates(), { offGrid: 'illegal' });
    expect(firstDifference(env.tabulateAvailable(), env.available)).toBe(-1);
    expect(make(1).tabulateAvailable()).toHaveLength(0);
  });

  it('change nothing else: legal moves lead where they led before', () => {
    const masked = make(100, { offGrid: 'illegal', episodeLimit: 9 });
    const free = make(100, { episodeLimit: 9 });
    masked.reset();
    free.reset();
    const actions = new Uint32Array(200);
    for (let step = 0; step < 30; step++) {
      randomActions(actions, step);
      for (let row = 0; row < 200; row++)
        if (masked.available[5 * row + actions[row]] === 0) actions[row] = 4;
      masked.step(actions);
      free.step(actions);
      expect(firstDifference(masked.nextObservations, free.nextObservations)).toBe(-1);
      expect(masked.save()).toEqual(free.save());
    }
  });
});

describe('sight of oneself and the goal only', () => {
  it('leaves the others out of what agents observe, not out of the state', () => {
    const env = withCells([[7, 23, 10, 4]], { agents: 3, sight: 'own' });
    expect(env.spec).toMatchObject({ observationSize: 4, stateSize: 8 });
    expect([...env.observations]).toEqual([1, 2, 0, 4, 4, 3, 0, 4, 2, 0, 0, 4]);
    expect([...env.states]).toEqual([1, 2, 4, 3, 2, 0, 0, 4]);
    const all = withCells(allStates(), { sight: 'own' });
    expect(firstDifference(all.tabulateObservations(), all.observations)).toBe(-1);
  });
});

describe('an agent without a legal action', () => {
  const env: VectorEnv = make(3, { offGrid: 'illegal' });
  const masks = (without?: number) =>
    Uint8Array.from({ length: 30 }, (_, at) => (Math.floor(at / 5) === without ? 0 : 1));

  it('is refused by environment, copy and agent, unless its episode has terminated', () => {
    expect(() => requireLegal(env, masks(), new Uint8Array(3))).not.toThrow();
    expect(() => requireLegal(env, masks(3), new Uint8Array(3))).toThrow(
      'environment: meeting-gridworld, copy 1: agent 1 has no legal action, allowed: at least one',
    );
    expect(() => requireLegal(env, masks(3), Uint8Array.of(0, 1, 0))).not.toThrow();
    expect(() => requireLegal(env, masks(0), new Uint8Array(0))).toThrow(
      'copy 0: agent 0 has no legal action',
    );
  });
});
