import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Config } from '../../src/config.ts';
import { EnvironmentFailure } from '../../src/env/failure.ts';
import { openModule } from '../../src/node/module_worker.ts';
import { decodeCheckpoint, encodeCheckpoint } from '../../src/train/checkpoint.ts';
import { closeEnvironments, loadEnvironment } from '../../src/train/environments.ts';
import type { MetricsRow } from '../../src/train/metrics.ts';
import type { Trainer } from '../../src/train/trainer.ts';
import { smallConfig, smallTrainer } from './small.ts';

const folder = mkdtempSync(join(tmpdir(), 'qmix-owed-'));
const flag = join(folder, 'fail');
const file = join(folder, 'failing.mjs');
/** The README's example, whose so-manyth step of all its copies throws while the flag says so. */
writeFileSync(
  file,
  `import { existsSync, readFileSync } from 'node:fs';
import makePlates from ${JSON.stringify(pathToFileURL('src/env/examples/plates.mjs').href)};
const at = existsSync('${flag}') ? Number(readFileSync('${flag}', 'utf8')) : 0;
let steps = 0;
export default () => {
  const environment = makePlates();
  return { ...environment, step(actions) {
    if (++steps === at) throw new Error('step ' + steps);
    return environment.step(actions);
  } };
};
`,
);
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(closeEnvironments);

const config = (changes: Partial<Config> = {}): Config =>
  smallConfig({
    environment: file,
    seeds: [3, 7],
    updates: 30,
    // An evaluation plays 1,000 starts of each learner: one is enough to fail in.
    evaluateEvery: 20,
    logEvery: 3,
    saveEvery: 1000,
    targetUpdate: 'hard',
    targetInterval: 2,
    ...changes,
  });

interface Ended {
  readonly bytes: Uint8Array;
  readonly rows: readonly MetricsRow[];
  /** What it failed of; undefined: it ended. */
  readonly failure?: EnvironmentFailure;
}

/** Trains in a worker of its own until it ends or fails, from where `from` stands. */
async function run(wanted: Config, from?: Ended): Promise<Ended> {
  await loadEnvironment(wanted, openModule);
  const rows: MetricsRow[] = [...(from?.rows ?? [])];
  const trainer: Trainer = smallTrainer(wanted, { onRow: (row) => rows.push(row), seconds: () => 0 });
  if (from) await trainer.load((await decodeCheckpoint(from.bytes, 'saved')).learners);
  let failure: EnvironmentFailure | undefined;
  try {
    while (!trainer.finished) await trainer.advance();
  } catch (error) {
    if (!(error instanceof EnvironmentFailure)) throw error;
    failure = error;
  }
  const bytes = await encodeCheckpoint(trainer, await trainer.save());
  trainer.close();
  await closeEnvironments();
  return { bytes, rows, ...(failure && { failure }) };
}

describe.each([
  ['stopped by updates', {}],
  ['stopped by episodes, acting after the update', { episodes: 9, overlap: false, updatesPerStep: 2 }],
] as const)('a run whose module failed, %s', (_, changes) => {
  let undisturbed: Ended;
  beforeAll(async () => {
    undisturbed = await run(config(changes));
    expect(undisturbed.failure).toBeUndefined();
  });

  it('goes on to the same bytes and rows, wherever that was', async () => {
    const places = new Set<string>();
    let failed = 0;
    // The checker takes some hundreds of steps first; training, 200 or so, and an evaluation thousands.
    for (let at = 600; at < 900; at += 17) {
      writeFileSync(flag, String(at));
      try {
        const first = await run(config(changes));
        if (!first.failure) continue;
        failed++;
        places.add(/seed [37]|evaluation/.exec(first.failure.message)![0]);
        rmSync(flag);
        const resumed = await run(config(changes), first);
        expect(resumed.failure, first.failure.message).toBeUndefined();
        expect(resumed.rows, first.failure.message).toEqual(undisturbed.rows);
        expect(Buffer.compare(resumed.bytes, undisturbed.bytes), first.failure.message).toBe(0);
      } finally {
        if (existsSync(flag)) rmSync(flag);
      }
    }
    expect(failed).toBeGreaterThan(9);
    expect([...places].sort()).toEqual(['evaluation', 'seed 3', 'seed 7']);
  });
});
