import { setTimeout as sleep } from 'node:timers/promises';
import type { Ended, StartOptions } from '../../cli/command.ts';
import type { Draws } from '../draws.ts';
import { seconds } from '../log.ts';
import { differences, readResult } from '../results.ts';
import type { Workplace } from '../workplace.ts';
import type { CommandName, Expected } from '../works.ts';

/** What is taken away from a command. */
export const KINDS = ['disks', 'pipes', 'folders'] as const;
export type Kind = (typeof KINDS)[number];

/** A command from which something is taken away. */
export interface Trial {
  readonly title: string;
  readonly run: (stage: Stage) => Promise<Outcome>;
}

/** What trials work with. */
export interface Stage {
  readonly place: Workplace;
  readonly draws: Draws;
  /** How a command that trains ends undisturbed; its folder is only read. */
  expected(command: CommandName): Promise<Expected>;
}

export interface Outcome {
  readonly args: readonly string[];
  /** What was taken away, and when. */
  readonly moment: string;
  readonly ended: Ended;
  /** Everything that was asked for is there. */
  readonly done: boolean;
  /** What it may end with if not everything is done. */
  readonly otherCode: number;
  readonly left?: Left;
}

/** Where the work of a command lies, to be gone on with once nothing is missing any more. */
export interface Left {
  readonly of: Expected;
  readonly folder: string;
  /** It was moved: what was being written then could not be removed, and goes when the work goes on. */
  readonly moved?: boolean;
}

/** A command that is under way, and what is done to it. */
export interface Running {
  readonly child: ReturnType<Workplace['start']>['child'];
  readonly ended: Promise<Ended>;
}

/**
 * Starts a command, waits until `begun`, and a random time within the undisturbed command's, and does something to it.
 * `after` says when that was.
 */
export async function disturb(
  { place, draws }: Stage,
  args: readonly string[],
  milliseconds: number,
  act: (running: Running) => void,
  { begun = () => true, ...options }: StartOptions & { readonly begun?: () => boolean } = {},
): Promise<{ readonly ended: Ended; readonly after: string }> {
  const started = performance.now();
  const running = place.start(args, {}, options);
  const isOver = running.ended.then(() => true);
  for (let over = false; !over && !begun(); ) over = await Promise.race([sleep(2, false), isOver]);
  await Promise.race([sleep(LATEST * draws.unit() * milliseconds), isOver]);
  const isAlive = running.child.exitCode === null && running.child.signalCode === null;
  act(running);
  const after = `after ${seconds(performance.now() - started)}${isAlive ? '' : ', when the command had ended'}`;
  return { ended: await running.ended, after };
}

/** Moments are within this share of the undisturbed command's time. */
const LATEST = 0.6;

/** Whether a folder holds exactly what the undisturbed command leaves, but for files that may be `lost`. */
export const isWhole = (
  folder: string,
  { result }: Expected,
  lost: (file: string) => boolean = () => false,
): boolean => differences(result, readResult(folder)).filter((line) => !lost(line)).length === 0;

export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
