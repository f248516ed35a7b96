import { gzipSync } from 'node:zlib';
import { Command, InvalidArgumentError } from 'commander';
import type { CDPSession, HTTPResponse } from 'puppeteer';
import { type OpenPage, openPage } from '../support/browser.ts';
import { serveSite } from '../support/site.ts';
import { taskTimes } from './main_thread.ts';
import { PageDriver, pause, updatesOf } from './page_driver.ts';

/** npm run bench:page: what the page costs who opens it, measured from outside in the browser that the tests use. */

/** Seconds of training that tasks are traced over. */
const TRACED_SECONDS = 30;
/** The heaps are read for the first time after so many minutes: by then everything has been used once. */
const SETTLED_MINUTES = 2;
/** Readings of a heap, a second apart, of which the least counts: what stays, without a saving under way. */
const READINGS = 5;
/** Milliseconds in which the page prepares a run of settings that stay as they are. */
const PREPARED = 5000;

/** Milliseconds after which a run of preset solve is given up. */
const LONGEST_SOLVE = 1_800_000;

/** Never solved, so that it can be watched as long as anybody likes. */
const ENDLESS = { stopWhenSolved: false, updates: 1_000_000 };

interface Heaps {
  /** Bytes in use after a garbage collection: JavaScript, DOM and array buffers. */
  readonly page: number;
  readonly worker: number;
}

interface Figures {
  browser: string;
  adapter: string;
  /** Bytes that a first visit loads: as they are, and as any host compresses them. */
  load?: { files: number; bytes: number; gzip: number };
  /** Milliseconds from Start until the page shows a first environment step and a first update. */
  start?: { step: number; update: number };
  /** Of the page's main thread while it trains: milliseconds of CPU time of its longest tasks. */
  tasks?: { seconds: number; longest: number[] };
  /** Preset solve at full speed. */
  solve?: { seconds: number; status: string; hash: string };
  memory?: { minutes: number; first: Heaps; last: Heaps; growth: number };
}

type Kind = Exclude<keyof Figures, 'browser' | 'adapter'>;
const KINDS: readonly Kind[] = ['load', 'start', 'tasks', 'solve', 'memory'];

/** Returns the exit code. */
export async function main(parameters: readonly string[]): Promise<number> {
  const program = new Command('bench:page')
    .description('What the built page costs: load, start, long tasks, seconds to solve, memory.')
    .option('--only <kinds>', `some of ${KINDS.join(',')}`, parseKinds, KINDS)
    .option(
      '--minutes <M>',
      `of training that memory is watched for, over ${SETTLED_MINUTES}`,
      parseMinutes,
      10,
    )
    .option('--json', 'print one JSON object on standard output and nothing else there');
  program.parse(parameters as string[], { from: 'user' });
  const { only, minutes, json } = program.opts<{ only: readonly Kind[]; minutes: number; json?: boolean }>();

  const site = await serveSite();
  let opened: OpenPage | undefined;
  try {
    opened = await openPage(site, 'index.html');
    const driver = new PageDriver(opened.page, opened.url);
    await driver.visit();
    const figures: Figures = {
      browser: await opened.page.browser().version(),
      adapter: await driver.text('#backend'),
    };
    const measure: Record<Kind, () => Promise<unknown>> = {
      load: () => measureLoad(driver),
      start: () => measureStart(driver),
      tasks: () => measureTasks(driver),
      solve: () => measureSolve(driver),
      memory: () => measureMemory(driver, minutes),
    };
    for (const kind of only) {
      process.stderr.write(`${kind} …\n`);
      Object.assign(figures, { [kind]: await measure[kind]() });
    }
    process.stdout.write(json ? `${JSON.stringify(figures)}\n` : `${describe(figures)}\n`);
    return complaints(opened);
  } finally {
    await opened?.close();
    await site.close();
  }
}

function complaints({ takeErrors }: OpenPage): number {
  const errors = takeErrors();
  for (const error of errors) process.stderr.write(`The page complained: ${error}\n`);
  return errors.length > 0 ? 1 : 0;
}

function parseKinds(text: string): readonly Kind[] {
  const kinds = text.split(',') as Kind[];
  const wrong = kinds.find((kind) => !KINDS.includes(kind));
  if (wrong !== undefined) throw new InvalidArgumentError(`${wrong}: allowed are ${KINDS.join(', ')}`);
  return kinds;
}

function parseMinutes(text: string): number {
  const minutes = Number(text);
  if (!(minutes > SETTLED_MINUTES)) throw new InvalidArgumentError(`allowed: over ${SETTLED_MINUTES}`);
  return minutes;
}

/** What a first visit loads until the page is ready, the worker's files among it. */
async function measureLoad(driver: PageDriver): Promise<Figures['load']> {
  const { page } = driver;
  const bodies: Promise<Buffer>[] = [];
  const take = (response: HTTPResponse) => {
    if (response.url().startsWith('http')) bodies.push(response.buffer());
  };
  await page.setCacheEnabled(false);
  page.on('response', take);
  await driver.visit();
  await pause(1000);
  page.off('response', take);
  await page.setCacheEnabled(true);
  const all = await Promise.all(bodies);
  return {
    files: all.length,
    bytes: all.reduce((sum, body) => sum + body.length, 0),
    gzip: all.reduce((sum, body) => sum + gzipSync(body).length, 0),
  };
}

