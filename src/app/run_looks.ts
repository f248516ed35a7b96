import { gameRules, learnedStates } from '../inspect/game.ts';
import type { Episode } from '../inspect/look.ts';
import { Scene } from '../inspect/scene.ts';
import type { Parameters, Run } from '../run/run.ts';
import { configuredShape } from '../train/environments.ts';
import type { Population } from '../train/population.ts';
import type { GameState } from './service.ts';

/** Milliseconds for which parameters that were read are shown as those of now. */
const FRESH = 200;

/** Looks at what a run has learned so far; nothing of it reaches the run. */
export class RunLooks {
  private scene: Scene | undefined;
  private last:
    | (Parameters & { readonly of: Population; readonly learner: number; readonly time: number })
    | undefined;

  constructor(private readonly run: Run) {}

  /**
   * Plays an episode with a learner's policy as it is now, from these cells or from a random start; `exploring`: with
   * the run's ε. Throws ConfigError where a cell is not on the grid.
   */
  async episode(learner: number, exploring: boolean, cells?: readonly number[]): Promise<Episode> {
    const { tensors, updates } = await this.read(learner);
    const { config, population } = this.run;
    this.scene ??= new Scene(config);
    this.scene.use(
      (name) => tensors.get(`online.${name}`)!,
      (name) => tensors.get(`target.${name}`)!,
      updates,
      population.members[learner].config.gamma,
    );
    return this.scene.episode(exploring ? population.progress[learner].epsilon() : 0, cells);
  }

  /** What a learner has learned of every state of a game. Throws ConfigError where the run is of no game. */
  async game(learner: number): Promise<readonly GameState[]> {
    const { config } = this.run.population.members[learner];
    const rules = gameRules(config, 'run');
    const { tensors } = await this.read(learner);
    return learnedStates(
      configuredShape(config),
      (name) => tensors.get(`online.${name}`)!,
      rules,
      config.gamma,
    );
  }

  private async read(learner: number): Promise<Parameters> {
    const { last, run } = this;
    const now = performance.now();
    const fresh = last && now - last.time < FRESH && run.state === 'training';
    if (fresh && last.of === run.population && last.learner === learner) return last;
    const parameters = await run.parameters(learner);
    this.last = { ...parameters, of: run.population, learner, time: now };
    return this.last;
  }
}
