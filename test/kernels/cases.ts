import { agentBackwardCases } from './agent_backward.cases.ts';
import { agentForwardCases } from './agent_forward.cases.ts';
import type { KernelCase } from './case.ts';
import { functionCases } from './functions.cases.ts';
import { hypernetBackwardCases } from './hypernet_backward.cases.ts';
import { hypernetForwardCases } from './hypernet_forward.cases.ts';
import { sampleCases } from './sample.cases.ts';

/** Every case of every kernel. */
export const kernelCases: readonly KernelCase[] = [
  ...functionCases,
  ...sampleCases,
  ...agentForwardCases,
  ...agentBackwardCases,
  ...hypernetForwardCases,
  ...hypernetBackwardCases,
];
