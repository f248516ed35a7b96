import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { temporaryFolder } from '../cli/command.ts';
import { kills } from './kills.ts';
import { Log } from './log.ts';
import { refusals } from './refusals/refusals.ts';
import { Workplace } from './workplace.ts';

let place: Workplace;
beforeAll(() => {
  place = new Workplace();
});
afterAll(() => place.close());

/** The log of a script, and its exit code. */
async function logOf(script: (log: Log) => Promise<number>): Promise<{ code: number; text: string }> {
  const file = join(temporaryFolder(), 'log');
  const silent = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    return { code: await script(new Log(file)), text: readFileSync(file, 'utf8') };
  } finally {
    silent.mockRestore();
  }
}

describe('npm run endure', () => {
  it('kills a run a few times, and finds it in the undisturbed hash', async () => {
    const few = { count: 2, seed: 1, commands: ['train'], backends: ['cpu'], length: 0.3 } as const;
    const { code, text } = await logOf((log) => kills(few, log, place));
    expect(text).toMatch(
      /\n2 kills, \d of them during a save, .* runs ended in the undisturbed hash; no faults\n$/,
    );
    expect(code, text).toBe(0);
  });

  it('takes folders from commands, and goes on with what is kept', async () => {
    const few = { seed: 1, kinds: ['folders'], only: 'train: its folder is moved', length: 0.1 } as const;
    const { code, text } = await logOf((log) => refusals(few, log, place));
    expect(text).toMatch(/\n1 trial in .*; no faults\n$/);
    expect(code, text).toBe(0);
  });
});
