import type { EvaluatedStarts } from '../train/evaluate.ts';

/** Which greedy episodes a measure is over: `all starts`, or `10,000 sampled starts` where there are too many. */
export const startWords = ({ starts, allStarts }: EvaluatedStarts): string =>
  allStarts ? 'all starts' : `${starts.toLocaleString('en')} sampled starts`;
