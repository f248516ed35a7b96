import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isLockFile } from '../../src/node/folder_lock.ts';
import type { Ended, Started } from '../cli/command.ts';
import { Draws } from './draws.ts';
import { type Log, seconds } from './log.ts';
import { handlesSignals, SIGNALS, type Signal, toldBy } from './processes.ts';
import { brokenCheckpoints, differences, hashesOf, readResult } from './results.ts';
import type { Workplace } from './workplace.ts';
import {
  type Backend,
  type CommandName,
  describeCommand,
  type Expected,
  SETTINGS_LINE,
  undisturbed,
  Work,
} from './works.ts';

/** What an interrupted command ends with. */
const INTERRUPTED = 130;
/** Of all kills, one in so many falls into a save, if need be by waiting for one. */
const SAVES_SHARE = 3;
/** A random moment is within this share of the undisturbed command's time: later, resumed ones have mostly ended. */
const LATEST = 0.7;

export interface KillOptions {
  readonly count: number;
  readonly seed: number;
  readonly commands: readonly CommandName[];
  readonly backends: readonly Backend[];
  /** Times the usual length of the commands. */
  readonly length?: number;
}

/** When a process is to be killed, and how. */
interface Aim {
  readonly signal: Signal;
  /** Milliseconds after its start; undefined: during a save. */
  readonly after: number | undefined;
  /** Savings of the process to let pass before, if it is during one. */
  readonly spared: number;
}

/** A signal that was sent. It may have come too late to change anything. */
interface Kill {
  readonly signal: Signal;
  readonly after: number;
  /** The process had a handler for it. */
  readonly handled: boolean;
  readonly duringSave: boolean;
}

interface Tally {
  runs: number;
  /** Runs that ended in the undisturbed hash. */
  sameHash: number;
  begunAnew: number;
  beforeHandlers: number;
  duringSave: number;
  readonly signals: Record<Signal, number>;
  wrong: number;
}

/** Kills commands until there have been `count` kills; each is then resumed until it ends. Returns the exit code. */
export async function kills(options: KillOptions, log: Log, place: Workplace): Promise<number> {
  const killing = new Killing(options, log, place);
  return killing.run();
}

class Killing {
  private readonly draws: Draws;
  private readonly tallies = new Map<Expected, Tally>();
  private killed = 0;
  private duringSave = 0;

  constructor(
    private readonly options: KillOptions,
    private readonly log: Log,
    private readonly place: Workplace,
  ) {
    this.draws = new Draws(options.seed, 1);
  }

  async run(): Promise<number> {
    const { count, seed, commands, backends, length } = this.options;
    const begun = performance.now();
    this.log.line(`${count} kills of ${commands.join(', ')} on ${backends.join(', ')}; seed ${seed}`);
    this.log.line(
      'The seed fixes commands, signals, waits; where a wait ends in a run is up to the machine.',
    );
    this.log.line(SETTINGS_LINE);
    for (const backend of backends) {
      for (const command of commands) await this.prepare(new Work(command, backend, length));
    }
    const all = [...this.tallies.keys()];
    while (this.killed < count && !this.log.hopeless) await this.oneRun(this.draws.pick(all));
    this.report();
    const sum = (of: 'runs' | 'sameHash') =>
      [...this.tallies.values()].reduce((total, tally) => total + tally[of], 0);
    return this.log.end(
      `${this.killed} kills, ${this.duringSave} of them during a save, in ${seconds(performance.now() - begun)}; ` +
        `${sum('sameHash')} of ${sum('runs')} runs ended in the undisturbed hash`,
    );
  }

  private async prepare(work: Work): Promise<void> {
    const expected = await undisturbed(work, this.place);
    this.log.line(`${work.title}: undisturbed in ${seconds(expected.milliseconds)}`);
    const signals = { SIGKILL: 0, SIGTERM: 0, SIGINT: 0, SIGHUP: 0 };
    const tally = { runs: 0, sameHash: 0, begunAnew: 0, beforeHandlers: 0, duringSave: 0, signals, wrong: 0 };
    this.tallies.set(expected, tally);
  }

  /** Begins a command, and kills and resumes it until it ends. Then its files must be those of the undisturbed one. */
  private async oneRun(expected: Expected): Promise<void> {
    const { work, result } = expected;
    const tally = this.tallies.get(expected)!;
    const out = this.place.newPath(work.command);
    for (let isOver = false; !isOver; ) {
      const args = this.nextCommand(work, out, tally);
      const aim = this.killed < this.options.count ? this.drawAim(expected) : undefined;
      const started = this.place.start(args);
      const kill = aim && (await this.kill(started, aim, out, expected));
      const ended = await started.ended;
      if (kill && ended.code !== 0) this.count(kill, tally);
      const wrong = [...judge(ended, kill), ...(await brokenCheckpoints(out))];
      this.tell(work, kill, ended, wrong.length > 0);
      isOver = ended.code === 0 || wrong.length > 0;
      if (isOver && wrong.length === 0) wrong.push(...differences(result, readResult(out)));
      if (wrong.length > 0) {
        tally.wrong++;
        this.log.fault(
          `${work.title}: ${describeCommand(args)}`,
          `${wrong.join('\n')}\n${toldBy(ended.stderr)}`,
        );
      }
    }
    const isSame = hashesOf(out).join() === expected.hashes.join();
    tally.runs++;
    if (isSame) tally.sameHash++;
    this.log.line(
      `${work.title}: run ${tally.runs} has ended in ${isSame ? 'the undisturbed' : 'ANOTHER'} hash`,
    );
    rmSync(out, { recursive: true, force: true });
  }

