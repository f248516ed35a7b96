// biome-ignore-all lint/suspicious/noTemplateCurlyInString: texts of sources, which are templates there
import { noticed } from './mutation.ts';

const of = noticed('cli');

/** Sweeps and comparisons of the command line: their plans, and what they rank, print and draw. */
export const cliCompareMutations = [
  ...of(
    'src/cli/tables.ts',
    'test/cli/compare.test.ts',
    ["'stepsTo90',\n  'stepsTo100'", "'stepsTo100',\n  'stepsTo90'", 'writes comparison.csv'],
    ["'updates',\n  'environmentSteps'", "'environmentSteps',\n  'updates'", 'writes comparison.csv'],
    [
      'cell(seed[name])',
      "cell(name === 'stepsTo90' ? seed.stepsTo100 : seed[name])",
      'writes comparison.csv',
    ],
    ["if (value === null) return ''", "if (value === null) return '0'", 'writes comparison.csv'],
  ),
  ...of(
    'src/cli/tables.ts',
    'test/cli/tables.test.ts',
    ['/[",\\n]/.test(text)', '/[",]$/.test(text)', 'a table of outcomes quotes'],
    [".replaceAll('\"', '\"\"')", '', 'a table of outcomes quotes'],
    ['failedUpdate !== null).length', 'failedUpdate === null).length', 'people are told how many diverged'],
    ['versions.length > 1', 'versions.length > 0', 'people are told how many diverged'],
  ),
  ...of(
    'src/cli/sweep.ts',
    'test/cli/rank.test.ts',
    ['steps && reached === of ? steps.mean', 'steps ? steps.mean', 'takes no updates to 100%'],
    ['b[measure].mean - a[measure].mean', 'a[measure].mean - b[measure].mean', 'goes by return'],
    ['|| updates(a) - updates(b)', '|| updates(b) - updates(a)', 'goes by updates'],
  ),
  ...of(
    'src/cli/sweep.ts',
    'test/cli/sweep.test.ts',

    ['text(iqm),\n', 'text(mean),\n', 'prints settings best first'],
    [
      'Number.isFinite(standardDeviation) ? text(standardDeviation)',
      'Number.isFinite(standardDeviation) ? text(mean)',
      'prints settings best first',
    ],
    ['`${reached} of ${of}`', '`${of} of ${reached}`', 'prints settings best first'],
  ),
  ...of('src/cli/sweep.ts', 'test/cli/sweep.test.ts', [
    'outcomes(summary.seeds, rows, variant)',
    'outcomes(summary.seeds, rows, 0)',
    'prints settings best first',
  ]),
  ...of(
    'src/cli/vary.ts',
    'test/cli/vary.test.ts',
    [
      'settings.flatMap((before) => values.map((value) => ({ ...before, [field]: value })))',
      'values.flatMap((value) => settings.map((before) => ({ ...before, [field]: value })))',
      'of fields that learners',
    ],
    ['variants: varied ? inner : []', 'variants: inner', 'of other fields'],
    ['group: outer.findIndex((own) => agrees(own, settings))', 'group: 0', 'of other fields'],
    ['agrees(settings, config)', 'agrees(config, settings)', 'knows what is configured'],
    [
      'new Set(texts).size < texts.length',
      'new Set(texts).size > texts.length',
      '["gamma=0.9,0.90"] is refused',
    ],
  ),
  ...of(
    'src/cli/comparison_plan.ts',
    'test/cli/comparison_plan.test.ts',
    [
      '{ ...readConfig(options), ...EQUAL_BUDGETS }',
      '{ ...EQUAL_BUDGETS, ...readConfig(options) }',
      'lets no learner end before',
    ],
    [
      'episodes: 0, stopWhenSolved: false }',
      'episodes: 0, stopWhenSolved: true }',
      'lets no learner end before',
    ],
    [
      'validateConfig({ ...config, ...settings, ...algorithmFields(algorithm) })',
      'validateConfig({ ...algorithmFields(algorithm), ...settings, ...config })',
      'trains all four',
    ],
    ['config.updates : (readUpdates', '2 * config.updates : (readUpdates', 'has three other seeds'],
    ['FIRST_TUNE_SEED = 1_000_001', 'FIRST_TUNE_SEED = 1', 'has three other seeds'],
    ['!seeds.includes(seed)', 'seeds.includes(seed)', 'has three other seeds'],
    [
      'seeds: [...plan.tuneSeeds],\n    updates: plan.tuneUpdates',
      'seeds: [...plan.config.seeds],\n    updates: plan.tuneUpdates',
      'tunes all four',
    ],
    [
      'settings * seeds * updates * plan.algorithms.length',
      'settings * seeds * updates',
      'counts the updates of all',
    ],
    [
      'algorithms.length * runMembers(config).length * config.updates',
      'algorithms.length * config.updates',
      'counts the updates of all',
    ],
  ),
  ...of(
    'src/cli/comparison_report.ts',
    'test/cli/compare.test.ts',
    [
      '`${gridSize}x${gridSize}-${agents}-agents',
      '`${agents}x${agents}-${gridSize}-agents',
      'names the task of meeting-gridworld (preset solve) 5x5',
    ],
    ["sight === 'own' ? '-own-sight'", "sight === 'all' ? '-own-sight'", 'writes marl-eval.json'],
    ["reached(seeds, 'stepsTo90')", "reached(seeds, 'stepsTo100')", 'prints a table with each'],
    [
      "stepsTo90: reached(seeds, 'stepsTo90'),\n    stepsTo100: reached(seeds, 'stepsTo100')",
      "stepsTo90: reached(seeds, 'stepsTo100'),\n    stepsTo100: reached(seeds, 'stepsTo90')",
      'prints a table with each number',
    ],
    ['seconds: summary.seconds', 'seconds: summary.seeds.length', 'prints a table with each number'],
    ['describeSettings(tuned ?? {}) },', 'describeSettings({}) },', 'writes comparison.csv'],
    ["name.replace(' ', '_')", 'name', 'writes marl-eval.json'],
    [
      '${text(iqm)} [${text(low)}, ${text(high)}]',
      '${text(iqm)} [${text(high)}, ${text(low)}]',
      'prints a table with each number',
    ],
    [
      '`${steps ? spread(steps, whole)',
      '`${steps ? spread(steps, String)',
      'prints a table with each number',
    ],
    ['(${reached} of ${of})', '(${of} of ${reached})', 'prints a table with each number'],
    [
      '{ comparison: comparisonBudget(plan), tuning: tuneBudget(plan) }',
      '{ comparison: tuneBudget(plan), tuning: comparisonBudget(plan) }',
      'writes comparison.json',
    ],
    ['${text(mean)} ± ${Number', '${text(standardDeviation)} ± ${Number', 'prints a table with each number'],
    [
      '({ stepsTo90 }) => reachedText(stepsTo90)',
      '({ stepsTo100 }) => reachedText(stepsTo100)',
      'prints a table with each number',
    ],
    ["tunedBy === 'return'", "tunedBy !== 'return'", 'prints a table with each number'],
  ),
  ...of(
    'src/cli/interval_figure.ts',
    'test/cli/compare.test.ts',
    [
      'data: points.map(({ environmentSteps, iqm }) => [environmentSteps, factor * iqm])',
      'data: points.map(({ environmentSteps, low }) => [environmentSteps, factor * low])',
      'draws each algorithm',
    ],
    ['side(({ low, high }) => high - low, 0.14)', 'side(({ high }) => high, 0.14)', 'draws each algorithm'],
  ),
  ...of('src/cli/interval_figure.ts', 'test/cli/sweep.test.ts', [
    'index % COLOURS.length,',
    '0,',
    'draws the interquartile mean of each setting',
  ]),
];