async function measureStart(driver: PageDriver): Promise<Figures['start']> {
  await driver.visit(ENDLESS);
  await pause(PREPARED);
  return driver.page.evaluate(
    () =>
      new Promise<{ step: number; update: number }>((resolve) => {
        let step = Number.NaN;
        const begun = performance.now();
        const status = document.querySelector('[role="status"]')!;
        new MutationObserver((_, observer) => {
          const told = /: ([\d,]+) updates?, ([\d,]+) environment step/.exec(status.textContent ?? '');
          if (!told) return;
          const at = performance.now() - begun;
          if (Number.isNaN(step) && told[2] !== '0') step = at;
          if (told[1] === '0') return;
          observer.disconnect();
          resolve({ step, update: at });
        }).observe(status, { childList: true, characterData: true, subtree: true });
        document.querySelector<HTMLButtonElement>('#start')!.click();
      }),
  );
}

/** From Start on. */
async function measureTasks(driver: PageDriver): Promise<Figures['tasks']> {
  await driver.visit(ENDLESS);
  const times = await taskTimes(driver.page, async () => {
    await driver.press('Start');
    await pause(1000 * TRACED_SECONDS);
  });
  const longest = times.sort((a, b) => b - a).slice(0, 5);
  if (longest.length === 0) throw new Error('the trace holds no task of the page');
  return { seconds: TRACED_SECONDS, longest };
}

async function measureSolve(driver: PageDriver): Promise<Figures['solve']> {
  await driver.visit();
  const begun = performance.now();
  await driver.press('Start');
  const hash = await driver.finalHash(LONGEST_SOLVE);
  return { seconds: (performance.now() - begun) / 1000, status: await driver.status(), hash };
}

async function measureMemory(driver: PageDriver, minutes: number): Promise<Figures['memory']> {
  await driver.visit(ENDLESS);
  const page = await driver.page.createCDPSession();
  const worker = await workerSession(driver);
  // Found by its accessible name, it would have Chromium list each later change for a screen reader that never comes.
  await driver.page.$eval('#start', (button) => (button as HTMLButtonElement).click());
  await driver.updatesReach(20);
  const heaps = async (): Promise<Heaps> => {
    const read = { page: Number.POSITIVE_INFINITY, worker: Number.POSITIVE_INFINITY };
    for (let times = 0; times < READINGS; times++) {
      read.page = Math.min(read.page, await heap(page));
      read.worker = Math.min(read.worker, await heap(worker));
      await pause(1000);
    }
    return read;
  };
  await pause(60_000 * SETTLED_MINUTES);
  const first = await heaps();
  const before = updatesOf(await driver.status());
  await pause(60_000 * (minutes - SETTLED_MINUTES));
  const last = await heaps();
  if (!(updatesOf(await driver.status()) > before))
    throw new Error(`it trained no more: ${await driver.status()}`);
  return { minutes, first, last, growth: (last.page + last.worker) / (first.page + first.worker) - 1 };
}

/** The inspector of the worker that trains. */
async function workerSession({ page }: PageDriver): Promise<CDPSession> {
  const [worker, ...others] = page.workers();
  if (!worker || others.length > 0) throw new Error(`${page.workers().length} workers where one trains`);
  return worker.client;
}

/** Bytes of a thread's JavaScript, DOM and array buffers, after everything without use has been collected. */
async function heap(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.enable');
  for (let times = 0; times < 2; times++) await session.send('HeapProfiler.collectGarbage');
  const { usedSize, embedderHeapUsedSize, backingStorageSize } = await session.send('Runtime.getHeapUsage');
  return usedSize + embedderHeapUsedSize + backingStorageSize;
}

function describe({ browser, adapter, load, start, tasks, solve, memory }: Figures): string {
  const megabytes = ({ page, worker }: Heaps) =>
    `page ${(page / 1e6).toFixed(2)} MB, worker ${(worker / 1e6).toFixed(2)} MB`;
  const lines = [`${browser}. ${adapter}`];
  if (load) {
    lines.push(
      `Load: ${load.files} files, ${(load.bytes / 1e3).toFixed(1)} kB, compressed ${(load.gzip / 1e3).toFixed(1)} kB`,
    );
  }
  if (start) {
    lines.push(
      `Start: first environment step shown after ${start.step.toFixed(0)} ms, first update after ${start.update.toFixed(0)} ms`,
    );
  }
  if (tasks) {
    const all = tasks.longest.map((ms) => ms.toFixed(1)).join(', ');
    lines.push(`Longest tasks of the main thread in ${tasks.seconds} s of training: ${all} ms of CPU`);
  }
  if (solve) lines.push(`${solve.status}; ${solve.seconds.toFixed(1)} s from Start; ${solve.hash}`);
  if (memory) {
    lines.push(
      `Heaps after garbage collection: minute ${SETTLED_MINUTES} ${megabytes(memory.first)}; ` +
        `minute ${memory.minutes} ${megabytes(memory.last)}: ${(100 * memory.growth).toFixed(1)}% more`,
    );
  }
  return lines.join('\n');
}
