import type { KernelRow } from '../bench/kernel_bench.ts';
import type { Peak } from '../bench/peak.ts';
import type { BenchPlan } from '../bench/plan.ts';
import type { RolloutRow } from '../bench/rollout_bench.ts';
import type { BenchReport, Skipped } from '../bench/run_bench.ts';
import type { SolveRow } from '../bench/solve_bench.ts';
import type { UpdateRow } from '../bench/update_bench.ts';

/** What the page of the benchmark tells its worker. */
export interface BenchCommand {
  readonly type: 'start';
  readonly plan: BenchPlan;
}

/** What the worker tells the page. */
export type BenchMessage =
  /** `adapter` empty: there is none, for the reason in `notice`. */
  | { readonly type: 'opened'; readonly adapter: string; readonly software: boolean; readonly notice: string }
  | { readonly type: 'note'; readonly text: string }
  | { readonly type: 'peak'; readonly peak: Peak }
  | { readonly type: 'kernel'; readonly row: KernelRow }
  | { readonly type: 'update'; readonly row: UpdateRow }
  | { readonly type: 'rollout'; readonly row: RolloutRow }
  | { readonly type: 'solve'; readonly row: SolveRow }
  | { readonly type: 'skipped'; readonly skipped: Skipped }
  | { readonly type: 'finished'; readonly report: BenchReport }
  | { readonly type: 'failed'; readonly reason: string };
