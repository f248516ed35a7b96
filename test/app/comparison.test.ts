import { describe, expect, test } from 'vitest';
import { Comparison } from '../../src/app/comparison.ts';
import type { Settings } from '../../src/app/service.ts';

/** A comparison whose runs come to what `ends` says, and what was asked for and said in it. */
function compare(ends: (run: number, comparison: Comparison) => boolean) {
  const trained: { readonly settings: Settings; readonly overlays: boolean }[] = [];
  const said: string[] = [];
  const comparison: Comparison = new Comparison({
    settings: () => ['preset=report', 'algorithm=vdn', 'mixer=none', 'agentId=true', 'hidden=8'],
    train: async (settings, overlays) => {
      trained.push({ settings, overlays });
      return ends(trained.length, comparison);
    },
    say: (text) => said.push(text),
  });
  return { comparison, trained, said };
}

describe('a comparison on the page', () => {
  test('trains the four algorithms, equal in everything else, the first over no other curves', async () => {
    const { comparison, trained, said } = compare(() => true);
    await comparison.train();
    const shared = ['preset=report', 'hidden=8'];
    expect(trained).toEqual([
      { settings: [...shared, 'algorithm=qmix'], overlays: false },
      { settings: [...shared, 'algorithm=vdn'], overlays: true },
      { settings: [...shared, 'algorithm=ps-dqn'], overlays: true },
      { settings: [...shared, 'algorithm=iql'], overlays: true },
    ]);
    expect(said[2]).toBe('Comparing: PS-DQN, 3 of 4. Stop or Reset ends the comparison.');
    expect(said.at(-1)).toMatch(/^All four have been trained/);
  });

  test('is not begun a second time while it goes on', async () => {
    const { comparison, trained } = compare(() => true);
    await Promise.all([comparison.train(), comparison.train()]);
    expect(trained).toHaveLength(4);
  });

  test('ends with a run that does not come to its end, and says how far it came', async () => {
    const { comparison, trained, said } = compare((run) => run < 3);
    await comparison.train();
    expect(trained).toHaveLength(3);
    expect(said.at(-1)).toBe('The comparison ended after 2 of 4.');
  });

  test('ends where it is stopped, and can be begun again', async () => {
    const { comparison, trained, said } = compare((run, own) => {
      if (run === 1) own.stop();
      return true;
    });
    await comparison.train();
    expect(trained).toHaveLength(1);
    expect(said.at(-1)).toBe('The comparison ended after 0 of 4.');
    await comparison.train();
    expect(trained).toHaveLength(5);
  });
});
