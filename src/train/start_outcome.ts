/** How an episode went from a start; where no optimal length is known, a solved one counts as optimal. */
export const START_OUTCOME = { unsolved: 0, optimal: 1, longer: 2 } as const;
