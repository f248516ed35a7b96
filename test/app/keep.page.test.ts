import type { Browser } from 'puppeteer';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { qmix, temporaryFolder } from '../cli/command.ts';
import { Draws } from '../endurance/draws.ts';
import { launchBrowser, newPage } from '../support/browser.ts';
import { descendants } from '../support/descendants.ts';
import { downloaded, PageDriver, SMALL, updatesOf } from './page_driver.ts';

/** A run that takes half a minute, is saved every few seconds, and ends where it is told to. */
const LINK = { ...SMALL, updates: 2500, stopWhenSolved: false, seeds: '7,8' };

const url = `${inject('site').url}index.html`;

/** A browser on a profile, or on a new one, and its page. */
async function open(profile?: string): Promise<{ browser: Browser; driver: PageDriver }> {
  const browser = await launchBrowser(profile === undefined ? {} : { profile });
  onTestFinished(() => browser.close());
  return { browser, driver: new PageDriver(await newPage(browser), url) };
}

/** Ends a browser as a power cut would: all of its processes at once. */
async function kill(browser: Browser): Promise<void> {
  const { pid } = browser.process()!;
  const ended = new Promise((resolve) => browser.process()!.once('exit', resolve));
  const children = descendants(pid!).concat(pid!);
  for (const process_ of children) {
    try {
      process.kill(process_, 'SIGKILL');
    } catch {
      // It has ended with its parent.
    }
  }
  await ended;
}

describe('a run that is kept', () => {
  let undisturbed = '';
  let link = '';

  test('ends in the same hash from its link in another profile', async () => {
    const hashes: string[] = [];
    for (const _ of [1, 2]) {
      const { driver } = await open();
      if (link === '') {
        await driver.visit(LINK);
        await driver.press('Start');
        link = driver.page.url();
      } else {
        await driver.page.goto(link);
        await driver.statusBegins('Ready');
        await driver.press('Start');
      }
      hashes.push(await driver.finalHash());
    }
    expect(hashes[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(hashes[1]).toBe(hashes[0]);
    [undisturbed] = hashes;
  });

  test('survives a reload and three kills of the browser, and ends as if nothing had been', async () => {
    const draws = new Draws(1, 6);
    const profile = temporaryFolder();
    let { browser, driver } = await open(profile);
    await driver.visit(LINK);
    await driver.press('Start');
    await driver.updatesReach(60);
    await driver.page.reload();
    await driver.statusBegins('Training: ');
    const seen: number[] = [];
    for (let kills = 0; kills < 3; kills++) {
      // By updates, as machines differ: some savings lie between, and the end does not.
      await driver.updatesReach(300 + 600 * kills + draws.below(300));
      expect(await driver.status()).toMatch(/^Training: /);
      await kill(browser);
      ({ browser, driver } = await open(profile));
      // The bare address: the page knows by itself that a run was going on.
      await driver.page.goto(url);
      const status = await driver.statusBegins('Training: ');
      seen.push(updatesOf(status));
    }
    expect(await driver.finalHash()).toBe(undisturbed);
    expect(seen.at(-1), 'it went on, and did not begin anew').toBeGreaterThan(0);
  });

  test('is paused across a reload, exported, imported and read by the command line', async () => {
    const { driver } = await open();
    const folder = temporaryFolder();
    const session = await driver.page.createCDPSession();
    await session.send('Browser.setDownloadBehavior', { behavior: 'allow', downloadPath: folder });
    await driver.visit({ ...LINK, seeds: 7 });
    await driver.press('Start');
    await driver.updatesReach(250);
    await driver.press('Pause');
    const paused = await driver.statusBegins('Paused: ');
    await driver.page.reload();
    expect(await driver.statusBegins('Paused: ')).toBe(paused);
    await driver.press('Stop');
    const stopped = await driver.statusBegins('Stopped');
    const hash = await driver.finalHash();
    await driver.press('Export checkpoint');
    const file = await downloaded(folder, '.safetensors');

    const evaluated = await evaluate(file);
    const solved = Number(/: ([\d,]+) of 504 starts/.exec(stopped)![1].replaceAll(',', ''));
    expect(evaluated.seeds[0]).toMatchObject({ starts: 504, hash });
    expect(Math.round(evaluated.seeds[0].success * 504)).toBe(solved);

    await driver.show('Runs');
    const input = await driver.page.$('#import-file');
    await (input as unknown as { uploadFile(path: string): Promise<void> }).uploadFile(file);
    await driver.keptRuns(2);
    const imported = await driver.page.waitForSelector('[aria-label^="Go on"]:enabled');
    expect(imported).not.toBeNull();
  });
});

describe('runs beside each other', () => {
  test('are trained one after another, laid over one another, renamed and deleted', async () => {
    const { driver } = await open();
    const { page } = driver;
    await driver.visit({ ...SMALL, updates: 60, warmup: 64, evaluateEvery: 30, logEvery: 10 });
    await driver.show('Runs');
    await driver.press('Compare QMIX, VDN, PS-DQN and IQL');
    await driver.textBecomes('#compare-hint', /^All four have been trained/);
    const legend = await driver.text('.curves .runs');
    for (const name of ['QMIX', 'VDN', 'PS-DQN', 'IQL'])
      expect(legend).toContain(`${name} on meeting-gridworld`);
    await driver.keptRuns(4);

    const last = (await page.$$('.kept-runs li input[type="text"]')).at(-1)!;
    await last.click({ count: 3 });
    await last.type('the first');
    await last.press('Tab');
    await page.waitForSelector('[aria-label="Delete the first"]:enabled');
    page.once('dialog', (dialog) => void dialog.accept());
    await page.click('[aria-label="Delete the first"]');
    await driver.keptRuns(3);
    expect(await driver.text('.curves .runs')).not.toContain('QMIX on');
  });

  test('go on where there is no space to keep them, which is said', async () => {
    const { driver } = await open();
    await driver.visit(SMALL);
    await driver.limitStorage(20_000);
    await driver.press('Start');
    await driver.textBecomes('#notice', /^This run goes on, but is not kept: .*space/);
    await driver.updatesReach(50);
    await driver.statusBegins('Training: ');
  });
});

/** What `evaluate --json` says of a file. */
async function evaluate(
  file: string,
): Promise<{ seeds: { success: number; starts: number; hash: string }[] }> {
  const { code, stdout, stderr } = await qmix('evaluate', file, '--exhaustive', '--json');
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout);
}
