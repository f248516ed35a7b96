/**
 * All that the command line says goes through here: text that comes from files (names, adapters, tensors, modules'
 * messages) must not reach the terminal as control sequences, which can rewrite what is on the screen.
 */

/** Control characters other than line ends and tabs, and what changes the direction of text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** A text in which control characters are spelt out; as JSON escapes them, so that JSON stays what it is. */
export const plainText = (text: string): string =>
  text.replace(CONTROL, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Writes results to standard output. */
export const print = (text: string): void => {
  process.stdout.write(plainText(text));
};

/** Writes one JSON object, and a line end, to standard output. */
export const printJson = (value: unknown): void => print(`${JSON.stringify(value)}\n`);

/** Tells a line on standard error. */
export const say = (line: string): void => {
  process.stderr.write(`${plainText(line)}\n`);
};
