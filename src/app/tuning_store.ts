import type { TuningStore } from '../learner/tune.ts';

const CACHE = 'qmix-tunings';
const ENTRY = 'tunings.json';

/** Keeps tunings in the browser's cache storage, which workers have as well. */
export const tuningStore: TuningStore = {
  read: async () => {
    try {
      return await (await (await caches.open(CACHE)).match(ENTRY))?.text();
    } catch {
      return undefined;
    }
  },
  write: async (text) => {
    try {
      await (await caches.open(CACHE)).put(ENTRY, new Response(text));
    } catch {
      // Denied or full: it is measured again.
    }
  },
};
