import { describe, expect, test } from 'vitest';
import { algorithmOf, keepValid, linkOf, read, readSettings } from '../../src/app/settings.ts';
import {
  type Config,
  ConfigError,
  type ConfigField,
  configFields,
  populationFields,
} from '../../src/config.ts';
import { fieldDomain, fieldText } from '../../src/config_fields.ts';
import { environmentNames } from '../../src/env/registry.ts';
import { algorithms, makeConfig, presets } from '../../src/presets.ts';
import { formatSeeds, parseSeeds } from '../../src/seeds.ts';

/** A generator of numbers in [0, 1), the same at every run: a failure can be run again. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('settings', () => {
  test('later assignments replace earlier ones, and the preset is what the rest changes', () => {
    const reading = readSettings(['gridSize=3', 'hidden=32', 'preset=report', 'gridSize=4', 'seeds=1, 2']);
    expect(reading.problems).toEqual([]);
    expect(reading.config).toEqual(makeConfig('report', { gridSize: 4, hidden: 32, seeds: [1, 2] }));
    expect(readSettings([]).config).toEqual(makeConfig('solve'));
  });

  test('without a preset, that of the environment', () => {
    expect(readSettings(['environment=two-step']).config).toEqual(makeConfig('game'));
    expect(readSettings(['environment=switch-and-door']).config).toEqual(makeConfig('door'));
    expect(readSettings(['environment=matrix', 'preset=solve']).config).toEqual(
      makeConfig('solve', { environment: 'matrix' }),
    );
    expect(read(['environment=matrix']).defaults).toMatchObject({ environment: 'matrix', preset: 'game' });
  });

  test('an algorithm sets the fields that it stands for, under what is set by name', () => {
    for (const [name, fields] of Object.entries(algorithms)) {
      const { config } = readSettings([`algorithm=${name}`]);
      expect(config).toEqual(makeConfig('solve', fields));
      expect(read([`algorithm=${name}`]).values.algorithm).toBe(name);
    }
    const reading = read(['sharedAgents=true', 'algorithm=vdn']);
    expect(reading.values).toMatchObject({ algorithm: 'custom', mixer: 'sum', sharedAgents: 'true' });
    expect(reading.link).toEqual(['sharedAgents=true', 'mixer=sum']);
  });

  test('seeds are ranges, as on the command line', () => {
    expect(read(['seeds=1-5,9']).values.seeds).toBe('1-5,9');
    for (const seeds of [[7], [1, 2], [3, 2, 1], [1, 2, 3], [5, 6, 7, 9, 10, 0, 4294967295]]) {
      expect(parseSeeds(formatSeeds(seeds))).toEqual(seeds);
    }
    expect(formatSeeds([5, 6, 7, 9, 10])).toBe('5-7,9,10');
  });

  test('every problem by its field', () => {
    const { problems } = readSettings(['gridSize=1', 'seeds=1,2,1', 'hidden=many']);
    expect(problems.map(({ field }) => field).sort()).toEqual(['gridSize', 'hidden', 'seeds']);
    expect(readSettings(['preset=best']).problems).toEqual([
      { field: 'preset', message: 'preset: got "best", allowed: solve, report, game, door' },
    ]);
    expect(readSettings(['algorithm=toString']).problems).toEqual([
      {
        field: 'algorithm',
        message: 'algorithm: got "toString", allowed: iql, ps-dqn, vdn, qmix, custom',
      },
    ]);
    expect(readSettings(['seeds=1,x']).problems).toEqual([
      { field: 'seeds', message: expect.stringMatching(/^seeds: got "x", allowed: whole numbers from 0/) },
    ]);
    expect(readSettings(['speed=9', 'gridSize=1']).problems[0].field).toBe('speed');
    // Of a list, the field that holds it.
    expect(readSettings(['variants=[{"gamma":2}]']).problems).toEqual([
      { field: 'variants', message: 'variants.0.gamma: got 2, allowed: at most 1' },
    ]);
  });

  test('environments that the project has are offered, files of users are not', () => {
    expect(keepValid(['environment=mine.mjs', 'seeds=7'])).toMatchObject({
      kept: ['seeds=7'],
      problems: [
        {
          field: 'environment',
          message: `environment: got "mine.mjs", allowed: ${environmentNames.join(', ')}`,
        },
      ],
    });
  });

  test('of a link, what is wrong is left out and the rest kept', () => {
    const { config, kept, problems } = keepValid([
      'gridSize=3',
      'speed=9',
      'hidden=no',
      'agents=9',
      '=5',
      'nothing',
      '__proto__=1',
      'two\nlines=1',
      'seeds=7',
    ]);
    expect(kept).toEqual(['gridSize=3', 'seeds=7']);
    expect(config).toEqual(makeConfig('solve', { gridSize: 3, seeds: [7] }));
    expect(problems.map(({ field }) => field).sort()).toEqual(
      ['', '__proto__', 'agents', 'hidden', 'nothing', 'speed', 'two\nlines'].sort(),
    );
  });

  test('of a rule of two fields, the one that was set is left out, and nothing else', () => {
    // The preset's warm-up of 1,000 does not fit: the field that is named is not in the link.
    const { config, kept, problems } = keepValid(['replayCapacity=100', 'preset=report', 'gridSize=3']);
    expect(kept).toEqual(['preset=report', 'gridSize=3']);
    expect(config).toEqual(makeConfig('report', { gridSize: 3 }));
    expect(problems.map(({ message }) => message)).toEqual([
      'warmup: got 3000, allowed: at most replayCapacity (100)',
    ]);
    // Two rules, each with a field of its own.
    const two = keepValid(['epsilonStart=0.01', 'hidden=8', 'replayCapacity=9']);
    expect(two.kept).toEqual(['hidden=8']);
    expect(two.problems.map(({ field }) => field)).toEqual(['warmup', 'environments', 'epsilonEnd']);
  });
});

describe('links', () => {
  test('hold only what differs', () => {
    expect(linkOf(makeConfig('solve'))).toEqual([]);
    expect(linkOf(makeConfig('report'))).toEqual(['preset=report']);
    expect(linkOf(makeConfig('game'))).toEqual(['environment=two-step']);
    expect(linkOf(makeConfig('game', { environment: 'matrix', payoff: [[1]] }))).toEqual([
      'environment=matrix',
      'payoff=[[1]]',
    ]);
    const unsorted = ['tau=0.5', 'mixer=sum', 'gridSize=05', 'preset=solve', 'gamma=0.990', 'agents=3'];
    expect(read(unsorted).link).toEqual(['algorithm=vdn', 'agents=3', 'tau=0.5']);
    expect(read(['payoff=penalty:7', 'preset=game', 'environment=matrix']).link).toEqual([
      'environment=matrix',
      'payoff=penalty:7',
    ]);
  });

  // Every preset with every algorithm on every environment, and fields of it changed at random.
  const cases = Object.keys(presets).flatMap((preset) =>
    [...Object.keys(algorithms), 'custom'].flatMap((algorithm) =>
      environmentNames.map((environment) => ({ preset, algorithm, environment })),
    ),
  );
  test.each(cases)(
    '$preset, $algorithm, $environment: read back as the same',
    ({ preset, algorithm, environment }) => {
      const random = generator(
        cases.findIndex((own) => Object.values(own).join() === [preset, algorithm, environment].join()),
      );
      let tried = 0;
      for (let count = 0; count < 15; ) {
        expect(++tried, 'changes that are valid are found').toBeLessThan(1000);
        const changes = randomChanges(random, count === 0 ? 0 : 0.2);
        const own = algorithm === 'custom' ? { sharedAgents: true, agentId: false } : algorithms[algorithm];
        let config: Config;
        try {
          config = makeConfig(preset, { ...changes, environment, ...own });
        } catch (error) {
          if (error instanceof ConfigError) continue;
          throw error;
        }
        count++;
        const link = linkOf(config);
        const reading = read(link);
        expect(reading.problems).toEqual([]);
        expect(readSettings(link).config).toEqual(config);
        expect(reading.link).toEqual(link);
        expect(reading.values.algorithm).toBe(algorithmOf(config));
        // All texts of the form are the same configuration too, in whatever order they stand.
        const all = Object.entries(reading.values).map(([field, text]) => `${field}=${text}`);
        expect(readSettings(all).config).toEqual(config);
        expect(readSettings(all.reverse()).config).toEqual(config);
        // No assignment is there for nothing.
        for (const [index, assignment] of link.entries()) {
          expect(readSettings(link.toSpliced(index, 1)).config, assignment).not.toEqual(config);
        }
      }
    },
  );
});

function randomChanges(random: () => number, share: number): Record<string, unknown> {
  const changes: Record<string, unknown> = {};
  for (const field of configFields) {
    if (field !== 'preset' && field !== 'environment' && random() < share)
      changes[field] = randomValue(field, random);
  }
  return changes;
}

function randomValue(field: ConfigField, random: () => number): unknown {
  const { kind, choices, minimum = 0, maximum = 1, integer } = fieldDomain(field);
  const whole = (below: number): number => Math.floor(random() * below);
  if (kind === 'choice') return choices[whole(choices.length)];
  if (kind === 'switch') return random() < 0.5;
  if (kind === 'number') {
    // Over all magnitudes, as most fields are of small ones.
    const value = minimum + (maximum - minimum) * 10 ** (-8 * random());
    return integer ? Math.max(minimum, Math.floor(value)) : value;
  }
  if (field === 'seeds') return Array.from({ length: 1 + whole(6) }, (_, index) => 10 * index + whole(2));
  if (field === 'payoff') {
    const size = 1 + whole(3);
    return Array.from({ length: size }, () => Array.from({ length: size }, () => whole(20) - 10.5));
  }
  expect(field).toBe('variants');
  return Array.from({ length: whole(3) }, () =>
    Object.fromEntries(
      populationFields.filter(() => random() < 0.5).map((own) => [own, randomValue(own, random)]),
    ),
  );
}

test('the text of a field is read as its value', () => {
  const config = makeConfig('game', { variants: [{ gamma: 0.5 }], adamEpsilon: 1e-9 });
  for (const field of configFields) {
    expect(
      readSettings(['preset=game', `${field}=${fieldText(field, config[field])}`]).config![field],
    ).toEqual(config[field]);
  }
});
