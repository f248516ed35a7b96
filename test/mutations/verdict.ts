import { describeMutation, KINDS, type Mutation } from './mutation.ts';

/** What came of one mutation. */
export interface Verdict {
  readonly mutation: Mutation;
  /** Red: the test that is named, another one only, or none; or it could not be told, as nothing ran. */
  readonly noticed: 'named' | 'other' | 'none' | 'unknown';
  /** Which was red, or why it is unknown. */
  readonly detail: string;
}

export const RESULTS: Readonly<Record<Verdict['noticed'], string>> = {
  named: 'noticed',
  other: 'noticed by another only',
  none: 'not noticed',
  unknown: 'unknown',
};

/** Tells of progress: a line for each mutation, with its seconds. */
export class Progress {
  readonly verdicts: Verdict[] = [];
  private since = performance.now();

  constructor(
    private readonly total: number,
    private readonly print: (line: string) => void,
  ) {}

  /** A step that is no mutation. */
  note(text: string): void {
    this.print(`${this.took()}  ${text}`);
  }

  add(verdict: Verdict): void {
    this.verdicts.push(verdict);
    const { noticed, detail, mutation } = verdict;
    const number = `${this.verdicts.length}/${this.total}`;
    const by = noticed === 'named' ? '' : ` (${detail || 'no test was red'})`;
    this.print(`${this.took()}  ${number} ${RESULTS[noticed]}: ${describeMutation(mutation)}${by}`);
  }

  private took(): string {
    const now = performance.now();
    const seconds = (now - this.since) / 1000;
    this.since = now;
    return `${seconds.toFixed(1)} s`.padStart(8);
  }
}

/** A line for each kind, and one for each mutation that its test did not notice. */
export function summary(verdicts: readonly Verdict[]): string {
  const columns = Object.keys(RESULTS) as Verdict['noticed'][];
  const of = (own: readonly Verdict[]) =>
    columns
      .map((noticed) => [own.filter((one) => one.noticed === noticed).length, RESULTS[noticed]] as const)
      .filter(([count]) => count > 0)
      .map(([count, words]) => `${count} ${words}`)
      .join(', ');
  const lines = KINDS.map(
    (kind) => [kind, verdicts.filter(({ mutation }) => mutation.kind === kind)] as const,
  )
    .filter(([, own]) => own.length > 0)
    .map(([kind, own]) => `${kind.padEnd(8)} ${String(own.length).padStart(4)}: ${of(own)}`);
  const wrong = verdicts
    .filter(({ noticed }) => noticed !== 'named')
    .map(
      ({ noticed, mutation, detail }) =>
        `${RESULTS[noticed]}: ${describeMutation(mutation)}${detail && ` (${detail})`}`,
    );
  return [...lines, ...(wrong.length > 0 ? ['', ...wrong] : [])].join('\n');
}
