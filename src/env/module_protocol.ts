import type { CheckReport } from './check.ts';
import { type Place, PlaceWords } from './place.ts';
import type { EnvSpec } from './vector_env.ts';

/**
 * How a module's client and the host of the module, in another thread, talk.
 *
 * Steps, of which there are thousands a second, are asked for in shared memory: the client writes whose copies are
 * to step into a ring of requests and counts `asked` up, the host steps them in this order and counts `answered`
 * up. `rung` changes with every request and every hint that one will come soon: the host waits for that word, the
 * client for `answered`. Everything else is a message with a reply.
 */

/** Words of the shared memory; what one thread writes and the other waits for stands in a cache line of its own. */
export const WORD = {
  rung: 0,
  asked: 1,
  expected: 2,
  answered: 16,
  environment: 32,
  place: 33,
  ring: 48,
} as const;
/** Requests that can wait at once: more than there can be learners. */
export const RING = 16_384;

export const newWords = (): Int32Array =>
  new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT * (WORD.ring + RING)));

export const placeWords = (words: Int32Array): PlaceWords =>
  new PlaceWords(words.subarray(WORD.place, WORD.place + PlaceWords.LENGTH));

/** In a request's place in the ring once it was answered: it failed, and `explain` tells how. */
export const FAILED = -1;

/** Copies that a client has: made by the host when they are first reset. */
export interface Attached {
  readonly environment: number;
  readonly spec: EnvSpec;
  readonly seed: number;
  readonly copies: number;
  /** The module is another than what is loaded was played with: an episode that it plays otherwise is left out. */
  readonly changed: boolean;
  readonly buffer: SharedArrayBuffer;
}

/** What is asked for by message. */
export type Call =
  | { readonly do: 'import'; readonly url: string }
  | { readonly do: 'check' }
  | { readonly do: 'reset'; readonly environment: number }
  | { readonly do: 'load'; readonly environment: number; readonly saved: Int32Array }
  | { readonly do: 'explain'; readonly environment: number };

/** What is told and not answered. */
export type Notice =
  | ({ readonly do: 'attach' } & Attached)
  | { readonly do: 'detach'; readonly environment: number };

export type ToHost = Notice | (Call & { readonly call: number });

/** What went wrong in a module. */
export interface Trouble {
  /** What happened; the place follows. */
  readonly fault: { readonly rule: string; readonly found: string };
  readonly place: Place;
  readonly actions: readonly number[] | undefined;
}

export type FromHost =
  | { readonly call: number; readonly value: CheckReport | Trouble | Uint8Array | undefined }
  | { readonly call: number; readonly trouble: Trouble }
  /** What the client asked for was wrong: its message, or our mistake, with its stack. */
  | { readonly call: number; readonly refused: string; readonly mistake: boolean }
  | { readonly progress: string };
