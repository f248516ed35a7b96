import { makeLayout, TILE_ROWS } from '../../src/kernels/layout.ts';
import type { KernelSizes } from '../../src/kernels/sizes.ts';

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
    sharedAgents: false,
  }),
  learners: 3,
  environments: 3,
  batch: TILE_ROWS + 1,
  capacity: 13,
};

/**
 * 33 quads (H, M): one past a workgroup of 32 threads, or two of 16, and past what is staged at a time; past a
 * quad of agents, who share a network; and more gradient jobs than threads that sum them.
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
    sharedAgents: true,
  }),
  learners: 2,
  environments: 2,
  batch: 2 * TILE_ROWS + 1,
  capacity: 20,
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
    sharedAgents: false,
  }),
  learners: 1,
  environments: 1,
  batch: 1,
  capacity: 1,
};

export const ALL_SIZES: readonly (readonly [string, KernelSizes])[] = [
  ['odd sizes', ODD],
  ['wide, agents share', WIDE],
  ['one of everything', SINGLE],
];
