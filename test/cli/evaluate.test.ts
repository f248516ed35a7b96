import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, it, vi } from 'vitest';
import { openLearner } from '../../src/cli/backend.ts';
import { evaluate } from '../../src/cli/evaluate.ts';
import { runMembers } from '../../src/config.ts';
import { learnerOptions } from '../../src/learner/learner.ts';
import { makeConfig } from '../../src/presets.ts';
import { encodeCheckpoint } from '../../src/train/checkpoint.ts';
import { configuredShape } from '../../src/train/environments.ts';
import { freshTensors } from '../../src/train/member_tensors.ts';

const folder = mkdtempSync(join(tmpdir(), 'qmix-evaluate-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => vi.restoreAllMocks());

it('more starts than anybody waits for are not played, and said to be too many', async () => {
  const small = { hidden: 2, mixer: 'sum', environments: 1, replayCapacity: 1, warmup: 1, batchSize: 1 };
  const config = makeConfig('solve', { ...small, gridSize: 10, agents: 4 });
  const file = join(folder, 'checkpoint.safetensors');
  const tensors = await Promise.all(runMembers(config).map((member) => freshTensors(member, 'cpu')));
  const learner = { backend: 'cpu', adapter: 'reference' } as const;
  writeFileSync(file, await encodeCheckpoint({ config, learner }, tensors));
  // 100 · 99 · 98 · 97 · 96.
  await expect(evaluate(file, { exhaustive: true, backend: 'cpu' })).rejects.toThrow(
    '--exhaustive: got 9034502400 starts, allowed: at most 100,000,000',
  );
});

it('the reference takes the memory that this process may have: a container’s, else the machine’s', async () => {
  const config = makeConfig('solve', { replayCapacity: 100_000 });
  const open = () => openLearner('cpu', learnerOptions(config, configuredShape(config)));
  const allowed = vi.spyOn(process, 'constrainedMemory').mockReturnValue(4 * 2 ** 20);
  await expect(open()).rejects.toThrow(', allowed: at most 2 MiB in all on the CPU here');
  // Without a limit the system says 0, or more than there is.
  for (const none of [0, 2 ** 63]) {
    allowed.mockReturnValue(none);
    (await open()).close();
  }
});
