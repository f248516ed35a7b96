import type { Outcome } from '../compare/outcomes.ts';

const COLUMNS = [
  'seed',
  'success',
  'lengthRatio',
  'return',
  'updates',
  'environmentSteps',
  'stepsTo90',
  'stepsTo100',
  'updatesTo100',
  'failedUpdate',
  'hash',
] as const satisfies readonly (keyof Outcome)[];

/** CSV with a line for each learner; `lead` are its first columns, the same in all entries. */
export function outcomeTable(
  entries: readonly { readonly lead: Readonly<Record<string, string>>; readonly seeds: readonly Outcome[] }[],
): string {
  const lead = Object.keys(entries[0]?.lead ?? {});
  const lines = entries.flatMap(({ lead: first, seeds }) =>
    seeds.map((seed) => [
      ...lead.map((name) => cell(first[name])),
      ...COLUMNS.map((name) => cell(seed[name])),
    ]),
  );
  return [[...lead, ...COLUMNS], ...lines].map((cells) => `${cells.join(',')}\n`).join('');
}

function cell(value: string | number | null): string {
  if (value === null) return '';
  const text = String(value);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** What runs that stand side by side were trained on: SHA-256 of each version of a user's module; none without one. */
export const fingerprints = (runs: readonly { readonly environmentFingerprint?: string }[]): string[] =>
  [...new Set(runs.map(({ environmentFingerprint }) => environmentFingerprint ?? ''))].filter(Boolean);

/** A line for people where the module was changed between runs; none where it was not. */
export const versionLines = (versions: readonly string[]): string[] =>
  versions.length > 1
    ? [`The module was changed on the way: runs ended on versions of SHA-256 ${versions.join(', ')}.`]
    : [];

/** A line for people, of the learners that diverged; none where none did. */
export function divergedLines(entries: readonly { readonly seeds: readonly Outcome[] }[]): string[] {
  const all = entries.flatMap(({ seeds }) => seeds);
  const diverged = all.filter(({ failedUpdate }) => failedUpdate !== null).length;
  return diverged > 0
    ? [
        `${diverged} of ${all.length} learners diverged; what is told of them is of before (failedUpdate in the CSV).`,
      ]
    : [];
}
