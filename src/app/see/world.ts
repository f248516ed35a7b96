import type { RunInfo } from '../service.ts';

/** What the pictures of an episode need to know of the run that it is of. */
export type World = Pick<RunInfo, 'gridSize' | 'agents' | 'pieces' | 'actions'>;
