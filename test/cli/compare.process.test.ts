import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkPlan, newPlan } from '../../src/cli/comparison_plan.ts';
import { ConfigError } from '../../src/config.ts';
import { qmix, SMALL, start, temporaryFolder, untilMade, withoutProgress } from './command.ts';

/** What each algorithm is: README, and the papers. */
const ALGORITHMS: Readonly<Record<string, object>> = {
  iql: { sharedAgents: false, agentId: false, mixer: 'none' },
  'ps-dqn': { sharedAgents: true, agentId: true, mixer: 'none' },
  vdn: { sharedAgents: false, agentId: false, mixer: 'sum' },
  qmix: { sharedAgents: false, agentId: false, mixer: 'monotonic' },
};

const small = (...args: string[]): string[] => ['compare', '--backend', 'cpu', ...SMALL, ...args];
const json = (...path: string[]) => JSON.parse(readFileSync(join(...path), 'utf8'));
const changed = (...path: string[]): number => statSync(join(...path, 'checkpoint.safetensors')).mtimeMs;

interface Entry {
  readonly name: string;
  readonly algorithm: string;
  readonly tuned: object | null;
  readonly hash: string;
  readonly success: { mean: number; iqm: number };
  readonly seeds: { seed: number; success: number; updates: number; hash: string }[];
}

