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
import { type Config, ConfigError } from '../config.ts';
import { environmentFingerprint } from '../train/environments.ts';
import type { BackendChoice } from './backend.ts';
import { Interrupt } from './interrupt.ts';
import { drawIntervals, lookOf } from './interval_figure.ts';
import {
  type ConfigOptions,
  type HowOptions,
  readConfig,
  readHow,
  refuseChanged,
  refuseOtherBackend,
  refuseSettled,
} from './options.ts';
import { print, printJson, say } from './output.ts';
import { type EnvironmentOptions, environmentWords, load } from './own_environment.ts';
import { defaultRunPath } from './run_folder.ts';
import { INTERRUPTED } from './session.ts';
import { count, describeEnvironment, describeSettings, formatTable } from './summary.ts';
import { divergedLines, fingerprints, outcomeTable, versionLines } from './tables.ts';
import { planSweep, type Settings, type Sweep } from './vary.ts';
import {
  type Cell,
  type CellResult,
  Effort,
  effortOf,
  type HowToTrain,
  WorkFolder,
  type WorkPlan,
} from './work_folder.ts';

export interface SweepOptions extends ConfigOptions, EnvironmentOptions, HowOptions {
  readonly vary: readonly string[];
  readonly out?: string;
  readonly resume?: string;
  readonly backend: BackendChoice;
  readonly json?: boolean;
}

/** How a setting came out over its seeds. */
export interface Ranked extends Aggregates {
  readonly settings: Settings;
  /** Folder of its run, below the sweep's. */
  readonly run: string;
  readonly updatesTo100: Reached;
  readonly seeds: readonly Outcome[];
}

const KIND = 'sweep';
/** Lines of the figure, at most. */
const LINES = 14;

/** What is kept of a sweep, to go on with it. */
interface SavedPlan extends WorkPlan {
  readonly vary: readonly string[];
  readonly backend: BackendChoice;
}

/** Trains every setting of a cross product with every seed, and ranks them. Returns the exit code. Throws ConfigError. */
export async function sweep(options: SweepOptions): Promise<number> {
  const how = readHow(options);
  const { folder, plan } = await open(options);
  const sweep = planSweep(plan.config, plan.vary, '--vary');
  const cells = sweepCells(sweep, '', 'run');
  const effort = new Effort(cells.reduce((sum, cell) => sum + effortOf(cell), 0));
  const interrupt = new Interrupt();
  try {
    const results = await runAll(folder, cells, { backend: plan.backend, ...how }, effort, interrupt);
    if (!results) {
      say(`interrupted; to go on: ${folder.goOn}${environmentWords(plan.config)}`);
      if (options.json) printJson({ sweep: folder.path, interrupted: true });
      return INTERRUPTED;
    }
    await report(folder, plan.config, rank(sweep, cells, results), results, options.json === true);
    return 0;
  } finally {
    interrupt.release();
    folder.release();
  }
}

/** The runs of a sweep; `prefix` begins their folders, `name` their labels. */
export const sweepCells = ({ groups }: Sweep, prefix: string, name: string): Cell[] =>
  groups.map(({ config }, index) => ({
    folder: `${prefix}group-${index + 1}`,
    label: groups.length > 1 ? `${name}, ${index + 1} of ${groups.length}` : name,
    config,
  }));

/** Results of cells, one after another; undefined: interrupted. */
export async function runAll(
  folder: WorkFolder,
  cells: readonly Cell[],
  how: HowToTrain,
  effort: Effort,
  interrupt: Interrupt,
): Promise<CellResult[] | undefined> {
  const results: CellResult[] = [];
  for (const cell of cells) {
    const result = await folder.run(cell, how, effort, interrupt);
    if (!result) return undefined;
    results.push(result);
  }
  return results;
}

/**
 * Settings, best first: by mean greedy success at the end, then by mean updates to 100%. Where no seed of any setting
 * has seen success, by mean greedy return at the end.
 */
export function rank({ points }: Sweep, cells: readonly Cell[], results: readonly CellResult[]): Ranked[] {
  const ranked = points.map(({ settings, group, variant }) => {
    const { summary, rows } = results[group];
    const seeds = outcomes(summary.seeds, rows, variant);
    return {
      settings,
      run: cells[group].folder,
      ...aggregates(seeds),
      updatesTo100: reached(seeds, 'updatesTo100'),
      seeds,
    };
  });
  // Where not all seeds come to 100%, the mean over those that do says too little.
  const updates = ({ updatesTo100: { reached, of, steps } }: Ranked): number =>
    steps && reached === of ? steps.mean : Number.MAX_VALUE;
  const measure = measureOfRanked(ranked);
  return ranked.sort((a, b) => b[measure].mean - a[measure].mean || updates(a) - updates(b));
}

