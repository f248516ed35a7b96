import { below, philox, STREAM } from '../random.ts';
import { ACTIONS, cellsOfStart, freeCell, neighbour } from './grid.ts';
import { checkSaved } from './saved.ts';
import type { EnvSpec, StartableEnv } from './vector_env.ts';

/** What grid environments differ in, as numbers. */
export interface GridEnvOptions {
  /** G */
  readonly gridSize: number;
  /** Names of the pieces that do not move; they come after the N agents. */
  readonly fixtures: readonly string[];
  readonly rewardEnd: number;
  readonly rewardStep: number;
}

/**
 * Agents and other pieces on a G×G grid, all on distinct cells at a reset, uniformly. Agents move at once, may
 * share a cell and pass each other; a move off the grid stays, or is illegal (spec.masked). An episode
 * terminates, and is a success, in the step after which `ended` holds.
 */
export abstract class GridEnv implements StartableEnv {
  readonly observations: Float32Array;
  readonly states: Float32Array;
  readonly nextObservations: Float32Array;
  readonly nextStates: Float32Array;
  readonly available: Uint8Array;
  readonly nextAvailable: Uint8Array;
  readonly rewards: Float32Array;
  readonly terminations: Uint8Array;
  readonly truncations: Uint8Array;
  readonly starts: number;
  /** Names of all pieces: `agent 1` and on, then what does not move. */
  readonly pieceNames: readonly string[];

  /** [copies, pieces] cells of the agents, then of the other pieces */
  readonly cells: Int32Array;
  /** [copies] steps taken in the running episode */
  readonly steps: Int32Array;
  /** [copies] number of the running episode, from 0 */
  readonly episodes: Int32Array;

  protected readonly gridSize: number;
  protected readonly pieces: number;
  private readonly agents: number;
  private readonly rewardEnd: number;
  private readonly rewardStep: number;
  private readonly words = new Uint32Array(4);
  /** [pieces] scratch: the pieces of one copy while they are placed. */
  private readonly drawn: Int32Array;

  constructor(
    readonly spec: EnvSpec,
    options: GridEnvOptions,
    private readonly seed: number,
    readonly copies: number,
  ) {
    const { agents, observationSize, stateSize, masked } = spec;
    this.gridSize = options.gridSize;
    this.pieceNames = [...Array.from({ length: agents }, (_, i) => `agent ${i + 1}`), ...options.fixtures];
    this.pieces = this.pieceNames.length;
    this.agents = agents;
    this.rewardEnd = options.rewardEnd;
    this.rewardStep = options.rewardStep;
    this.observations = new Float32Array(copies * agents * observationSize);
    this.states = new Float32Array(copies * stateSize);
    this.nextObservations = new Float32Array(copies * agents * observationSize);
    this.nextStates = new Float32Array(copies * stateSize);
    this.available = new Uint8Array(masked ? copies * agents * ACTIONS.length : 0);
    this.nextAvailable = new Uint8Array(this.available.length);
    this.rewards = new Float32Array(copies);
    this.terminations = new Uint8Array(copies);
    this.truncations = new Uint8Array(copies);
    this.cells = new Int32Array(copies * this.pieces);
    this.steps = new Int32Array(copies);
    this.episodes = new Int32Array(copies);
    this.drawn = new Int32Array(this.pieces);
    this.starts = 1;
    for (let taken = 0; taken < this.pieces; taken++) this.starts *= this.gridSize ** 2 - taken;
  }

  /** Whoever terminates has succeeded. */
  get successes(): Uint8Array {
    return this.terminations;
  }

  reset(): void {
    this.episodes.fill(0);
    for (let copy = 0; copy < this.copies; copy++) this.beginEpisode(copy);
  }

  step(actions: Uint32Array): void {
    const { agents, pieces, gridSize, cells } = this;
    for (let copy = 0; copy < this.copies; copy++) {
      const base = copy * pieces;
      for (let i = 0; i < agents; i++) {
        cells[base + i] = neighbour(cells[base + i], actions[copy * agents + i], gridSize);
      }
      const ended = this.ended(base);
      const steps = ++this.steps[copy];
      const timedOut = !ended && steps >= this.spec.episodeLimit;
      this.rewards[copy] = ended ? this.rewardEnd : this.rewardStep;
      this.terminations[copy] = ended ? 1 : 0;
      this.truncations[copy] = timedOut ? 1 : 0;
      this.see(copy, this.nextObservations, this.nextStates, this.nextAvailable);
      if (ended || timedOut) {
        this.episodes[copy]++;
        this.beginEpisode(copy);
      } else {
        this.see(copy, this.observations, this.states, this.available);
      }
    }
  }

