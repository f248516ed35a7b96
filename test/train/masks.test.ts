import { describe, expect, it, vi } from 'vitest';
import { MeetingGridworld } from '../../src/env/meeting_gridworld.ts';
import { recordLayout } from '../../src/shapes.ts';
import { createEvaluator } from '../../src/train/evaluate.ts';
import type { HostRollout } from '../../src/train/host_rollout.ts';
import type { Trainer } from '../../src/train/trainer.ts';
import { advance, smallConfig, smallTrainer } from './small.ts';

const masked = (changes = {}) => smallConfig({ offGrid: 'illegal', epsilonEnd: 1, ...changes });

/** 1 for each move that stays on the 3×3 grid, of an agent that observes itself on (x, y), of unit scale. */
const legal = (x: number, y: number): number[] => [x > 0, x < 1, y > 0, y < 1, true].map(Number);

const environmentsOf = (trainer: Trainer) => (trainer.rollout as HostRollout).environments;

/** Calls `look` with what the learner is given, before every step. */
function spy(trainer: Trainer, look: () => void): void {
  const step = trainer.learner.step.bind(trainer.learner);
  trainer.learner.step = (number) => {
    look();
    return step(number);
  };
}

describe('masks', () => {
  it('go from environments to learner and records, and no illegal action is ever taken', async () => {
    const config = masked();
    const trainer = smallTrainer(config);
    const { inputs, options } = trainer.learner;
    const layout = recordLayout(options.shape);
    const { agents, observationSize } = options.shape;
    let taken = 0;
    spy(trainer, () => {
      for (let row = 0; row < 9 * agents; row++) {
        const [x, y] = inputs.observations.subarray(row * observationSize);
        expect([...inputs.available.subarray(5 * row, 5 * row + 5)]).toEqual(legal(x, y));
      }
      if (taken++ === 0) return;
      for (let record = 0; record < 9; record++) {
        for (let agent = 0; agent < agents; agent++) {
          const at = record * layout.size + agent * observationSize;
          const [x, y] = inputs.transitions.subarray(at);
          const action = inputs.transitions[record * layout.size + layout.actions + agent];
          expect(legal(x, y)[action]).toBe(1);
          const [nextX, nextY] = inputs.transitions.subarray(at + layout.nextObservations);
          const mask = record * layout.size + layout.nextAvailable + 5 * agent;
          expect([...inputs.transitions.subarray(mask, mask + 5)]).toEqual(legal(nextX, nextY));
        }
      }
    });
    await advance(trainer);
    expect(taken).toBeGreaterThan(70);
  });

  it('hold for the greedy policy, whose evaluation finds the same by table and by rollouts', async () => {
    const trainer = await advance(smallTrainer(masked({ updates: 200 })));
    const table = await createEvaluator(trainer.config).evaluate(trainer.learner, 0, 3);
    const rolled = await createEvaluator(trainer.config, { rollout: true }).evaluate(trainer.learner, 0, 3);
    expect(table.some(({ success }) => success > 0)).toBe(true);
    for (const [index, { success, lengthRatio }] of table.entries()) {
      expect(rolled[index].success).toBe(success);
      expect(rolled[index].lengthRatio).toBeCloseTo(lengthRatio, 12);
    }
    // Without masks the same networks would play otherwise.
    const { learner } = trainer;
    const { observations, available } = environmentsOf(trainer)[0];
    const masks = Float32Array.from(available);
    const kept = await learner.greedy(observations, 3, 0, 3, masks);
    const free = await learner.greedy(observations, 3, 0, 3, masks.slice().fill(1));
    expect(kept).not.toEqual(free);
  });

  it('hold in evaluations for copies whose episodes are over, too, and which are at others that nobody counts', async () => {
    const trainer = smallTrainer(masked({ seeds: [11] }));
    const { agents, observationSize } = trainer.learner.options.shape;
    const straight = (x: number, y: number, goalX: number, goalY: number): number => {
      if (x !== goalX) return x > goalX ? 0 : 1;
      return y === goalY ? 4 : y > goalY ? 2 : 3;
    };
    let illegal = 0;
    let steps = 0;
    const { step } = MeetingGridworld.prototype;
    vi.spyOn(MeetingGridworld.prototype, 'step').mockImplementation(function (
      this: MeetingGridworld,
      actions,
    ) {
      steps++;
      for (const [at, action] of actions.entries()) if (this.available[5 * at + action] === 0) illegal++;
      step.call(this, actions);
    });
    const evaluator = createEvaluator(trainer.config, { rollout: true });
    // Those that stay where they are do so to the last step: of the goal in the middle, or all but the last four.
    for (const [stays, expected] of [
      [(_: number, x: number, y: number) => x === 0.5 && y === 0.5, 8 / 9],
      [(copy: number) => copy < 500, 4 / 504],
    ] as const) {
      trainer.learner.greedy = async (seen, rows) =>
        Uint32Array.from({ length: rows * agents }, (_, row) => {
          const own = [...seen.subarray(row * observationSize, (row + 1) * observationSize)];
          const [x, y, goalX, goalY] = [own[0], own[1], own.at(-2)!, own.at(-1)!];
          return stays(Math.floor(row / agents), goalX, goalY) ? 4 : straight(x, y, goalX, goalY);
        });
      steps = 0;
      const [{ success }] = await evaluator.evaluate(trainer.learner, 0, 1);
      expect([success, steps, illegal]).toEqual([expected, 9, 0]);
    }
    vi.restoreAllMocks();
  });

  it('of a module that was changed since hold for actions that are owed: the first legal one takes their place', async () => {
    const trainer = smallTrainer(masked({ seeds: [11] }));
    const [state] = await trainer.rollout.save();
    const { observations, available } = environmentsOf(trainer)[0];
    const blocked = available.findIndex((legal, at) => at % 5 === 0 && legal === 0) / 5;
    const free = available.findIndex((legal, at) => at % 5 === 0 && legal === 1) / 5;
    // To the left, where the edge is and where it is not; the others stay.
    const owed = new Uint32Array(6)
      .fill(4)
      .fill(0, blocked, blocked + 1)
      .fill(0, free, free + 1);
    const transitions = state.transitions.slice().fill(7);
    await trainer.rollout.load([{ ...state, transitions, owed }]);
    const expected = [...owed];
    expected[blocked] = 1;
    const [loaded] = await trainer.rollout.save();
    expect([...loaded.owed!]).toEqual(expected);
    // The record under way begins with where the environment stands now; what will come of it is not known.
    const { size, nextObservations } = recordLayout(trainer.learner.options.shape);
    const seen = observations.length / 3;
    expect([...loaded.transitions.subarray(size, size + seen)]).toEqual([
      ...observations.subarray(seen, 2 * seen),
    ]);
    expect(loaded.transitions[size + nextObservations]).toBe(7);
    await trainer.rollout.load([{ ...state, transitions }]);
    expect((await trainer.rollout.save())[0]).toEqual({ ...state, transitions });
  });

  it('without a legal action for an agent end the run, by environment, copy and agent', async () => {
    const trainer = smallTrainer(masked());
    await advance(trainer, 3);
    const [environment] = environmentsOf(trainer);
    environment.available.fill(0, 5 * 3, 5 * 4);
    await expect(trainer.advance()).rejects.toThrow(
      'environment: meeting-gridworld, copy 1: agent 1 has no legal action, allowed: at least one',
    );
    const later = smallTrainer(masked());
    await advance(later, 3);
    const step = environmentsOf(later)[2].step.bind(environmentsOf(later)[2]);
    environmentsOf(later)[2].step = (actions) => {
      step(actions);
      environmentsOf(later)[2].nextAvailable.fill(0, 0, 5);
    };
    await expect(later.advance()).rejects.toThrow('meeting-gridworld, copy 0: agent 0 has no legal action');
  });
});
