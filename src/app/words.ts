import type { Backend, KeptRun, Progress, RunEnd, RunInfo, RunState } from './service.ts';

/** Everything that the page says of a run, as plain sentences. */

const count = (value: number): string => Math.round(value).toLocaleString('en');

/** `1 update`, `1,250 updates` */
const counted = (value: number, what: string): string => `${count(value)} ${what}${value === 1 ? '' : 's'}`;

/** A share as a percentage that never says 100 where something is missing. */
export const percent = (share: number): string => `${(Math.floor(share * 1000 + 1e-9) / 10).toFixed(1)} %`;

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** A rate with as many digits as tell something. */
const rate = (value: number): string => (value < 10 ? value.toFixed(1) : count(value));

export function describeBackend({ kind, adapter, software, notice }: Backend): string {
  if (kind === 'cpu') {
    return `Trains on the CPU, by the ${adapter}, as there is no WebGPU here: ${notice}. It is slower; the results are as good. WebGPU is in Chrome and Edge from 113, Safari from 26 and Firefox from 141 (on Linux it may have to be switched on).`;
  }
  return software
    ? `Trains on WebGPU by a software adapter: ${adapter}. It computes on the CPU and is far slower than a GPU.`
    : `Trains on WebGPU: ${adapter}.`;
}

const STATES: Readonly<Record<RunState, string>> = {
  training: 'Training',
  paused: 'Paused',
  solved: 'Solved',
  finished: 'Finished',
  stopped: 'Stopped',
  failed: 'Failed',
};

/** `Training: 1,250 updates, 40,000 environment steps, greedy success 37.4 % of 13,800 starts, 310 updates/s, …` */
export function describeProgress(state: RunState, progress: Progress, run: RunInfo): string {
  const { updates, environmentSteps, updatesPerSecond, secondsLeft } = progress;
  const each = run.learners.length > 1 ? ` for each of ${run.learners.length} learners` : '';
  const parts = [
    counted(updates, 'update'),
    `${counted(environmentSteps, 'environment step')}${each}`,
    describeSuccess(progress, run),
  ];
  if (state === 'training' && updatesPerSecond > 0) {
    parts.push(`${rate(updatesPerSecond)} updates/s`);
    if (Number.isFinite(secondsLeft)) {
      const left = `about ${duration(secondsLeft)}`;
      parts.push(run.stopWhenSolved ? `stops when solved, or in ${left}` : `${left} left`);
    }
  }
  return `${STATES[state]}: ${parts.join(', ')}`;
}

function describeSuccess({ success }: Progress, { starts }: RunInfo): string {
  if (success.some(Number.isNaN)) return 'greedy success not evaluated yet';
  const range = success.length > 1 ? ` on average (lowest ${percent(Math.min(...success))})` : '';
  return `greedy success ${percent(mean(success))} of ${count(starts)} starts${range}`;
}

/** What can be done about a run that cannot go on, and of one that can from where it was saved. */
export const RESET = 'Reset makes everything ready again.';
export const GOES_ON = 'Start goes on from where the run was saved last; Reset leaves it.';

/** `Solved: 13,800 of 13,800 starts, after 9,812 updates` */
export function describeEnd({ state, reason, goesOn }: RunEnd, progress: Progress, run: RunInfo): string {
  if (state === 'failed') {
    return `Failed: ${reason}. ${goesOn ? GOES_ON : RESET}`;
  }
  const { success, solvedUpdates, updates } = progress;
  const starts = `${count(run.starts)}${run.allStarts ? '' : ' sampled'}`;
  const several = run.learners.length > 1;
  const ended = state === 'stopped' ? 'Stopped' : 'Finished';
  if (success.every(Number.isNaN)) {
    return `${ended} after ${counted(updates, 'update')}; it has not been evaluated on this page`;
  }
  if (success.every((share) => share === 1)) {
    const first = Math.min(...solvedUpdates);
    const last = Math.max(...solvedUpdates);
    const after = first === last ? count(last) : `${count(first)} to ${count(last)}`;
    const each = several ? ` by each of ${run.learners.length} learners` : '';
    const solved = `Solved: ${starts} of ${starts} starts${each}`;
    // The first evaluation with all of them may be long before the end.
    return last === updates
      ? `${solved}, after ${after} updates`
      : `${solved}, first after ${after} updates, and at the end, after ${count(updates)}`;
  }
  const solved = success.map((share) => count(share * run.starts));
  const reached = several
    ? `${solved.join(', ')} of ${starts} starts by ${run.learners.map(({ label }) => label).join(', ')}`
    : `${solved[0]} of ${starts} starts`;
  return `${ended}, not solved: ${reached}, after ${count(updates)} updates`;
}

