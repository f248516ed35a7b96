import { ACTIONS, coordinates, distance } from './grid.ts';
import { GridEnv } from './grid_env.ts';
import { type EnvironmentKind, type EnvironmentOptions, twoAgents } from './kind.ts';

/** Pieces, in order: both agents, the switch, the door. */
const SWITCH = 2;
const DOOR = 3;
const PIECES = 4;

export const switchAndDoor: EnvironmentKind = {
  preset: 'door',
  create: (options, seed, copies) => new SwitchAndDoor(options, seed, copies),
  refuse: twoAgents,
};

/**
 * Switch and door: two agents on a G×G grid earn +10, and the episode terminates, in the step after which one of
 * them stands on the switch while the other stands on the door; −0.05 in every other step. Agents, switch and
 * door start on four distinct cells, uniformly; moves are those of Meeting Gridworld.
 *
 * Observation of agent i: x, y of itself, of the other, of the switch, of the door. State: x, y of both agents,
 * of the switch, of the door.
 */
class SwitchAndDoor extends GridEnv {
  private readonly observationCoordinate: Float32Array;
  private readonly stateCoordinate: Float32Array;

  constructor(options: EnvironmentOptions, seed: number, copies: number) {
    super(
      {
        name: 'switch-and-door',
        agents: 2,
        actions: ACTIONS.length,
        observationSize: 2 * PIECES,
        stateSize: 2 * PIECES,
        episodeLimit: options.episodeLimit,
        masked: options.offGrid === 'illegal',
      },
      { gridSize: options.gridSize, fixtures: ['switch', 'door'], rewardEnd: 10, rewardStep: -0.05 },
      seed,
      copies,
    );
    this.observationCoordinate = coordinates(options.gridSize, options.observationScale);
    this.stateCoordinate = coordinates(options.gridSize, options.stateScale);
  }

  protected override ended(base: number): boolean {
    const { cells } = this;
    const first = cells[base];
    const second = cells[base + 1];
    const lever = cells[base + SWITCH];
    const door = cells[base + DOOR];
    return (first === lever && second === door) || (first === door && second === lever);
  }

  /** The better of the two ways to share out switch and door. */
  protected override shortest(cells: Int32Array, base: number): number {
    const steps = (agent: number, piece: number): number =>
      distance(cells[base + agent], cells[base + piece], this.gridSize);
    return Math.min(Math.max(steps(0, SWITCH), steps(1, DOOR)), Math.max(steps(0, DOOR), steps(1, SWITCH)));
  }

  protected override observe(copy: number, observations: Float32Array, states: Float32Array): void {
    const width = 2 * PIECES;
    const base = copy * PIECES;
    for (let k = 0; k < PIECES; k++) {
      const cell = this.cells[base + k];
      const x = Math.floor(cell / this.gridSize);
      const y = cell % this.gridSize;
      const state = copy * width + 2 * k;
      states[state] = this.stateCoordinate[x];
      states[state + 1] = this.stateCoordinate[y];
      for (let agent = 0; agent < 2; agent++) {
        // Agent 1 sees itself first: the agents change places, switch and door do not.
        const place = agent === 1 && k < 2 ? 1 - k : k;
        const at = (2 * copy + agent) * width + 2 * place;
        observations[at] = this.observationCoordinate[x];
        observations[at + 1] = this.observationCoordinate[y];
      }
    }
  }
}
