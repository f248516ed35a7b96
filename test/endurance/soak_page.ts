import type { Browser, CDPSession } from 'puppeteer';
import { PageDriver, pause, SMALL } from '../app/page_driver.ts';
import { launchBrowser, newPage } from '../support/browser.ts';
import { descendants } from '../support/descendants.ts';
import { serveSite } from '../support/site.ts';
import { Draws } from './draws.ts';
import { type Log, seconds } from './log.ts';
import { chromiumType, readUsage, type Usage } from './processes.ts';
import { Samples, type SoakOptions, sum } from './soak.ts';

/** A run that nothing but the buttons ends. */
const LINK = { ...SMALL, updates: 1e8, stopWhenSolved: false };
/** Milliseconds of training between two buttons. */
const [SHORTEST, LONGEST] = [200, 2500];

/** Ways from Start to a page that is ready again. */
const TURNS = [['stop', 'reset'], ['reset'], ['pause', 'start', 'stop', 'reset'], ['stop', 'start', 'reset']];

/** The built page in Chromium, of which training is begun and ended again and again. Returns the exit code. */
export async function soakPage({ minutes, every, seed }: SoakOptions, log: Log): Promise<number> {
  log.line(`The page for ${minutes} minutes: Start, up to ${seconds(LONGEST)}, Stop, Reset …; seed ${seed}`);
  const draws = new Draws(seed, 5);
  const samples = new Samples(log, 'turns');
  const site = await serveSite();
  try {
    const browser = await launchBrowser();
    try {
      const driver = new PageDriver(await newPage(browser), `${site.url}index.html`);
      driver.page.on('pageerror', (error) => log.fault('the page threw', String(error)));
      await driver.visit(LINK);
      const session = await driver.page.createCDPSession();
      const begun = performance.now();
      let turns = 0;
      for (let next = every; next <= minutes; next += every) {
        while (performance.now() - begun < 60_000 * next) {
          await turn(driver, draws);
          turns++;
        }
        const minute = (performance.now() - begun) / 60_000;
        samples.add({ minute, done: turns, usages: usages(browser), heap: await heap(session) });
      }
    } finally {
      await browser.close();
    }
  } catch (error) {
    log.fault(
      'the page does not go on',
      error instanceof Error ? (error.stack ?? error.message) : String(error),
    );
  } finally {
    await site.close();
  }
  return log.end(samples.report());
}

/** From Start to a page that is ready again. */
async function turn(driver: PageDriver, draws: Draws): Promise<void> {
  for (const button of ['start', ...draws.pick(TURNS)]) {
    await press(driver, button);
    if (button === 'start') await driver.updatesReach(1);
    await pause(button === 'reset' ? 0 : SHORTEST + (LONGEST - SHORTEST) * draws.unit());
  }
  await driver.statusBegins('Ready');
}

/**
 * Presses a button once it can be pressed. Found by its accessible name, it would have Chromium list each later change for
 * a screen reader that never comes.
 */
async function press({ page }: PageDriver, id: string): Promise<void> {
  const button = `#${id}:enabled`;
  await page.waitForSelector(button);
  await page.$eval(button, (found) => (found as HTMLButtonElement).click());
}

/** What a browser's processes use, by what they are. */
function usages(browser: Browser): Map<string, Usage> {
  const { pid } = browser.process()!;
  const found = new Map<string, Usage>();
  for (const process_ of [pid!, ...descendants(pid!)]) {
    const kind = chromiumType(process_);
    const usage = readUsage(process_);
    if (kind === undefined || !usage) continue;
    const before = found.get(kind);
    found.set(kind, before ? sum([before, usage]) : usage);
  }
  return found;
}

/** Bytes of the page's JavaScript, after everything without use has been collected. */
async function heap(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.enable');
  for (let times = 0; times < 2; times++) await session.send('HeapProfiler.collectGarbage');
  const { usedSize, embedderHeapUsedSize, backingStorageSize } = await session.send('Runtime.getHeapUsage');
  await session.send('HeapProfiler.disable');
  return usedSize + embedderHeapUsedSize + backingStorageSize;
}
