import { ConfigError } from '../config.ts';
import type { Gpu } from '../gpu/gpu.ts';
import { makeConfig } from '../presets.ts';
import { type KernelRow, timeKernels } from './kernel_bench.ts';
import { findPeak, type Peak } from './peak.ts';
import type { BenchPart, BenchPlan } from './plan.ts';
import { ROLLOUTS, type RolloutRow, timeRollout } from './rollout_bench.ts';
import { type SolveRow, timeSolving } from './solve_bench.ts';
import { timeUpdates, type UpdateRow, type UpdateSizes, updateSizes } from './update_bench.ts';

/** What was measured; what `bench --json` prints. */
export interface BenchReport {
  readonly adapter: string;
  readonly preset: string;
  readonly peak?: Peak;
  readonly kernels: readonly KernelRow[];
  readonly updates: readonly UpdateRow[];
  readonly rollout: readonly RolloutRow[];
  readonly solve: readonly SolveRow[];
  /** What was asked for and cannot be done on this device, with the reason. */
  readonly skipped: readonly Skipped[];
}

export interface Skipped {
  readonly part: BenchPart;
  readonly what: string;
  readonly reason: string;
}

/** Told of everything as it comes. */
export interface BenchListener {
  /** What is being done now. */
  note(text: string): void;
  peak(peak: Peak): void;
  kernel(row: KernelRow): void;
  update(row: UpdateRow): void;
  rollout(row: RolloutRow): void;
  solve(row: SolveRow): void;
  skipped(skipped: Skipped): void;
}

/** Measures what the plan asks for, in order. Throws where a result is wrong: its time is worth nothing. */
export async function runBench(gpu: Gpu, plan: BenchPlan, listener: BenchListener): Promise<BenchReport> {
  const { preset, parts } = plan;
  const note = (text: string) => listener.note(text);
  const kernels: KernelRow[] = [];
  const updates: UpdateRow[] = [];
  const rollout: RolloutRow[] = [];
  const solve: SolveRow[] = [];
  const skipped: Skipped[] = [];
  /** Runs what may not fit the device. */
  const attempt = async (part: BenchPart, what: string, work: () => Promise<void>): Promise<void> => {
    note(`${part}: ${what}`);
    try {
      await work();
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      const entry = { part, what, reason: error.message };
      skipped.push(entry);
      listener.skipped(entry);
    }
  };
  const keep = <Row>(rows: Row[], tell: (row: Row) => void, row: Row): void => {
    rows.push(row);
    tell(row);
  };

  let peak: Peak | undefined;
  if (parts.includes('kernels')) {
    const found = await findPeak(gpu, note);
    peak = found;
    listener.peak(found);
    for (const learners of plan.kernelLearners) {
      await attempt('kernels', `${learners} learners`, () =>
        timeKernels(
          gpu,
          preset,
          learners,
          found,
          (row) => keep(kernels, (one) => listener.kernel(one), row),
          note,
        ),
      );
    }
  }
  if (parts.includes('updates')) {
    for (const sizes of updateSizes(makeConfig(preset), plan)) {
      await attempt('updates', describeSizes(sizes), async () =>
        keep(updates, (row) => listener.update(row), await timeUpdates(gpu, preset, sizes, peak)),
      );
    }
  }
  if (parts.includes('rollout')) {
    for (const kind of Object.keys(ROLLOUTS)) {
      for (const environments of plan.environments) {
        await attempt('rollout', `${kind}, ${environments} environments`, async () =>
          keep(rollout, (row) => listener.rollout(row), await timeRollout(gpu, preset, kind, environments)),
        );
      }
    }
  }
  if (parts.includes('solve')) {
    for (const seed of plan.seeds) {
      await attempt('solve', `seed ${seed}`, async () =>
        keep(solve, (row) => listener.solve(row), await timeSolving(gpu, solvingPreset(preset), seed, note)),
      );
    }
  }
  return { adapter: gpu.name, preset, ...(peak && { peak }), kernels, updates, rollout, solve, skipped };
}

/** A preset that is not trained until it is solved would only be trained to its end. */
const solvingPreset = (preset: string): string => (makeConfig(preset).stopWhenSolved ? preset : 'solve');

export const describeSizes = ({ learners, batch, agents }: UpdateSizes): string =>
  `${learners} ${learners === 1 ? 'learner' : 'learners'}, batch ${batch}, ${agents} agents`;
