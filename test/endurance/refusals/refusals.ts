import { existsSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Ended } from '../../cli/command.ts';
import { Draws } from '../draws.ts';
import { type Log, megabytes, seconds } from '../log.ts';
import { toldBy } from '../processes.ts';
import { brokenCheckpoints, differences, hashesOf, listFiles, readResult } from '../results.ts';
import type { Workplace } from '../workplace.ts';
import {
  type CommandName,
  describeCommand,
  type Expected,
  SETTINGS_LINE,
  undisturbed,
  Work,
} from '../works.ts';
import { DISKS } from './disks.ts';
import { FOLDERS } from './folders.ts';
import { PIPES } from './pipes.ts';
import { isWhole, type Kind, type Left, type Outcome, type Stage, type Trial } from './trial.ts';

const TRIALS: Record<Kind, readonly Trial[]> = { disks: DISKS, pipes: PIPES, folders: FOLDERS };
const NAMES: Record<Kind, string> = { disks: 'full disk', pipes: 'closed pipe', folders: 'vanished folder' };
/** Lines of standard error that are printed of a command. */
const MOST_LINES = 12;

export interface RefusalOptions {
  readonly seed: number;
  readonly kinds: readonly Kind[];
  /** Only trials in whose title this stands; undefined: all. */
  readonly only?: string;
  /** Times the usual length of the commands that train. */
  readonly length?: number;
}

interface Row {
  readonly title: string;
  readonly end: string;
  readonly kept: string;
  readonly after: string;
  readonly faults: number;
}

/** Takes disk, readers and folders from commands, and prints what they say and what is kept. Returns the exit code. */
export async function refusals(options: RefusalOptions, log: Log, place: Workplace): Promise<number> {
  const { seed, kinds, only, length } = options;
  const begun = performance.now();
  log.line(`${kinds.map((kind) => `${NAMES[kind]}s`).join(', ')}; seed ${seed}`);
  log.line('The seed fixes waits; where a wait ends in a command is up to the machine.');
  log.line(SETTINGS_LINE);
  const stage = prepare(place, new Draws(seed, 3), length);
  const rows: Row[] = [];
  for (const kind of kinds) {
    const why = kind === 'disks' ? whyNoDisks(place) : undefined;
    if (why !== undefined) {
      log.fault(`full disks: not tried, as mount is refused, which root may do and others may not: ${why}`);
      continue;
    }
    const trials = TRIALS[kind].filter(({ title }) => only === undefined || title.includes(only));
    for (const [index, trial] of trials.entries()) {
      log.line();
      log.line(`${NAMES[kind]} ${index + 1} of ${trials.length}: ${trial.title}`);
      rows.push(await hold(trial, stage, log));
    }
  }
  log.table(
    ['what was taken away', 'ended with', 'kept', 'gone on with', 'faults'],
    rows.map(({ title, end, kept, after, faults }) => [title, end, kept, after, String(faults)]),
  );
  return log.end(
    `${rows.length} ${rows.length === 1 ? 'trial' : 'trials'} in ${seconds(performance.now() - begun)}`,
  );
}

/** Why this system lets us mount no small disk; undefined: it does. */
function whyNoDisks(place: Workplace): string | undefined {
  const disk = place.mountDisk(1e6);
  return 'why' in disk ? disk.why : undefined;
}

/** Every command that trains is run undisturbed once, when it is first needed. */
function prepare(place: Workplace, draws: Draws, length?: number): Stage {
  const made = new Map<CommandName, Promise<Expected>>();
  const expected = (command: CommandName): Promise<Expected> => {
    const found = made.get(command) ?? undisturbed(new Work(command, 'cpu', length), place);
    made.set(command, found);
    return found;
  };
  return { place, draws, expected };
}

/** Runs a trial, prints it, and holds it to what may be. */
async function hold(trial: Trial, stage: Stage, log: Log): Promise<Row> {
  const before = log.faultCount;
  const outcome = await trial.run(stage);
  const { args, moment, ended, left } = outcome;
  log.line(`  ${describeCommand(args)}`);
  log.line(`  ${moment}`);
  const told = toldBy(ended.stderr).trim();
  const lines = told.split('\n');
  if (told === '') log.line('  it said nothing on standard error');
  else log.indented(lines.slice(0, MOST_LINES).join('\n'));
  if (lines.length > MOST_LINES) log.line(`    | … ${lines.length - MOST_LINES} more lines`);
  log.line(`  ${endOf(ended)}`);
  for (const wrong of judge(outcome)) log.fault(`${trial.title}: ${wrong}`);
  const kept = left ? describeKept(left) : '–';
  if (left) log.line(`  kept: ${kept}`);
  const after = left ? await goOn(trial.title, left, stage, log) : '–';
  return {
    title: trial.title,
    end: endOf(ended),
    kept: shorten(kept),
    after,
    faults: log.faultCount - before,
  };
}

const endOf = ({ code, signal }: Ended): string => (signal ? `ended by ${signal}` : `exit code ${code}`);

function judge({ ended: { code, signal, stderr, stdout }, done, otherCode }: Outcome): string[] {
  const wrong: string[] = [];
  if (/^ {4}at /m.test(stderr + stdout)) wrong.push('a stack trace was printed');
  if (signal !== null) return [...wrong, `it was ended by ${signal}`];
  if (code === 0 && !done) wrong.push('exit code 0, but not everything is done');
  if (code !== 0 && code !== otherCode) wrong.push(`exit code ${code}, allowed: 0 or ${otherCode}`);
  if (code === 1 && !/^(error: |.*--help)/m.test(stderr)) wrong.push('it does not say what is wrong');
  return wrong;
}

/** The files that are left, and how large they are together. */
function describeKept({ of, folder }: Left): string {
  if (!existsSync(folder)) return 'nothing';
  if (isWhole(folder, of)) return 'everything';
  const files = listFiles(folder);
  const bytes = files.reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
  return `${files.length} files, ${megabytes(bytes)}: ${files.join(' ')}`;
}

const shorten = (kept: string): string => kept.replace(/:.*/, '');

/** Goes on with what is left, which must end as if nothing had happened. Returns what came of it. */
async function goOn(
  title: string,
  { of, folder, moved = false }: Left,
  { place }: Stage,
  log: Log,
): Promise<string> {
  for (const broken of await brokenCheckpoints(folder)) log.fault(`${title}: a damaged file is kept`, broken);
  const kept = listFiles(folder);
  const leftOver = kept.filter((file) => file.endsWith('.tmp'));
  if (leftOver.length > 0 && !moved) log.fault(`${title}: left behind: ${leftOver.join(' ')}`);
  const resumes = of.work.canResume(folder);
  if (!resumes && kept.length > 0) log.line('  nothing to go on from: it is deleted, and begun anew');
  if (!resumes) rmSync(folder, { recursive: true, force: true });
  const args = resumes ? of.work.resume(folder) : of.work.begin(folder);
  const ended = await place.start(args).ended;
  const isSame = hashesOf(folder).join() === of.hashes.join();
  const wrong = differences(of.result, readResult(folder));
  if (ended.code !== 0 || wrong.length > 0) {
    const details = `${endOf(ended)}\n${wrong.join('\n')}\n${toldBy(ended.stderr)}`;
    log.fault(`${title}: ${describeCommand(args)}`, details);
  }
  const end = `${resumes ? 'resumed' : 'begun anew'}, ${isSame ? 'same hash' : 'ANOTHER HASH'}`;
  log.line(`  gone on with: ${end}`);
  return end;
}
