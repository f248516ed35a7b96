import { type CheckReport, checkEnvironment } from '../../src/env/check.ts';
import { PlaceWords } from '../../src/env/place.ts';

/** What the check says of a default export, in this thread. */
export const check = (factory: unknown): Promise<CheckReport> =>
  checkEnvironment(
    { factory, url: import.meta.url },
    {
      place: new PlaceWords(new Int32Array(PlaceWords.LENGTH)),
      turn: () => new Promise((resolve) => setImmediate(resolve)),
      tell: () => {},
    },
  );
