import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ModuleClient } from '../../src/env/module_client.ts';
import {
  type FromHost,
  newWords,
  placeWords,
  RING,
  type ToHost,
  WORD,
} from '../../src/env/module_protocol.ts';
import { WHERE } from '../../src/env/place.ts';
import { SIZES } from './broken_modules.ts';

/** A client whose thread answers what a test says. */
function begin() {
  const words = newWords();
  const posted: ToHost[] = [];
  const lines: string[] = [];
  let terminated = 0;
  let answer: (message: FromHost) => void = () => {};
  let end: (what: string) => void = () => {};
  const thread = {
    post: (message: ToHost) => posted.push(message),
    listen: (message: typeof answer, ended: typeof end) => {
      answer = message;
      end = ended;
    },
    terminate: async () => {
      terminated++;
    },
  };
  const client = new ModuleClient(thread, words, {
    file: 'my.mjs',
    url: 'file:///my.mjs',
    fingerprint: '',
    tell: (line) => lines.push(line),
    patience: 1000,
  });
  return {
    client,
    words,
    place: placeWords(words),
    posted,
    lines,
    end: (what: string) => end(what),
    terminated: () => terminated,
    /** Answers what was asked for last. */
    answer: (rest: { value: undefined } | { refused: string; mistake: boolean }) => {
      const { call } = posted.at(-1) as { call: number };
      answer({ call, ...rest } as FromHost);
    },
    progress: (progress: string) => answer({ progress }),
  };
}

const spec = { name: 'my.mjs', ...SIZES };
const failureOf = (asked: Promise<unknown>): Promise<unknown> => asked.catch((error) => error);

describe('a wait for a module', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('is told of once, after the patience, and each time lets the next wait be twice as long', async () => {
    const { client, words, place, lines, answer } = begin();
    const env = client.create(spec, 2025, 4, 'training');
    const first = env.reset();
    words[WORD.environment] = 0;
    place.set(WHERE.reset, 3, 212);
    vi.advanceTimersByTime(999);
    expect(lines).toEqual([]);
    vi.advanceTimersByTime(5001);
    expect(lines).toEqual(['waiting for my.mjs for 1 s: the reset of episode 212 of copy 3 (seed 2025)']);
    answer({ value: undefined });
    await first;
    expect(vi.getTimerCount()).toBe(0);

    const second = client.import();
    place.set(WHERE.import);
    vi.advanceTimersByTime(1999);
    expect(lines).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(lines.slice(1)).toEqual(['waiting for my.mjs for 2 s: its import']);
    answer({ value: undefined });
    await second;
  });

  it('is told of again once it is elsewhere: a thread that begins late is nowhere at first', async () => {
    const { client, place, lines, answer } = begin();
    const importing = client.import();
    vi.advanceTimersByTime(1000);
    place.set(WHERE.import);
    vi.advanceTimersByTime(1999);
    expect(lines).toEqual(['waiting for my.mjs for 1 s']);
    vi.advanceTimersByTime(10_001);
    expect(lines.slice(1)).toEqual(['waiting for my.mjs for 2 s: its import']);
    answer({ value: undefined });
    await importing;
  });

  it('is told of after twice the patience where another was told of meanwhile', async () => {
    const { client, lines, end } = begin();
    const waits = [failureOf(client.import()), failureOf(client.check())];
    vi.advanceTimersByTime(1999);
    expect(lines).toEqual(['waiting for my.mjs for 1 s']);
    vi.advanceTimersByTime(1);
    expect(lines.slice(1)).toEqual(['waiting for my.mjs for 2 s']);
    end('closed its worker');
    await Promise.all(waits);
  });

  it('is not told of where something was told meanwhile', async () => {
    const { client, lines, answer, progress } = begin();
    const checking = client.check();
    vi.advanceTimersByTime(500);
    progress('3 of 20 episodes');
    vi.advanceTimersByTime(500);
    expect(lines).toEqual(['checking my.mjs: 3 of 20 episodes']);
    vi.advanceTimersByTime(1000);
    expect(lines.slice(1)).toEqual(['waiting for my.mjs for 1 s']);
    answer({ value: undefined });
    await checking;
  });

  it('that is interrupted twice ends a second after the first time, and no timer is left', async () => {
    const { client, words, place, terminated } = begin();
    const failing = failureOf(client.check());
    words[WORD.environment] = -1;
    client.interrupt();
    vi.advanceTimersByTime(500);
    client.interrupt();
    place.set(WHERE.step, -1, 2, 5);
    vi.advanceTimersByTime(499);
    expect(client.ended).toBe(false);
    vi.advanceTimersByTime(1);
    expect(client.ended).toBe(true);
    expect(await failing).toMatchObject({
      message: 'my.mjs: was interrupted in step 5 of episode 2 of the check',
      interrupted: true,
    });
    expect(terminated()).toBe(1);
    client.interrupt();
    const other = begin();
    other.end('closed its worker');
    other.client.interrupt();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is not ended by an interruption before where each answer comes within a second', async () => {
    const { client, words, answer } = begin();
    const env = client.create(spec, 2025, 4, 'training');
    client.interrupt();
    vi.advanceTimersByTime(2500);
    words[WORD.environment] = 0;
    for (let time = 0; time < 3; time++) {
      const resetting = env.reset();
      vi.advanceTimersByTime(900);
      answer({ value: undefined });
      await resetting;
    }
    const last = failureOf(Promise.resolve(env.reset()));
    // From 5.2 s on: at 6 s it has waited since less than a look ago, at 7 s for longer.
    vi.advanceTimersByTime(1799);
    expect(client.ended).toBe(false);
    vi.advanceTimersByTime(1);
    expect(await last).toMatchObject({ message: 'my.mjs: did not answer for 1 s and was ended' });
  });
});

