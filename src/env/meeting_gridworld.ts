import { ConfigError } from '../config.ts';
import { below, philox, STREAM } from '../random.ts';
import { coordinates, distance, freeCell, neighbour } from './grid.ts';
import type { EnvSpec, TabularEnv } from './vector_env.ts';

/**
 * Meeting Gridworld: N agents on a G×G grid earn +10 in the step after which all of them are on the goal,
 * and −0.01 in every other step. Cell (x, y) has index x·G + y; x is the row. Agents may share a cell and
 * pass each other; a move off the grid stays. Agents and goal start on distinct cells, uniformly.
 *
 * Observation of agent i: own x, y, the others' x, y in index order, goal x, y. State: all agents' x, y,
 * then the goal's.
 */
export interface MeetingGridworldOptions {
  /** G */
  readonly gridSize: number;
  /** N */
  readonly agents: number;
  readonly episodeLimit: number;
  readonly observationScale: 'unit' | 'raw';
  readonly stateScale: 'unit' | 'grid' | 'raw';
}

export const ACTIONS = ['up', 'down', 'left', 'right', 'stay'] as const;
const REWARD_MET = 10;
const REWARD_STEP = -0.01;

export class MeetingGridworld implements TabularEnv {
  readonly spec: EnvSpec;
  readonly observations: Float32Array;
  readonly states: Float32Array;
  readonly nextObservations: Float32Array;
  readonly nextStates: Float32Array;
  readonly rewards: Float32Array;
  readonly terminations: Uint8Array;
  readonly truncations: Uint8Array;
  readonly available = new Uint8Array(0);
  readonly nextAvailable = new Uint8Array(0);
  readonly starts: number;
  readonly stateCount: number;

  /** Whoever terminates has met. */
  get successes(): Uint8Array {
    return this.terminations;
  }

  /** [copies, N + 1] cells of the agents, then the goal's */
  readonly cells: Int32Array;
  /** [copies] steps taken in the running episode */
  readonly steps: Int32Array;
  /** [copies] number of the running episode, from 0 */
  readonly episodes: Int32Array;

  private readonly gridSize: number;
  private readonly agents: number;
  private readonly observationCoordinate: Float32Array;
  private readonly stateCoordinate: Float32Array;
  private readonly words = new Uint32Array(4);
  /** [N + 1] scratch: the pieces of one copy while they are placed. */
  private readonly drawn: Int32Array;

  constructor(
    options: MeetingGridworldOptions,
    private readonly seed: number,
    readonly copies: number,
  ) {
    const { gridSize, agents } = options;
    const size = 2 * agents + 2;
    this.gridSize = gridSize;
    this.agents = agents;
    this.spec = {
      name: 'meeting-gridworld',
      agents,
      actions: ACTIONS.length,
      observationSize: size,
      stateSize: size,
      episodeLimit: options.episodeLimit,
      masked: false,
    };
    this.observations = new Float32Array(copies * agents * size);
    this.states = new Float32Array(copies * size);
    this.nextObservations = new Float32Array(copies * agents * size);
    this.nextStates = new Float32Array(copies * size);
    this.rewards = new Float32Array(copies);
    this.terminations = new Uint8Array(copies);
    this.truncations = new Uint8Array(copies);
    this.cells = new Int32Array(copies * (agents + 1));
    this.steps = new Int32Array(copies);
    this.episodes = new Int32Array(copies);
    this.drawn = new Int32Array(agents + 1);
    this.observationCoordinate = coordinates(gridSize, options.observationScale);
    this.stateCoordinate = coordinates(gridSize, options.stateScale);
    const cellCount = gridSize * gridSize;
    this.starts = 1;
    for (let taken = 0; taken <= agents; taken++) this.starts *= cellCount - taken;
    this.stateCount = cellCount ** (agents + 1);
  }

  reset(): void {
    this.episodes.fill(0);
    for (let copy = 0; copy < this.copies; copy++) this.beginEpisode(copy);
  }

  step(actions: Uint32Array): void {
    for (let copy = 0; copy < this.copies; copy++) {
      const met = this.move(copy, actions, copy * this.agents);
      const steps = ++this.steps[copy];
      const timedOut = !met && steps >= this.spec.episodeLimit;
      this.rewards[copy] = met ? REWARD_MET : REWARD_STEP;
      this.terminations[copy] = met ? 1 : 0;
      this.truncations[copy] = timedOut ? 1 : 0;
      this.observe(copy, this.nextObservations, this.nextStates);
      if (met || timedOut) {
        this.episodes[copy]++;
        this.beginEpisode(copy);
      } else {
        this.observe(copy, this.observations, this.states);
      }
    }
  }

  begin(copy: number, start: number): void {
    this.decodeStart(start);
    this.cells.set(this.drawn, copy * (this.agents + 1));
    this.steps[copy] = 0;
    this.observe(copy, this.observations, this.states);
  }

  optimalLength(start: number): number {
    this.decodeStart(start);
    return this.longestDistance(this.drawn, 0);
  }

  optimalSteps(copy: number): number {
    return this.longestDistance(this.cells, copy * (this.agents + 1));
  }

  successors(actions: Uint32Array, next: Int32Array, rewards: Float32Array): void {
    const { agents, gridSize: size, stateCount } = this;
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
    const { agents, gridSize, stateCount } = this;
    const width = agents * this.spec.observationSize;
    const out = new Float32Array(stateCount * width);
    const cells = new Int32Array(agents + 1);
    const cellCount = gridSize * gridSize;
    for (let state = 0; state < stateCount; state++) {
      let rest = state;
      for (let k = 0; k <= agents; k++) {
        cells[k] = rest % cellCount;
        rest = Math.floor(rest / cellCount);
      }
      writeObservations(out, state * width, cells, 0, agents, gridSize, this.observationCoordinate);
    }
    return out;
  }

