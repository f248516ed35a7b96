import { rmSync } from 'node:fs';
import type { Ended } from '../cli/command.ts';
import { Draws } from './draws.ts';
import { type Log, seconds } from './log.ts';
import { toldBy } from './processes.ts';
import { brokenCheckpoints, differences, hashesOf, readResult } from './results.ts';
import type { Workplace } from './workplace.ts';
import {
  type CommandName,
  describeCommand,
  type Expected,
  SETTINGS_LINE,
  undisturbed,
  Work,
} from './works.ts';

const PRELOAD = new URL('./lose_device.mjs', import.meta.url);
/** Devices that one process loses at most; three in a row with nothing saved between end it, by its own rule. */
const MOST_IN_A_PROCESS = 6;
const GIVES_UP_AFTER = 3;
/** A device is lost within this share of the undisturbed command's time: later, most are not needed any more. */
const LATEST = 0.5;

export const LOSING = ['train', 'sweep'] as const satisfies readonly CommandName[];

export interface LossOptions {
  readonly count: number;
  readonly seed: number;
  readonly commands: readonly CommandName[];
}

interface Tally {
  runs: number;
  sameHash: number;
  lost: number;
  fromSave: number;
  fromBeginning: number;
  gaveUp: number;
  wrong: number;
}

/** Destroys devices of commands in Node until `count` are lost. Returns the exit code. */
export async function losses(options: LossOptions, log: Log, place: Workplace): Promise<number> {
  const losing = new Losing(options, log, place);
  return losing.run();
}

class Losing {
  private readonly draws: Draws;
  private readonly tallies = new Map<Expected, Tally>();
  private lost = 0;

  constructor(
    private readonly options: LossOptions,
    private readonly log: Log,
    private readonly place: Workplace,
  ) {
    this.draws = new Draws(options.seed, 2);
  }

  async run(): Promise<number> {
    const { count, seed, commands } = this.options;
    const begun = performance.now();
    this.log.line(`${count} devices of ${commands.join(', ')} on WebGPU in Node are destroyed; seed ${seed}`);
    this.log.line('The seed fixes commands and waits; where a wait ends in a run is up to the machine.');
    this.log.line(SETTINGS_LINE);
    for (const command of commands) {
      const expected = await undisturbed(new Work(command, 'webgpu'), this.place);
      this.log.line(`${expected.work.title}: undisturbed in ${seconds(expected.milliseconds)}`);
      const none = { lost: 0, fromSave: 0, fromBeginning: 0, gaveUp: 0 };
      this.tallies.set(expected, { runs: 0, sameHash: 0, ...none, wrong: 0 });
    }
    const all = [...this.tallies.keys()];
    while (this.lost < count && !this.log.hopeless) await this.oneRun(this.draws.pick(all));
    this.report();
    const sum = (of: 'runs' | 'sameHash') =>
      [...this.tallies.values()].reduce((total, tally) => total + tally[of], 0);
    return this.log.end(
      `${this.lost} devices lost, in ${seconds(performance.now() - begun)}; ` +
        `${sum('sameHash')} of ${sum('runs')} runs ended in the undisturbed hash`,
    );
  }

  /** One command to its end, resumed where it gave up. Then its files must be those of the undisturbed one. */
  private async oneRun(expected: Expected): Promise<void> {
    const { work } = expected;
    const tally = this.tallies.get(expected)!;
    const out = this.place.newPath(work.command);
    for (let isOver = false; !isOver; ) {
      const args = work.canResume(out) ? work.resume(out) : work.begin(out);
      rmIfNothingWasSaved(work, out);
      const ended = await this.place.start(args, this.lossesIn(expected)).ended;
      const wrong = [...this.judge(work, ended, tally), ...(await brokenCheckpoints(out))];
      isOver = ended.code === 0 || wrong.length > 0;
      if (isOver && wrong.length === 0) wrong.push(...differences(expected.result, readResult(out)));
      if (wrong.length > 0) {
        tally.wrong++;
        const told = `${wrong.join('\n')}\n${toldBy(ended.stderr)}`;
        this.log.fault(`${work.title}: ${describeCommand(args)}`, told);
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

  /** The environment of a process that loses some of its devices, each at a random moment of its life. */
  private lossesIn({ milliseconds }: Expected): NodeJS.ProcessEnv {
    const count = Math.min(1 + this.draws.below(MOST_IN_A_PROCESS), this.options.count - this.lost);
    const delays = Array.from({ length: count }, () => Math.round(this.draws.unit() * LATEST * milliseconds));
    const preload = `${process.env.NODE_OPTIONS ?? ''} --import ${PRELOAD.href}`;
    return { NODE_OPTIONS: preload.trim(), QMIX_LOSSES: delays.join(',') };
  }

  /** Counts what happened, tells it, and returns what is wrong with it. */
  private judge({ title }: Work, { code, signal, stderr }: Ended, tally: Tally): string[] {
    const matches = (pattern: RegExp) => [...stderr.matchAll(pattern)];
    const delays = matches(/^QMIX_LOSSES: destroyed after (\d+) ms$/gm).map(([, delay]) => Number(delay));
    const fromSave = matches(/the run goes on from where it was saved last$/gm).length;
    const fromBeginning = matches(/the run goes on from the beginning/g).length;
    const gaveUp = code === 1 && /^error: .*the device was lost/m.test(stderr);
    const wrong = /^ {4}at /m.test(stderr) ? ['a stack trace was printed'] : [];
    const end = signal ? `ended by ${signal}` : `exit code ${code}`;
    if (code !== 0 && !(gaveUp && delays.length >= GIVES_UP_AFTER)) wrong.push(end);
    this.lost += delays.length;
    tally.lost += delays.length;
    tally.fromSave += fromSave;
    tally.fromBeginning += fromBeginning;
    if (gaveUp) tally.gaveUp++;
    const when = delays.map(seconds).join(', ');
    const lost = delays.length === 0 ? 'no device lost' : `lost ${when} after they were opened`;
    const on = `went on ${fromSave} times from a save, ${fromBeginning} from the beginning`;
    this.log.line(
      `${this.lost} of ${this.options.count}: ${title}: ${lost}; ${on}: ${end}${wrong.length > 0 ? ', WRONG' : ''}`,
    );
    return wrong;
  }

  private report(): void {
    this.log.table(
      [
        ...['command', 'runs', 'same hash', 'devices lost', 'on from a save', 'from the beginning'],
        ...['gave up', 'wrong'],
      ],
      [...this.tallies].map(([{ work }, tally]) =>
        [
          ...[work.title, tally.runs, tally.sameHash, tally.lost, tally.fromSave, tally.fromBeginning],
          ...[tally.gaveUp, tally.wrong],
        ].map(String),
      ),
    );
  }
}

/** A train that gave up with nothing saved is begun anew. */
function rmIfNothingWasSaved(work: Work, out: string): void {
  if (!work.canResume(out)) rmSync(out, { recursive: true, force: true });
}
