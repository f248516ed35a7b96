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

/**
 * Whoever reads what is told may leave, and a disk that it goes to may be full: nothing that only tells ends what it
 * tells of. To be called once, before anything is said.
 */
export function outliveReaders(): void {
  process.stderr.on('error', () => {});
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // A reader that has left has read enough.
    if (error.code === 'EPIPE') return;
    process.stdout.removeAllListeners('error').on('error', () => {});
    // Not now: the work that is under way has an end, and a result, of its own.
    process.on('exit', () => {
      say(`error: the results could not be written to standard output: ${error.message}`);
      process.exitCode ||= 1;
    });
  });
}

/** Writes results to standard output. */
export const print = (text: string): void => {
  write(process.stdout, plainText(text));
};

/** Writes text as it is: our own, or escaped before. */
export function write(stream: NodeJS.WriteStream, text: string): void {
  try {
    stream.write(text);
  } catch (error) {
    // Some kinds of streams throw, others tell later.
    stream.emit('error', error);
  }
}

/** Writes one JSON object, and a line end, to standard output. */
export const printJson = (value: unknown): void => print(`${JSON.stringify(value)}\n`);

/** Tells a line on standard error. */
export const say = (line: string): void => {
  write(process.stderr, `${plainText(line)}\n`);
};