/** What settings are ranked by. */
export const measureOfRanked = (ranked: readonly Ranked[]): Measure =>
  measureOfLearners(ranked.flatMap(({ seeds }) => seeds));

async function open(options: SweepOptions): Promise<{ folder: WorkFolder; plan: SavedPlan }> {
  if (options.resume !== undefined) {
    refuseSettled(options, ['--environment', '--at-once', '--json']);
    const { folder, plan } = await WorkFolder.open(options.resume, KIND, 'sweep', options);
    const saved = plan as WorkPlan as SavedPlan;
    refuseOtherBackend(options.backend, saved.backend);
    checkSweep(saved);
    folder.keep(saved);
    return { folder, plan: saved };
  }
  refuseChanged(options);
  const config = readConfig(options);
  const asked = { kind: KIND, config, vary: options.vary, backend: options.backend };
  checkSweep(asked);
  await load(config);
  const plan = { ...asked, fingerprint: environmentFingerprint(config) };
  const folder = WorkFolder.create(options.out ?? defaultRunPath(KIND), plan, 'sweep');
  return { folder, plan };
}

/** Throws ConfigError where a run of it could not begin. */
function checkSweep({ config, vary }: Pick<SavedPlan, 'config' | 'vary'>): void {
  if (!Array.isArray(vary)) throw new ConfigError(`vary: got ${JSON.stringify(vary)}, allowed: a list`);
  planSweep(config, vary, '--vary');
}

async function report(
  folder: WorkFolder,
  config: Config,
  ranked: readonly Ranked[],
  results: readonly CellResult[],
  json: boolean,
): Promise<void> {
  const adapters = [...new Set(results.map(({ summary }) => summary.adapter))];
  const versions = fingerprints(results.map(({ summary }) => summary));
  const measure = measureOfRanked(ranked);
  const whole = {
    sweep: folder.path,
    interrupted: false,
    environment: config.environment,
    adapters,
    ...(versions.length > 0 && { environmentFingerprints: versions }),
    seconds: results.reduce((sum, { summary }) => sum + summary.seconds, 0),
    measure,
    settings: ranked,
  };
  folder.write('sweep.json', whole);
  folder.write(
    'sweep.csv',
    outcomeTable(
      ranked.map(({ settings, seeds }) => ({ lead: { settings: describeSettings(settings) }, seeds })),
    ),
  );
  const shown = ranked.slice(0, LINES);
  const note = shown.length < ranked.length ? `; the best ${shown.length} of ${ranked.length} settings` : '';
  folder.write(
    'curves.svg',
    await drawIntervals(
      shown.map(({ settings, seeds }, index) => ({
        ...lookOf(index),
        name: describeSettings(settings),
        points: curve(seeds, measure),
      })),
      measure,
      {
        title: `Sweep on ${describeEnvironment(config)}`,
        subtitle: `Greedy ${measure}: IQM of ${config.seeds.length} seeds and its 95% bootstrap interval${note}`,
      },
    ),
  );
  if (json) {
    printJson(whole);
    return;
  }
  const lines = [
    `${config.preset} on ${describeEnvironment(config)}, ${config.seeds.length} seeds each; ${adapters.join('; ')}`,
    `ranked ${MEASURES[measure].by}`,
    '',
    ...formatTable(
      [
        'settings',
        `greedy ${measure}, mean`,
        'sd',
        'IQM',
        '95% interval of it',
        ...(measure === 'success' ? ['seeds with 100%', 'updates to it'] : []),
      ],
      ranked.map((entry) => row(entry, measure)),
    ),
    '',
    ...divergedLines(ranked),
    ...versionLines(versions),
    `sweep folder: ${folder.path}`,
    '',
  ];
  print(lines.join('\n'));
}

function row(ranked: Ranked, measure: Measure): string[] {
  const { mean, standardDeviation, iqm, iqmInterval } = ranked[measure];
  const { reached, of, steps } = ranked.updatesTo100;
  const { text } = MEASURES[measure];
  return [
    describeSettings(ranked.settings),
    text(mean),
    Number.isFinite(standardDeviation) ? text(standardDeviation) : '–',
    text(iqm),
    `${text(iqmInterval.low)} – ${text(iqmInterval.high)}`,
    ...(measure === 'success' ? [`${reached} of ${of}`, steps ? count(Math.round(steps.mean)) : '–'] : []),
  ];
}
