import { marlEval } from '../compare/marl_eval.ts';
import { MEASURES, type Measure, measureOfLearners } from '../compare/measure.ts';
import {
  type Aggregates,
  aggregates,
  curve,
  type Outcome,
  outcomes,
  type Reached,
  reached,
} from '../compare/outcomes.ts';
import type { Aggregate } from '../compare/statistics.ts';
import type { Config } from '../config.ts';
import { startWords } from '../figures/start_words.ts';
import { evaluatedStarts } from '../train/evaluate.ts';
import { type ComparisonPlan, comparisonBudget, tuneBudget } from './comparison_plan.ts';
import { drawIntervals } from './interval_figure.ts';
import { print, printJson } from './output.ts';
import { count, describeEnvironment, describeSettings, formatTable } from './summary.ts';
import { divergedLines, fingerprints, outcomeTable, versionLines } from './tables.ts';
import type { Settings } from './vary.ts';
import type { CellResult, WorkFolder } from './work_folder.ts';

/** A line of the table. */
export interface Entry extends Aggregates {
  /** `qmix`, or `qmix tuned`. */
  readonly name: string;
  readonly algorithm: string;
  /** What the small sweep chose; null: as configured. */
  readonly tuned: Settings | null;
  /** What the small sweep ranked by; null: as configured. */
  readonly tunedBy: Measure | null;
  /** Folder of its run. */
  readonly run: string;
  readonly adapter: string;
  /** Of the user's module that it ended on. */
  readonly environmentFingerprint?: string;
  readonly hash: string;
  /** Wall time of its run, all seeds together. */
  readonly seconds: number;
  readonly stepsTo90: Reached;
  readonly stepsTo100: Reached;
  readonly seeds: readonly Outcome[];
}

export function entryOf(
  algorithm: string,
  { summary, rows }: CellResult,
  tuned?: { readonly settings: Settings; readonly measure: Measure },
): Entry {
  const seeds = outcomes(summary.seeds, rows, 0);
  return {
    name: tuned ? `${algorithm} tuned` : algorithm,
    algorithm,
    tuned: tuned?.settings ?? null,
    tunedBy: tuned?.measure ?? null,
    run: summary.run,
    adapter: summary.adapter,
    ...(summary.environmentFingerprint && { environmentFingerprint: summary.environmentFingerprint }),
    hash: summary.hash,
    seconds: summary.seconds,
    ...aggregates(seeds),
    stepsTo90: reached(seeds, 'stepsTo90'),
    stepsTo100: reached(seeds, 'stepsTo100'),
    seeds,
  };
}

/** Writes comparison.json, comparison.csv, marl-eval.json and curves.svg, and prints the table or the JSON. */
export async function reportComparison(
  folder: WorkFolder,
  plan: ComparisonPlan,
  entries: readonly Entry[],
  json: boolean,
): Promise<void> {
  const { config } = plan;
  const measure = measureOfLearners(entries.flatMap(({ seeds }) => seeds));
  const whole = {
    comparison: folder.path,
    interrupted: false,
    environment: config.environment,
    preset: config.preset,
    seeds: config.seeds,
    updates: config.updates,
    /** Updates of all learners, and of those of the small sweeps beside. */
    budget: { comparison: comparisonBudget(plan), tuning: tuneBudget(plan) },
    tune: plan.tune,
    tuneSeeds: plan.tuneSeeds,
    measure,
    algorithms: entries,
  };
  folder.write('comparison.json', whole);
  folder.write(
    'comparison.csv',
    outcomeTable(
      entries.map(({ algorithm, tuned, seeds }) => ({
        lead: { algorithm, settings: describeSettings(tuned ?? {}) },
        seeds,
      })),
    ),
  );
  folder.write(
    'marl-eval.json',
    marlEval(
      config.environment,
      taskName(config),
      entries.map(({ name, seeds }) => ({ name: name.replace(' ', '_'), learners: seeds })),
    ),
  );
  folder.write(
    'curves.svg',
    await drawIntervals(
      entries.map((entry) => ({
        name: lineName(entry),
        colour: plan.algorithms.indexOf(entry.algorithm),
        dash: entry.tuned ? 1 : 0,
        points: curve(entry.seeds, measure),
      })),
      measure,
      {
        title: `Greedy ${measure} on ${describeEnvironment(config)}`,
        subtitle: `IQM of ${config.seeds.length} seeds and its 95% bootstrap interval, over ${startWords(evaluatedStarts(config))}; ${count(config.updates)} updates each`,
      },
    ),
  );
  if (json) printJson(whole);
  else print(table(folder, plan, entries, measure));
}

