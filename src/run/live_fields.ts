import type { ConfigField } from '../config.ts';

/**
 * What can be changed while a run goes on: when it ends. No bit before that depends on it. Apart from what checks
 * configurations, as the page's main thread needs the names and not the schema.
 */
export const LIVE_FIELDS = [
  'updates',
  'episodes',
  'stopWhenSolved',
] as const satisfies readonly ConfigField[];
