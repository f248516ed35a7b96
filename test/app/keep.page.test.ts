import { spawn } from 'node:child_process';
import type { Browser } from 'puppeteer';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { descendants } from '../support/descendants.ts';
import { Profiles } from '../support/profiles.ts';
import { downloaded, PageDriver, SMALL } from './page_driver.ts';

/** A run that takes half a minute, is saved every few seconds, and ends where it is told to. */
const LINK = { ...SMALL, updates: 2500, stopWhenSolved: false, seeds: '7,8' };

let profiles: Profiles;

beforeAll(async () => {
  profiles = await Profiles.open();
});
afterAll(() => profiles?.close());

/** A browser on a profile, and its page. */
async function open(profile: string): Promise<{ browser: Browser; driver: PageDriver }> {
  const browser = await profiles.launch(profile);
  return { browser, driver: new PageDriver(await browser.newPage(), profiles.site.url) };
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

  test('ends in the same hash from its link in another profile', { timeout: 300_000 }, async () => {
    const hashes: string[] = [];
    for (const _ of [1, 2]) {
      const { browser, driver } = await open(await profiles.newFolder());
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
      await browser.close();
    }
    expect(hashes[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(hashes[1]).toBe(hashes[0]);
    [undisturbed] = hashes;
  });

  test('survives a reload and three kills of the browser, and ends as if nothing had been', {
    timeout: 600_000,
  }, async () => {
    const profile = await profiles.newFolder();
    let { browser, driver } = await open(profile);
    await driver.visit(LINK);
    await driver.press('Start');
    await driver.updatesReach(60);
    await driver.page.reload();
    await driver.statusBegins('Training: ');
    const seen: number[] = [];
    for (let kills = 0; kills < 3; kills++) {
      // By updates, as machines differ: some savings lie between, and the end does not.
      await driver.updatesReach(300 + 600 * kills + 300 * Math.random());
      expect(await driver.status()).toMatch(/^Training: /);
      await kill(browser);
      ({ browser, driver } = await open(profile));
      // The bare address: the page knows by itself that a run was going on.
      await driver.page.goto(profiles.site.url);
      const status = await driver.statusBegins('Training: ');
      seen.push(Number(/([\d,]+) updates?/.exec(status)![1].replaceAll(',', '')));
    }
    expect(await driver.finalHash()).toBe(undisturbed);
    expect(seen.at(-1), 'it went on, and did not begin anew').toBeGreaterThan(0);
    await browser.close();
  });

  test('is paused across a reload, exported, imported and read by the command line', {
    timeout: 300_000,
  }, async () => {
    const { browser, driver } = await open(await profiles.newFolder());
    const folder = await profiles.newFolder();
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
    await driver.page.waitForFunction(() => document.querySelectorAll('.kept-runs li').length === 2);
    const imported = await driver.page.waitForSelector('[aria-label^="Go on"]:enabled');
    expect(imported).not.toBeNull();
    await browser.close();
  });
});

describe('runs beside each other', () => {
  test('are trained one after another, laid over one another, renamed and deleted', {
    timeout: 300_000,
  }, async () => {
    const { browser, driver } = await open(await profiles.newFolder());
    const { page } = driver;
    await driver.visit({ ...SMALL, updates: 60, warmup: 64, evaluateEvery: 30, logEvery: 10 });
    await driver.show('Runs');
    await driver.press('Compare QMIX, VDN, PS-DQN and IQL');
    await page.waitForFunction(
      () => document.querySelector('#compare-hint')?.textContent?.startsWith('All four have been trained'),
      { timeout: 200_000 },
    );
    const legend = await driver.text('.curves .runs');
    for (const name of ['QMIX', 'VDN', 'PS-DQN', 'IQL'])
      expect(legend).toContain(`${name} on meeting-gridworld`);
    await page.waitForFunction(() => document.querySelectorAll('.kept-runs li').length === 4);

    const last = (await page.$$('.kept-runs li input[type="text"]')).at(-1)!;
    await last.click({ count: 3 });
    await last.type('the first');
    await last.press('Tab');
    await page.waitForSelector('[aria-label="Delete the first"]:enabled');
    page.once('dialog', (dialog) => void dialog.accept());
    await page.click('[aria-label="Delete the first"]');
    await page.waitForFunction(() => document.querySelectorAll('.kept-runs li').length === 3);
    expect(await driver.text('.curves .runs')).not.toContain('QMIX on');
    await browser.close();
  });

  test('go on where there is no space to keep them, which is said', { timeout: 120_000 }, async () => {
    const { browser, driver } = await open(await profiles.newFolder());
    await driver.visit(SMALL);
    const session = await driver.page.createCDPSession();
    await session.send('Storage.overrideQuotaForOrigin', {
      origin: new URL(profiles.site.url).origin,
      quotaSize: 20_000,
    });
    await driver.press('Start');
    await driver.page.waitForFunction(() =>
      /^This run goes on, but is not kept: .*space/.test(
        document.querySelector('#notice')?.textContent ?? '',
      ),
    );
    await driver.updatesReach(50);
    await driver.statusBegins('Training: ');
    await browser.close();
  });
});

/** What `evaluate --json` says of a file. */
function evaluate(file: string): Promise<{ seeds: { success: number; starts: number; hash: string }[] }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['src/cli/launch.mjs', 'evaluate', file, '--exhaustive', '--json']);
    let output = '';
    let errors = '';
    child.stdout.on('data', (text) => {
      output += text;
    });
    child.stderr.on('data', (text) => {
      errors += text;
    });
    child.on('exit', (code) => (code === 0 ? resolve(JSON.parse(output)) : reject(new Error(errors))));
  });
}
