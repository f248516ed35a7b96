import { describe, expect, it } from 'vitest';
import {
  ConfigError,
  configFields,
  describeField,
  parseAssignment,
  presetFor,
  validateConfig,
} from '../src/config.ts';
import { makeConfig, presets } from '../src/presets.ts';

const message = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message;
  }
  throw new Error('nothing was thrown');
};

describe('presets', () => {
  it.each(Object.keys(presets))('%s is valid, and named as it is called', (name) => {
    expect(makeConfig(name)).toEqual(presets[name]);
    expect(presets[name].preset).toBe(name);
  });

  it('refuses an unknown preset, names that objects have included', () => {
    for (const name of ['fast', '', 'toString', '__proto__']) {
      expect(message(() => makeConfig(name))).toBe(
        `preset: got "${name}", allowed: ${Object.keys(presets).join(', ')}`,
      );
    }
  });
});

describe('makeConfig', () => {
  it('puts changes on top of the preset and leaves the preset alone', () => {
    expect(makeConfig('solve', { gridSize: 3, seeds: [7] })).toEqual({
      ...presets.solve,
      gridSize: 3,
      seeds: [7],
    });
    expect(makeConfig('solve')).toEqual(presets.solve);
  });

  const refused: [Record<string, unknown>, string][] = [
    [{ gridSize: 1 }, 'gridSize: got 1, allowed: at least 2'],
    [{ gridSize: 65 }, 'gridSize: got 65, allowed: at most 64'],
    [{ gridSize: 2.5 }, 'gridSize: got 2.5, allowed: a whole number'],
    [{ gridSize: '5' }, 'gridSize: got "5", allowed: a number'],
    [{ gridSize: null }, 'gridSize: got null, allowed: a number'],
    [{ gridSize: undefined }, 'gridSize: got nothing, allowed: a number'],
    [{ hidden: Number.NaN }, 'hidden: got "NaN", allowed: a number'],
    [{ hidden: Infinity }, 'hidden: got "Infinity", allowed: a '],
    [{ hidden: 0 }, 'hidden: got 0, allowed: at least 1'],
    [{ batchSize: -3 }, 'batchSize: got -3, allowed: at least 1'],
    [{ learningRate: 0 }, 'learningRate: got 0, allowed: at least 1e-37'],
    [{ learningRate: 1e-50 }, 'learningRate: got 1e-50, allowed: at least 1e-37'],
    [{ variants: [{ learningRate: 1e-45 }] }, 'variants.0.learningRate: got 1e-45, allowed: at least 1e-37'],
    [{ learningRate: 2 }, 'learningRate: got 2, allowed: at most 1'],
    [{ learningRate: Number.NaN }, 'learningRate: got "NaN", allowed: a number'],
    [{ gamma: 1.01 }, 'gamma: got 1.01, allowed: at most 1'],
    [{ gamma: -0.1 }, 'gamma: got -0.1, allowed: at least 0'],
    [{ tau: 1.5 }, 'tau: got 1.5, allowed: at most 1'],
    [{ tau: 1e-40 }, 'tau: got 1e-40, allowed: 0, or at least 1e-37'],
    [{ tau: -1e-40 }, 'tau: got -1e-40, allowed: at least 0'],
    [{ beta2: 1 }, 'beta2: got 1, allowed: at most 0.999'],
    [{ clipNorm: 0 }, 'clipNorm: got 0, allowed: at least 1e-37'],
    [{ overlap: 'yes' }, 'overlap: got "yes", allowed: a boolean'],
    [{ targetUpdate: 'soft' }, 'targetUpdate: got "soft", allowed: polyak, hard'],
    [{ observationScale: 'grid' }, 'observationScale: got "grid", allowed: unit, raw'],
    [
      { environment: 'chess' },
      'environment: got "chess", allowed: meeting-gridworld, two-step, matrix, switch-and-door, or a module file',
    ],
    [{ environment: 'toString' }, 'environment: got "toString", allowed: meeting-gridworld'],
    [{ environment: 'mine.ts' }, 'environment: got "mine.ts", allowed: meeting-gridworld'],
    [{ sight: 'none' }, 'sight: got "none", allowed: all, own'],
    [{ offGrid: 'wrap' }, 'offGrid: got "wrap", allowed: stay, illegal'],
    [{ payoff: [[1, 2]] }, 'payoff: got [[1,2]], allowed: as many numbers in each row as there are rows'],
    [{ payoff: [[1, 2], [3]] }, 'payoff: got [[1,2],[3]], allowed: as many numbers in each row'],
    [{ payoff: [[1e7]] }, 'payoff.0.0: got 10000000, allowed: at most 1000000'],
    [{ payoff: [['a']] }, 'payoff.0.0: got "a", allowed: a number'],
    [{ payoff: [] }, 'payoff: got [], allowed: at least 1 entry'],
    [
      { payoff: 'climbin' },
      'payoff: got "climbin", allowed: rows of numbers as JSON, as in [[1,0],[0,2]], or penalised',
    ],
    [
      { environment: 'two-step', agents: 3 },
      'agents: got 3, allowed: 2, as this environment is for two agents',
    ],
    [{ seeds: [] }, 'seeds: got [], allowed: at least 1 entry'],
    [{ seeds: 5 }, 'seeds: got 5, allowed: a list'],
    [{ seeds: [1, 2, 1] }, 'seeds: got [1,2,1], allowed: every seed once'],
    [{ seeds: [1, -2] }, 'seeds.1: got -2, allowed: at least 0'],
    [{ seeds: [2 ** 32] }, 'seeds.0: got 4294967296, allowed: at most 4294967295'],
    [{ seeds: ['x'] }, 'seeds.0: got "x", allowed: a number'],
    [{ agents: 4, gridSize: 2 }, 'agents: got 4, allowed: at most 3 on a grid of 4 cells (one is the goal)'],
    [{ warmup: 501, replayCapacity: 500 }, 'warmup: got 501, allowed: at most replayCapacity (500)'],
    [
      { environments: 64, replayCapacity: 50, warmup: 1 },
      'environments: got 64, allowed: at most replayCapacity (50), as a step stores one transition of each',
    ],
    [{ epsilonStart: 0.01, epsilonEnd: 0.05 }, 'epsilonEnd: got 0.05, allowed: at most epsilonStart (0.01)'],
    [{ learning_rate: 1 }, `learning_rate: unknown field, allowed: ${configFields.join(', ')}`],
    [{ rate: 1, grid: 2 }, `rate, grid: unknown fields, allowed: ${configFields.join(', ')}`],
  ];
  it.each(refused)('refuses %j', (changes, expected) => {
    const got = message(() => makeConfig('solve', changes));
    expect(got.slice(0, expected.length)).toBe(expected);
    expect(got).not.toContain('\n');
  });

  it('takes what is just within the rules of several fields', () => {
    for (const changes of [
      { warmup: 500, replayCapacity: 500 },
      { environments: 1000, replayCapacity: 1000 },
      { epsilonStart: 0.25, epsilonEnd: 0.25 },
      { agents: 3, gridSize: 2 },
      { seeds: Array.from({ length: 2048 }, (_, seed) => seed), variants: [{}, { tau: 0.5 }] },
    ]) {
      expect(makeConfig('solve', changes)).toMatchObject(changes);
    }
  });

  it('refuses more learners than 4,096, as seeds or as seeds and variants', () => {
    const seeds = (length: number) => Array.from({ length }, (_, seed) => seed);
    expect(message(() => makeConfig('solve', { seeds: seeds(2049), variants: [{}, { tau: 0.5 }] }))).toBe(
      'variants: got [{},{"tau":0.5}], allowed: at most 4096 learners, seeds times variants',
    );
    expect(message(() => makeConfig('solve', { seeds: seeds(4097) }))).toMatch(
      /, allowed: at most 4096 entries$/,
    );
  });

  it('names every wrong field, a line each', () => {
    const got = message(() => makeConfig('solve', { gridSize: 0, tau: 7, nonsense: true })).split('\n');
    expect(got.map((line) => line.split(':')[0]).sort()).toEqual(['gridSize', 'nonsense', 'tau']);
  });
});

