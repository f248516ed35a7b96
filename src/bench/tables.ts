import type { KernelRow } from './kernel_bench.ts';
import type { Peak } from './peak.ts';
import type { RolloutRow } from './rollout_bench.ts';
import type { BenchReport } from './run_bench.ts';
import type { SolveRow } from './solve_bench.ts';
import type { UpdateRow } from './update_bench.ts';

/** A table for people: columns, and what stands in them for a row of the report. */
export interface Table<Row> {
  readonly title: string;
  /** What the columns mean, in a sentence. */
  readonly note: string;
  readonly columns: readonly string[];
  cells(row: Row): readonly string[];
}

/** Three figures, and thousands apart. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (value === 0) return '0';
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en');
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(digits, 4));
}

const range = ([least, most]: readonly [number, number]): string => `${figure(least)} – ${figure(most)}`;
const percent = (share: number): string => `${(100 * share).toFixed(1)}%`;
const whole = (value: number): string =>
  Number.isInteger(value) ? value.toLocaleString('en') : figure(value);

export const KERNEL_TABLE: Table<KernelRow> = {
  title: 'Kernels alone',
  note:
    'one dispatch; median (least – most); what it has to compute and to move, each number once; share: the least ' +
    'time that the peaks allow over the time taken',
  columns: ['kernel', 'learners', 'ms', 'least – most', 'GFLOP/s', 'GB/s', 'share of peak'],
  cells: ({ name, operation, learners, ms, spread, gflops, gbps, share }) => [
    operation ? `· ${name}` : name,
    whole(learners),
    figure(ms),
    range(spread),
    figure(gflops),
    figure(gbps),
    percent(share),
  ],
};

export const UPDATE_TABLE: Table<UpdateRow> = {
  title: 'Updates',
  note:
    'one update of all learners; median (least – most); share: the least time that the peaks allow for its ' +
    'dispatches, one after another, over the time taken',
  columns: [
    'learners',
    'batch',
    'agents',
    'ms',
    'least – most',
    'ms a learner',
    'GFLOP/s',
    'share of peak',
    'dispatches',
    'passes',
    'submits',
    'bytes read',
  ],
  cells: (row) => [
    whole(row.learners),
    whole(row.batch),
    whole(row.agents),
    figure(row.ms),
    range(row.spread),
    figure(row.ms / row.learners),
    figure(row.gflops),
    row.share === undefined ? '–' : percent(row.share),
    whole(row.dispatches),
    whole(row.passes),
    whole(row.submits),
    whole(row.bytesRead),
  ],
};

export const ROLLOUT_TABLE: Table<RolloutRow> = {
  title: 'Rollout',
  note: 'acting without training, one learner; a vector step steps all environments; median (least – most)',
  columns: [
    'kind',
    'environments',
    'steps a second',
    'ms a vector step',
    'least – most',
    'submits',
    'bytes up',
    'bytes down',
  ],
  cells: ({ kind, environments, ms, spread, stepsPerSecond, step }) => [
    kind,
    whole(environments),
    figure(stepsPerSecond),
    figure(ms),
    range(spread),
    whole(step.submits),
    whole(step.bytesUp),
    whole(step.bytesDown),
  ],
};

export const SOLVE_TABLE: Table<SolveRow> = {
  title: 'End to end',
  note: 'one learner from its first step to the first greedy evaluation with 100%',
  columns: ['preset', 'seed', 'solved', 'seconds', 'to open', 'updates', 'environment steps'],
  cells: (row) => [
    row.preset,
    String(row.seed),
    row.solved ? 'yes' : 'no',
    figure(row.seconds),
    figure(row.secondsToOpen),
    whole(row.updates),
    whole(row.environmentSteps),
  ],
};

export const peakLine = ({ gflops, gbps, matmul, matmulShape, copy, copyBytes }: Peak): string =>
  `peak: ${figure(gflops)} GFLOP/s (matmul ${matmul}, ${matmulShape.m}×${matmulShape.k}×${matmulShape.n}), ` +
  `${figure(gbps)} GB/s (${copy}, ${Math.round(copyBytes / 2 ** 20)} MiB)`;

const GAP = '  ';

/** Width of each column of a table whose rows come one after another: room for what usually comes. */
const widths = ({ columns }: Pick<Table<never>, 'columns'>): number[] =>
  columns.map((column, index) => Math.max(column.length, index === 0 ? 22 : column.includes('–') ? 17 : 9));

/** The first column stands left, figures right. */
export const textLine = (table: Pick<Table<never>, 'columns'>, cells: readonly string[]): string =>
  widths(table)
    .map((width, index) => (index === 0 ? cells[index].padEnd(width) : cells[index].padStart(width)))
    .join(GAP)
    .trimEnd();

export const textHeader = (table: Pick<Table<never>, 'columns' | 'title' | 'note'>): string =>
  `${table.title}: ${table.note}\n${textLine(table, table.columns)}`;

/** A whole report as text. */
export function reportText(report: BenchReport): string {
  const { adapter, preset, peak, kernels, updates, rollout, solve, skipped } = report;
  const section = <Row>(table: Table<Row>, rows: readonly Row[]): string[] =>
    rows.length === 0
      ? []
      : [[textHeader(table), ...rows.map((row) => textLine(table, table.cells(row)))].join('\n')];
  return [
    [`${adapter}, sizes of preset ${preset}`, ...(peak ? [peakLine(peak)] : [])].join('\n'),
    ...section(KERNEL_TABLE, kernels),
    ...section(UPDATE_TABLE, updates),
    ...section(ROLLOUT_TABLE, rollout),
    ...section(SOLVE_TABLE, solve),
    ...skipped.map(({ part, what, reason }) => `skipped ${part}, ${what}: ${reason}`),
    '',
  ].join('\n\n');
}
