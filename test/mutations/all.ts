import { appMutations } from './app.ts';
import { appDrawnMutations } from './app_drawn.ts';
import { cliMutations } from './cli.ts';
import { cliCompareMutations } from './cli_compare.ts';
import { compareMutations } from './compare.ts';
import { configMutations } from './config.ts';
import { envMutations } from './env.ts';
import { keptMutations } from './kept.ts';
import type { Mutation } from './mutation.ts';
import { shaderMutations } from './shaders.ts';
import { trainMutations } from './train.ts';
import { verifyMutations } from './verify.ts';

/** All, kind by kind. */
export const allMutations: readonly Mutation[] = [
  ...shaderMutations,
  ...configMutations,
  ...trainMutations,
  ...envMutations,
  ...compareMutations,
  ...cliMutations,
  ...cliCompareMutations,
  ...verifyMutations,
  ...appMutations,
  ...appDrawnMutations,
  ...keptMutations,
];
