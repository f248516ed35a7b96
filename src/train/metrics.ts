/**
 * One row of a run's metrics: one learner at one moment. Counts are since the run began, `seconds` its
 * duration over all sessions. Quantities that a kind of row does not have are NaN, and empty in the file.
 */
export interface MetricsRow {
  /** training: every logEvery updates. evaluation: every evaluateEvery updates. final: where the run ended. */
  readonly kind: 'training' | 'evaluation' | 'final';
  /** Index of the learner's settings in config.variants; 0 where there are none. */
  readonly variant: number;
  readonly seed: number;
  readonly updates: number;
  readonly environmentSteps: number;
  readonly episodes: number;
  readonly seconds: number;
  /** Probability of a random action in the next step. */
  readonly epsilon: number;
  /** Share of the last 100 finished episodes that succeeded, 0..1. */
  readonly trainingSuccess: number;
  /** Mean undiscounted return of the last 100 finished episodes. */
  readonly trainingReturn: number;
  /** Means over the updates since the last row. */
  readonly loss: number;
  readonly gradientNorm: number;
  readonly qTotal: number;
  /** Greedy: share of starts solved, 0..1. */
  readonly success: number;
  /** Greedy: mean length / optimal length over solved starts. */
  readonly lengthRatio: number;
  /** Greedy: mean undiscounted return. */
  readonly return: number;
}

/** What a row starts from: nothing trained on and nothing evaluated. */
export const NOT_MEASURED = {
  loss: Number.NaN,
  gradientNorm: Number.NaN,
  qTotal: Number.NaN,
  success: Number.NaN,
  lengthRatio: Number.NaN,
  return: Number.NaN,
};

const COLUMNS = [
  'kind',
  'variant',
  'seed',
  'updates',
  'environmentSteps',
  'episodes',
  'seconds',
  'epsilon',
  'trainingSuccess',
  'trainingReturn',
  'loss',
  'gradientNorm',
  'qTotal',
  'success',
  'lengthRatio',
  'return',
] as const satisfies readonly (keyof MetricsRow)[];

/** Header of the CSV file, with its line end. */
export const METRICS_HEADER = `${COLUMNS.join(',')}\n`;

/** A row as a line of the CSV file, with its line end. */
export function formatRow(row: MetricsRow): string {
  const cells = COLUMNS.map((column) => {
    const value = row[column];
    if (typeof value === 'string') return value;
    if (column === 'seconds') return value.toFixed(3);
    return Number.isFinite(value) ? String(value) : '';
  });
  return `${cells.join(',')}\n`;
}

/**
 * Rows of a CSV file, whatever the order of its columns; lines that are not whole rows (a file cut short) are
 * left out. Files of before there were variants have no such column: their rows are of variant 0.
 */
export function parseRows(text: string): MetricsRow[] {
  const rows: MetricsRow[] = [];
  const [header, ...lines] = text.split('\n');
  const columns = header.split(',');
  // What stands behind the last line end was cut short.
  for (const line of lines.slice(0, -1)) {
    const cells = line.split(',');
    if (cells.length !== columns.length) continue;
    const row: Record<string, unknown> = { ...NOT_MEASURED, variant: 0 };
    for (const [index, column] of columns.entries()) {
      const cell = cells[index];
      row[column] = column === 'kind' ? cell : cell === '' ? Number.NaN : Number(cell);
    }
    if (row.kind !== 'training' && row.kind !== 'evaluation' && row.kind !== 'final') continue;
    rows.push(row as unknown as MetricsRow);
  }
  return rows;
}
