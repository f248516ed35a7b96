import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'puppeteer';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Profiles } from '../support/profiles.ts';
import { PageDriver, pause, SMALL, updatesOf } from './page_driver.ts';

/** Goes on until it is stopped, and solves nothing. */
const ENDLESS = { ...SMALL, learningRate: 1e-7, stopWhenSolved: false, updates: 100_000 };
/** At its end within seconds. */
const SHORT = { ...SMALL, updates: 60, warmup: 64, evaluateEvery: 30, logEvery: 10 };

let profiles: Profiles;

beforeAll(async () => {
  profiles = await Profiles.open();
});
afterAll(() => profiles?.close());

interface Options {
  /** What the browser asks its user's settings. */
  readonly preferences?: object;
  readonly flags?: readonly string[];
  readonly url?: string;
}

/** Does this with a browser of its own, on which nothing must be left to complain of. */
async function withPage(
  options: Options,
  work: (driver: PageDriver, browser: Browser) => Promise<void>,
): Promise<void> {
  const profile = await profiles.newFolder();
  if (options.preferences) {
    await mkdir(join(profile, 'Default'));
    await writeFile(join(profile, 'Default', 'Preferences'), JSON.stringify(options.preferences));
  }
  const browser = await profiles.launch(profile, options.flags);
  try {
    const driver = new PageDriver(await browser.newPage(), options.url ?? profiles.site.url);
    const wrong: string[] = [];
    driver.page.on('pageerror', (error) => wrong.push(String(error)));
    await work(driver, browser);
    expect(wrong).toEqual([]);
  } finally {
    await browser.close();
  }
}

describe('where a browser withholds something', () => {
  test('a page over plain http trains on the CPU, keeps the run, and hashes it all the same', async () => {
    const { port } = new URL(profiles.site.url);
    const flags = ['--host-resolver-rules=MAP 10.0.0.1 127.0.0.1'];
    await withPage({ flags, url: `http://10.0.0.1:${port}/index.html` }, async (driver) => {
      await driver.visit({ ...SHORT, hidden: 8 });
      expect(await driver.text('#backend')).toContain('only there on pages loaded over https');
      await driver.press('Start');
      await driver.statusBegins('Finished, not solved: ', 60_000);
      expect(await driver.page.evaluate(() => typeof crypto.subtle)).toBe('undefined');
      const hash = await driver.finalHash();
      expect(hash).toMatch(/^[0-9a-f]{64}$/);
      await driver.show('Runs');
      await driver.page.waitForSelector('.kept-runs li');
      expect(await driver.text('#notice')).toBe('');
      // What was kept is sealed by a checksum, and taken.
      await driver.page.reload();
      expect(await driver.finalHash()).toBe(hash);
    });
  });

  test('without storage, runs are begun one after another, stopped and gone on with, and compared', {
    timeout: 200_000,
  }, async () => {
    const preferences = { profile: { default_content_setting_values: { cookies: 2 } } };
    await withPage({ preferences }, async (driver) => {
      await driver.follow(ENDLESS);
      await driver.press('Start');
      await driver.updatesReach(50);
      expect(await driver.text('#notice')).toMatch(/^This run is not kept: this browser keeps no data here/);
      await driver.press('Stop');
      const stopped = updatesOf(await driver.statusBegins('Stopped'));
      await driver.press('Start');
      await driver.updatesReach(stopped + 50);
      await driver.press('Reset');
      await driver.statusBegins('Ready');

      await driver.follow(SHORT);
      await driver.show('Runs');
      await driver.press('Compare QMIX, VDN, PS-DQN and IQL');
      await driver.page.waitForFunction(
        () => document.querySelector('#compare-hint')?.textContent?.startsWith('All four have been trained'),
        { timeout: 100_000 },
      );
    });
  });

  test('a stopped run that could not be saved goes on from where it was', { timeout: 100_000 }, async () => {
    await withPage({}, async (driver) => {
      await driver.visit(ENDLESS);
      const session = await driver.page.createCDPSession();
      const { origin } = new URL(profiles.site.url);
      // Enough for its beginning, and not for what comes into replay later.
      await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 600_000 });
      await driver.press('Start');
      await driver.updatesReach(30);
      await driver.page.waitForFunction(() => document.querySelector('#notice')?.textContent !== '');
      await driver.updatesReach(updatesOf(await driver.status()) + 100);
      await driver.press('Stop');
      const stopped = updatesOf(await driver.statusBegins('Stopped'));
      await driver.press('Start');
      expect(updatesOf(await driver.statusBegins('Training: '))).toBeGreaterThanOrEqual(stopped);
      expect(await driver.text('#hash')).toBe('');
      // Once there is space, it is saved, and nothing is said of it any more.
      await session.send('Storage.overrideQuotaForOrigin', { origin });
      await driver.page.waitForFunction(() => document.querySelector('#notice')?.textContent === '');
    });
  });
});

