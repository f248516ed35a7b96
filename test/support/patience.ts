/**
 * Milliseconds that a test waits for a fact: more than the slowest machine needs, with others at work beside it. Only
 * what never comes takes so long.
 */
export const PATIENCE = 600_000;

/** Milliseconds after which a whole test is given up, in which it may wait for many facts. */
export const TEST_PATIENCE = 3 * PATIENCE;
