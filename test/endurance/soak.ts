import { type Log, megabytes } from './log.ts';
import type { Usage } from './processes.ts';

/** Processes that Chromium starts and ends when it likes: they are told of, and not held to anything. */
const CHROMIUMS_OWN = ['utility', 'zygote'];
/** What grows by more than this from the first sample to the last is a fault. */
const MOST_GROWTH = { threads: 8, descriptors: 8, residentShare: 0.25, heapShare: 0.25 };

export interface SoakOptions {
  readonly minutes: number;
  /** Minutes between two samples. */
  readonly every: number;
  readonly seed: number;
}

/** What is used at a moment. */
export interface Sample {
  readonly minute: number;
  /** What has been done since the beginning: cells, turns. */
  readonly done: number;
  /** By kind of process. */
  readonly usages: ReadonlyMap<string, Usage>;
  /** Bytes of JavaScript, where they are known. */
  readonly heap?: number;
}

/** Samples of something that goes on for long, and how much it grew. */
export class Samples {
  private readonly samples: Sample[] = [];

  /** `unit`: what `done` counts. */
  constructor(
    private readonly log: Log,
    private readonly unit: string,
  ) {}

  add(sample: Sample): void {
    this.samples.push(sample);
    const kinds = [...sample.usages].map(([kind, usage]) => `${kind} ${describe(usage)}`).join('; ');
    const heap = sample.heap === undefined ? '' : `; JavaScript ${megabytes(sample.heap)}`;
    this.log.line(`minute ${sample.minute.toFixed(1)}: ${sample.done} ${this.unit}; ${kinds}${heap}`);
  }

  /** Prints all samples, and what grew from the first to the last. Returns that as a line. */
  report(): string {
    const rows = this.samples.map((sample) => {
      const { threads, descriptors, resident } = sum(judged(sample));
      const numbers = [sample.minute.toFixed(1), sample.done, threads, descriptors, megabytes(resident)];
      return [...numbers.map(String), sample.heap === undefined ? '–' : megabytes(sample.heap)];
    });
    this.log.table(['minute', this.unit, 'threads', 'descriptors', 'resident', 'JavaScript'], rows);
    const [first, last] = [this.samples[0], this.samples.at(-1)];
    if (!first || !last || first === last) {
      this.log.fault('there are no two samples to compare');
      return 'nothing to compare';
    }
    for (const kind of last.usages.keys())
      this.tellGrowth(kind, first.usages.get(kind), last.usages.get(kind));
    return this.growth(first, last);
  }

  private tellGrowth(kind: string, first?: Usage, last?: Usage): void {
    if (!first || !last) return;
    this.log.line(`${kind}: ${describe(first)} at first, ${describe(last)} at last`);
  }

  private growth(first: Sample, last: Sample): string {
    const [before, after] = [sum(judged(first)), sum(judged(last))];
    const threads = after.threads - before.threads;
    const descriptors = after.descriptors - before.descriptors;
    const resident = after.resident / before.resident - 1;
    const heap = first.heap && last.heap ? last.heap / first.heap - 1 : 0;
    const most = MOST_GROWTH;
    if (threads > most.threads) this.log.fault(`${threads} threads more, allowed: ${most.threads}`);
    if (descriptors > most.descriptors) {
      this.log.fault(`${descriptors} descriptors more, allowed: ${most.descriptors}`);
    }
    if (resident > most.residentShare) this.log.fault(`memory: ${percent(resident)} more`);
    if (heap > most.heapShare) this.log.fault(`JavaScript: ${percent(heap)} more`);
    const javaScript = first.heap && last.heap ? `, JavaScript ${percent(heap)}` : '';
    return (
      `from minute ${first.minute.toFixed(1)} to minute ${last.minute.toFixed(1)}, ` +
      `${last.done - first.done} ${this.unit}: threads ${signed(threads)}, descriptors ${signed(descriptors)}, ` +
      `resident memory ${percent(resident)}${javaScript}`
    );
  }
}

const judged = ({ usages }: Sample): Usage[] =>
  [...usages].filter(([kind]) => !CHROMIUMS_OWN.includes(kind)).map(([, usage]) => usage);

export function sum(usages: Iterable<Usage>): Usage {
  const total = { threads: 0, descriptors: 0, resident: 0 };
  for (const { threads, descriptors, resident } of usages) {
    total.threads += threads;
    total.descriptors += descriptors;
    total.resident += resident;
  }
  return total;
}

const describe = ({ threads, descriptors, resident }: Usage): string =>
  `${threads} threads, ${descriptors} descriptors, ${megabytes(resident)}`;
const signed = (value: number): string => (value < 0 ? `−${-value}` : `+${value}`);
const percent = (share: number): string => `${share < 0 ? '−' : '+'}${Math.abs(100 * share).toFixed(1)}%`;