describe('several runs', () => {
  test('of two tabs, the second leaves the first’s run alone, and says where it is', {
    timeout: 100_000,
  }, async () => {
    await withPage({}, async (driver, browser) => {
      await driver.visit(ENDLESS);
      await driver.press('Start');
      await driver.updatesReach(50);
      const second = new PageDriver(await browser.newPage(), profiles.site.url);
      await second.page.goto(profiles.site.url);
      await second.statusBegins('Ready');
      await second.show('Runs');
      await second.page.waitForSelector('.kept-runs li');
      expect(await second.text('.kept-runs li')).toContain('Open in another tab. Training: ');
      expect(await second.page.$('[aria-label^="Delete "]:enabled')).toBeNull();
      await second.press('Start');
      await second.statusBegins('Training: ');
      await second.page.close();
      await driver.page.bringToFront();
      await driver.page.reload();
      expect(updatesOf(await driver.statusBegins('Training: '))).toBeGreaterThan(0);
    });
  });

  test('asked for while another is still being left or begun: the last is what comes', {
    timeout: 100_000,
  }, async () => {
    await withPage({}, async (driver) => {
      await driver.visit(SHORT);
      await driver.press('Start');
      await driver.statusBegins('Finished');
      await driver.follow({ ...ENDLESS, seeds: 3 });
      await driver.press('Start');
      await driver.updatesReach(20);
      await driver.show('Runs');
      await driver.page.waitForSelector('[aria-label^="Show "]:enabled');
      await driver.page.evaluate(() => {
        const [other] = [...document.querySelectorAll<HTMLButtonElement>('[aria-label^="Show "]:enabled')];
        document.querySelector<HTMLButtonElement>('#reset')!.click();
        other.click();
        other.click();
      });
      await driver.statusBegins('Finished, not solved: ');
      // What was left while it trained is paused where it was; nothing else has begun.
      await pause(4000);
      await driver.statusBegins('Finished, not solved: ');
      const entries = await driver.page.$$eval('.kept-runs li .hint', (all) =>
        all.map((one) => one.textContent),
      );
      expect(entries.map((text) => /^(On this page\. )?\w+/.exec(text ?? '')![0]).sort()).toEqual([
        'On this page. Finished',
        'Paused',
      ]);
    });
  });

  test('edited after Stop, another one is begun; not edited, it goes on', { timeout: 100_000 }, async () => {
    await withPage({}, async (driver) => {
      await driver.visit(ENDLESS);
      await driver.press('Start');
      await driver.updatesReach(100);
      await driver.press('Stop');
      const stopped = updatesOf(await driver.statusBegins('Stopped'));
      expect(await driver.finalHash()).toMatch(/^[0-9a-f]{64}$/);
      await driver.press('Step');
      await driver.updatesReach(stopped + 1);
      expect(updatesOf(await driver.statusBegins('Paused: '))).toBe(stopped + 1);
      expect(await driver.text('#hash')).toBe('');
      await driver.press('Stop');
      await driver.statusBegins('Stopped');
      await driver.type('Gamma', '0.8');
      await driver.page.waitForFunction(() => location.search.includes('gamma=0.8'));
      await driver.press('Start');
      expect(updatesOf(await driver.statusBegins('Training: '))).toBeLessThan(stopped);
      expect(await driver.page.$eval('#field-gamma', (field) => (field as HTMLInputElement).value)).toBe(
        '0.8',
      );
    });
  });

  test('are renamed wherever their name stands, while the list goes on changing', {
    timeout: 100_000,
  }, async () => {
    await withPage({}, async (driver) => {
      const { page } = driver;
      await driver.visit(ENDLESS);
      await driver.press('Start');
      await driver.updatesReach(20);
      await driver.show('Runs');
      await page.waitForSelector('.kept-runs li input[type="text"]');
      // At once, as the list may be read anew at any moment.
      await page.$eval('.kept-runs li input[type="text"]', (name) => {
        (name as HTMLInputElement).focus();
        (name as HTMLInputElement).select();
      });
      await page.keyboard.type('half a na');
      await driver.page.$eval('#stop', (button) => (button as HTMLButtonElement).click());
      await driver.statusBegins('Stopped');
      await page.waitForFunction(() =>
        /Stopped/.test(document.querySelector('.kept-runs li .hint')?.textContent ?? ''),
      );
      await page.keyboard.type('me');
      await page.keyboard.press('Tab');
      await page.waitForFunction(() =>
        /half a name/.test(document.querySelector('.curves .runs')?.textContent ?? ''),
      );
    });
  });
});
