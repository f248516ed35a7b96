import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openModule } from '../../src/node/module_worker.ts';
import { makeConfig } from '../../src/presets.ts';
import {
  closeEnvironments,
  createEnvironment,
  environmentFingerprint,
  loadEnvironment,
  startCount,
} from '../../src/train/environments.ts';
import { createEvaluator } from '../../src/train/evaluate.ts';
import { advance, smallTrainer } from './small.ts';

const PLATES = 'src/env/examples/plates.mjs';

/** Settings that learn the example within seconds on the reference. */
const plates = (changes: Record<string, unknown> = {}) =>
  makeConfig('solve', {
    environment: PLATES,
    hidden: 24,
    mixerWidth: 8,
    hyperHidden: 8,
    environments: 16,
    batchSize: 32,
    replayCapacity: 20_000,
    warmup: 500,
    epsilonDecaySteps: 20_000,
    learningRate: 2e-3,
    mixerLearningRate: 1e-3,
    evaluateEvery: 250,
    updates: 6000,
    ...changes,
  });

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'qmix-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterAll(closeEnvironments);

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe('a module that cannot be trained on', () => {
  it.each([
    ['missing.mjs', undefined, 'missing.mjs" (no such file), allowed: a JavaScript module (.js, .mjs)'],
    [
      'syntax.mjs',
      'export default (',
      'syntax.mjs: threw "Unexpected end of input" (syntax.mjs:1) in its import',
    ],
    [
      'nothing.mjs',
      'export const x = 1;',
      'nothing.mjs: default export: got nothing, allowed: a function that makes',
    ],
    [
      'object.mjs',
      'export default { agents: 2 };',
      'default export: got {"agents":2}, allowed: a function that makes',
    ],
    ['empty.mjs', 'export default () => ({});', 'empty.mjs: reset: got nothing, allowed: a function'],
    [
      'agents.mjs',
      'export default () => ({ agents: 17, reset() {}, step() {} });',
      'agents.mjs: agents: got 17, allowed: a whole number from 1 to 16',
    ],
  ])('%s', async (name, text, message) => {
    const environment = text === undefined ? join(folder, name) : write(name, text);
    await expect(loadEnvironment({ environment }, openModule)).rejects.toMatchObject({
      name: 'ConfigError',
      message: expect.stringContaining(message),
    });
  });

  it('is refused by its name where that is none of a module', () => {
    expect(() => makeConfig('solve', { environment: 'plates.ts' })).toThrow(
      'environment: got "plates.ts", allowed: meeting-gridworld, two-step, matrix, switch-and-door, or a module file (.js, .mjs)',
    );
  });
});

describe('a module that was loaded', () => {
  const sound = readFileSync(PLATES, 'utf8');

  it('stays what it was, whatever becomes of its file', async () => {
    const environment = write('changes.mjs', sound);
    const fingerprint = createHash('sha256').update(sound).digest('hex');
    await loadEnvironment({ environment }, openModule);
    expect(environmentFingerprint({ environment })).toBe(fingerprint);
    writeFileSync(environment, 'export default () => ({ agents: 2 });');
    await loadEnvironment({ environment }, openModule);
    expect(environmentFingerprint({ environment })).toBe(fingerprint);
    await closeEnvironments();
    await expect(loadEnvironment({ environment }, openModule)).rejects.toThrow('reset: got nothing');
  });

  it('is loaded again where its worker has ended', async () => {
    const environment = write(
      'ends.mjs',
      sound.replace('return look();', 'if (random() < 0.01) process.exit(2); $&'),
    );
    const config = makeConfig('solve', { environment });
    const play = async () => {
      await loadEnvironment({ environment }, openModule);
      await createEnvironment(config, 1, 1000).reset();
    };
    await expect(play()).rejects.toThrow(
      /ended its worker by process.exit\(2\) in the reset of episode 0 of copy \d+/,
    );
    await expect(play()).rejects.toThrow('process.exit(2)');
  });

  it('has no fingerprint where it comes with the project', () => {
    expect(environmentFingerprint({ environment: 'two-step' })).toBe('');
  });

  it('is refused where nothing can open it, as on the page', async () => {
    const words =
      'environment: got "my.mjs", allowed here: meeting-gridworld, two-step, matrix, switch-and-door, as module files ' +
      'run on the command line only';
    await expect(loadEnvironment({ environment: 'my.mjs' })).rejects.toThrow(words);
    expect(() => startCount(makeConfig('solve', { environment: 'my.mjs' }))).toThrow(words);
  });
});

describe('the example', () => {
  beforeAll(() => loadEnvironment({ environment: PLATES }, openModule));

  it('is learned, every one of 1,000 resets', async () => {
    const trainer = await advance(smallTrainer(plates({ seeds: [1] })));
    const [evaluation] = await trainer.finish();
    expect(trainer.progress[0].stopped).toBe(1);
    expect(evaluation).toMatchObject({ success: 1, starts: 1000, lengthRatio: Number.NaN });
    // No way is longer than 6 steps.
    expect(evaluation.return).toBeGreaterThan(1 - 0.02 * 5);
  });

  it('goes on exactly from a checkpoint', async () => {
    const config = plates({ seeds: [4, 5], updates: 60 });
    const whole = await advance(smallTrainer(config));
    const half = await advance(smallTrainer(config), 50);
    const resumed = smallTrainer(config);
    await resumed.load(await half.save());
    await advance(resumed);
    expect(await resumed.save()).toEqual(await whole.save());
  });

  it('has no list of starts', () => {
    expect(startCount(plates())).toBe(Number.POSITIVE_INFINITY);
    expect(createEvaluator(plates(), { sample: 70 }).starts).toBe(70);
    expect(() => createEvaluator(plates(), { exhaustive: true })).toThrow(
      `exhaustive: got true, allowed: false, as the starts of ${PLATES} cannot be listed`,
    );
  });
});
