import { afterAll, describe, expect, it } from 'vitest';
import type { VectorEnv } from '../../src/env/vector_env.ts';
import { openModule } from '../../src/node/module_worker.ts';
import { closeEnvironments, loadEnvironment } from '../../src/train/environments.ts';
import { type BrokenModule, brokenModules, COPIES, toldOf } from './broken_modules.ts';
import { legalActions, moduleFile, open } from './open_module.ts';

const only = (when: BrokenModule['when']) => brokenModules.filter((each) => each.when === when);

describe('before training', () => {
  afterAll(closeEnvironments);

  it.each(only('before'))('a module is refused that $breaks', async (broken) => {
    const environment = moduleFile(broken.source, `${broken.name}.mjs`);
    const refused = await loadEnvironment({ environment }, openModule).catch((error) => error);
    expect(refused).toMatchObject({ name: 'ConfigError' });
    expect(refused.message).toMatch(toldOf(broken, environment));
  });
});

describe('in training', () => {
  const later = [...only('first step'), ...only('late')];
  it.each(later)('a module is told of that $breaks', async (broken) => {
    const file = moduleFile(broken.source, `${broken.name}.mjs`);
    const { module, create } = await open(file, broken.hoards && { limits: { maxOldGenerationSizeMb: 64 } });
    await module.import();
    expect((await module.check()).broken).toBeUndefined();
    const env = create(COPIES);
    const hang = setInterval(() => broken.hangs && module.interrupt(), 500);
    const failure = (await play(env)) as Error;
    clearInterval(hang);
    expect(failure).toMatchObject({ name: 'EnvironmentFailure', interrupted: broken.hangs === true });
    expect(failure.message).toMatch(toldOf(broken, file));
  });
});

/** Plays until the module fails, and returns what it fails with; what is saved then is that of before the step. */
async function play(env: VectorEnv): Promise<unknown> {
  try {
    await env.reset();
  } catch (error) {
    return error;
  }
  for (let step = 0; ; step++) {
    const before = env.save();
    try {
      await env.step(legalActions(env, step % 100));
    } catch (error) {
      expect(env.save()).toEqual(before);
      return error;
    }
  }
}
