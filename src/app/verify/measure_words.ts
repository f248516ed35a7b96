import type { BenchReport } from '../../bench/run_bench.ts';
import { figure } from '../../bench/tables.ts';

/** What was measured, in a sentence: `One update of batch 32 takes 0.31 ms (0.30 – 0.35), 3,226 a second; …` */
export function describeMeasured({ adapter, updates, rollout }: BenchReport): string {
  const parts = updates.map(
    ({ batch, ms, spread: [least, most] }) =>
      `one update of batch ${batch} takes ${figure(ms)} ms (${figure(least)} – ${figure(most)}), ${figure(1000 / ms)} a second`,
  );
  const fastest = rollout.reduce<BenchReport['rollout'][number] | undefined>(
    (best, row) =>
      row.step.submits > 0 && !(row.stepsPerSecond <= (best?.stepsPerSecond ?? 0)) ? row : best,
    undefined,
  );
  if (fastest) {
    const [least, most] = fastest.spread;
    const rate = (ms: number): string => figure((1000 * fastest.environments) / ms);
    parts.push(
      `${fastest.environments} environments make ${figure(fastest.stepsPerSecond)} steps a second (${rate(most)} – ${rate(least)}), stepped by ${fastest.kind === 'gpu' ? 'the GPU' : 'TypeScript'}`,
    );
  }
  return parts.length === 0 ? `Nothing was measured on ${adapter}.` : `On ${adapter}, ${parts.join('; ')}.`;
}
