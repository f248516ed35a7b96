import type { RunInfo } from '../../src/app/service.ts';
import type { TourSource } from '../../src/app/understand/tour.ts';
import type { Config } from '../../src/config.ts';
import { ACTIONS } from '../../src/env/grid.ts';
import { MeetingGridworld } from '../../src/env/meeting_gridworld.ts';
import type { Episode, Look, Moment } from '../../src/inspect/look.ts';
import { learnerOptions } from '../../src/learner/learner.ts';
import { algorithms, makeConfig } from '../../src/presets.ts';
import { CpuLearner } from '../../src/reference/cpu_learner.ts';
import { configuredShape } from '../../src/train/environments.ts';
import { Trainer } from '../../src/train/trainer.ts';
import { lookAt, networksOf } from './looks.ts';

const SMALL = {
  gridSize: 4,
  hidden: 16,
  mixerWidth: 8,
  hyperHidden: 8,
  environments: 8,
  batchSize: 16,
  replayCapacity: 2000,
  warmup: 64,
  overlap: false,
  learningRate: 5e-3,
  evaluateEvery: 1_000_000,
};

/** A small run on the float64 reference, for the tour: what the page's worker is to it, on the page itself. */
export class LiveRun implements TourSource {
  run: RunInfo | undefined;
  private config: Config | undefined;
  readonly learner = 0;
  private trained: CpuLearner | undefined;
  private trainer: Trainer | undefined;

  constructor(
    private readonly algorithm: string,
    private readonly agents: number,
  ) {}

  async start(): Promise<void> {
    const { algorithm, agents } = this;
    this.config = makeConfig('solve', { ...SMALL, agents, ...algorithms[algorithm] });
    const { config } = this;
    this.trained = new CpuLearner(learnerOptions(config, configuredShape(config)));
    this.trainer = new Trainer(config, this.trained);
    for (let step = 0; step < 60; step++) await this.trainer.advance();
    this.run = {
      id: algorithm,
      name: `${algorithm}, small`,
      algorithm,
      mixer: config.mixer,
      sharedAgents: config.sharedAgents,
      agentId: config.agentId,
      environment: config.environment,
      masked: this.trained.options.shape.masked,
      picture: 'grid',
      gridSize: config.gridSize,
      agents,
      pieces: [...Array.from({ length: agents }, (_, agent) => `agent ${agent + 1}`), 'goal'],
      actions: [...ACTIONS],
      learners: [{ label: 'seed 2025', seed: 2025, variant: 0 }],
      updates: config.updates,
      stopWhenSolved: false,
      starts: 0,
      allStarts: true,
      mapped: true,
      link: [],
    };
  }

  async step(): Promise<void> {
    await this.trainer!.advance();
  }

  async episode(cells: readonly number[] = [...[0, 7, 12].slice(0, this.agents), 9]): Promise<Episode> {
    const config = this.config!;
    const { shape } = this.trained!.options;
    const [snapshot] = await this.trained!.save();
    const online = networksOf(shape, snapshot, 'online');
    const target = networksOf(shape, snapshot, 'target');
    const environment = new MeetingGridworld({ ...config, episodeLimit: 20 }, 1, 1);
    environment.reset();
    environment.load(Int32Array.from([...cells, 0, 0]));
    const optimal = environment.optimalSteps(0);
    const seen = (): Look => lookAt(shape, online, environment.observations, environment.states);
    const moments: Moment[] = [{ cells, actions: [], reward: Number.NaN, tdError: Number.NaN, look: seen() }];
    for (;;) {
      const { look } = moments[moments.length - 1];
      const at = [...environment.cells];
      environment.step(Uint32Array.from(look.greedy));
      const { nextObservations: observations, nextStates: states, rewards } = environment;
      const over = environment.terminations[0] === 1;
      const timedOut = environment.truncations[0] === 1;
      const next = lookAt(shape, online, observations, states);
      const valued = lookAt(shape, target, observations, states, next.greedy);
      const forecasts = look.qTotal === undefined ? look.q.map((q, i) => q[look.greedy[i]]) : [look.qTotal];
      const futures = valued.qTotal === undefined ? valued.values : [valued.qTotal];
      const errors = forecasts.map(
        (forecast, i) => rewards[0] + (over ? 0 : config.gamma * futures[i]) - forecast,
      );
      moments.push({
        cells: over || timedOut ? at : [...environment.cells],
        actions: look.greedy,
        reward: rewards[0],
        tdError: errors.reduce((sum, error) => sum + error, 0) / errors.length,
        look: next,
      });
      if (over || timedOut) {
        const { updates } = this.trainer!.progress[0];
        return { moments, optimal, outcome: over ? 'solved' : 'timeout', updates };
      }
    }
  }
}