describe('a module whose thread has ended', () => {
  it('fails everything for the first reason, with the actions of the copy that it was in', async () => {
    const { client, words, place, posted, end } = begin();
    const actions = Uint32Array.of(0, 1, 2, 1, 0, 0);
    const buffer = new SharedArrayBuffer(0);
    const environment = client.attach({ spec, seed: 7, copies: 3, buffer }, 'training', actions);
    const waiting = [failureOf(client.reset(environment)), failureOf(client.check())];
    words[WORD.environment] = environment;
    place.set(WHERE.step, 1, 2, 5);
    end('ended its worker by process.exit(3)');
    end('closed its worker');
    const message =
      'my.mjs: ended its worker by process.exit(3) in step 5 of episode 2 of copy 1 (seed 7), actions 2, 1';
    const before = posted.length;
    for (const failure of [...waiting, failureOf(client.import()), failureOf(client.step(environment))]) {
      expect(await failure).toMatchObject({ name: 'EnvironmentFailure', message, interrupted: false });
    }
    client.detach(environment);
    client.attach({ spec, seed: 7, copies: 3, buffer }, 'training', actions);
    expect(posted).toHaveLength(before);
  });

  it('as it was closed says so to what waits for it', async () => {
    const { client, terminated } = begin();
    const failing = failureOf(client.import());
    await client.close();
    expect(await failing).toMatchObject({ message: 'my.mjs: was closed', interrupted: false });
    expect(client.ended).toBe(true);
    expect(terminated()).toBeGreaterThan(0);
  });
});

describe('the client of a module', () => {
  it('tells what it refuses from our own mistakes', async () => {
    const { client, answer } = begin();
    const refused = failureOf(client.import());
    answer({ refused: 'environment: another', mistake: false });
    expect(await refused).toMatchObject({ name: 'ConfigError', message: 'environment: another' });
    const mistaken = failureOf(client.import());
    answer({ refused: 'Error: oops', mistake: true });
    expect(await mistaken).toMatchObject({ name: 'Error', message: 'Error: oops' });
  });

  it('makes copies known when they are first reset, by whether the module was changed, and once they are closed not', async () => {
    const { client, posted, answer } = begin();
    const env = client.create(spec, 7, 2, 'training');
    expect(posted).toEqual([]);
    for (let time = 0; time < 2; time++) {
      const resetting = env.reset();
      answer({ value: undefined });
      await resetting;
    }
    client.changed = true;
    const other = client.create(spec, 8, 3, 'evaluation').reset();
    answer({ value: undefined });
    await other;
    env.close?.();
    env.close?.();
    expect(posted).toMatchObject([
      { do: 'attach', environment: 0, seed: 7, copies: 2, spec, changed: false },
      { do: 'reset', environment: 0 },
      { do: 'reset', environment: 0 },
      { do: 'attach', seed: 8, copies: 3, changed: true },
      { do: 'reset' },
      { do: 'detach', environment: 0 },
    ]);
    expect(() => env.step(new Uint32Array(4))).toThrow('my.mjs: stepped before its first reset');
  });

  it('wakes the host for a step that is about to come', () => {
    const { client, words } = begin();
    client.expectStep();
    expect([words[WORD.expected], words[WORD.rung], words[WORD.asked]]).toEqual([1, 1, 0]);
  });

  it('refuses more steps at once than there is place for', async () => {
    const { client, words, end } = begin();
    const steps = Array.from({ length: RING }, (_, environment) => failureOf(client.step(environment)));
    expect(() => client.step(0)).toThrow('more than 16384 steps were asked for at once');
    expect([words[WORD.asked], words[WORD.ring], words[WORD.ring + RING - 1]]).toEqual([16384, 0, 16383]);
    end('closed its worker');
    expect(await steps[0]).toMatchObject({ message: 'my.mjs: closed its worker' });
    await Promise.all(steps);
  });
});
