import { BOUNDS, type Group } from './bounds.ts';
import type { Outcome } from './outcome.ts';

/** Verdicts as text: of the command line, and what the page copies. */

export const GROUPS = Object.keys(BOUNDS) as Group[];

/** An error; a dash where there is none, as of a file that was refused. */
export const scientific = (error: number): string => (Number.isNaN(error) ? '–' : error.toExponential(1));
const cell = (value: number): string => scientific(value).padStart(7);

/** Every tensor of a file as text. */
export function tensorLines({ file, pass, note, tensors = [] }: Outcome): string {
  const width = Math.max(0, ...tensors.map(({ name }) => name.length));
  const lines = tensors.map(
    (tensor) =>
      `  ${tensor.pass ? 'ok  ' : 'FAIL'} ${tensor.name.padEnd(width)}  ` +
      `file ${cell(tensor.file)}  reference ${cell(tensor.reference)}  ` +
      `bound ${cell(BOUNDS[tensor.group])}`,
  );
  return [`${file}: ${pass ? 'pass' : 'FAIL'}. ${note}`, ...lines, ''].join('\n');
}

/** The worst error of each group of tensors, a line a file. */
export function worstTable(outcomes: readonly Outcome[]): string {
  const width = Math.max(...outcomes.map(({ file }) => file.length));
  const line = (name: string, cells: readonly string[]) =>
    [name.padEnd(width), ...cells.map((text) => text.padStart(12))].join(' ');
  return [
    line('worst error', GROUPS),
    ...outcomes.map(({ file, worst }) =>
      line(
        file,
        GROUPS.map((group) => cell(worst[group])),
      ),
    ),
    line(
      'bound',
      GROUPS.map((group) => cell(BOUNDS[group])),
    ),
  ].join('\n');
}

/** `…: 10 of 10 files pass`, or `…: 3 of 10 files pass, 7 were not verified`. `files`: how many there are to verify. */
export function verdictLine(adapter: string, outcomes: readonly Outcome[], files: number): string {
  const passing = outcomes.filter(({ pass }) => pass).length;
  const left = files - outcomes.length;
  const rest = left > 0 ? `, ${left} ${left === 1 ? 'was' : 'were'} not verified` : '';
  return `${adapter}: ${passing} of ${files} files pass${rest}`;
}

/** The whole as text: the worst errors, what failed and why, and the verdict. */
export function verifyText(adapter: string, outcomes: readonly Outcome[], files: number): string {
  const failed = outcomes.filter(({ pass }) => !pass).map(({ file, note }) => `${file}: FAIL. ${note}`);
  return `${[worstTable(outcomes), ...failed, verdictLine(adapter, outcomes, files)].join('\n')}\n`;
}
