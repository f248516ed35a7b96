import { actCases } from './act.cases.ts';
import { agentBackwardCases } from './agent_backward.cases.ts';
import { agentForwardCases } from './agent_forward.cases.ts';
import type { KernelCase } from './case.ts';
import { copyCases } from './copy.cases.ts';
import { copyTargetCases } from './copy_target.cases.ts';
import { functionCases } from './functions.cases.ts';
import { gradientCases } from './gradient.cases.ts';
import { hypernetBackwardCases } from './hypernet_backward.cases.ts';
import { hypernetForwardCases } from './hypernet_forward.cases.ts';
import { insertCases } from './insert.cases.ts';
import { matmulCases } from './matmul.cases.ts';
import { meetingStepCases } from './meeting_step.cases.ts';
import { mixBackwardCases } from './mix_backward.cases.ts';
import { mixForwardCases } from './mix_forward.cases.ts';
import { optimiseCases } from './optimise.cases.ts';
import { sampleCases } from './sample.cases.ts';
import { tdErrorCases } from './td_error.cases.ts';
import { tuningCases } from './tuning.cases.ts';
import { updateCases } from './update.cases.ts';
import { updateRowsCases } from './update_rows.cases.ts';

/** Every case of every kernel. */
export const kernelCases: readonly KernelCase[] = [
  ...functionCases,
  ...sampleCases,
  ...agentForwardCases,
  ...agentBackwardCases,
  ...hypernetForwardCases,
  ...hypernetBackwardCases,
  ...mixForwardCases,
  ...mixBackwardCases,
  ...tdErrorCases,
  ...gradientCases,
  ...optimiseCases,
  ...copyTargetCases,
  ...insertCases,
  ...actCases,
  ...meetingStepCases,
  ...updateRowsCases,
  ...updateCases,
  ...tuningCases,
  ...matmulCases,
  ...copyCases,
];