/** What is said of the hash of the parameters that a run ended with. */
export const describeHash = (hash: string): string => (hash ? `SHA-256 of the parameters: ${hash}` : '');

/** Pairs of a name and a value, for the table of numbers. */
export function listNumbers(progress: Progress | undefined, run: RunInfo | undefined): [string, string][] {
  const none = '–';
  const show = (value: number | undefined, text: (value: number) => string): string =>
    value === undefined || !Number.isFinite(value) ? none : text(value);
  const ratio = progress ? mean(progress.lengthRatio) : Number.NaN;
  const speed = progress?.updatesPerSecond || undefined;
  return [
    ['Updates', progress && run ? `${count(progress.updates)} of at most ${count(run.updates)}` : none],
    ['Updates per second', show(speed, rate)],
    ['Time of an update', show(speed, (value) => `${(1000 / value).toPrecision(3)} ms`)],
    ['Environment steps', show(progress?.environmentSteps, count)],
    ['Environment steps per second', show(progress?.stepsPerSecond || undefined, rate)],
    ['Episodes', show(progress?.episodes, count)],
    ['Greedy success', show(progress ? mean(progress.success) : undefined, percent)],
    ['Length / optimal', show(ratio, (value) => value.toFixed(3))],
    ['Training success', show(progress?.trainingSuccess, percent)],
    ['Exploration ε', show(progress?.epsilon, (value) => value.toFixed(3))],
    ['Time trained', show(progress?.seconds, duration)],
    ['Time to the last update', show(progress?.secondsLeft, duration)],
  ];
}

/** `Paused: 1,250 updates, greedy success 37.4 %, changed 25 Nov 2026, 02:31, 16.3 MB`; `open`: where it is. */
export function describeKept(
  { state, progress, changed, bytes, hash }: KeptRun,
  open: 'here' | 'elsewhere' | 'nowhere',
): string {
  const { success, updates } = progress;
  const known = success.filter((share) => !Number.isNaN(share));
  const parts = [
    counted(updates, 'update'),
    known.length > 0 ? `greedy success ${percent(mean(known))}` : 'not evaluated yet',
    `changed ${new Date(changed).toLocaleString('en', { dateStyle: 'medium', timeStyle: 'short' })}`,
    megabytes(bytes),
  ];
  if (hash) parts.push(`hash ${hash.slice(0, 12)}…`);
  const word = state === 'training' && open === 'nowhere' ? 'Interrupted while training' : STATES[state];
  const where = { here: 'On this page. ', elsewhere: 'Open in another tab. ', nowhere: '' };
  return `${where[open]}${word}: ${parts.join(', ')}`;
}

/** `"QMIX on meeting-gridworld" was left after 1,250 updates, and is kept: Go on, in Runs, goes on with it.` */
export const describeLeft = ({ name, progress }: KeptRun): string =>
  `"${name}" was left after ${counted(progress.updates, 'update')}, and is kept: Go on, in Runs, goes on with it.`;

/** `Finished after 2,500 updates` */
export const describeFinished = ({ progress }: KeptRun): string =>
  `Finished after ${counted(progress.updates, 'update')}`;

/** The space that runs take, and that there is. */
export async function describeSpace(runs: readonly KeptRun[]): Promise<string> {
  const taken = megabytes(runs.reduce((sum, { bytes }) => sum + bytes, 0));
  const kept = `${runs.length} ${runs.length === 1 ? 'run takes' : 'runs take'} ${taken}`;
  const estimate = await navigator.storage?.estimate?.().catch(() => undefined);
  if (estimate?.quota === undefined) return `${kept}.`;
  return `${kept}; this browser grants ${megabytes(estimate.quota)} in all.`;
}

const megabytes = (bytes: number): string =>
  bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;

export function duration(seconds: number): string {
  const whole = Math.floor(seconds);
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60);
  if (hours > 0) return `${hours} h ${minutes % 60} min`;
  return minutes > 0 ? `${minutes} min ${whole % 60} s` : `${whole} s`;
}
