import type { ConfigField } from '../config.ts';

/** What can be changed while a run goes on: when it ends. No bit before that depends on it. */
export const LIVE_FIELDS = [
  'updates',
  'episodes',
  'stopWhenSolved',
] as const satisfies readonly ConfigField[];
