import type { Config } from '../config.ts';
import { ACTIONS, neighbour } from '../env/grid.ts';
import { MeetingGridworld } from '../env/meeting_gridworld.ts';
import type { Learner } from '../learner/learner.ts';
import type { Position } from './protocol.ts';

/**
 * The game that the board shows: the first learner's greedy policy, as it is now, from random starts.
 * It only asks the learner; what the learner becomes does not depend on it.
 */
export class Player {
  private readonly environment: MeetingGridworld;
  private readonly gridSize: number;
  /** The start of the running episode is still to be shown. */
  private fresh = true;
  private optimal = 0;

  constructor(
    config: Config,
    private readonly learner: Learner,
  ) {
    this.environment = new MeetingGridworld(config, config.seeds[0], 1);
    this.gridSize = config.gridSize;
    this.environment.reset();
  }

  /** The next moment: an episode's start, or where its next step leads. */
  async next(): Promise<Position> {
    const { environment, learner } = this;
    if (this.fresh) {
      this.fresh = false;
      this.optimal = environment.optimalSteps(0);
      return this.position(Array.from(environment.cells), [], 0, 'playing');
    }
    const available = Float32Array.from(environment.available);
    const actions = await learner.greedy(environment.observations, 1, 0, 1, available);
    const step = environment.steps[0] + 1;
    // Where the step leads: an environment that ends an episode already stands at the next one's start.
    const cells = Array.from(environment.cells, (cell, piece) =>
      piece < actions.length ? neighbour(cell, actions[piece], this.gridSize) : cell,
    );
    environment.step(actions);
    const met = environment.terminations[0] === 1;
    const timedOut = environment.truncations[0] === 1;
    this.fresh = met || timedOut;
    const names = Array.from(actions, (action) => ACTIONS[action]);
    return this.position(cells, names, step, met ? 'met' : timedOut ? 'timeout' : 'playing');
  }

  private position(cells: number[], actions: string[], step: number, outcome: Position['outcome']): Position {
    return { cells, actions, step, optimal: this.optimal, outcome };
  }
}
