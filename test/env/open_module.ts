import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, onTestFinished } from 'vitest';
import type { Role } from '../../src/env/place.ts';
import type { EnvSpec, VectorEnv } from '../../src/env/vector_env.ts';
import { type ModuleWorkerOptions, openModule } from '../../src/node/module_worker.ts';
import { below, philox, STREAM } from '../../src/random.ts';
import { SIZES } from './broken_modules.ts';

const folder = mkdtempSync(join(tmpdir(), 'qmix-module-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let written = 0;

/** A new module file of this text. */
export function moduleFile(text: string, name = 'my.mjs'): string {
  const own = join(folder, String(written++));
  mkdirSync(own);
  const path = join(own, name);
  writeFileSync(path, text);
  return path;
}

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