describe('every field', () => {
  /** Values of no field's type. */
  const wrong = [{}, null, Number.NaN, -1e300];
  it.each(configFields)('%s is described, required, and refuses what it cannot be', (field) => {
    expect(describeField(field)).toMatch(/\.$/);
    const without: Record<string, unknown> = { ...presets.solve };
    delete without[field];
    expect(message(() => validateConfig(without))).toMatch(new RegExp(`^${field}: got nothing, allowed: `));
    for (const value of wrong) {
      expect(
        message(() => makeConfig('solve', { [field]: value })),
        String(value),
      ).toMatch(new RegExp(`^${field}: got .+, allowed: .+`));
    }
  });
});

describe('the preset of an environment', () => {
  it.each([
    ['meeting-gridworld', 'solve'],
    ['two-step', 'game'],
    ['matrix', 'game'],
    ['switch-and-door', 'door'],
    ['mine.mjs', 'solve'],
  ])('%s is learned with %s where none is named', (environment, preset) => {
    expect(presetFor(environment)).toBe(preset);
    expect(makeConfig(preset, { environment }).environment).toBe(environment);
  });

  it('does not hold the agents of a module to the grid', () => {
    const config = { environment: 'mine.mjs', agents: 9, gridSize: 2 };
    expect(makeConfig('solve', config)).toMatchObject(config);
  });
});

