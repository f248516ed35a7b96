// biome-ignore-all lint/suspicious/noTemplateCurlyInString: texts of sources, which are templates there
import { noticed } from './mutation.ts';

const of = noticed('config');

/** What everything stands on: presets, configuration, seeds, random numbers, shapes and files. */
export const configMutations = [
  ...of('src/presets.ts', 'test/config.test.ts', [
    '{ ...preset, ...changes }',
    '{ ...changes, ...preset }',
    'puts changes on top',
  ]),
  ...of(
    'src/presets.ts',
    'test/presets.test.ts',
    ['epsilonDecaySteps: 107_000', 'epsilonDecaySteps: 1_070_000', 'solve lowers'],
    ['mixerLearningRate: 5e-4', 'mixerLearningRate: 1e-3', 'report has these values'],
    ['evaluateEvery: 250', 'evaluateEvery: 1000', 'solve has these values'],
    ['replayCapacity: 100_000', 'replayCapacity: 10_000', 'solve has these values'],
    ['stopWhenSolved: true', 'stopWhenSolved: false', 'solve has these values'],
    ['episodeLimit: 30', 'episodeLimit: 50', 'door has these values'],
    ['epsilonEnd: 1,', 'epsilonEnd: 0.05,', 'game has these values'],
    [
      "'ps-dqn': { sharedAgents: true, agentId: true, mixer: 'none' }",
      "'ps-dqn': { sharedAgents: true, agentId: true, mixer: 'sum' }",
      'an algorithm is its agent networks',
    ],
    [
      "vdn: { sharedAgents: false, agentId: false, mixer: 'sum' }",
      "vdn: { sharedAgents: false, agentId: false, mixer: 'monotonic' }",
      'an algorithm is its agent networks',
    ],
  ),
  ...of(
    'src/config.ts',
    'test/config.test.ts',
    [
      'config.warmup <= config.replayCapacity',
      'config.warmup < config.replayCapacity',
      'takes what is just within',
    ],
    ['config.epsilonEnd <= config.epsilonStart', 'config.epsilonEnd >= config.epsilonStart', 'refuses'],
    ["?? 'solve'", "?? 'report'", 'mine.mjs is learned'],
  ),
  ...of(
    'src/config.ts',
    'test/train/rows.test.ts',
    [
      'variants.flatMap((changes, variant) =>\n    config.seeds.map((seed) => ({',
      'config.seeds.flatMap((seed) =>\n    variants.map((changes, variant) => ({',
      'rows have each number',
    ],
    ['...config, ...changes, seeds: [seed]', '...changes, ...config, seeds: [seed]', 'rows have each number'],
  ),
  ...of(
    'src/random.ts',
    'test/random.test.ts',
    ['ROUNDS = 10', 'ROUNDS = 9', 'gives the known answer'],
    ['(word >>> 8) * 2 ** -24', '(word >>> 0) * 2 ** -32', 'is in [0, 1)'],
    ['let c2 = draw >>> 0', 'let c2 = 0', 'takes each of seed'],
  ),
  ...of('src/sha256.ts', 'test/sha256.test.ts', ["padStart(2, '0')", "padStart(1, '0')", 'of "']),
  ...of(
    'src/env/payoffs.ts',
    'test/env/games.test.ts',
    ['DEFAULT_PENALTY = 100', 'DEFAULT_PENALTY = 10', 'penalty pays'],
    ['[-30, 7, 0],', '[-30, 7, 6],', 'climbing pays'],
  ),
  ...of(
    'src/seeds.ts',
    'test/seeds.test.ts',
    ['seed <= last; seed++', 'seed < last; seed++', 'are read as numbers'],
    ['seeds[end] === seeds[end - 1] + 1', 'seeds[end] >= seeds[end - 1] + 1', 'are written as short'],
    ['seeds.length + last - first + 1 > MOST_SEEDS', 'last - first + 1 > MOST_SEEDS', 'are 4,096 at most'],
  ),
  ...of('src/safetensors.ts', 'test/safetensors.test.ts', [
    'a.begin - b.begin || a.end - b.end',
    'a.begin - b.begin',
    'takes tensors in any order',
  ]),
];
