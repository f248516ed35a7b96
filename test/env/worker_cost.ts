import makePlates from '../../src/env/examples/plates.mjs';
import { ModuleCopies } from '../../src/env/module_copies.ts';
import { ModuleEnv } from '../../src/env/module_env.ts';
import { newWords, placeWords } from '../../src/env/module_protocol.ts';
import type { EnvSpec, VectorEnv } from '../../src/env/vector_env.ts';
import { openModule } from '../../src/node/module_worker.ts';

/**
 * node test/support/run_module.mjs test/env/worker_cost.ts: environment steps a second of the example's copies, stepped
 * by its worker, and by the same code in this thread. Medians of rounds in which the two take turns.
 */

const FILE = 'src/env/examples/plates.mjs';
const SPEC: EnvSpec = {
  name: FILE,
  agents: 2,
  actions: 3,
  observationSize: 2,
  stateSize: 4,
  episodeLimit: 15,
  masked: true,
};
const SEED = 2025;
const ROUNDS = 5;
const ROUND_MS = 1000;

/** Copies that this thread steps. */
function withoutWorker(copies: number): VectorEnv {
  let held: ModuleCopies;
  const calls = {
    attach: (attached: object) => {
      const all = { ...attached, environment: 0, changed: false } as ConstructorParameters<
        typeof ModuleCopies
      >[1];
      held = new ModuleCopies({ factory: makePlates, url: FILE }, all, placeWords(newWords()));
      return 0;
    },
    detach: () => {},
    reset: async () => held.reset(),
    load: async (_: number, saved: Int32Array) => held.load(saved),
    step: async () => held.step(),
    expectStep: () => {},
  };
  return new ModuleEnv(calls, SPEC, SEED, copies, 'training');
}

/** Steps by the first legal action of each agent, in turn with the last, for about ROUND_MS. */
async function rate(env: VectorEnv): Promise<number> {
  const { copies, available, spec } = env;
  const actions = new Uint32Array(copies * spec.agents);
  const begun = performance.now();
  let steps = 0;
  while (performance.now() - begun < ROUND_MS) {
    for (let row = 0; row < actions.length; row++) {
      const wanted = (steps + row) % spec.actions;
      actions[row] = available[row * spec.actions + wanted] === 1 ? wanted : 1;
    }
    env.expectStep?.();
    await env.step(actions);
    steps++;
  }
  return (1000 * steps * copies) / (performance.now() - begun);
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1];

export async function main(): Promise<number> {
  const module = await openModule(FILE, (line) => process.stderr.write(`${line}\n`));
  await module.import();
  for (const copies of [32, 256]) {
    const ways = [module.create(SPEC, SEED, copies, 'training'), withoutWorker(copies)];
    for (const env of ways) await env.reset();
    const rates: number[][] = [[], []];
    for (let round = 0; round < ROUNDS; round++) {
      for (const [way, env] of ways.entries()) rates[way].push(await rate(env));
    }
    const [worker, here] = rates.map((all) => Math.round(median(all)).toLocaleString('en'));
    process.stdout.write(`${copies} copies: ${worker} steps a second, without a worker ${here}\n`);
  }
  await module.close();
  return 0;
}
