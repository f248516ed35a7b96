import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { RING } from '../../src/env/module_protocol.ts';
import type { VectorEnv } from '../../src/env/vector_env.ts';
import { PATIENCE } from '../support/patience.ts';
import { until } from '../support/until.ts';
import { moduleSource } from './broken_modules.ts';
import { legalActions, moduleFile, open } from './open_module.ts';

/** Milliseconds after which a line is told, in place of ten seconds. */
const SOON = { patience: 300 };

/** Whether a line tells of a wait there. A busy machine has told of others before: each lets the next take twice as long. */
const isWait = (line: string, file: string, where: string): boolean =>
  line.startsWith(`waiting for ${file} for `) && line.endsWith(` s: ${where}`);

/** A module's worker, with so many copies that have been reset. */
async function start(text: string, copies: number, options = {}) {
  const file = moduleFile(text);
  const opened = await open(file, options);
  await opened.module.import();
  const env = opened.create(copies);
  await env.reset();
  return { ...opened, file, env };
}

/** Steps until the module fails or `steps` are made; returns what it failed with. */
async function play(env: VectorEnv, steps: number): Promise<unknown> {
  try {
    for (let step = 0; step < steps; step++) await env.step(legalActions(env, step));
    return undefined;
  } catch (error) {
    return error;
  }
}

const LOST = "throw new Error('simulator lost its connection');";
/** Which of the copies one is, from 0. */
const NUMBERED = 'const copy = copies;';

