import type { BenchPlan } from '../bench/plan.ts';
import { type BenchListener, runBench } from '../bench/run_bench.ts';
import { openBrowserGpu } from './backend.ts';
import type { BenchCommand, BenchMessage } from './bench_protocol.ts';
import { messageOf } from './message_of.ts';

/** The worker that measures. To stop, the page ends it and makes another. */

const tell = (message: BenchMessage): void => self.postMessage(message);
const opened = openBrowserGpu();

opened.then(
  ({ name, software }) => tell({ type: 'opened', adapter: name, software, notice: '' }),
  (error) => tell({ type: 'opened', adapter: '', software: false, notice: messageOf(error) }),
);

self.onmessage = ({ data }: MessageEvent<BenchCommand>): void => {
  void run(data.plan).catch((error) => tell({ type: 'failed', reason: messageOf(error) }));
};

const listener: BenchListener = {
  note: (text) => tell({ type: 'note', text }),
  peak: (peak) => tell({ type: 'peak', peak }),
  kernel: (row) => tell({ type: 'kernel', row }),
  update: (row) => tell({ type: 'update', row }),
  rollout: (row) => tell({ type: 'rollout', row }),
  solve: (row) => tell({ type: 'solve', row }),
  skipped: (skipped) => tell({ type: 'skipped', skipped }),
};

async function run(plan: BenchPlan): Promise<void> {
  const gpu = await opened;
  tell({ type: 'finished', report: await runBench(gpu, plan, listener) });
}
