import { mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TuningStore } from '../learner/tune.ts';
import { removeTemporaries, writeAtomically } from './files.ts';

/** Where measured tunings are kept: QMIX_CACHE, else the user's folder for caches. */
export const tuningFile = (): string =>
  join(
    process.env.QMIX_CACHE || join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'qmix-webgpu'),
    'tunings.json',
  );

/** Keeps tunings in a file of the user's. */
export const tuningStore: TuningStore = {
  read: () => readFile(tuningFile(), 'utf8').catch(() => undefined),
  write: async (text) => {
    const folder = dirname(tuningFile());
    try {
      mkdirSync(folder, { recursive: true });
      removeTemporaries(folder);
      writeAtomically(tuningFile(), text);
    } catch {
      // Nowhere to keep it: it is measured again.
    }
  },
};
