import type { Browser } from 'puppeteer';
import { PageDriver, pause, SMALL, updatesOf } from '../app/page_driver.ts';
import { launchBrowser, newPage } from '../support/browser.ts';
import { descendants } from '../support/descendants.ts';
import { PATIENCE } from '../support/patience.ts';
import { type Site, serveSite } from '../support/site.ts';
import { Draws } from './draws.ts';
import { type Log, seconds } from './log.ts';
import { chromiumType } from './processes.ts';

/** Else Chromium gives up its GPU process, and a page the right to use it, after a few crashes. */
const FLAGS = ['--disable-gpu-process-crash-limit', '--disable-domain-blocking-for-3d-apis'];
/** A run of half a minute on two slow cores, which ends where it is told to. */
const LINK = { ...SMALL, updates: 2500, stopWhenSolved: false, seeds: '7,8' };
/** Milliseconds of training before a kill. */
const [SOONEST, LATEST] = [300, 6000];
/** Runs that fail one after another, after which it is no use to go on. */
const MOST_FAILED = 3;

export interface PageLossOptions {
  readonly count: number;
  readonly seed: number;
}

interface Tally {
  kills: number;
  wentOn: number;
  runs: number;
  sameHash: number;
}

/**
 * Kills Chromium's GPU process while the built page trains. Nothing is pressed: the page has to go on by itself, and to end
 * in the hash of an undisturbed run. Returns the exit code.
 */
export async function pageLosses({ count, seed }: PageLossOptions, log: Log): Promise<number> {
  const begun = performance.now();
  log.line(`${count} kills of the GPU process below the page in Chromium; seed ${seed}`);
  log.line('The seed fixes waits; where a wait ends in a run is up to the machine.');
  const site = await serveSite();
  const draws = new Draws(seed, 4);
  const tally: Tally = { kills: 0, wentOn: 0, runs: 0, sameHash: 0 };
  try {
    const expected = await withPage(site, async (driver) => {
      await begin(driver);
      return driver.finalHash();
    });
    log.line(
      `undisturbed: ${seconds(performance.now() - begun)} with building and starting, hash ${expected}`,
    );
    for (let failed = 0; tally.kills < count && failed < MOST_FAILED; ) {
      const isSame = await withPage(site, (driver, browser) =>
        oneRun(driver, browser, { count, expected, draws, tally, log }),
      );
      failed = isSame ? 0 : failed + 1;
      if (failed === MOST_FAILED) log.line(`${failed} runs in a row did not go on: no more are begun`);
    }
  } finally {
    await site.close();
  }
  const { kills, wentOn, runs, sameHash } = tally;
  log.table(
    ['kills', 'went on by itself', 'runs', 'same hash'],
    [[kills, wentOn, runs, sameHash].map(String)],
  );
  return log.end(
    `${kills} GPU processes killed, in ${seconds(performance.now() - begun)}; ` +
      `${sameHash} of ${runs} runs ended in the undisturbed hash`,
  );
}

/** Opens a browser with a profile of its own, and closes it again. */
async function withPage<T>(
  site: Site,
  work: (driver: PageDriver, browser: Browser) => Promise<T>,
): Promise<T> {
  const browser = await launchBrowser({ flags: FLAGS });
  try {
    return await work(new PageDriver(await newPage(browser), `${site.url}index.html`), browser);
  } finally {
    await browser.close();
  }
}

async function begin(driver: PageDriver): Promise<void> {
  await driver.visit(LINK);
  await driver.press('Start');
  await driver.statusBegins('Training: ');
}

interface Trial {
  readonly count: number;
  readonly expected: string;
  readonly draws: Draws;
  readonly tally: Tally;
  readonly log: Log;
}

/** One run to its end, with kills on the way. Whether it ended in the undisturbed hash. */
async function oneRun(driver: PageDriver, browser: Browser, trial: Trial): Promise<boolean> {
  const { count, expected, draws, tally, log } = trial;
  await begin(driver);
  tally.runs++;
  while (tally.kills < count) {
    await pause(SOONEST + (LATEST - SOONEST) * draws.unit());
    if (await hasEnded(driver)) break;
    const before = await driver.status();
    const process_ = gpuProcess(browser);
    if (process_ === undefined) throw new Error('the browser has no GPU process');
    process.kill(process_, 'SIGKILL');
    tally.kills++;
    const { went, told } = await wentOn(driver);
    if (went) tally.wentOn++;
    log.line(`kill ${tally.kills} of ${count}: "${before}"; then ${told}`);
    if (!went) {
      log.fault('the page does not go on by itself', `${await describe(driver)}`);
      return false;
    }
  }
  const hash = await driver.finalHash().catch(() => '');
  const isSame = hash === expected;
  if (isSame) tally.sameHash++;
  else log.fault(`expected the hash ${expected}, got ${hash || 'none'}`, await describe(driver));
  log.line(`run ${tally.runs} has ended in ${isSame ? 'the undisturbed' : 'ANOTHER'} hash`);
  return isSame;
}

/** What the page says of itself. */
async function describe(driver: PageDriver): Promise<string> {
  const notice = await driver.text('#notice').catch(() => '');
  return `status: ${await driver.status()}\nnotice: ${notice}`;
}

const hasEnded = async (driver: PageDriver): Promise<boolean> => (await driver.text('#hash')) !== '';

/**
 * Waits until training goes on after a kill: until updates have been counted by a new GPU process, or the run has ended.
 * `told`: every status on the way whose words are new.
 */
async function wentOn(driver: PageDriver): Promise<{ readonly went: boolean; readonly told: string }> {
  const begun = performance.now();
  const statuses: string[] = [];
  const told = () => statuses.map((status) => `"${status}"`).join(', ');
  let failedSince = Number.POSITIVE_INFINITY;
  let least = Number.POSITIVE_INFINITY;
  while (performance.now() - begun < PATIENCE) {
    await pause(100);
    const status = await driver.status();
    if (withoutNumbers(status) !== withoutNumbers(statuses.at(-1) ?? '')) statuses.push(status);
    if (await hasEnded(driver)) return { went: true, told: `${told()}, ended` };
    // What was under way when the process was killed may be counted for a moment.
    if (performance.now() - begun < SETTLED) continue;
    if (status.startsWith('Failed')) {
      failedSince = Math.min(failedSince, performance.now());
      if (performance.now() - failedSince > SETTLED) break;
      continue;
    }
    const updates = updatesOf(status);
    if (updates > least) return { went: true, told: `${told()}, and on` };
    if (updates < least) least = updates;
  }
  return { went: false, told: told() };
}

/** Milliseconds after which what a page says of a kill is no more about the time before it. */
const SETTLED = 1500;
const withoutNumbers = (status: string): string => status.replace(/[\d,.]+/g, '');

/** The number of a browser's GPU process. */
const gpuProcess = (browser: Browser): number | undefined =>
  descendants(browser.process()!.pid!).find((pid) => chromiumType(pid) === 'gpu-process');
