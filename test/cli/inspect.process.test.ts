import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { qmix, smallTrain, temporaryFolder } from './command.ts';

const GAME = [
  ...['hidden=16', 'mixerWidth=4', 'hyperHidden=4', 'environments=32', 'batchSize=32'],
  ...['replayCapacity=5000', 'warmup=500', 'learningRate=2e-3'],
].flatMap((assignment) => ['--set', assignment]);

async function trainedGame(...args: string[]): Promise<string> {
  const run = join(temporaryFolder(), 'run');
  const { code, stderr } = await qmix('train', '--backend', 'cpu', ...GAME, ...args, '--out', run);
  expect(stderr).not.toContain('error');
  expect(code).toBe(0);
  return run;
}

interface Inspected {
  readonly mixer: string;
  readonly learners: {
    readonly seed: number;
    readonly states: {
      readonly state: string;
      readonly agents: number[][];
      readonly joint?: number[][];
      readonly greedy: number[];
      readonly optimal: number[][];
    }[];
  }[];
}

describe('inspect', () => {
  it('prints Q_tot of all joint actions beside the payoff, per state and seed', async () => {
    const run = await trainedGame('--environment', 'two-step', '--seeds', '3,4', '--updates', '1500');
    const { code, stdout } = await qmix('inspect', run, '--json');
    expect(code).toBe(0);
    const { mixer, learners } = JSON.parse(stdout) as Inspected;
    expect(mixer).toBe('monotonic');
    expect(learners.map(({ seed }) => seed)).toEqual([3, 4]);
    for (const { states } of learners) {
      expect(states.map(({ state }) => state)).toEqual(['1', '2A', '2B']);
      const [first, safe, risky] = states.map(({ optimal }) => optimal.flat());
      for (const [index, value] of [6.93, 6.93, 7.92, 7.92].entries()) {
        expect(first[index]).toBeCloseTo(value, 12);
      }
      expect(safe).toEqual([7, 7, 7, 7]);
      expect(risky).toEqual([0, 1, 1, 8]);
      for (const { joint, greedy, agents } of states) {
        // The greedy joint action is each agent's best, and no joint action is worth more to a monotonic mixer.
        expect(agents.map((values) => values.indexOf(Math.max(...values)))).toEqual(greedy);
        expect(joint![greedy[0]][greedy[1]]).toBe(Math.max(...joint!.flat()));
      }
      // Far from exact after so few updates, but learned: 2A is worth 7, and the best of 2B is its last.
      for (const value of states[1].joint!.flat()) expect(Math.abs(value - 7)).toBeLessThan(0.7);
      expect(states[2].greedy).toEqual([1, 1]);
    }
    const text = (await qmix('inspect', join(run, 'checkpoint.safetensors'))).stdout;
    expect(text).toContain('two-step: Q_tot of every joint action');
    expect(text.match(/^seeds\.\d$/gm)).toEqual(['seeds.3', 'seeds.4']);
    expect(text.match(/7\.92/g)!.length).toBeGreaterThanOrEqual(4);
    const shown = learners[0].states[2].joint!;
    expect(text).toContain(`${shown[1][1].toFixed(2)}*`);
  });

  it('says that there is no Q_tot without a mixer', async () => {
    const run = await trainedGame(
      '--environment',
      'matrix',
      '--algorithm',
      'iql',
      '--seeds',
      '1',
      '--updates',
      '20',
    );
    const { stdout } = await qmix('inspect', run);
    expect(stdout).toContain('there is no Q_tot, and their sum is none');
    expect(stdout).toContain('Q of agent 1, of agent 2');
    const { learners } = JSON.parse((await qmix('inspect', run, '--json')).stdout) as Inspected;
    expect(learners[0].states[0].joint).toBeUndefined();
    expect(learners[0].states[0].agents.map((values) => values.length)).toEqual([3, 3]);
  });

  it('is refused where there is nothing to inspect', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'empty'));
    for (const path of [join(folder, 'none'), join(folder, 'empty')]) {
      const { code, stderr } = await qmix('inspect', path);
      expect(code).toBe(1);
      expect(stderr).toContain('CHECKPOINT: got "');
    }
    const grid = join(folder, 'grid');
    await qmix(...smallTrain('--seeds', '1', '--updates', '1', '--out', grid));
    const { code, stderr } = await qmix('inspect', grid);
    expect(code).toBe(1);
    expect(stderr).toContain(
      'CHECKPOINT: got one of meeting-gridworld, allowed: one of a game (two-step, matrix)',
    );
    expect(stderr).not.toMatch(/\n {4}at /);
  });
});
