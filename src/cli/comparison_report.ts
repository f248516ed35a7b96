import { marlEval } from '../compare/marl_eval.ts';
import { curve, type Outcome, outcomes, type Reached, reached } from '../compare/outcomes.ts';
import { type Aggregate, aggregate } from '../compare/statistics.ts';
import type { Config } from '../config.ts';
import { type ComparisonPlan, comparisonBudget, tuneBudget } from './comparison_plan.ts';
import { drawIntervals } from './interval_figure.ts';
import { print, printJson } from './output.ts';
import { count, describeEnvironment, describeSettings, formatTable, percent } from './summary.ts';
import { divergedLines, outcomeTable } from './tables.ts';
import type { Settings } from './vary.ts';
import type { CellResult, WorkFolder } from './work_folder.ts';

/** A line of the table. */
export interface Entry {
  /** `qmix`, or `qmix tuned`. */
  readonly name: string;
  readonly algorithm: string;
  /** What the small sweep chose; null: as configured. */
  readonly tuned: Settings | null;
  /** Folder of its run. */
  readonly run: string;
  readonly adapter: string;
  readonly hash: string;
  /** Wall time of its run, all seeds together. */
  readonly seconds: number;
  readonly success: Aggregate;
  readonly stepsTo90: Reached;
  readonly stepsTo100: Reached;
  readonly seeds: readonly Outcome[];
}

export function entryOf(
  algorithm: string,
  tuned: Settings | undefined,
  { summary, rows }: CellResult,
): Entry {
  const seeds = outcomes(summary.seeds, rows, 0);
  return {
    name: tuned ? `${algorithm} tuned` : algorithm,
    algorithm,
    tuned: tuned ?? null,
    run: summary.run,
    adapter: summary.adapter,
    hash: summary.hash,
    seconds: summary.seconds,
    success: aggregate(seeds.map(({ success }) => success)),
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
        points: curve(entry.seeds),
      })),
      {
        title: `Greedy success on ${describeEnvironment(config)}`,
        subtitle: `IQM of ${config.seeds.length} seeds and its 95% bootstrap interval, over all starts; ${count(config.updates)} updates each`,
      },
    ),
  );
  if (json) printJson(whole);
  else print(table(folder, plan, entries));
}

function table(folder: WorkFolder, plan: ComparisonPlan, entries: readonly Entry[]): string {
  const { config } = plan;
  const adapters = [...new Set(entries.map(({ adapter }) => adapter))];
  const steps = entries[0].seeds[0].environmentSteps;
  const { settings, seeds, updates, total } = tuneBudget(plan);
  const tuning =
    settings > 0
      ? [
          `tuned: the best of ${settings} settings (${plan.tune.join(', ')}), ${seeds} other seeds (${plan.tuneSeeds.join(', ')}), ` +
            `${count(updates)} updates each: ${count(total)} updates in all, beside ${count(comparisonBudget(plan))} of the comparison; then trained as the others`,
        ]
      : [];
  return [
    `${config.preset} on ${describeEnvironment(config)}, seeds ${config.seeds.join(', ')}; ${adapters.join('; ')}`,
    `budget of every learner: ${count(config.updates)} updates, ${count(steps)} environment steps; success is greedy, after the last update`,
    ...tuning,
    '',
    ...formatTable(
      [
        'algorithm',
        'settings',
        'success, mean ± sd',
        'IQM [95% interval]',
        'steps to 90%, mean ± sd',
        'steps to 100%, mean ± sd',
        'seconds',
      ],
      entries.map((entry) => [
        entry.name,
        describeSettings(entry.tuned ?? {}),
        spread(entry.success, percent),
        `${percent(entry.success.iqm)} [${percent(entry.success.iqmInterval.low)}, ${percent(entry.success.iqmInterval.high)}]`,
        reachedText(entry.stepsTo90),
        reachedText(entry.stepsTo100),
        entry.seconds.toFixed(1),
      ]),
    ),
    '',
    'Steps are those of the seeds that came so far (how many, in brackets); seconds those of all seeds together.',
    ...divergedLines(entries),
    `comparison folder: ${folder.path}`,
    '',
  ].join('\n');
}

const whole = (value: number): string => count(Math.round(value));

const spread = ({ mean, standardDeviation }: Aggregate, text: (value: number) => string): string =>
  `${text(mean)} ± ${Number.isFinite(standardDeviation) ? text(standardDeviation) : '–'}`;

const reachedText = ({ reached, of, steps }: Reached): string =>
  `${steps ? spread(steps, whole) : '–'} (${reached} of ${of})`;

const lineName = ({ name, tuned }: Entry): string => (tuned ? `${name}: ${describeSettings(tuned)}` : name);

/** What marl-eval calls a task, within an environment. */
const taskName = ({ environment, gridSize, agents, sight }: Config): string =>
  environment === 'meeting-gridworld'
    ? `${gridSize}x${gridSize}-${agents}-agents${sight === 'own' ? '-own-sight' : ''}`
    : 'default';