  begin(copy: number, start: number): void {
    cellsOfStart(this.drawn, start, this.gridSize);
    this.place(copy);
  }

  optimalLength(start: number): number {
    cellsOfStart(this.drawn, start, this.gridSize);
    return this.shortest(this.drawn, 0);
  }

  optimalSteps(copy: number): number {
    return this.shortest(this.cells, copy * this.pieces);
  }

  /** Per copy: the cells of its pieces, steps taken, episode number. */
  save(): Int32Array {
    const width = this.pieces + 2;
    const saved = new Int32Array(this.copies * width);
    for (let copy = 0; copy < this.copies; copy++) {
      saved.set(this.cells.subarray(copy * this.pieces, (copy + 1) * this.pieces), copy * width);
      saved[copy * width + this.pieces] = this.steps[copy];
      saved[copy * width + this.pieces + 1] = this.episodes[copy];
    }
    return saved;
  }

  /** Refuses cells off the grid and impossible counts, which would later be read as positions. */
  check(saved: Int32Array): void {
    const { pieces } = this;
    const cellCount = this.gridSize * this.gridSize;
    checkSaved(saved, this.copies, pieces + 2, (column) =>
      column < pieces ? cellCount : column === pieces ? this.spec.episodeLimit : 2 ** 31,
    );
  }

  load(saved: Int32Array): void {
    this.check(saved);
    const width = this.pieces + 2;
    for (let copy = 0; copy < this.copies; copy++) {
      this.cells.set(saved.subarray(copy * width, copy * width + this.pieces), copy * this.pieces);
      this.steps[copy] = saved[copy * width + this.pieces];
      this.episodes[copy] = saved[copy * width + this.pieces + 1];
      this.see(copy, this.observations, this.states, this.available);
    }
  }

  /** Whether the pieces of a copy, whose cells begin at `base`, stand where an episode terminates. */
  protected abstract ended(base: number): boolean;

  /** Steps that an optimal team needs with pieces on cells[base] and on. */
  protected abstract shortest(cells: Int32Array, base: number): number;

  /** What the agents of a copy see and its state. */
  protected abstract observe(copy: number, observations: Float32Array, states: Float32Array): void;

  private see(copy: number, observations: Float32Array, states: Float32Array, available: Uint8Array): void {
    this.observe(copy, observations, states);
    if (!this.spec.masked) return;
    writeLegal(
      available,
      copy * this.agents * ACTIONS.length,
      this.cells,
      copy * this.pieces,
      this.agents,
      this.gridSize,
    );
  }

  /** Draws distinct cells for all pieces: k-th of the cells still free, keyed by (seed, episode, copy). */
  private beginEpisode(copy: number): void {
    const cellCount = this.gridSize * this.gridSize;
    for (let k = 0; k < this.pieces; k++) {
      if (k % 4 === 0) philox(this.words, this.seed, STREAM.reset, this.episodes[copy], copy, k / 4);
      this.drawn[k] = freeCell(this.drawn, k, below(this.words[k % 4], cellCount - k));
    }
    this.place(copy);
  }

  /** Begins an episode with the pieces on `drawn`. */
  private place(copy: number): void {
    this.cells.set(this.drawn, copy * this.pieces);
    this.steps[copy] = 0;
    this.see(copy, this.observations, this.states, this.available);
  }
}

/** 1 for each action that does not lead off the grid, for agents on cells[base] and on: [N, A] to out from `offset` on. */
export function writeLegal(
  out: Uint8Array | Float32Array,
  offset: number,
  cells: Int32Array,
  base: number,
  agents: number,
  size: number,
): void {
  let at = offset;
  for (let i = 0; i < agents; i++) {
    const cell = cells[base + i];
    for (let action = 0; action < ACTIONS.length; action++) {
      // A move off the grid stays; only the last action stays on purpose.
      out[at++] = action === ACTIONS.length - 1 || neighbour(cell, action, size) !== cell ? 1 : 0;
    }
  }
}
