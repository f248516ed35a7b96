import { type Config, ConfigError } from '../config.ts';
import { neighbour } from '../env/grid.ts';
import { GridEnv } from '../env/grid_env.ts';
import { act } from '../reference/act.ts';
import { type NetworkShape, networkShape } from '../shapes.ts';
import { createEnvironment } from '../train/environments.ts';
import type { Episode, Moment } from './look.ts';
import { type Parameters, Policy } from './policy.ts';

/** Seed of the random starts and of the exploration that is shown: they take nothing from a run's. */
const SEED = 0x5ce7e;

/**
 * Plays episodes of a grid environment with the policy of one moment of training, and tells what the networks say
 * at each step. Everything in it is its own: nothing that it does reaches the run that it shows.
 */
export class Scene {
  private readonly environment: GridEnv;
  private readonly shape: NetworkShape;
  /** [N] the joint action that is taken, as environments and as networks have it */
  private readonly actions: Uint32Array;
  private readonly taken: Int32Array;
  private online: Policy | undefined;
  private target: Policy | undefined;
  private gamma: number;
  private updates = 0;
  /** Steps played so far: each explores with random numbers of its own. */
  private played = 0;

  /** Throws ConfigError where the configured environment is none on a grid. */
  constructor(private readonly config: Config) {
    const environment = createEnvironment(config, SEED, 1);
    if (!(environment instanceof GridEnv)) {
      throw new ConfigError(`environment: got ${config.environment}, allowed: one on a grid`);
    }
    this.environment = environment;
    this.shape = networkShape(config, environment.spec);
    this.actions = new Uint32Array(environment.spec.agents);
    this.taken = new Int32Array(environment.spec.agents);
    this.gamma = config.gamma;
    environment.reset();
  }

  /**
   * Plays with a copy of these parameters from now on, which have seen so many updates. `gamma` is the learner's,
   * where learners differ in it.
   */
  use(online: Parameters, target: Parameters, updates: number, gamma = this.config.gamma): void {
    if (this.online && this.target) {
      this.online.load(online);
      this.target.load(target);
    } else {
      this.online = new Policy(this.shape, online);
      this.target = new Policy(this.shape, target);
    }
    this.updates = updates;
    this.gamma = gamma;
  }

  /**
   * Plays an episode: from `cells` (agents first, any of them in one cell if so wished), or from a random start,
   * another one each time. `exploring` is ε: each agent takes a random legal action with that probability.
   *
   * An episode ends in the step after which the team stands where it should. Where it stands there from the start
   * that still takes a step, and `optimal` is 1. Throws ConfigError naming a cell that is not on the grid.
   */
  episode(exploring: number, cells?: readonly number[]): Episode {
    const { environment, online } = this;
    if (!online) throw new Error('Scene: no parameters, as `use` was not called');
    // Without cells: where the last episode's end has put the environment.
    if (cells) environment.load(this.savedFrom(cells));
    const optimal = Math.max(1, environment.optimalSteps(0));
    const start: Moment = {
      cells: [...environment.cells],
      actions: [],
      reward: Number.NaN,
      tdError: Number.NaN,
      look: online.look(environment.observations, environment.available, environment.states),
    };
    const moments = [start];
    for (;;) {
      moments.push(this.step(online, exploring, moments[moments.length - 1].cells));
      const solved = environment.successes[0] === 1;
      if (!solved && environment.truncations[0] === 0) continue;
      return { moments, optimal, outcome: solved ? 'solved' : 'timeout', updates: this.updates };
    }
  }

  /** One step on from what `online` has seen last, with the pieces on `cells`. */
  private step(online: Policy, exploring: number, cells: readonly number[]): Moment {
    const { environment, actions, taken } = this;
    act(actions, online.q, this.shape.actions, exploring, SEED, this.played++, online.available);
    taken.set(actions);
    const value = online.value(taken);
    environment.step(actions);
    const { nextObservations, nextAvailable, nextStates } = environment;
    const look = online.look(nextObservations, nextAvailable, nextStates);
    const reward = environment.rewards[0];
    return {
      // An environment that ends an episode already stands at the next one's start.
      cells: cells.map((cell, piece) =>
        piece < actions.length ? neighbour(cell, actions[piece], this.config.gridSize) : cell,
      ),
      actions: [...actions],
      reward,
      tdError: reward + this.gamma * this.nextValue(online) - value,
      look,
    };
  }

  /**
   * What is to be expected from where the last step led, as the update has it: the online networks, which have seen
   * it, choose the joint action, the target networks say what it is worth; nothing where the episode has terminated.
   */
  private nextValue(online: Policy): number {
    const { environment, target } = this;
    if (environment.terminations[0] === 1) return 0;
    const { nextObservations, nextAvailable, nextStates } = environment;
    target!.see(nextObservations, nextAvailable, nextStates);
    return target!.value(online.greedy);
  }

  /** What the environment would have saved at the start of its running episode, had it begun on these cells. */
  private savedFrom(cells: readonly number[]): Int32Array {
    const { environment, config } = this;
    const pieces = environment.cells.length;
    const allowed = `whole numbers from 0 to ${config.gridSize ** 2 - 1}`;
    if (cells.length !== pieces) {
      throw new ConfigError(`cells: got ${cells.length}, allowed: ${pieces}, one of each piece`);
    }
    for (const [piece, cell] of cells.entries()) {
      if (Number.isInteger(cell) && cell >= 0 && cell < config.gridSize ** 2) continue;
      throw new ConfigError(`cells.${piece}: got ${cell}, allowed: ${allowed}`);
    }
    return Int32Array.of(...cells, 0, environment.episodes[0]);
  }
}