describe('a module that fails', () => {
  it('is told of with its file, what it threw and where, and all that is needed to see it again', async () => {
    const step = `if (copy === 1 && life === 13) ${LOST}`;
    const { file, env } = await start(moduleSource({ made: NUMBERED, step }), 3);
    expect(await play(env, 20)).toMatchObject({
      name: 'EnvironmentFailure',
      message:
        `${file}: threw "simulator lost its connection" (my.mjs:10:71) in step 3 of episode 1 of copy 1 (seed 2025), ` +
        `actions ${legalActions(env, 12).subarray(2, 4).join(', ')}`,
      interrupted: false,
    });
  });

  it('leaves what is saved as it was after the last finished step, in every copy', async () => {
    const { env, create } = await start(
      moduleSource({ step: 'if (life === 13 && copies === 3) throw 1;' }),
      3,
    );
    for (let step = 0; step < 12; step++) await env.step(legalActions(env, step));
    const before = env.save();
    expect(await play(env, 1)).toBeDefined();
    expect(env.save()).toEqual(before);
    // Once more is refused as it was, and others of the module go on.
    expect(await play(env, 1)).toMatchObject({ message: expect.stringContaining('threw 1 in step 3') });
    await expect(env.reset()).rejects.toThrow('threw 1 in step 3');
    const other = create(2);
    await other.load(before.slice(0, (2 * before.length) / 3));
    expect(await play(other, 1)).toBeUndefined();
  });

  it('when it is first reset fails for good, in the reset that failed', async () => {
    const reset = "if (++life === 1 && copies === 2) throw 'no port';";
    const { module, create } = await open(moduleFile(moduleSource({ reset })));
    await module.import();
    const env = create(2);
    const told = '"no port" in the reset of episode 0 of copy 0 (seed 2025)';
    for (let time = 0; time < 2; time++) await expect(env.reset()).rejects.toThrow(told);
    expect(await play(env, 1)).toMatchObject({ message: expect.stringContaining(told) });
  });

  it('while it is idle is told of without a place', async () => {
    const reset = "setTimeout(() => { throw new Error('watchdog'); });";
    const { file, env, module } = await start(moduleSource({ reset }), 1);
    await until('it has ended', () => module.ended);
    expect(await play(env, 1)).toMatchObject({ message: `${file}: threw "watchdog" (my.mjs:9:53)` });
  });

  it('in an evaluation is told of as such, as its seed says nothing to users', async () => {
    const { create } = await start(moduleSource({ step: `if (life === 13) ${LOST}` }), 1);
    const env = create(2, 0x5eed, 'evaluation');
    await env.reset();
    expect(await play(env, 20)).toMatchObject({
      message: expect.stringContaining('in step 3 of episode 1 of copy 0 in an evaluation, actions '),
    });
  });

  it('while it plays saved actions again is told of at the step that it failed in', async () => {
    const sound = await start(moduleSource(), 2);
    for (let step = 0; step < 7; step++) await sound.env.step(legalActions(sound.env, step));
    const { create } = await start(moduleSource({ step: 'if (life === 5) process.exit(4);' }), 1);
    const env = create(2);
    const begun = env.save();
    await expect(env.load(sound.env.save())).rejects.toMatchObject({
      message: expect.stringMatching(
        /my\.mjs: ended its worker by process\.exit\(4\) in step 5 of episode 0 of copy 0 \(seed 2025\), actions \d, \d$/,
      ),
    });
    expect(env.save()).toEqual(begun);
  });

  it('by ending its worker fails all that wait for it, and all that is asked for later', async () => {
    const { env, create, module } = await start(
      moduleSource({ made: NUMBERED, step: 'if (copy === 1 && life === 2) process.exit(3);' }),
      2,
    );
    const other = create(1);
    await other.reset();
    expect(await play(env, 1)).toBeUndefined();
    const steps = [env.step(Uint32Array.of(0, 1, 2, 1)), other.step(new Uint32Array(2))];
    const failures: string[] = [];
    for (const step of steps) {
      failures.push(await (step as Promise<void>).then(String, (error) => error.message));
      // What the others fail with meanwhile, and no one waits for yet, ends no process.
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(failures[0]).toContain(
      'ended its worker by process.exit(3) in step 2 of episode 0 of copy 1 (seed 2025), actions 2, 1',
    );
    expect(failures[1]).toBe(failures[0]);
    expect(module.ended).toBe(true);
    await expect(create(1).reset()).rejects.toThrow('process.exit(3)');
  });
});

describe('a module that does not answer', () => {
  it.each([
    ['step', { step: 'if (life === 5) for (;;);' }, 'step 5 of episode 0 of copy 0 (seed 2025)'],
    ['reset', { reset: 'if (life === 10) for (;;);' }, 'the reset of episode 1 of copy 0 (seed 2025)'],
  ])('in a %s is told of once, and ended a second after an interruption', async (_, parts, where) => {
    const { file, env, lines, module } = await start(moduleSource(parts), 2, SOON);
    const failing = play(env, 20);
    const waits = () => lines.filter((line) => isWait(line, file, where));
    await until('it is told of', () => waits().length > 0);
    const before = env.save();
    module.interrupt();
    const failure = await failing;
    expect(failure).toMatchObject({ name: 'EnvironmentFailure', interrupted: true });
    expect((failure as Error).message).toContain(`did not answer for 1 s and was ended in ${where}`);
    expect(waits()).toHaveLength(1);
    expect(env.save()).toEqual(before);
  });

  it.each([
    ['imported', { before: 'await new Promise(() => {});' }, 'its import'],
    ['checked', { step: 'if (life === 5) for (;;);' }, 'step 5 of episode 0 of the check'],
  ])('while it is %s is told of, and ended', async (_, parts, where) => {
    const file = moduleFile(moduleSource(parts));
    const { module, lines } = await open(file, SOON);
    const failing = (async () => {
      await module.import();
      await module.check();
    })().catch((error) => error);
    await until('it is told of', () => lines.some((line) => isWait(line, file, where)));
    module.interrupt();
    expect(await failing).toMatchObject({ name: 'EnvironmentFailure', interrupted: true });
  });

  it('later than an interruption is ended too', async () => {
    const { env, module } = await start(moduleSource({ step: 'if (life === 5) for (;;);' }), 2);
    module.interrupt();
    const failure = await play(env, 20);
    expect(failure).toMatchObject({ name: 'EnvironmentFailure', interrupted: true });
    expect((failure as Error).message).toContain('did not answer for 1 s and was ended in step 5');
  });

  it('while it is checked is ended though it gets on, as no work is lost', async () => {
    const slow = 'const end = Date.now() + 10; while (Date.now() < end);';
    const { module } = await open(moduleFile(moduleSource({ step: slow })));
    await module.import();
    const checking = module.check().catch((error) => error);
    module.interrupt();
    expect(await checking).toMatchObject({
      interrupted: true,
      message: expect.stringMatching(/my\.mjs: was interrupted in step \d+ of episode \d+ of the check$/),
    });
  });

  it('in time is not ended by an interruption, nor one that answers for many copies in turn', async () => {
    const slow = 'const end = Date.now() + 60; while (Date.now() < end);';
    const { env, module } = await start(moduleSource({ step: slow }), 25);
    const stepping = env.step(new Uint32Array(50));
    module.interrupt();
    await stepping;
    expect(module.ended).toBe(false);
  });
});

describe('a module’s worker', () => {
  it('lets the module print though it is never idle', async () => {
    const slow = 'const end = Date.now() + 5; while (Date.now() < end); console.log("life", life);';
    const { env, create } = await start(moduleSource({ step: slow }), 1);
    const other = create(1);
    await other.reset();
    const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    onTestFinished(() => written.mockRestore());
    const actions = new Uint32Array(2);
    let stepping = env.step(actions);
    // One of the two always waits for the other: the worker has no time to spare.
    for (let step = 0; step < 60; step++) {
      const before = stepping;
      stepping = step % 2 === 0 ? other.step(actions) : env.step(actions);
      await before;
    }
    expect(written.mock.calls.join('')).toContain('life 10\n');
    await stepping;
  });

  it('does not keep the process alive while it is idle', () => {
    const file = moduleFile(moduleSource());
    const { status, stderr } = spawnSync(
      process.execPath,
      ['test/support/run_module.mjs', 'test/env/left_open.ts', file],
      { encoding: 'utf8', timeout: PATIENCE },
    );
    expect([status, stderr]).toEqual([0, '']);
  });

  it('is not disturbed by messages that the module posts', async () => {
    const before =
      "import { parentPort } from 'node:worker_threads'; parentPort.postMessage('hello'); parentPort.postMessage({});";
    const { env } = await start(moduleSource({ before }), 2);
    expect(await play(env, 3)).toBeUndefined();
  });

  it('refuses a step before the last one is over, and one before the first reset', async () => {
    const { env, create } = await start(moduleSource(), 2);
    const stepping = env.step(new Uint32Array(4));
    expect(() => env.step(new Uint32Array(4))).toThrow('a step was asked for before the last one was over');
    await stepping;
    expect(() => create(1).step(new Uint32Array(2))).toThrow('stepped before its first reset');
  });

  it('runs a module that awaits at its top', async () => {
    const before = 'await new Promise((resolve) => setTimeout(resolve, 20));';
    const { env } = await start(moduleSource({ before }), 2);
    expect(await play(env, 3)).toBeUndefined();
  });

  it('has the file’s SHA-256 as its fingerprint', async () => {
    const file = moduleFile(moduleSource());
    const { module } = await open(file);
    expect(module.fingerprint).toBe(createHash('sha256').update(readFileSync(file)).digest('hex'));
  });

  it('steps several environments that are asked for before the first is waited for', async () => {
    const { env, create } = await start(moduleSource(), 2);
    const all = [env, ...[5, 6, 7].map((seed) => create(2, seed))];
    await Promise.all(all.slice(1).map((each) => each.reset()));
    for (let step = 0; step < 30; step++) {
      for (const each of all) each.expectStep?.();
      const stepping = all.map((each, index) => each.step(legalActions(each, 10 * step + index)));
      await Promise.all(stepping);
    }
    for (const each of all) expect([...each.save()].filter((_, at) => at % 22 < 2)).toEqual([3, 0, 3, 0]);
  });

  it('goes on in order when the places for requests are used again', async () => {
    const { env, create } = await start(moduleSource(), 1);
    const other = create(1);
    await other.reset();
    const actions = new Uint32Array(2);
    const pairs = RING / 2 + 3;
    for (let pair = 0; pair < pairs; pair++) await Promise.all([env.step(actions), other.step(actions)]);
    // 8,195 steps in episodes of ten.
    for (const each of [env, other]) {
      expect([...each.save().subarray(0, 2), each.states[0]]).toEqual([819, 5, 0.5]);
    }
  });

  it.each([
    ['one agent', { agents: 1, actions: 2, observationSize: 3, stateSize: 1 }],
    ['the largest sizes', { agents: 16, actions: 4096, observationSize: 65_536, stateSize: 65_536 }],
  ])('steps an environment of %s', async (_, sizes) => {
    const text = `const sizes = ${JSON.stringify({ ...sizes, episodeLimit: 2 })};
      export default () => {
        let t = 0;
        const look = () => ({
          observations: Array.from({ length: sizes.agents }, (_, i) =>
            new Float32Array(sizes.observationSize).fill(t + i / 16)),
          state: new Float64Array(sizes.stateSize).fill(t + 0.5),
          actionMask: Array.from({ length: sizes.agents }, (_, i) => new Uint8Array(sizes.actions).fill(1)),
        });
        return {
          ...sizes,
          reset() { t = 0; return look(); },
          step(actions) { t++; return { ...look(), reward: actions.at(-1), terminated: t === 2, truncated: t === 2 }; },
        };
      };`;
    const { module, create } = await open(moduleFile(text));
    await module.import();
    expect(await module.check()).toMatchObject({ broken: undefined, sizes: { ...sizes, masked: true } });
    const env = create(2, 1, 'training', { ...sizes, episodeLimit: 2, masked: true });
    await env.reset();
    const chosen = new Uint32Array(2 * sizes.agents).fill(sizes.actions - 1);
    await env.step(chosen);
    const last = 1 + (sizes.agents - 1) / 16;
    expect([env.observations.at(-1), env.nextObservations.at(-1)]).toEqual([last, last]);
    expect([env.states.at(-1), env.available.at(-1), env.rewards[1]]).toEqual([1.5, 1, sizes.actions - 1]);
    await env.step(chosen);
    // A step that both terminates and is cut off has terminated.
    expect([env.terminations[1], env.truncations[1]]).toEqual([1, 0]);
    expect([env.observations.at(-1), env.nextObservations.at(-1)]).toEqual([last - 1, last + 1]);
  });

  it('hands out a new array of actions at every step, which may be kept and changed', async () => {
    const keeps = await start(
      `export default () => {
        let t, last;
        const look = () => ({ observations: [[t / 10], [t / 10]], state: [t / 10] });
        return {
          agents: 2, actions: 3, observationSize: 1, stateSize: 1, episodeLimit: 10,
          reset() { t = 0; last = null; return look(); },
          step(actions) {
            t++;
            const reward = last !== null && last[0] !== actions[0] ? 1 : 0;
            last = actions;
            actions[1] = 7;
            return { ...look(), reward, terminated: false };
          },
        };
      };`,
      1,
    );
    const { env } = keeps;
    let last = -1;
    for (let step = 0; step < 100; step++) {
      const actions = legalActions(env, step);
      await env.step(actions);
      expect(env.rewards[0]).toBe(last >= 0 && last !== actions[0] ? 1 : 0);
      last = env.truncations[0] === 1 ? -1 : actions[0];
    }
  });
});
