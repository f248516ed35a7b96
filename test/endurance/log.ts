import { appendFileSync, writeFileSync } from 'node:fs';
import { formatTable } from '../../src/cli/summary.ts';

/** Faults after which it is no use to go on. */
const MOST_FAULTS = 10;

/** What a script prints, and how often something came out wrong. */
export class Log {
  private faults = 0;

  /** `file`: gets the same lines; undefined: none does. */
  constructor(private readonly file: string | undefined) {
    if (file !== undefined) writeFileSync(file, '');
  }

  line(text = ''): void {
    process.stdout.write(`${text}\n`);
    if (this.file !== undefined) appendFileSync(this.file, `${text}\n`);
  }

  /** Something came out wrong. `details` may be of several lines, which are indented. */
  fault(text: string, details = ''): void {
    this.faults++;
    this.line(`FAULT ${this.faults}: ${text}`);
    if (details.trim() !== '') this.indented(details);
  }

  indented(text: string): void {
    for (const line of text.trimEnd().split('\n')) this.line(`    | ${line}`);
  }

  table(header: readonly string[], rows: readonly (readonly string[])[]): void {
    this.line();
    for (const line of formatTable(header, rows)) this.line(line);
    this.line();
  }

  get faultCount(): number {
    return this.faults;
  }

  /** So much came out wrong that it is no use to go on. */
  get hopeless(): boolean {
    return this.faults >= MOST_FAULTS;
  }

  /** Prints the last line, and returns the exit code. */
  end(text: string): number {
    const faults = ['no faults', '1 FAULT'][this.faults] ?? `${this.faults} FAULTS`;
    this.line(`${text}; ${faults}`);
    return this.faults === 0 ? 0 : 1;
  }
}

export const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(2)} s`;
export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
