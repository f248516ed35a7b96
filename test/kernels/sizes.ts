import { makeLayout } from '../../src/kernels/layout.ts';
import type { KernelSizes } from '../../src/kernels/sizes.ts';
import { PLAIN, type Tuning } from '../../src/kernels/tuning.ts';
import { REPORT } from '../reference/random_case.ts';

/** What cases of single kernels run with; tuning.cases.ts holds every other choice to the same bits. */
export const TUNING: Tuning = { ...PLAIN, rowThreads: 32, optimiseGroups: 3 };
export const TILE_ROWS = TUNING.tile;

/** Sizes that divide nothing: each one past one or two quads, or short of one; B is one past a tile. */
export const ODD: KernelSizes = {
  layout: makeLayout({
    agents: 3,
    observationSize: 5,
    stateSize: 7,
    actions: 6,
    hidden: 9,
    mixerWidth: 5,
    hyperHidden: 6,
    ...REPORT,
  }),
  learners: 3,
  environments: 3,
  batch: TILE_ROWS + 1,
  capacity: 13,
  tuning: TUNING,
};

/**
 * 33 quads (H, M): one past a workgroup of 32 threads, or two of 16; past a quad of
 * agents, who share a network; and more gradient jobs than threads that sum them.
 */
export const WIDE: KernelSizes = {
  layout: makeLayout({
    agents: 5,
    observationSize: 10,
    stateSize: 9,
    actions: 5,
    hidden: 132,
    mixerWidth: 132,
    hyperHidden: 40,
    ...REPORT,
    sharedAgents: true,
  }),
  learners: 2,
  environments: 2,
  batch: 2 * TILE_ROWS + 1,
  capacity: 20,
  tuning: TUNING,
};

/** As small as it gets. */
export const SINGLE: KernelSizes = {
  layout: makeLayout({
    agents: 1,
    observationSize: 1,
    stateSize: 1,
    actions: 2,
    hidden: 1,
    mixerWidth: 1,
    hyperHidden: 1,
    ...REPORT,
  }),
  learners: 1,
  environments: 1,
  batch: 1,
  capacity: 1,
  tuning: TUNING,
};

/** The paper's choices; the agents' numbers straddle two quads of their input. */
export const PAPER: KernelSizes = {
  layout: makeLayout({
    agents: 3,
    observationSize: 2,
    stateSize: 5,
    actions: 3,
    hidden: 5,
    mixerWidth: 6,
    hyperHidden: 3,
    ...REPORT,
    sharedAgents: true,
    agentId: true,
    positivity: 'abs',
    hyperLayers: 1,
    biasLayers: 1,
  }),
  learners: 2,
  environments: 2,
  batch: TILE_ROWS + 1,
  capacity: 13,
  tuning: TUNING,
};

/** No hypernetworks, masks, and agents that fill a quad and one more. */
const masked = (mixer: 'none' | 'sum'): KernelSizes => ({
  layout: makeLayout({
    agents: 5,
    observationSize: 3,
    stateSize: 2,
    actions: 6,
    hidden: 6,
    mixerWidth: 4,
    hyperHidden: 4,
    ...REPORT,
    mixer,
    masked: true,
  }),
  learners: 2,
  environments: 3,
  batch: TILE_ROWS + 3,
  capacity: 17,
  tuning: TUNING,
});
export const SUM = masked('sum');
export const NONE = masked('none');

export const ALL_SIZES: readonly (readonly [string, KernelSizes])[] = [
  ['odd sizes', ODD],
  ['wide, agents share', WIDE],
  ['one of everything', SINGLE],
  ["the paper's mixer", PAPER],
  ['sum, masked', SUM],
  ['no mixer, masked', NONE],
];

/** Those with hypernetworks. */
export const MIXER_SIZES = ALL_SIZES.filter(([, { layout }]) => layout.shape.mixer === 'monotonic');
