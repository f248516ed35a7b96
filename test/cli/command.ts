import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { until } from '../support/until.ts';

export const LAUNCHER = fileURLToPath(new URL('../../src/cli/launch.mjs', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** What it has told on standard error so far. */
  told(): string;
}

/** Where a process is started. Its output is kept, unless it goes to a file that the caller has open. */
export interface StartOptions {
  readonly cwd?: string;
  readonly stdout?: number;
  readonly stderr?: number;
}

/** The command line as a process of its own, and what it said when it has ended. */
export function start(
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
  options: StartOptions = {},
): Started {
  const child = spawn(process.execPath, [LAUNCHER, ...args], {
    stdio: ['ignore', options.stdout ?? 'pipe', options.stderr ?? 'pipe'],
    env: { ...process.env, ...environment },
    ...(options.cwd !== undefined && { cwd: options.cwd }),
  });
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return { child, ended, told: () => stderr };
}

/** Waits for a fact that a process brings about; red at once, with what the process told, if it ends before. */
export async function untilRunning(
  { child, told }: Started,
  what: string,
  fact: () => boolean,
): Promise<void> {
  await until(what, fact, () =>
    child.exitCode === null && child.signalCode === null
      ? undefined
      : `the process has ended (${child.exitCode ?? child.signalCode}) and told:\n${told()}`,
  );
}

/** Waits until a process has made a file. */
export const untilMade = (started: Started, file: string): Promise<void> =>
  untilRunning(started, `there is ${file}`, () => existsSync(file));

export const qmix = (...args: string[]): Promise<Ended> => start(args).ended;

/** A folder that is removed after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'qmix-'));
  // A process that was killed may not be quite gone.
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** Settings that the CPU backend trains hundreds of updates of in a second. */
export const SMALL = [
  ...['gridSize=3', 'hidden=6', 'mixerWidth=3', 'hyperHidden=4', 'environments=3', 'batchSize=5'],
  ...['replayCapacity=300', 'warmup=40', 'epsilonDecaySteps=900', 'episodeLimit=9'],
  ...['evaluateEvery=50', 'logEvery=20', 'saveEvery=45'],
].flatMap((assignment) => ['--set', assignment]);

/** `train` on the CPU with those settings. */
export const smallTrain = (...args: string[]): string[] => ['train', '--backend', 'cpu', ...SMALL, ...args];

/** Standard error without the lines of progress, of which there are some where the machine is slow. */
export const withoutProgress = (stderr: string): string => stderr.replace(/^[\d.]+% \|.*\n/gm, '');
