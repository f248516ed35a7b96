import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { brokenModules, COPIES, toldOf } from '../env/broken_modules.ts';
import { start, temporaryFolder, untilRunning, withoutProgress } from './command.ts';

/** Acting alone, as no one of them comes to so many transitions. */
const SETTINGS = [
  ...[`environments=${COPIES}`, 'warmup=400000', 'replayCapacity=400000', 'hidden=4', 'mixerWidth=2'],
  ...['hyperHidden=2', 'batchSize=4', 'updates=1'],
].flatMap((assignment) => ['--set', assignment]);

describe('train on a module', () => {
  it.each(brokenModules)('$when: that $breaks', async (broken) => {
    const folder = temporaryFolder();
    const file = join(folder, `${broken.name}.mjs`);
    const out = join(folder, 'run');
    writeFileSync(file, broken.source);
    const args = ['train', '--backend', 'cpu', '--environment', file, '--seeds', '2025', ...SETTINGS];
    const limits = broken.hoards ? { NODE_OPTIONS: '--max-old-space-size=100' } : {};
    const started = start([...args, '--out', out], limits);
    if (broken.hangs) {
      const wait = /^waiting for .*: (step|the reset)/m;
      await untilRunning(started, 'the module is waited for', () => wait.test(started.told()));
      started.child.kill('SIGINT');
    }
    const { code, stderr } = await started.ended;
    const told = withoutProgress(stderr);
    expect(told).not.toMatch(/\n {4}at /);
    if (broken.hangs) {
      expect(code).toBe(130);
      expect(existsSync(join(out, 'checkpoint.safetensors'))).toBe(true);
      return;
    }
    expect(code).toBe(1);
    expect(told.trimEnd().split('\n')).toHaveLength(1);
    const begun = existsSync(join(out, 'config.json'));
    expect(existsSync(out), 'nothing is left of what never began').toBe(begun);
    if (broken.when === 'late') expect(begun).toBe(true);
    expect(existsSync(join(out, 'checkpoint.safetensors'))).toBe(begun);
    const [line, rest] = told.trimEnd().slice('error: '.length).split('; the run is saved as of ');
    expect(line).toMatch(toldOf(broken, file));
    if (begun)
      expect(rest).toContain(`to go on: train --resume ${out} --environment ${file} --environment-changed`);
  });
});
