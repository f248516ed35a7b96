import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { qmix, SMALL, temporaryFolder } from './command.ts';

/**
 * The agents see 0 or 1, and each is paid 0.5 for doing what it sees: at best 8 an episode. No episode ends but by
 * its limit, so none is a success.
 */
const ECHO = `
export default () => {
  let shown;
  let next;
  const look = () => {
    shown = Math.floor(2 * next());
    const seen = [shown, 1 - shown];
    return { observations: [seen, seen], state: seen };
  };
  return {
    ...{ agents: 2, actions: 2, observationSize: 2, stateSize: 2, episodeLimit: 8 },
    reset(random) {
      next = random;
      return look();
    },
    step(actions) {
      const reward = actions.reduce((sum, action) => sum + (action === shown ? 0.5 : 0), 0);
      return { ...look(), reward, terminated: false };
    },
  };
};
`;

interface Compared {
  readonly success: { mean: number };
  readonly return: { mean: number; iqm: number; standardDeviation: number; iqmInterval: object };
  readonly seeds: readonly { return: number; successSeen: boolean }[];
}
interface Setting extends Compared {
  readonly settings: { learningRate: number };
}
interface Entry extends Compared {
  readonly tuned: object | null;
  readonly tunedBy: string | null;
}

/** Two learning rates, the one that learns nothing first: ties would keep it there. */
const RATES = 'learningRate=1e-6,1e-2';

/** The environment's file, a folder for results, and how to run a command there. */
function echo() {
  const folder = temporaryFolder();
  const environment = join(folder, 'echo.mjs');
  const out = join(folder, 'out');
  writeFileSync(environment, ECHO);
  const options = ['--environment', environment, '--backend', 'cpu', ...SMALL, '--out', out];
  return {
    out,
    run: (command: string, ...args: string[]) => qmix(command, ...options, ...args),
    read: (name: string): string => readFileSync(join(out, name), 'utf8'),
  };
}

/** Greedy return of both seeds, as the figures draw it. */
function expectReturns({ success, return: total, seeds }: Compared): void {
  expect(success.mean).toBe(0);
  expect(seeds).toHaveLength(2);
  expect(seeds.every(({ successSeen }) => !successSeen)).toBe(true);
  expect(total.mean).toBeCloseTo((seeds[0].return + seeds[1].return) / 2, 12);
  expect(total.iqm).toBeCloseTo(total.mean, 12);
  expect(Object.keys(total.iqmInterval)).toEqual(['low', 'high']);
}

describe('where no seed sees success', () => {
  it('sweep ranks by return, and tells it', async () => {
    const { out, run, read } = echo();
    const swept = await run(
      'sweep',
      '--algorithm',
      'vdn',
      '--seeds',
      '1,2',
      '--updates',
      '250',
      '--vary',
      RATES,
    );
    expect(swept.code).toBe(0);
    const { measure, settings } = JSON.parse(read('sweep.json')) as { measure: string; settings: Setting[] };
    expect(measure).toBe('return');
    expect(settings.map((entry) => entry.settings.learningRate)).toEqual([1e-2, 1e-6]);
    for (const entry of settings) expectReturns(entry);
    expect(settings[0].return.mean).toBeCloseTo(8, 12);
    expect(settings[1].return.mean).toBeLessThan(7);

    expect(swept.stdout).toContain('\nranked by return, as no seed has seen success\n');
    expect(swept.stdout).toMatch(/^ *settings +greedy return, mean +sd +IQM +95% interval of it$/m);
    expect(swept.stdout).toMatch(/^ *learningRate=0.01 +8\.00 +0\.00 +8\.00 +8\.00 – 8\.00$/m);

    const [header, first] = read('sweep.csv').split('\n');
    expect(header).toMatch(/^settings,seed,success,lengthRatio,return,/);
    expect(first).toMatch(/^learningRate=0\.01,1,0,,8,/);
    const curves = read('curves.svg');
    for (const words of ['Greedy return: IQM of 2 seeds', 'greedy return'])
      expect(curves).toContain(`>${words}`);
    expect(curves).not.toMatch(/success/i);
    expect(readFileSync(join(out, 'group-1', 'curve.svg'), 'utf8')).toContain('>Return of solve on ');
  });

  it('compare tunes and compares by return', async () => {
    const { run, read } = echo();
    const tune = ['--tune', RATES, '--tune-seeds', '11', '--tune-updates', '250'];
    const args = ['--algorithms', 'vdn', '--seeds', '1,2', '--updates', '250', ...tune];
    const compared = await run('compare', ...args);
    expect(compared.code).toBe(0);
    const { measure, algorithms } = JSON.parse(read('comparison.json')) as {
      measure: string;
      algorithms: Entry[];
    };
    expect(measure).toBe('return');
    expect(algorithms.map(({ tuned, tunedBy }) => [tuned, tunedBy])).toEqual([
      [null, null],
      [{ learningRate: 1e-2 }, 'return'],
    ]);
    for (const entry of algorithms) expectReturns(entry);

    expect(compared.stdout).toContain('\ncompared by return, as no seed has seen success;');
    expect(compared.stdout).toContain(
      '\ntuned by return, as no seed has seen success in its small sweep: vdn\n',
    );
    expect(compared.stdout).toMatch(
      /^algorithm +settings +return, mean ± sd +IQM of it \[95% interval\] +seconds$/m,
    );
    expect(compared.stdout).toMatch(
      /^vdn tuned +learningRate=0\.01 +8\.00 ± 0\.00 +8\.00 \[8\.00, 8\.00\] /m,
    );
    expect(compared.stdout).not.toContain('steps to 90%');

    const lines = read('comparison.csv').trimEnd().split('\n');
    expect(lines.at(-1)).toMatch(/^vdn,learningRate=0\.01,2,0,,8,/);
    const curves = read('curves.svg');
    for (const words of ['Greedy return on ', 'greedy return']) expect(curves).toContain(`>${words}`);
    expect(curves).not.toMatch(/success/i);
  });
});