function table(
  folder: WorkFolder,
  plan: ComparisonPlan,
  entries: readonly Entry[],
  measure: Measure,
): string {
  const { config } = plan;
  const adapters = [...new Set(entries.map(({ adapter }) => adapter))];
  const steps = entries[0].seeds[0].environmentSteps;
  const { settings, seeds, updates, total } = tuneBudget(plan);
  const tuning =
    settings > 0
      ? [
          `tuned: the best of ${settings} settings (${plan.tune.join(', ')}), ${seeds} other ${seeds === 1 ? 'seed' : 'seeds'} (${plan.tuneSeeds.join(', ')}), ` +
            `${count(updates)} updates each: ${count(total)} updates in all, beside ${count(comparisonBudget(plan))} of the comparison; then trained as the others`,
          ...tunedByReturn(entries),
        ]
      : [];
  const bySuccess = measure === 'success';
  const { text } = MEASURES[measure];
  const columns: readonly Column[] = [
    ['algorithm', ({ name }) => name],
    ['settings', ({ tuned }) => describeSettings(tuned ?? {})],
    [`${measure}, mean ± sd`, (entry) => spread(entry[measure], text)],
    ['IQM of it [95% interval]', (entry) => iqmText(entry[measure], text)],
    ...(bySuccess ? BESIDE_SUCCESS : []),
    ['seconds', ({ seconds }) => seconds.toFixed(1)],
  ];
  return [
    `${config.preset} on ${describeEnvironment(config)}, seeds ${config.seeds.join(', ')}; ${adapters.join('; ')}`,
    `budget of every learner: ${count(config.updates)} updates, ${count(steps)} environment steps`,
    `compared ${MEASURES[measure].by}; the policies are greedy, after the last update`,
    ...tuning,
    '',
    ...formatTable(
      columns.map(([title]) => title),
      entries.map((entry) => columns.map(([, cell]) => cell(entry))),
    ),
    '',
    ...(bySuccess ? ['Steps are those of the seeds that came so far (how many, in brackets).'] : []),
    'Seconds are those of all seeds together.',
    ...divergedLines(entries),
    ...versionLines(fingerprints(entries)),
    `comparison folder: ${folder.path}`,
    '',
  ].join('\n');
}

type Column = readonly [title: string, cell: (entry: Entry) => string];

/** What is told where success is what is compared. */
const BESIDE_SUCCESS: readonly Column[] = [
  ['return, mean ± sd', (entry) => spread(entry.return, MEASURES.return.text)],
  ['steps to 90%, mean ± sd', ({ stepsTo90 }) => reachedText(stepsTo90)],
  ['steps to 100%, mean ± sd', ({ stepsTo100 }) => reachedText(stepsTo100)],
];

/** A line for people, of the algorithms whose small sweep saw no success; none where all did. */
function tunedByReturn(entries: readonly Entry[]): string[] {
  const names = entries.filter(({ tunedBy }) => tunedBy === 'return').map(({ algorithm }) => algorithm);
  return names.length > 0 ? [`tuned ${MEASURES.return.by} in its small sweep: ${names.join(', ')}`] : [];
}

const whole = (value: number): string => count(Math.round(value));

const spread = ({ mean, standardDeviation }: Aggregate, text: (value: number) => string): string =>
  `${text(mean)} ± ${Number.isFinite(standardDeviation) ? text(standardDeviation) : '–'}`;

const iqmText = ({ iqm, iqmInterval: { low, high } }: Aggregate, text: (value: number) => string): string =>
  `${text(iqm)} [${text(low)}, ${text(high)}]`;

const reachedText = ({ reached, of, steps }: Reached): string =>
  `${steps ? spread(steps, whole) : '–'} (${reached} of ${of})`;

const lineName = ({ name, tuned }: Entry): string => (tuned ? `${name}: ${describeSettings(tuned)}` : name);

/** What marl-eval calls a task, within an environment. */
const taskName = ({ environment, gridSize, agents, sight }: Config): string =>
  environment === 'meeting-gridworld'
    ? `${gridSize}x${gridSize}-${agents}-agents${sight === 'own' ? '-own-sight' : ''}`
    : 'default';
