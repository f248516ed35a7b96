import { RunLooks } from '../../src/app/run_looks.ts';
import { RunTeller } from '../../src/app/run_teller.ts';
import type { Progress, RunEnd, RunListener } from '../../src/app/service.ts';
import type { Config } from '../../src/config.ts';
import { createCpuLearner } from '../../src/reference/cpu_learner.ts';
import { type Keeper, type Kept, MemoryKeeper, type RunState, type Standing } from '../../src/run/keeper.ts';
import { NEW_RUN, Run, type RunStart } from '../../src/run/run.ts';
import type { Tensor } from '../../src/tensor.ts';
import type { MetricsRow } from '../../src/train/metrics.ts';

interface Told {
  readonly rows: MetricsRow[];
  readonly states: RunState[];
  /** Whether it could be saved, as far as that changed. */
  readonly saved: string[];
  /** The run's end. */
  readonly end: Promise<{ end: RunEnd; progress: Progress }>;
}

/** What was saved, and with what. */
export type Saving = Kept & Pick<Standing, 'state' | 'hash' | 'reason' | 'seconds'>;

/** Keeps a run in memory, and every moment at which it was saved. */
class Savings extends MemoryKeeper {
  readonly all: Saving[] = [];

  override save(standing: Standing, checkpoint?: Uint8Array): void {
    super.save(standing, checkpoint);
    const { state, hash, reason, seconds } = standing;
    this.all.push({ ...this.read()!, state, hash, reason, seconds });
  }
}

export interface Watched extends Told {
  readonly run: Run;
  readonly looks: RunLooks;
  readonly savings: readonly Saving[];
  /** Groups of learners that are open, and the most that ever were. */
  readonly learnersOpen: { readonly now: number; readonly most: number };
}

export interface Begin {
  readonly start?: Partial<RunStart>;
  readonly learners?: readonly ReadonlyMap<string, Tensor>[];
  readonly keeper?: Keeper;
  readonly atOnce?: number;
  /** Of the learners that are opened, one after another; else the reference's. */
  readonly adapters?: string[];
  /** Is called at every report. */
  readonly react?: (run: Run, state: RunState, looks: RunLooks) => void;
}

/** Begins a run. */
export async function begin(own: Config, options: Begin = {}): Promise<Watched> {
  const rows: MetricsRow[] = [];
  const states: RunState[] = [];
  const saved: string[] = [];
  let finish: (value: Awaited<Told['end']>) => void;
  let failed: (error: unknown) => void;
  const end = new Promise<Awaited<Told['end']>>((resolve, reject) => {
    finish = resolve;
    failed = reject;
  });
  const { learners, atOnce } = options;
  const learnersOpen = { most: 0, now: 0 };
  const run = await Run.prepare(
    own,
    async (given) => {
      learnersOpen.now++;
      learnersOpen.most = Math.max(learnersOpen.most, learnersOpen.now);
      const learner = createCpuLearner(given);
      const adapter = options.adapters?.shift() ?? learner.adapter;
      return { learner: Object.assign(learner, { adapter }), close: () => learnersOpen.now-- };
    },
    { ...(learners && { from: { learners, backend: 'cpu' } }), ...(atOnce && { atOnce }) },
  );
  const looks = new RunLooks(run);
  const listener: RunListener = {
    begun: () => {},
    changed: () => {},
    restarted: () => {
      rows.length = 0;
    },
    lost: (text) => saved.push(text),
    progress: (state) => {
      states.push(state);
      options.react?.(run, state, looks);
    },
    rows: (more) => rows.push(...more),
    ended: (ended, progress) => finish({ end: ended, progress }),
    saved: (problem) => saved.push(problem),
  };
  const keeper = options.keeper ?? new Savings();
  run.begin(
    { ...NEW_RUN, saveMs: 3000, savesAtOnce: true, followsSaveEvery: true, ...options.start },
    keeper,
    new RunTeller(run, { id: 'own', name: 'own' }, listener),
  );
  run.live(true).catch((error) => failed(error));
  const savings = keeper instanceof Savings ? keeper.all : [];
  return { run, looks, rows, states, saved, savings, learnersOpen, end };
}
