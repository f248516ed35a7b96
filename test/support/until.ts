import { setTimeout as sleep } from 'node:timers/promises';
import { PATIENCE } from './patience.ts';

/** Milliseconds between two looks. */
const LOOK = 50;

/**
 * Waits until there is what is wanted, and returns it.
 * @param what what is waited for, in words.
 * @param find gives it, or something falsy while it is not there.
 * @param gone says why it will never come, once that is known: the wait then ends at once.
 * @param patience milliseconds.
 * @throws Error that says what was waited for, and what is there instead.
 */
export async function until<T>(
  what: string,
  find: () => T | Promise<T>,
  gone: () => string | undefined | Promise<string | undefined> = () => undefined,
  patience = PATIENCE,
): Promise<T> {
  const latest = performance.now() + patience;
  for (;;) {
    // Known before the look, as what is wanted may come just before it is too late.
    const why = (await gone()) ?? (performance.now() > latest ? `not in ${patience / 1000} s` : undefined);
    const found = await find();
    if (found) return found;
    if (why !== undefined) throw new Error(`waited in vain until ${what}: ${why}`);
    await sleep(LOOK);
  }
}
