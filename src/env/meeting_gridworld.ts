import { ACTIONS, coordinates, distance, neighbour } from './grid.ts';
import { GridEnv, writeLegal } from './grid_env.ts';
import type { EnvironmentKind } from './kind.ts';
import type { TabularEnv } from './vector_env.ts';

/**
 * Meeting Gridworld: N agents on a G×G grid earn +10 in the step after which all of them are on the goal,
 * and −0.01 in every other step. Cell (x, y) has index x·G + y; x is the row. Agents may share a cell and
 * pass each other; a move off the grid stays, or is illegal. Agents and goal start on distinct cells, uniformly.
 *
 * Observation of agent i: own x, y, the others' x, y in index order (sight 'all'), goal x, y. State: all
 * agents' x, y, then the goal's.
 */
export interface MeetingGridworldOptions {
  /** G */
  readonly gridSize: number;
  /** N */
  readonly agents: number;
  readonly episodeLimit: number;
  readonly observationScale: 'unit' | 'raw';
  readonly stateScale: 'unit' | 'grid' | 'raw';
  /** Whether agents see each other; 'all' where not given. */
  readonly sight?: 'all' | 'own';
  /** What moves off the grid do; 'stay' where not given. */
  readonly offGrid?: 'stay' | 'illegal';
}

export const REWARD_MET = 10;
export const REWARD_STEP = -0.01;

export const meetingGridworld: EnvironmentKind = {
  preset: 'solve',
  create: (options, seed, copies) => new MeetingGridworld(options, seed, copies),
  refuse: ({ agents, gridSize }) => {
    const cells = gridSize ** 2;
    if (agents < cells) return undefined;
    const allowed = `at most ${cells - 1} on a grid of ${cells} cells (one is the goal)`;
    return { field: 'agents', allowed };
  },
};

export class MeetingGridworld extends GridEnv implements TabularEnv {
  readonly stateCount: number;
  private readonly seesOthers: boolean;
  private readonly observationCoordinate: Float32Array;
  private readonly stateCoordinate: Float32Array;

  constructor(options: MeetingGridworldOptions, seed: number, copies: number) {
    const { gridSize, agents } = options;
    const seesOthers = options.sight !== 'own';
    super(
      {
        name: 'meeting-gridworld',
        agents,
        actions: ACTIONS.length,
        observationSize: seesOthers ? 2 * agents + 2 : 4,
        stateSize: 2 * agents + 2,
        episodeLimit: options.episodeLimit,
        masked: options.offGrid === 'illegal',
      },
      { gridSize, fixtures: ['goal'], rewardEnd: REWARD_MET, rewardStep: REWARD_STEP },
      seed,
      copies,
    );
    this.seesOthers = seesOthers;
    this.observationCoordinate = coordinates(gridSize, options.observationScale);
    this.stateCoordinate = coordinates(gridSize, options.stateScale);
    this.stateCount = (gridSize * gridSize) ** (agents + 1);
  }

  successors(actions: Uint32Array, next: Int32Array, rewards: Float32Array): void {
    const { gridSize: size, stateCount } = this;
    const { agents } = this.spec;
    const cellCount = size * size;
    const goalWeight = cellCount ** agents;
    for (let state = 0; state < stateCount; state++) {
      const goal = Math.floor(state / goalWeight);
      let rest = state;
      let weight = 1;
      let index = goal * goalWeight;
      let met = true;
      for (let i = 0; i < agents; i++) {
        const moved = neighbour(rest % cellCount, actions[state * agents + i], size);
        rest = Math.floor(rest / cellCount);
        index += moved * weight;
        weight *= cellCount;
        met &&= moved === goal;
      }
      next[state] = met ? -1 : index;
      rewards[state] = met ? REWARD_MET : REWARD_STEP;
    }
  }

  tabulateObservations(): Float32Array {
    const { stateCount, spec } = this;
    const width = spec.agents * spec.observationSize;
    const out = new Float32Array(stateCount * width);
    const cells = new Int32Array(this.pieces);
    for (let state = 0; state < stateCount; state++) {
      this.decodeState(cells, state);
      this.writeObservations(out, state * width, cells, 0);
    }
    return out;
  }

  tabulateAvailable(): Float32Array {
    const { stateCount, spec } = this;
    const width = spec.masked ? spec.agents * spec.actions : 0;
    const out = new Float32Array(stateCount * width);
    if (!spec.masked) return out;
    const cells = new Int32Array(this.pieces);
    for (let state = 0; state < stateCount; state++) {
      this.decodeState(cells, state);
      writeLegal(out, state * width, cells, 0, spec.agents, this.gridSize);
    }
    return out;
  }

  stateIndex(copy: number): number {
    const cellCount = this.gridSize * this.gridSize;
    const base = copy * this.pieces;
    let index = 0;
    for (let k = this.pieces - 1; k >= 0; k--) index = index * cellCount + this.cells[base + k];
    return index;
  }

  protected override ended(base: number): boolean {
    const { agents } = this.spec;
    const goal = this.cells[base + agents];
    for (let i = 0; i < agents; i++) if (this.cells[base + i] !== goal) return false;
    return true;
  }

  /** The largest Manhattan distance of an agent to the goal. */
  protected override shortest(cells: Int32Array, base: number): number {
    const { agents } = this.spec;
    const goal = cells[base + agents];
    let longest = 0;
    for (let i = 0; i < agents; i++) {
      longest = Math.max(longest, distance(cells[base + i], goal, this.gridSize));
    }
    return longest;
  }

  protected override observe(copy: number, observations: Float32Array, states: Float32Array): void {
    const { agents, observationSize, stateSize } = this.spec;
    const base = copy * this.pieces;
    this.writeObservations(observations, copy * agents * observationSize, this.cells, base);
    let at = copy * stateSize;
    for (let k = 0; k < this.pieces; k++) {
      const cell = this.cells[base + k];
      states[at++] = this.stateCoordinate[Math.floor(cell / this.gridSize)];
      states[at++] = this.stateCoordinate[cell % this.gridSize];
    }
  }

  /** The cells of a state's pieces. */
  private decodeState(cells: Int32Array, state: number): void {
    const cellCount = this.gridSize * this.gridSize;
    let rest = state;
    for (let k = 0; k < cells.length; k++) {
      cells[k] = rest % cellCount;
      rest = Math.floor(rest / cellCount);
    }
  }

  /** What the agents of a copy see, whose cells begin at `base`, to out from `offset` on. */
  private writeObservations(out: Float32Array, offset: number, cells: Int32Array, base: number): void {
    const { gridSize: size, seesOthers, observationCoordinate: coordinate } = this;
    const { agents } = this.spec;
    let at = offset;
    for (let i = 0; i < agents; i++) {
      // Own cell first, then the others in index order, then the goal (piece `agents`).
      for (let k = -1; k <= agents; k++) {
        if (k === i || (!seesOthers && k >= 0 && k < agents)) continue;
        const cell = cells[base + (k < 0 ? i : k)];
        out[at++] = coordinate[Math.floor(cell / size)];
        out[at++] = coordinate[cell % size];
      }
    }
  }
}
