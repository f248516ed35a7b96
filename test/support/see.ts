import '../../src/app/style.css';
import './see.css';
import { Board } from '../../src/app/see/board.ts';
import { GameTable } from '../../src/app/see/game_table.ts';
import { LookPanel } from '../../src/app/see/look_panel.ts';
import { StartsMap } from '../../src/app/see/starts_map.ts';
import type { World } from '../../src/app/see/world.ts';
import { type Config, parseAssignment } from '../../src/config.ts';
import { ACTIONS } from '../../src/env/grid.ts';
import { optimalValues } from '../../src/env/table_game.ts';
import { twoStepRules } from '../../src/env/two_step.ts';
import { jointValues } from '../../src/inspect/joint_values.ts';
import type { Episode } from '../../src/inspect/look.ts';
import { Scene } from '../../src/inspect/scene.ts';
import { learnerOptions } from '../../src/learner/learner.ts';
import { algorithms, makeConfig } from '../../src/presets.ts';
import { createCpuLearner } from '../../src/reference/cpu_learner.ts';
import { configuredShape, startCount } from '../../src/train/environments.ts';
import { START_OUTCOME } from '../../src/train/start_outcome.ts';
import { Trainer } from '../../src/train/trainer.ts';
import { startCells } from '../inspect/start_cells.ts';

/**
 * The pictures of a learner on a page of their own, with real episodes of a policy that the reference trains here,
 * for as many updates as the page's link says. What was asked of the page is kept for tests.
 */
const SMALL = {
  gridSize: 3,
  hidden: 16,
  mixerWidth: 8,
  hyperHidden: 8,
  environments: 8,
  batchSize: 16,
  replayCapacity: 5000,
  warmup: 100,
  epsilonDecaySteps: 2000,
  episodeLimit: 12,
  learningRate: 0.003,
  gamma: 0.9,
  seeds: [11],
  updates: 300,
  evaluateEvery: 100_000,
  stopWhenSolved: false,
};

const link = Object.fromEntries([...new URLSearchParams(location.search)]);
const { algorithm = 'qmix', ...fields } = link;
const changes = Object.entries(fields).map(([name, value]) => parseAssignment(`${name}=${value}`));

/** Parameters by name, online or target, as a trained learner has them. */
async function train(config: Config) {
  const shape = configuredShape(config);
  const trainer = new Trainer(config, createCpuLearner(learnerOptions(config, shape)));
  while (!trainer.finished) await trainer.advance();
  const [saved] = await trainer.save();
  const of = (copy: string) => (name: string) => saved.get(`${copy}.${name}`)!;
  return { shape, online: of('online'), target: of('target') };
}

/** Counts the calls to draw on a canvas. */
function drawingCalls(work: () => void): number {
  const context = CanvasRenderingContext2D.prototype;
  const names = [
    'fillRect',
    'strokeRect',
    'clearRect',
    'fill',
    'stroke',
    'drawImage',
    'putImageData',
  ] as const;
  const own = names.map((name) => context[name]);
  let calls = 0;
  for (const name of names) {
    const draw = context[name] as (...given: unknown[]) => void;
    Object.assign(context, {
      [name](this: CanvasRenderingContext2D, ...given: unknown[]) {
        calls++;
        draw.apply(this, given);
      },
    });
  }
  work();
  for (const [at, name] of names.entries()) Object.assign(context, { [name]: own[at] });
  return calls;
}

async function open(): Promise<void> {
  const config = makeConfig('solve', { ...SMALL, ...algorithms[algorithm], ...Object.fromEntries(changes) });
  const { online, target } = await train(config);
  const scene = new Scene(config);
  scene.use(online, target, config.updates);
  const still = config.environment === 'switch-and-door' ? ['switch', 'door'] : ['goal'];
  const agents = Array.from({ length: config.agents }, (_, agent) => `agent ${agent + 1}`);
  const world: World = {
    gridSize: config.gridSize,
    agents: config.agents,
    pieces: [...agents, ...still],
    actions: ACTIONS,
  };
  const element = (id: string): HTMLElement => document.getElementById(id)!;
  const asked: (readonly number[])[] = [];
  let ended = 0;

  const panel = new LookPanel(element('look'));
  panel.clear(world);
  const mount = (id: string, exploring: number, looks: boolean): Board => {
    const board = new Board(element(id), {
      title: `${id} team on the grid`,
      onEnded: () => {
        ended++;
        if (window.see?.answers !== false) board.show(scene.episode(exploring));
      },
      onStart: (cells) => {
        asked.push(cells);
        if (window.see?.answers !== false) board.show(scene.episode(exploring, cells));
      },
      ...(looks ? { onMoment: (episode, index) => panel.show(episode, index) } : {}),
    });
    board.clear(world);
    board.show(scene.episode(exploring));
    return board;
  };
  const boards = [mount('first', 0, true), mount('second', 0.3, false)];

  const map = new StartsMap(element('starts'), (cells) => {
    asked.push(cells);
    boards[0].show(scene.episode(0, cells));
  });
  let drawing = Number.NaN;
  if (config.environment === 'meeting-gridworld' && config.agents === 2) {
    const outcomes = Uint8Array.from({ length: startCount(config) }, (_, start) => {
      const { moments, optimal, outcome } = scene.episode(0, startCells(start, config.gridSize));
      if (outcome !== 'solved') return START_OUTCOME.unsolved;
      return moments.length - 1 > optimal ? START_OUTCOME.longer : START_OUTCOME.optimal;
    });
    drawing = drawingCalls(() => map.show(outcomes, config.gridSize));
  }

  const game = makeConfig('game', {
    ...SMALL,
    ...algorithms[algorithm],
    ...{ environment: 'two-step', environments: 32, updates: 1500, learningRate: 0.002, gamma: 0.99 },
  });
  const played = await train(game);
  const optimal = optimalValues(twoStepRules, game.gamma);
  const table = new GameTable(element('game'));
  table.show(
    jointValues(played.shape, played.online, twoStepRules).map((values, state) => ({
      ...values,
      state: twoStepRules.states[state],
      optimal: [0, 1].map((row) => [...optimal.subarray(4 * state + 2 * row, 4 * state + 2 * row + 2)]),
    })),
  );
  window.see = {
    ...{ boards, map, table, asked, drawing, answers: true },
    ended: () => ended,
    episode: (cells) => scene.episode(0, cells),
  };
}

declare global {
  interface Window {
    see?: {
      readonly boards: readonly Board[];
      readonly map: StartsMap;
      readonly table: GameTable;
      /** Cells that the boards and the map have asked for. */
      readonly asked: readonly (readonly number[])[];
      /** Times that a board has asked for its next episode. */
      ended(): number;
      /** Whether boards that ask for an episode are given one. */
      answers: boolean;
      /** A greedy episode from these cells. */
      episode(cells: readonly number[]): Episode;
      /** Calls to draw on a canvas that showing the map takes. */
      readonly drawing: number;
    };
  }
}

void open();
