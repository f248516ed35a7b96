import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { fits, MATMUL_VARIANTS, runsOn } from '../src/bench/matmul.ts';
import { parseAssignment, populationFields } from '../src/config.ts';
import { environmentNames, isModuleFile } from '../src/env/registry.ts';
import { algorithms, makeConfig, presets } from '../src/presets.ts';
import { parameterTable, recordLayout } from '../src/shapes.ts';
import { configuredShape, startCount } from '../src/train/environments.ts';
import { createEvaluator } from '../src/train/evaluate.ts';
import { BOUNDS } from '../src/verify/bounds.ts';

/** What README.md names exists, and what it gives in numbers follows from the code, where it does not have to be measured. */

const root = new URL('../', import.meta.url);
const text = (path: string): string => readFileSync(new URL(path, root), 'utf8');
const readme = text('README.md');
/** The first group of each match, once. */
const named = (pattern: RegExp): string[] => [
  ...new Set([...readme.matchAll(pattern)].map(([, found]) => found)),
];
/** A table's rows, each as its cells, from the line that begins with this head. */
function table(head: string): string[][] {
  const [, after] = readme.split(`\n${head}`);
  const [rows] = after.slice(after.indexOf('\n') + 1).split('\n\n');
  return rows
    .split('\n')
    .slice(1)
    .map((row) => row.split(/(?<!\\)\|/).slice(1, -1))
    .map((cells) => cells.map((cell) => cell.trim()));
}
/** A number as the README writes it: 13,800. */
const numeral = (written: string): number => Number(written.replaceAll(',', ''));

