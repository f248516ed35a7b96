import type * as z from 'zod';

/** Bad input: says which field, what it was and what is allowed. Shown to users without a stack. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

/** Characters of a text from outside that a message shows. */
const MOST_SHOWN = 200;
export const shorten = (text: string): string =>
  text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text;

/** A value from outside as a message shows it: as JSON, in one line, and not all of it. */
export const show = (value: unknown): string =>
  shorten((value === undefined ? 'nothing' : JSON.stringify(value)) ?? String(value));

/** What users call a type, where it is not its name. */
const TYPE_NAMES: Readonly<Record<string, string>> = { int: 'a whole number', array: 'a list' };

/** What would be allowed in place of what zod found wrong. */
export function allowed(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'too_small':
      return issue.origin === 'array'
        ? `at least ${issue.minimum} entry`
        : `${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}`;
    case 'too_big':
      return issue.origin === 'array' ? `at most ${issue.maximum} entries` : `at most ${issue.maximum}`;
    case 'invalid_value':
      return issue.values.map(String).join(', ');
    case 'invalid_type':
      // A field whose type's name tells too little says so itself.
      if (!issue.message.startsWith('Invalid input')) return issue.message;
      return TYPE_NAMES[issue.expected] ?? `a ${issue.expected}`;
    default:
      return issue.message;
  }
}
