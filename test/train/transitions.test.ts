import { expect, it } from 'vitest';
import { MeetingGridworld } from '../../src/env/meeting_gridworld.ts';
import { makeConfig } from '../../src/presets.ts';
import { networkShape, recordLayout } from '../../src/shapes.ts';
import { writeAfter, writeBefore } from '../../src/train/transitions.ts';

it('a record has what was seen, done and come to, number by number: also where the episode ends', () => {
  const config = makeConfig('solve', {
    ...{ gridSize: 3, episodeLimit: 2, observationScale: 'raw', stateScale: 'raw', offGrid: 'illegal' },
  });
  const environment = new MeetingGridworld(config, 1, 2);
  const layout = recordLayout(networkShape(config, environment.spec));
  const transitions = new Float32Array(1 + 2 * layout.size);
  environment.reset();
  // Cells of agents and goal, one step taken of two: the first copy meets in the next, the second runs out of time.
  environment.load(Int32Array.of(1, 3, 4, 1, 0, /**/ 0, 8, 2, 1, 0));
  writeBefore(transitions, 1, layout, environment);
  const down = 1;
  const right = 3;
  const actions = Uint32Array.of(down, right, /**/ down, 4);
  environment.step(actions);
  writeAfter(transitions, 1, layout, environment, actions);

  const everywhere = [1, 1, 1, 1, 1];
  expect([...transitions]).toEqual([
    0,
    // Agent 1 at row 0, column 1, agent 2 at 1, 0, goal at 1, 1; what both see, then the state.
    ...[0, 1, 1, 0, 1, 1, /**/ 1, 0, 0, 1, 1, 1, /**/ 0, 1, 1, 0, 1, 1],
    ...[1, 1, 1, 1, 1, 1, /**/ 1, 1, 1, 1, 1, 1, /**/ 1, 1, 1, 1, 1, 1],
    ...[down, right, 10, 1],
    ...[...everywhere, ...everywhere],
    // Agents in opposite corners, goal at 0, 2. Running out of time is no termination.
    ...[0, 0, 2, 2, 0, 2, /**/ 2, 2, 0, 0, 0, 2, /**/ 0, 0, 2, 2, 0, 2],
    ...[1, 0, 2, 2, 0, 2, /**/ 2, 2, 1, 0, 0, 2, /**/ 1, 0, 2, 2, 0, 2],
    ...[down, 4, Math.fround(-0.01), 0],
    // Off the grid to the left of 1, 0; down and to the right of 2, 2.
    ...[1, 1, 0, 1, 1, /**/ 1, 0, 1, 0, 1],
  ]);
});