  /** The command that goes on with what the last one left; of a train that had saved nothing, nothing is. */
  private nextCommand(work: Work, out: string, tally: Tally): string[] {
    if (work.canResume(out)) {
      const again = work.command !== 'train' && this.draws.below(2) === 0;
      return again ? work.begin(out) : work.resume(out);
    }
    if (existsSync(out) && !readdirSync(out).every(isLockFile)) {
      tally.begunAnew++;
      this.log.line(`${work.title}: killed before anything was saved: deleted, and begun anew`);
      rmSync(out, { recursive: true });
    }
    return work.begin(out);
  }

  private drawAim({ milliseconds }: Expected): Aim {
    const signal = this.draws.pick(SIGNALS);
    const spared = this.draws.below(2);
    const after = this.draws.unit() * LATEST * milliseconds;
    const wantsSave = this.duringSave < (this.killed + 1) / SAVES_SHARE;
    return { signal, spared, after: wantsSave ? undefined : after };
  }

  /** Kills a process at its moment; undefined: it ended before. */
  private async kill(
    { child, ended }: Started,
    aim: Aim,
    out: string,
    { runs }: Expected,
  ): Promise<Kill | undefined> {
    const begun = performance.now();
    let isAlive = true;
    const over = ended.finally(() => {
      isAlive = false;
    });
    const isSaving = () =>
      runs.some((run) => existsSync(join(out, run, `.checkpoint.safetensors.${child.pid}.tmp`)));
    if (aim.after !== undefined) {
      await Promise.race([sleep(aim.after), over]);
    } else {
      for (let seen = 0, before = false; isAlive; ) {
        const now = isSaving();
        if (now && !before && seen++ === aim.spared) break;
        before = now;
        await sleep(1);
      }
    }
    if (!isAlive) return undefined;
    const handled = handlesSignals(child.pid!);
    if (!child.kill(aim.signal)) return undefined;
    const after = performance.now() - begun;
    // A process that is killed leaves the file behind; one that is asked to end goes on writing it.
    if (aim.signal === 'SIGKILL') await over;
    return { signal: aim.signal, after, handled, duringSave: isSaving() };
  }

  private count(kill: Kill, tally: Tally): void {
    this.killed++;
    tally.signals[kill.signal]++;
    if (!kill.handled && kill.signal !== 'SIGKILL') tally.beforeHandlers++;
    if (!kill.duringSave) return;
    this.duringSave++;
    tally.duringSave++;
  }

  private tell({ title }: Work, kill: Kill | undefined, { code, signal }: Ended, isWrong: boolean): void {
    const end = `${signal ? `ended by ${signal}` : `exit code ${code}`}${isWrong ? ', WRONG' : ''}`;
    if (!kill) {
      this.log.line(`${title}: not killed: ${end}`);
      return;
    }
    const when = `${kill.signal} after ${seconds(kill.after)}${kill.duringSave ? ', during a save' : ''}`;
    const number = code === 0 ? 'too late' : `kill ${this.killed} of ${this.options.count}`;
    this.log.line(`${number}: ${title}: ${when}: ${end}`);
  }

  private report(): void {
    this.log.table(
      ['command', 'runs', 'same hash', ...SIGNALS, 'during a save', 'before handlers', 'begun anew', 'wrong'],
      [...this.tallies].map(([{ work }, tally]) =>
        [
          work.title,
          tally.runs,
          tally.sameHash,
          ...SIGNALS.map((signal) => tally.signals[signal]),
          ...[tally.duringSave, tally.beforeHandlers, tally.begunAnew, tally.wrong],
        ].map(String),
      ),
    );
  }
}

/** What is wrong with how a process ended. */
function judge({ code, signal, stderr }: Ended, kill: Kill | undefined): string[] {
  const wrong = /^ {4}at /m.test(stderr) ? ['a stack trace was printed'] : [];
  const end = signal ? `ended by ${signal}` : `exit code ${code}`;
  if (!kill) {
    if (code !== 0) wrong.push(`${end}, though nothing was done to it`);
  } else if (signal !== null) {
    const isDefault = signal === kill.signal && (signal === 'SIGKILL' || !kill.handled);
    if (!isDefault) wrong.push(`${end}, though it handles ${kill.signal}`);
  } else if (code !== 0 && code !== INTERRUPTED) {
    wrong.push(`${end}, expected ${INTERRUPTED}, or 0 if it had finished`);
  }
  return wrong;
}