  stateIndex(copy: number): number {
    const cellCount = this.gridSize * this.gridSize;
    const base = copy * (this.agents + 1);
    let index = 0;
    for (let k = this.agents; k >= 0; k--) index = index * cellCount + this.cells[base + k];
    return index;
  }

  /** Per copy: the cells of its N + 1 pieces, steps taken, episode number. */
  save(): Int32Array {
    const width = this.agents + 3;
    const saved = new Int32Array(this.copies * width);
    for (let copy = 0; copy < this.copies; copy++) {
      saved.set(this.cells.subarray(copy * (this.agents + 1), (copy + 1) * (this.agents + 1)), copy * width);
      saved[copy * width + this.agents + 1] = this.steps[copy];
      saved[copy * width + this.agents + 2] = this.episodes[copy];
    }
    return saved;
  }

  load(saved: Int32Array): void {
    const width = this.agents + 3;
    if (saved.length !== this.copies * width) {
      throw new ConfigError(
        `environment: got ${saved.length} saved numbers, allowed: ${this.copies * width}`,
      );
    }
    this.checkSaved(saved, width);
    for (let copy = 0; copy < this.copies; copy++) {
      this.cells.set(saved.subarray(copy * width, copy * width + this.agents + 1), copy * (this.agents + 1));
      this.steps[copy] = saved[copy * width + this.agents + 1];
      this.episodes[copy] = saved[copy * width + this.agents + 2];
      this.observe(copy, this.observations, this.states);
    }
  }

  /** Refuses cells off the grid and impossible counts, which would later be read as positions. */
  private checkSaved(saved: Int32Array, width: number): void {
    const cellCount = this.gridSize * this.gridSize;
    for (let at = 0; at < saved.length; at++) {
      const column = at % width;
      const bound =
        column <= this.agents ? cellCount : column === this.agents + 1 ? this.spec.episodeLimit : 2 ** 31;
      if (saved[at] < 0 || saved[at] >= bound) {
        throw new ConfigError(`environment[${at}]: got ${saved[at]}, allowed: 0 to ${bound - 1}`);
      }
    }
  }

  /** Moves one copy's agents; true when all are on the goal afterwards. */
  private move(copy: number, actions: Uint32Array, first: number): boolean {
    const base = copy * (this.agents + 1);
    const goal = this.cells[base + this.agents];
    let met = true;
    for (let i = 0; i < this.agents; i++) {
      const moved = neighbour(this.cells[base + i], actions[first + i], this.gridSize);
      this.cells[base + i] = moved;
      met &&= moved === goal;
    }
    return met;
  }

  /** Draws distinct cells for agents and goal: k-th of the cells still free, keyed by (seed, episode, copy). */
  private beginEpisode(copy: number): void {
    const cellCount = this.gridSize * this.gridSize;
    for (let k = 0; k <= this.agents; k++) {
      if (k % 4 === 0) philox(this.words, this.seed, STREAM.reset, this.episodes[copy], copy, k / 4);
      this.drawn[k] = freeCell(this.drawn, k, below(this.words[k % 4], cellCount - k));
    }
    this.cells.set(this.drawn, copy * (this.agents + 1));
    this.steps[copy] = 0;
    this.observe(copy, this.observations, this.states);
  }

  /** The cells of a start, to `drawn`: its digits, in mixed radix, say which of the cells still free each piece takes. */
  private decodeStart(start: number): void {
    const cellCount = this.gridSize * this.gridSize;
    let rest = start;
    for (let k = 0; k <= this.agents; k++) {
      const free = cellCount - k;
      this.drawn[k] = freeCell(this.drawn, k, rest % free);
      rest = Math.floor(rest / free);
    }
  }

  /** The largest Manhattan distance of an agent to the goal, pieces from cells[base] on. */
  private longestDistance(cells: Int32Array, base: number): number {
    const goal = cells[base + this.agents];
    let longest = 0;
    for (let i = 0; i < this.agents; i++) {
      longest = Math.max(longest, distance(cells[base + i], goal, this.gridSize));
    }
    return longest;
  }

  private observe(copy: number, observations: Float32Array, states: Float32Array): void {
    const { observationSize, stateSize } = this.spec;
    const base = copy * (this.agents + 1);
    writeObservations(
      observations,
      copy * this.agents * observationSize,
      this.cells,
      base,
      this.agents,
      this.gridSize,
      this.observationCoordinate,
    );
    let at = copy * stateSize;
    for (let k = 0; k <= this.agents; k++) {
      const cell = this.cells[base + k];
      states[at++] = this.stateCoordinate[Math.floor(cell / this.gridSize)];
      states[at++] = this.stateCoordinate[cell % this.gridSize];
    }
  }
}

/** What the agents of a copy see, whose cells begin at `base`, to out from `offset` on. */
function writeObservations(
  out: Float32Array,
  offset: number,
  cells: Int32Array,
  base: number,
  agents: number,
  size: number,
  coordinate: Float32Array,
): void {
  let at = offset;
  for (let i = 0; i < agents; i++) {
    // Own cell first, then the others in index order, then the goal (piece `agents`).
    for (let k = -1; k <= agents; k++) {
      if (k === i) continue;
      const cell = cells[base + (k < 0 ? i : k)];
      out[at++] = coordinate[Math.floor(cell / size)];
      out[at++] = coordinate[cell % size];
    }
  }
}