describe('what the README names exists', () => {
  it('files and folders, by link or by path', () => {
    const links = named(/\]\(([^)\s]+)\)/g).filter((link) => !/^https?:/.test(link));
    const paths = named(/(?<![\w./-])((?:src|test|shaders|\.ci)\/[\w./-]*\w)/g);
    expect(links.length).toBeGreaterThan(30);
    expect(paths.length).toBeGreaterThan(10);
    expect([...links, ...paths].filter((path) => !existsSync(new URL(path, root)))).toEqual([]);
  });

  it('scripts of npm', () => {
    const { scripts } = JSON.parse(text('package.json'));
    const names = [...named(/npm\s+run\s+(?:--silent\s+)?([\w:]+)/g), ...named(/npm\s+(start|test)\b/g)];
    expect(names).toEqual(expect.arrayContaining(['train', 'qmix', 'build', 'endure', 'start', 'test']));
    expect(names.filter((name) => !(name in scripts))).toEqual([]);
  });

  it('the versions of Node and the licence of package.json', () => {
    const { engines, license } = JSON.parse(text('package.json'));
    expect(readme).toContain(`Node ${engines.node.replace('>=', '')} or later`);
    expect(readme.trimEnd().endsWith(`## Licence\n\n${license}`)).toBe(true);
  });

  it('presets, environments and algorithms', () => {
    for (const [option, known] of [
      ['preset', Object.keys(presets)],
      ['algorithm', Object.keys(algorithms)],
    ] as const) {
      const names = named(new RegExp(`--${option} ([\\w-]+)`, 'g')).filter((name) => !/^[A-Z]+$/.test(name));
      expect(names.length).toBeGreaterThan(0);
      expect(names.filter((name) => !known.includes(name))).toEqual([]);
    }
    const environments = named(/--environment ([\w./-]+)/g).filter((name) => !/^[A-Z]+$/.test(name));
    expect(environments).toEqual(expect.arrayContaining(['two-step', 'matrix', 'switch-and-door']));
    expect(environments.filter((name) => !environmentNames.includes(name) && !isModuleFile(name))).toEqual(
      [],
    );
  });

  it('fields of the configuration, with values that they may have', () => {
    const assignments = named(/\b([a-z]\w+=(?!N\b)[\w.-]+(?:,[\d.e-]+)*)/g);
    expect(assignments.length).toBeGreaterThanOrEqual(20);
    for (const assignment of assignments) {
      const [field, values] = assignment.split('=');
      for (const value of values.split(',')) {
        const [name, parsed] = parseAssignment(`${field}=${value}`);
        expect(makeConfig('solve', { [name]: parsed }), assignment).toHaveProperty(name, parsed);
      }
    }
  });

  it('the environment variables that the code reads, and no other', () => {
    const folder = new URL('src/', root);
    const read = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(?:ts|mjs)$/.test(name))
      .flatMap((name) => readFileSync(new URL(name, folder), 'utf8').match(/\bQMIX_\w+/g) ?? []);
    const told = table('| variable | meaning |').map(([name]) => name.replace(/`|=.*/g, ''));
    expect(told.sort()).toEqual([...new Set(read)].sort());
  });
});

describe('what the README gives in numbers', () => {
  it('is what an algorithm sets', () => {
    const rows = table('| | agent networks (`sharedAgents`, `agentId`)').map(([name, networks, mixer]) => [
      name.replaceAll('`', ''),
      {
        shared: networks.startsWith('one for all'),
        id: networks.includes('one-hot'),
        mixer: mixer.match(/\w+/)![0],
      },
    ]);
    expect(rows).toEqual(
      Object.entries(algorithms).map(([name, { sharedAgents: shared, agentId: id, mixer }]) => [
        name,
        { shared, id, mixer },
      ]),
    );
  });

  it('is what learners that train together may differ in', () => {
    expect(readme).toContain('may differ in seed, learning rates, γ, ε, clip and τ');
    expect([...populationFields].sort()).toEqual([
      ...['clipNorm', 'epsilonDecaySteps', 'epsilonEnd', 'epsilonStart', 'gamma', 'learningRate'],
      ...['mixerLearningRate', 'tau'],
    ]);
  });

  it('is the bounds of verification, and its files are those that there are', () => {
    const [bounds, ...files] = table('| file | forward values | gradients |');
    const { forward, gradients, parameters, updateRule } = BOUNDS;
    expect(bounds.slice(1).map(Number)).toEqual([forward, gradients, parameters, updateRule]);
    const vectors = readdirSync(new URL('src/verify/vectors/', root)).filter((name) =>
      name.endsWith('.safetensors'),
    );
    expect(files.map(([name]) => `${name}.safetensors`).sort()).toEqual(vectors.sort());
    for (const [name, ...columns] of files) {
      columns.forEach((cell, column) => {
        for (const error of cell.split('\\|').map(Number))
          expect(error, name).toBeLessThanOrEqual(Number(bounds[column + 1]));
      });
    }
  });

  it('is the ways to multiply that software adapters are measured by', () => {
    for (const subgroup of [4, 8]) {
      const ways = MATMUL_VARIANTS.filter(
        (way) => runsOn(way, subgroup) && fits(way, { m: 384, k: 384, n: 512 }),
      );
      expect(readme).toContain(`the fastest of ${ways.length} ways to multiply matrices`);
    }
  });

  it('is the lines of the example', () => {
    const lines = text('src/env/examples/plates.mjs').trimEnd().split('\n').length;
    expect(readme).toContain(`[\`plates.mjs\`](src/env/examples/plates.mjs), ${lines} lines`);
  });

  it('is the starts of each grid, and how many of them are played', () => {
    const rows = table('| | starts | success |').map(([title, starts]) => [title, starts]);
    expect(rows).toHaveLength(4);
    for (const [title, starts] of rows) {
      const grid = /^(\d)×\1, 2 agents$/.exec(title);
      const config = grid ? makeConfig('solve', { gridSize: Number(grid[1]) }) : makeConfig('door');
      const [played, all = played] = starts.match(/[\d,]+\d/g)!.map(numeral);
      expect([title, startCount(config), createEvaluator(config).starts]).toEqual([title, all, played]);
    }
    expect(startCount(makeConfig('solve'))).toBe(13_800);
    expect(readme).toContain('above 200,000 of them, over 10,000');
  });

  it('is the speeds of the page, from one step a second on', () => {
    const [select] = /<select id="speed">[\s\S]*?<\/select>/.exec(text('index.html'))!;
    const speeds = [...select.matchAll(/value="(\w+)"/g)].map(([, value]) => Number(value));
    expect([speeds[0], speeds.at(-1)]).toEqual([1, Number.POSITIVE_INFINITY]);
    expect(readme).toContain('from one step a second to full speed');
  });

  /** Environment steps of a learner after so many updates, one after each step once the warm-up is over. */
  const steps = (updates: number, environments = 32): number =>
    environments * (updates + Math.ceil(1000 / environments));

  it('is the environment steps that so many updates take in preset solve', () => {
    const { environments, warmup, updatesPerStep } = makeConfig('solve');
    expect([environments, warmup, updatesPerStep]).toEqual([32, 1000, 1]);
    for (const [seed, , , updates, told] of table('| seed | success | length / optimal |')) {
      expect(numeral(told), seed).toBe(steps(numeral(updates)));
    }
    for (const [told, updates] of [
      ['12,000 updates and 385,024 environment steps', 12_000],
      ['10,000 updates and 321,024 environment', 10_000],
      ['15,000 updates (481,024 environment steps)', 15_000],
    ] as const) {
      expect(readme).toContain(told);
      expect(told).toContain(steps(updates).toLocaleString('en'));
    }
    for (const [title, , , , updates, told] of table('| 5×5, 10,000 sampled starts |')) {
      const made = steps(numeral(updates.split(' ')[0]), 128);
      expect(`${(made / 1e6).toFixed(2)} million`, title).toBe(told);
    }
  });

  it('is the transitions of six agents that 128 MiB hold', () => {
    const record = recordLayout(configuredShape(makeConfig('solve', { agents: 6 }))).size;
    const held = 2 ** 27 / (4 * record);
    expect(readme).toContain('128 MiB, which holds 164,000 transitions of six agents');
    expect(Math.floor(held / 1000)).toBe(164);
  });

  test('the tensor that the example in Python reads has the name and the shape that it says', () => {
    const [, seed, name, shape] = /run\["seeds\.(\d+)\.online\.([\w.]+)"\] +# (\[.*\])/.exec(readme)!;
    const config = makeConfig('solve');
    expect(config.seeds).toEqual([Number(seed)]);
    const parameter = parameterTable(configuredShape(config)).find((one) => one.name === name);
    expect(parameter?.shape).toEqual(JSON.parse(shape));
  });
});