describe('compare', () => {
  it('sets all algorithms side by side, with equal budgets', async () => {
    const folder = temporaryFolder();
    const out = join(folder, 'comparison');
    const seeds = ['--seeds', '1-5'];
    const compared = await qmix(...small(...seeds, '--updates', '130', '--out', out));
    expect(withoutProgress(compared.stderr)).toBe('');
    expect(compared.code).toBe(0);
    const names = Object.keys(ALGORITHMS);
    for (const name of names) expect(compared.stdout).toMatch(new RegExp(`^ *${name} +as configured`, 'm'));
    expect(compared.stdout).toContain('budget of every learner: 130 updates, 432 environment steps');
    const files = ['comparison.csv', 'comparison.json', 'curves.svg', 'marl-eval.json', 'plan.json'];
    expect(readdirSync(out).sort()).toEqual([...files, ...names].sort());

    const { algorithms: entries, budget } = json(out, 'comparison.json') as {
      algorithms: Entry[];
      budget: object;
    };
    expect(entries.map(({ name }) => name)).toEqual(names);
    expect(budget).toMatchObject({ comparison: 4 * 5 * 130, tuning: { total: 0 } });
    expect(new Set(entries.map(({ hash }) => hash)).size).toBe(4);
    for (const { success, seeds, algorithm } of entries) {
      expect(seeds.map(({ seed }) => seed)).toEqual([1, 2, 3, 4, 5]);
      expect(new Set(seeds.map(({ updates }) => updates))).toEqual(new Set([130]));
      const finals = seeds.map((seed) => seed.success);
      // A quarter of five is cut off on both sides, in whole seeds: one.
      const [, ...middle] = finals.toSorted((a, b) => a - b).slice(0, 4);
      expect(success.iqm).toBeCloseTo(middle.reduce((sum, own) => sum + own) / 3, 12);
      expect(json(out, algorithm, 'config.json')).toMatchObject({
        ...ALGORITHMS[algorithm],
        stopWhenSolved: false,
        episodes: 0,
      });
    }

    const marl = json(out, 'marl-eval.json')['meeting-gridworld']['3x3-2-agents'];
    expect(Object.keys(marl)).toEqual(names);
    const runs = Object.values<Record<string, object>>(marl).flatMap((own) => Object.values(own));
    expect(runs).toHaveLength(20);
    // marl-eval wants as many steps, and the same metrics, of all.
    for (const run of runs)
      expect(Object.keys(run)).toEqual(['step_1', 'step_2', 'step_3', 'absolute_metrics']);
    expect(marl.vdn.seed_3.step_2.step_count).toBe(3 * (100 + 14));
    expect(marl.vdn.seed_3.absolute_metrics.success).toEqual([entries[2].seeds[2].success]);
    expect(readFileSync(join(out, 'comparison.csv'), 'utf8').trimEnd().split('\n')).toHaveLength(1 + 20);
    const svg = readFileSync(join(out, 'curves.svg'), 'utf8');
    for (const word of [
      ...names,
      'Greedy success on meeting-gridworld 3×3',
      'environment steps per learner',
    ]) {
      expect(svg).toContain(`>${word}`);
    }

    // As in a run of its own, by the same name.
    const alone = join(folder, 'alone');
    const train = [
      'train',
      '--backend',
      'cpu',
      ...SMALL,
      '--algorithm',
      'ps-dqn',
      ...seeds,
      '--updates',
      '130',
    ];
    const trained = await qmix(...train, '--set', 'stopWhenSolved=false', '--out', alone, '--json');
    expect(JSON.parse(trained.stdout).hash).toBe(entries[1].hash);
  });

  it('tunes all algorithms by one small sweep, on other seeds, and names what is best', async () => {
    const out = join(temporaryFolder(), 'comparison');
    const tune = ['--tune', 'learningRate=0.001,0.02', '--tune', 'gamma=0.5,0.99', '--tune-updates', '60'];
    const args = ['--algorithms', 'qmix,vdn', '--seeds', '1,2', '--updates', '100', ...tune];
    const compared = await qmix(...small(...args, '--tune-seeds', '8,9', '--out', out));
    expect(compared.code).toBe(0);
    expect(compared.stdout).toContain(
      'tuned: the best of 4 settings (learningRate=0.001,0.02, gamma=0.5,0.99), 2 other seeds (8, 9), 60 updates each: 960 updates in all, beside 400 of the comparison',
    );
    const { algorithms: entries } = json(out, 'comparison.json') as { algorithms: Entry[] };
    expect(entries.map(({ name }) => name)).toEqual(['qmix', 'vdn', 'qmix tuned', 'vdn tuned']);
    for (const [index, { tuned, algorithm, seeds, hash }] of entries.slice(2).entries()) {
      expect(Object.keys(tuned!)).toEqual(['learningRate', 'gamma']);
      expect(seeds.map(({ seed }) => seed)).toEqual([1, 2]);
      const { summary, config } = {
        summary: json(out, 'tune', algorithm, 'group-1', 'summary.json'),
        config: json(out, 'tune', algorithm, 'group-1', 'config.json'),
      };
      expect(config).toMatchObject({ seeds: [8, 9], updates: 60, ...ALGORITHMS[algorithm] });
      const means = [0, 1, 2, 3].map(
        (variant) =>
          summary.seeds
            .filter((entry: { variant: number }) => entry.variant === variant)
            .reduce((sum: number, entry: { success: number }) => sum + entry.success, 0) / 2,
      );
      const best = config.variants.findIndex(
        (settings: object) => JSON.stringify(settings) === JSON.stringify(tuned),
      );
      expect(means[best]).toBeCloseTo(Math.max(...means), 12);
      const asConfigured = JSON.stringify(tuned) === '{"learningRate":0.001,"gamma":0.99}';
      // What was tuned to what it was is not trained again.
      expect(existsSync(join(out, 'tuned', algorithm))).toBe(!asConfigured);
      expect(hash === entries[index].hash).toBe(asConfigured);
    }
  });

  it('interrupted, goes on without what is finished, to the same end', async () => {
    const folder = temporaryFolder();
    const args = ['--algorithms', 'iql,vdn,qmix', '--seeds', '1,2', '--updates', '600'];
    const [whole, parts] = [join(folder, 'whole'), join(folder, 'parts')];
    expect((await qmix(...small(...args, '--out', whole))).code).toBe(0);
    const started = start(small(...args, '--out', parts));
    await untilMade(started, join(parts, 'vdn', 'checkpoint.safetensors'));
    started.child.kill('SIGINT');
    const first = await started.ended;
    expect(first.code).toBe(130);
    expect(first.stderr).toContain(`interrupted; to go on: compare --resume ${parts}`);
    const before = changed(parts, 'iql');
    const killed = start(['compare', '--resume', parts]);
    await untilMade(killed, join(parts, 'qmix', 'checkpoint.safetensors'));
    killed.child.kill('SIGKILL');
    await killed.ended;
    // With the same options, as well as with --resume.
    expect((await qmix(...small(...args, '--out', parts))).code).toBe(0);
    expect(changed(parts, 'iql')).toBe(before);
    for (const name of ['comparison.csv', 'marl-eval.json']) {
      expect(readFileSync(join(parts, name), 'utf8'), name).toBe(readFileSync(join(whole, name), 'utf8'));
    }
  });

  it.each([
    [{ algorithms: 'qmix,coma' }, '--algorithms: got "coma", allowed: iql, ps-dqn, vdn, qmix'],
    [{ algorithms: 'qmix,qmix' }, '--algorithms: got qmix twice'],
    [{ set: ['stopWhenSolved=true'] }, 'allowed in a comparison: stopWhenSolved=false'],
    [{ set: ['episodes=10'] }, 'allowed in a comparison: episodes=0'],
    [{ set: ['mixer=sum'] }, '--set: got "mixer=sum"'],
    [{ set: ['agentId=true'] }, '--set: got "agentId=true"'],
    [{ set: ['sharedAgents=true'] }, '--set: got "sharedAgents=true"'],
    [{ set: ['variants=[{"tau":0.5}]'] }, 'allowed: none in a comparison'],
    [{ tuneSeeds: '5' }, '--tune-seeds: only with --tune'],
    [{ tuneUpdates: '5' }, '--tune-updates: only with --tune'],
    [{ seeds: '1-3', tune: ['gamma=0.9,1'], tuneSeeds: '2,9' }, '--tune-seeds: got 2, allowed: seeds that'],
    [{ tune: ['gamma=0.9,1'], tuneUpdates: 'x' }, 'updates: got "x", allowed: a number'],
    [{ tune: ['updates=1,2'] }, '--tune: got "updates=1,2"'],
    [{ tune: ['episodes=1,2'] }, '--tune: got "episodes=1,2"'],
    [{ tune: ['stopWhenSolved=true,false'] }, '--tune: got "stopWhenSolved=true,false"'],
    [{ tune: ['mixer=sum,none'] }, '--tune: got "mixer=sum,none"'],
    [{ tune: ['environment=matrix,two-step'] }, '--tune: got "environment=matrix,two-step"'],
    [{ tune: ['batchSize=0,2'] }, 'batchSize: got 0'],
    [{ tune: ['gamma'] }, '--tune: got "gamma", allowed: FIELD=A,B,…'],
    [{ updates: 'many' }, 'updates: got "many"'],
  ])('refuses %j', async (given, words) => {
    const planned = async () => checkPlan(newPlan({ tune: [], backend: 'cpu', ...given }));
    await expect(planned()).rejects.toThrow(words);
    await expect(planned()).rejects.toThrow(ConfigError);
  });

  it('refuses bad input before anything is made, and other options where it goes on', async () => {
    const out = join(temporaryFolder(), 'comparison');
    const refused = async (words: string, ...args: string[]) => {
      const { code, stderr, stdout } = await qmix(...args);
      expect(stderr).toContain(words);
      expect(stderr).not.toMatch(/\n {4}at /);
      expect(code).toBe(1);
      expect(stdout).toBe('');
    };
    await refused('--set: got "mixer=sum"', ...small('--set', 'mixer=sum', '--out', out));
    expect(existsSync(out)).toBe(false);
    const args = ['--algorithms', 'vdn', '--updates', '0', '--out', out];
    expect((await qmix(...small(...args))).code).toBe(0);
    await refused('plan.json plans something else', ...small(...args, '--seeds', '3'));
    await refused('--tune: not with --resume', 'compare', '--resume', out, '--tune', 'gamma=0,1');
  });
});
