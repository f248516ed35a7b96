import type { Backend, Phase, Position, Progress, RunInfo } from './protocol.ts';

/** Everything that the page says of a run, as plain sentences. */

const count = (value: number): string => Math.round(value).toLocaleString('en');

/** A share as a percentage that never says 100 where something is missing. */
export const percent = (share: number): string => `${(Math.floor(share * 1000 + 1e-9) / 10).toFixed(1)} %`;

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** A rate with as many digits as tell something. */
const rate = (value: number): string => (value < 10 ? value.toFixed(1) : count(value));

export function describeBackend({ kind, adapter, software, notice }: Backend): string {
  if (kind === 'cpu') {
    return `Trains on the CPU, by the ${adapter}, as there is no WebGPU here: ${notice}. It is slower; the results are as good.`;
  }
  return software
    ? `Trains on WebGPU by a software adapter: ${adapter}. It computes on the CPU and is far slower than a GPU.`
    : `Trains on WebGPU: ${adapter}.`;
}

const PHASES: Readonly<Record<Phase, string>> = {
  training: 'Training',
  paused: 'Paused',
};

/** `Training: 1,250 updates, 40,000 environment steps, greedy success 37.4 % of 13,800 starts, 310 updates/s` */
export function describeProgress(phase: Phase, progress: Progress, run: RunInfo): string {
  const { updates, environmentSteps, updatesPerSecond } = progress;
  const each = run.seeds.length > 1 ? ` for each of ${run.seeds.length} seeds` : '';
  const parts = [
    `${count(updates)} updates`,
    `${count(environmentSteps)} environment steps${each}`,
    describeSuccess(progress, run),
  ];
  if (phase === 'training' && updatesPerSecond > 0) parts.push(`${rate(updatesPerSecond)} updates/s`);
  return `${PHASES[phase]}: ${parts.join(', ')}`;
}

function describeSuccess({ success }: Progress, { starts }: RunInfo): string {
  if (success.some(Number.isNaN)) return 'greedy success not evaluated yet';
  const range = success.length > 1 ? ` on average (lowest ${percent(Math.min(...success))})` : '';
  return `greedy success ${percent(mean(success))} of ${count(starts)} starts${range}`;
}

/** `Solved: 13,800 of 13,800 starts, after 9,812 updates` */
export function describeEnd(progress: Progress, run: RunInfo): string {
  const { success, solvedUpdates, updates } = progress;
  const starts = count(run.starts);
  const several = run.seeds.length > 1;
  if (success.every((share) => share === 1)) {
    const first = Math.min(...solvedUpdates);
    const last = Math.max(...solvedUpdates);
    const after = first === last ? count(last) : `${count(first)} to ${count(last)}`;
    const each = several ? ` by each of ${run.seeds.length} seeds` : '';
    return `Solved: ${starts} of ${starts} starts${each}, after ${after} updates`;
  }
  const solved = success.map((share) => count(share * run.starts));
  const reached = several
    ? `${solved.join(', ')} of ${starts} starts by seeds ${run.seeds.join(', ')}`
    : `${solved[0]} of ${starts} starts`;
  return `Finished, not solved: ${reached}, after ${count(updates)} updates`;
}

/** What stands beside the board. Rows and columns count from 1. */
export function describePosition(
  { cells, actions, step, optimal, outcome }: Position,
  gridSize: number,
): string {
  const place = (cell: number): string =>
    `row ${Math.floor(cell / gridSize) + 1}, column ${(cell % gridSize) + 1}`;
  const agents = cells
    .slice(0, -1)
    .map((cell, i) => `agent ${i + 1} at ${place(cell)}${actions[i] ? ` (${actions[i]})` : ''}`);
  const pieces = `goal at ${place(cells[cells.length - 1])}; ${agents.join('; ')}`;
  const shortest = `shortest possible ${optimal}`;
  switch (outcome) {
    case 'met':
      return `Met after ${step} ${step === 1 ? 'step' : 'steps'}, ${shortest}: ${pieces}.`;
    case 'timeout':
      return `Not met within ${step} steps, ${shortest}: ${pieces}.`;
    default:
      return `${step === 0 ? 'A new start' : `Step ${step}`}, ${shortest}: ${pieces}.`;
  }
}

/** What stands beside the curve. */
export function describeCurve({ success, trainingSuccess, updates }: Progress, { seeds }: RunInfo): string {
  if (success.some(Number.isNaN)) return 'Nothing was evaluated yet.';
  const of = seeds.length > 1 ? `, mean of ${seeds.length} seeds` : '';
  const exploring = Number.isNaN(trainingSuccess) ? '' : `; exploring, ${percent(trainingSuccess)}`;
  return `By update ${count(updates)}: greedy ${percent(mean(success))}${exploring}${of}.`;
}

/** Pairs of a name and a value, for the table of numbers. */
export function listNumbers(progress: Progress | undefined, run: RunInfo | undefined): [string, string][] {
  const none = '–';
  const show = (value: number | undefined, text: (value: number) => string): string =>
    value === undefined || !Number.isFinite(value) ? none : text(value);
  const ratio = progress ? mean(progress.lengthRatio) : Number.NaN;
  return [
    ['Updates', progress && run ? `${count(progress.updates)} of at most ${count(run.updates)}` : none],
    ['Updates per second', show(progress?.updatesPerSecond || undefined, rate)],
    ['Environment steps', show(progress?.environmentSteps, count)],
    ['Episodes', show(progress?.episodes, count)],
    ['Greedy success', show(progress ? mean(progress.success) : undefined, percent)],
    ['Length / optimal', show(ratio, (value) => value.toFixed(3))],
    ['Training success', show(progress?.trainingSuccess, percent)],
    ['Exploration ε', show(progress?.epsilon, (value) => value.toFixed(3))],
    ['Time', show(progress?.seconds, duration)],
  ];
}

export function duration(seconds: number): string {
  const whole = Math.floor(seconds);
  const minutes = Math.floor(whole / 60);
  return minutes > 0 ? `${minutes} min ${whole % 60} s` : `${whole} s`;
}
