import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { closeDevices } from '../../src/cli/backend.ts';
import { Interrupt } from '../../src/cli/interrupt.ts';
import { RunFolder } from '../../src/cli/run_folder.ts';
import { runSession } from '../../src/cli/session.ts';
import { Gpu } from '../../src/gpu/gpu.ts';
import { makeConfig } from '../../src/presets.ts';
import { temporaryFolder } from './command.ts';

const config = makeConfig('solve', {
  ...{ gridSize: 3, hidden: 8, mixerWidth: 4, hyperHidden: 4, environments: 4, batchSize: 8, warmup: 40 },
  ...{ replayCapacity: 400, epsilonDecaySteps: 900, seeds: [1, 2], updates: 400, stopWhenSolved: false },
  ...{ evaluateEvery: 50, logEvery: 10, saveEvery: 45 },
});

/** Trains on WebGPU; the device is destroyed when the run has so many rows, for each number in turn. */
async function train(name: string, losses: readonly number[], saveEvery = config.saveEvery) {
  const devices: Gpu[] = [];
  const open = Gpu.open.bind(Gpu);
  vi.spyOn(Gpu, 'open').mockImplementation(async (adapter) => {
    const gpu = await open(adapter);
    devices.push(gpu);
    return gpu;
  });
  let told = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    told += text;
    return true;
  });
  const folder = RunFolder.create(join(temporaryFolder(), name));
  const append = folder.append.bind(folder);
  const left = [...losses];
  let destroyed: Gpu | undefined;
  folder.append = (row) => {
    append(row);
    const device = devices.at(-1)!;
    if (device === destroyed || left.length === 0 || folder.rows.length < left[0]) return;
    left.shift();
    destroyed = device;
    device.destroy();
  };
  const interrupt = new Interrupt();
  const plan = { config: { ...config, saveEvery }, folder, backend: 'webgpu', atOnce: undefined } as const;
  try {
    const summary = await runSession(
      { ...plan, saveMs: 1e9, goOn: `train --resume ${folder.path}` },
      interrupt,
    );
    return { summary, folder, devices, told, rows: folder.rows.map(({ seconds: _, ...row }) => row) };
  } finally {
    interrupt.release();
    vi.restoreAllMocks();
    closeDevices();
  }
}

describe('a device that is lost', () => {
  afterEach(() => vi.restoreAllMocks());

  it('is replaced, and the run ends in the bits and rows of one that lost none', async () => {
    const whole = await train('whole', []);
    // 2 learners: 80 rows of training, 16 evaluations, 2 at the end.
    const lossy = await train('lossy', [3, 20, 21, 40, 63, 64, 90]);
    expect(lossy.devices).toHaveLength(8);
    expect(lossy.told.match(/the run goes on from where it was saved last\n/g)).toHaveLength(6);
    expect(lossy.told.match(/the run goes on from the beginning, as nothing was saved yet\n/g)).toHaveLength(
      1,
    );
    expect(lossy.summary.hash).toBe(whole.summary.hash);
    expect(lossy.rows).toEqual(whole.rows);
    const [a, b] = [whole, lossy].map(({ folder }) => readFileSync(folder.checkpoint));
    expect(a.equals(b)).toBe(true);
  });

  it('for the third time with nothing saved between ends the run, which says how to go on', async () => {
    await expect(train('hopeless', [3, 3, 3, 3], 1_000_000)).rejects.toThrow(
      /the device was lost \(destroyed\).*; nothing had been saved of the run$/,
    );
    await expect(train('stuck', [30, 31, 32, 33, 34], 100)).rejects.toThrow(
      /the device was lost .*; .*checkpoint\.safetensors is as it was saved last; to go on from there: train --resume .*stuck$/,
    );
  });
});
