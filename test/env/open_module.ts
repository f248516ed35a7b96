import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, onTestFinished } from 'vitest';
import type { Role } from '../../src/env/place.ts';
import type { EnvSpec, VectorEnv } from '../../src/env/vector_env.ts';
import { type ModuleWorkerOptions, openModule } from '../../src/node/module_worker.ts';
import { below, philox, STREAM } from '../../src/random.ts';

const folder = mkdtempSync(join(tmpdir(), 'qmix-module-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let written = 0;

/** A module file of this text, `name.mjs` in a folder of its own unless `name` has one. */
export function moduleFile(text: string, name = 'my'): string {
  const path = join(folder, `${name}${written++}.mjs`);
  writeFileSync(path, text);
  return path;
}

/** Sizes of the modules below, and of most others here. */
export const SIZES = {
  agents: 2,
  actions: 3,
  observationSize: 1,
  stateSize: 1,
  episodeLimit: 10,
  masked: false,
};

/**
 * A sound module, 2 agents with 3 actions, episodes of 10 steps, with `step` in front of its steps; t: the step, from 1.
 * Sources begin in line 1 with `before`.
 */
export const source = (
  step = '',
  { before = '', reset = '', result = '', made = '' } = {},
): string => `${before}
export default () => {
  let t;
  ${made}
  const look = () => ({ observations: [[t / 10], [t / 10]], state: [t / 10] });
  return {
    agents: 2, actions: 3, observationSize: 1, stateSize: 1, episodeLimit: 10,
    reset(random) { t = 0; ${reset} return look(); },
    step(actions) { t++; ${step} return { ...look(), reward: actions[0] === 0 ? 1 : 0, terminated: false, ${result} }; },
  };
};
`;

export interface Opened {
  readonly module: Awaited<ReturnType<typeof openModule>>;
  readonly lines: string[];
  create(copies: number, seed?: number, role?: Role, spec?: Partial<EnvSpec>): VectorEnv;
}

/** A module's worker, which is ended with the test, and the lines that it told. */
export async function open(file: string, options: ModuleWorkerOptions = {}): Promise<Opened> {
  const lines: string[] = [];
  const module = await openModule(file, (line) => lines.push(line), options);
  onTestFinished(() => module.close());
  return {
    module,
    lines,
    create: (copies, seed = 2025, role = 'training', spec = {}) =>
      module.create({ name: file, ...SIZES, ...spec }, seed, copies, role),
  };
}

/** A legal action for each agent, the same in every run. */
export function legalActions({ spec, copies, available }: VectorEnv, step: number): Uint32Array {
  const words = new Uint32Array(4);
  return Uint32Array.from({ length: copies * spec.agents }, (_, row) => {
    philox(words, 1, STREAM.test, step, row);
    const all = Array.from({ length: spec.actions }, (_none, action) => action);
    const legal = all.filter((action) => !spec.masked || available[row * spec.actions + action] === 1);
    return legal[below(words[0], legal.length)];
  });
}