describe('validateConfig', () => {
  it.each([[null], [[]], ['solve'], [5], [undefined]])('refuses %j in place of a configuration', (value) => {
    expect(message(() => validateConfig(value))).toMatch(/^configuration: got .+, allowed: an object/);
  });

  it('is short, whatever came in', () => {
    const long = 'x'.repeat(100_000);
    const many = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, k) => [`${k}${long.slice(0, 50)}`, 1]),
    );
    const wrong: Record<string, unknown>[] = [
      { environment: long },
      { payoff: long },
      { payoff: Array.from({ length: 64 }, () => Array(64).fill('a')) },
      { seeds: Array(4096).fill('x') },
      { seeds: Array(4096).fill(7) },
      { variants: Array(4096).fill({ gamma: 2 }) },
      { variants: [{ [long]: 1 }] },
      many,
    ];
    for (const changes of wrong) {
      expect(message(() => makeConfig('solve', changes)).length, Object.keys(changes)[0]).toBeLessThan(2500);
    }
    expect(message(() => makeConfig(long)).length).toBeLessThan(400);
    expect(message(() => parseAssignment(long)).length).toBeLessThan(400);
    expect(
      message(() => makeConfig('solve', { seeds: Array(9).fill(-1) }))
        .split('\n')
        .slice(4),
    ).toEqual(['seeds.4: got -1, allowed: at least 0', 'seeds: 5 more errors']);
  });

  it('gives back what JSON gives back', () => {
    expect(validateConfig(JSON.parse(JSON.stringify(presets.report)))).toEqual(presets.report);
  });
});

describe('parseAssignment', () => {
  it.each([
    ['gridSize=3', ['gridSize', 3]],
    ['learningRate=2e-4', ['learningRate', 2e-4]],
    ['overlap=false', ['overlap', false]],
    ['targetUpdate=hard', ['targetUpdate', 'hard']],
    ['seeds=1,2,3', ['seeds', [1, 2, 3]]],
    ['seeds=9', ['seeds', [9]]],
    [
      'payoff=[[1,-2],[0.5,3]]',
      [
        'payoff',
        [
          [1, -2],
          [0.5, 3],
        ],
      ],
    ],
    [
      'payoff=climbing',
      [
        'payoff',
        [
          [11, -30, 0],
          [-30, 7, 0],
          [0, 6, 5],
        ],
      ],
    ],
    [
      'payoff=penalty:30',
      [
        'payoff',
        [
          [-30, 0, 10],
          [0, 2, 0],
          [10, 0, -30],
        ],
      ],
    ],
  ])('reads %s', (text, expected) => {
    expect(parseAssignment(text)).toEqual(expected);
  });

  it('refuses what is no assignment, and unknown fields', () => {
    expect(message(() => parseAssignment('gridSize'))).toBe('--set: got "gridSize", allowed: FIELD=VALUE');
    expect(message(() => parseAssignment('=3'))).toBe('--set: got "=3", allowed: FIELD=VALUE');
    expect(message(() => parseAssignment('grid=3'))).toMatch(/^grid: unknown field, allowed: preset, /);
    expect(message(() => parseAssignment('toString=3'))).toMatch(/^toString: unknown field/);
  });

  it.each([
    'gridSize=',
    'gridSize=three',
    'gridSize=0x',
    'overlap=1',
    'seeds=1,,2',
    'seeds=',
    'gamma=Infinity',
    'tau=NaN',
    'payoff=climb',
    'payoff=penalty:',
    'payoff=[[1,2],[3',
    'payoff=7',
  ])('hands on what is no value, so that validation names it: %s', (text) => {
    const [field, value] = parseAssignment(text);
    const got = message(() => makeConfig('solve', { [field]: value }));
    expect(got).toMatch(
      new RegExp(`^${field}(\\.\\d)?: got .+, allowed: (an? (number|boolean|list)|rows of numbers)`),
    );
  });
});
