import { environmentFingerprint } from '../train/environments.ts';
import {
  algorithmConfig,
  type CompareOptions,
  type ComparisonPlan,
  checkPlan,
  comparisonBudget,
  KIND,
  newPlan,
  savedPlan,
  tuneSweep,
} from './comparison_plan.ts';
import { type Entry, entryOf, reportComparison } from './comparison_report.ts';
import { Interrupt } from './interrupt.ts';
import { readHow, refuseChanged, refuseOtherBackend, refuseSettled } from './options.ts';
import { printJson, say } from './output.ts';
import { environmentWords, load } from './own_environment.ts';
import { defaultRunPath } from './run_folder.ts';
import { INTERRUPTED } from './session.ts';
import { measureOfRanked, rank, runAll, sweepCells } from './sweep.ts';
import { isConfigured, type Settings } from './vary.ts';
import { type Cell, Effort, effortOf, type HowToTrain, WorkFolder } from './work_folder.ts';

/**
 * Trains algorithms on one environment with equal budgets and sets them side by side. Each is a run of its own,
 * with all its seeds in the same dispatches. Returns the exit code. Throws ConfigError.
 */
export async function compare(options: CompareOptions): Promise<number> {
  const how = readHow(options);
  const { folder, plan } = await open(options);
  const interrupt = new Interrupt();
  try {
    const entries = await runComparison(folder, plan, { backend: plan.backend, ...how }, interrupt);
    if (!entries) {
      say(`interrupted; to go on: ${folder.goOn}${environmentWords(plan.config)}`);
      if (options.json) printJson({ comparison: folder.path, interrupted: true });
      return INTERRUPTED;
    }
    await reportComparison(folder, plan, entries, options.json === true);
    return 0;
  } finally {
    interrupt.release();
    folder.release();
  }
}

async function open(options: CompareOptions): Promise<{ folder: WorkFolder; plan: ComparisonPlan }> {
  if (options.resume !== undefined) {
    refuseSettled(options, ['--environment', '--at-once', '--json']);
    const { folder, plan } = await WorkFolder.open(options.resume, KIND, 'compare', options);
    const saved = savedPlan(plan);
    refuseOtherBackend(options.backend, saved.backend);
    checkPlan(saved);
    folder.keep(saved);
    return { folder, plan: saved };
  }
  refuseChanged(options);
  const asked = newPlan(options);
  checkPlan(asked);
  await load(asked.config);
  const plan = { ...asked, fingerprint: environmentFingerprint(asked.config) };
  return { folder: WorkFolder.create(options.out ?? defaultRunPath(KIND), plan, 'compare'), plan };
}

/**
 * All entries of the table: each algorithm as configured, then, where there is a small sweep, each at the best
 * of it. undefined: interrupted.
 */
async function runComparison(
  folder: WorkFolder,
  plan: ComparisonPlan,
  how: HowToTrain,
  interrupt: Interrupt,
): Promise<Entry[] | undefined> {
  const cells = plan.algorithms.map((algorithm) => ({
    folder: algorithm,
    label: algorithm,
    config: algorithmConfig(plan, algorithm),
  }));
  const sweeps = plan.algorithms.map((algorithm) => tuneSweep(plan, algorithm));
  const tuning = sweeps.map((sweep, index) => {
    const algorithm = plan.algorithms[index];
    return sweep ? sweepCells(sweep, `tune/${algorithm}/`, `tuning ${algorithm}`) : [];
  });
  const sum = (list: readonly Cell[]) => list.reduce((total, cell) => total + effortOf(cell), 0);
  const effort = new Effort(
    sum(cells) + sum(tuning.flat()) + (plan.tune.length > 0 ? comparisonBudget(plan) : 0),
  );
  const run = (list: readonly Cell[]) => runAll(folder, list, how, effort, interrupt);

  const results = await run(cells);
  if (!results) return undefined;
  const entries = plan.algorithms.map((algorithm, index) => entryOf(algorithm, results[index]));
  const tuned: Entry[] = [];
  for (const [index, algorithm] of plan.algorithms.entries()) {
    const sweep = sweeps[index];
    if (!sweep) continue;
    const tried = await run(tuning[index]);
    if (!tried) return undefined;
    const ranked = rank(sweep, tuning[index], tried);
    const best = ranked[0].settings;
    const result = isConfigured(cells[index].config, best)
      ? results[index]
      : (await run([tunedCell(plan, algorithm, best)]))?.[0];
    if (!result) return undefined;
    tuned.push(entryOf(algorithm, result, { settings: best, measure: measureOfRanked(ranked) }));
  }
  return [...entries, ...tuned];
}

const tunedCell = (plan: ComparisonPlan, algorithm: string, best: Settings): Cell => ({
  folder: `tuned/${algorithm}`,
  label: `${algorithm} at its best`,
  config: algorithmConfig(plan, algorithm, best),
});
