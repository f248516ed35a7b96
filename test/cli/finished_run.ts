import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { vi } from 'vitest';
import { compare } from '../../src/cli/compare.ts';
import type { CompareOptions } from '../../src/cli/comparison_plan.ts';
import type { Config } from '../../src/config.ts';

/** A greedy evaluation of a seed: updates, environment steps, success, return. */
export type Evaluated = readonly [updates: number, environmentSteps: number, success: number, total: number];

/** How a seed came out; `evaluations`: on the way, and last that of its end. */
export interface FinishedSeed {
  readonly seed: number;
  readonly variant?: number;
  readonly lengthRatio: number | null;
  readonly evaluations: readonly Evaluated[];
  readonly failedUpdate?: number;
}

type Measured = readonly [success: number, total: number];
/** After 10, 20 and 40 updates, which are 4 · (8 + updates) environment steps. */
const steps = (measured: readonly Measured[]): Evaluated[] =>
  measured.map(([success, total], index) => [[10, 20, 40][index], [72, 112, 192][index], success, total]);
/** A seed that was evaluated so. */
export const finishedSeed = (
  number: number,
  lengthRatio: number | null,
  ...measured: readonly Measured[]
): FinishedSeed => ({ seed: number, lengthRatio, evaluations: steps(measured) });

/** Writes the folder of a run that is over, as `sweep` and `compare` look for it: they read it and train nothing. */
export function writeFinishedRun(
  folder: string,
  config: Config,
  seconds: number,
  seeds: readonly FinishedSeed[],
): void {
  mkdirSync(folder, { recursive: true });
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  write('config.json', JSON.stringify(config));
  const summaries = seeds.map(({ seed, variant, lengthRatio, evaluations, failedUpdate }) => {
    const [updates, environmentSteps, success, total] = evaluations[evaluations.length - 1];
    return {
      ...{ seed, variant, success, lengthRatio, return: total, updates, environmentSteps, failedUpdate },
      hash: `hash-${variant ?? 0}-${seed}`,
    };
  });
  const adapter = 'an adapter';
  write(
    'summary.json',
    JSON.stringify({ interrupted: false, run: folder, adapter, seconds, seeds: summaries }),
  );
  const rows = seeds.flatMap(({ seed, variant = 0, evaluations }) =>
    evaluations.map((numbers, index) => {
      const kind = index === evaluations.length - 1 ? 'final' : 'evaluation';
      return `${[kind, variant, seed, ...numbers].join(',')}\n`;
    }),
  );
  write('metrics.csv', `kind,variant,seed,updates,environmentSteps,success,return\n${rows.join('')}`);
}

/** What `act` prints on standard output. */
export async function printed(act: () => Promise<unknown>): Promise<string> {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    await act();
    return write.mock.calls.map(([text]) => String(text)).join('');
  } finally {
    write.mockRestore();
  }
}

/** Compares with these options, in a folder whose plan is this and whose runs are over. Returns what is printed. */
export function compareFinished(
  folder: string,
  plan: object,
  options: Partial<CompareOptions>,
): Promise<string> {
  const whole = { kind: 'comparison', ...plan, backend: 'cpu', fingerprint: '' };
  writeFileSync(join(folder, 'plan.json'), `${JSON.stringify(whole, null, 2)}\n`);
  return printed(() => compare({ tune: [], backend: 'cpu', out: folder, ...options }));
}
