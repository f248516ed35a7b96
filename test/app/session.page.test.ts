import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'puppeteer';
import { describe, expect, inject, test } from 'vitest';
import { temporaryFolder } from '../cli/command.ts';
import { launchBrowser, newPage } from '../support/browser.ts';
import { downloaded, PageDriver, pause, SMALL, updatesOf } from './page_driver.ts';

/** Goes on until it is stopped, and solves nothing. */
const ENDLESS = { ...SMALL, learningRate: 1e-7, stopWhenSolved: false, updates: 100_000 };
/** At its end within seconds. */
const SHORT = { ...SMALL, updates: 60, warmup: 64, evaluateEvery: 30, logEvery: 10 };

/** Else Chromium gives up, and withholds its GPU from the page, when it is lost again and again. */
const GPU_MAY_CRASH = ['--disable-gpu-process-crash-limit', '--disable-domain-blocking-for-3d-apis'];

const site = new URL(inject('site').url);

interface Options {
  /** What the browser asks its user's settings. */
  readonly preferences?: object;
  readonly flags?: readonly string[];
  readonly origin?: string;
}

/** Does this with a browser of its own, on which nothing must be left to complain of. */
async function withPage(
  options: Options,
  work: (driver: PageDriver, browser: Browser) => Promise<void>,
): Promise<void> {
  const { preferences, flags = [], origin = site.origin } = options;
  const profile = temporaryFolder();
  if (preferences) {
    await mkdir(join(profile, 'Default'));
    await writeFile(join(profile, 'Default', 'Preferences'), JSON.stringify(preferences));
  }
  const browser = await launchBrowser({ profile, flags });
  try {
    const driver = new PageDriver(await newPage(browser), `${origin}/index.html`);
    const wrong: string[] = [];
    driver.page.on('pageerror', (error) => wrong.push(String(error)));
    await work(driver, browser);
    expect(wrong).toEqual([]);
  } finally {
    await browser.close();
  }
}

declare global {
  interface Window {
    /** Messages that a worker has posted, and that are held up on their way while `held`. */
    messages?: { held: boolean; readonly late: (() => void)[] };
  }
}

/** Lets a test hold up what workers tell the page. Answers to what the page asks of them come all the same. */
function holdMessages(): void {
  const messages: NonNullable<Window['messages']> = { held: false, late: [] };
  window.messages = messages;
  const listen = MessagePort.prototype.addEventListener as EventTarget['addEventListener'];
  MessagePort.prototype.addEventListener = function (this: MessagePort, type: string, listener: unknown) {
    const hear = (event: Event) => (listener as EventListener).call(this, event);
    listen.call(this, type, (event) => {
      if (messages.held) messages.late.push(() => hear(event));
      else hear(event);
    });
  };
}

describe('where a browser withholds something', () => {
  test('a page over plain http trains on the CPU, keeps the run, and hashes it all the same', async () => {
    const flags = ['--host-resolver-rules=MAP 10.0.0.1 127.0.0.1'];
    await withPage({ flags, origin: `http://10.0.0.1:${site.port}` }, async (driver) => {
      await driver.visit({ ...SHORT, hidden: 8 });
      expect(await driver.text('#backend')).toContain('only there on pages loaded over https');
      await driver.press('Start');
      await driver.statusBegins('Finished, not solved: ');
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

  test('without storage, runs are begun one after another, stopped and gone on with, and compared', async () => {
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
      await driver.textBecomes('#compare-hint', /^All four have been trained/);
    });
  });

  test('a stopped run that could not be saved goes on from where it was', async () => {
    await withPage({}, async (driver) => {
      await driver.visit(ENDLESS);
      // Enough for its beginning, and not for what comes into replay later.
      await driver.limitStorage(600_000);
      await driver.press('Start');
      await driver.updatesReach(30);
      await driver.textBecomes('#notice', /^This run goes on, but is not kept: .*space/);
      await driver.updatesReach(updatesOf(await driver.status()) + 100);
      await driver.press('Stop');
      const stopped = updatesOf(await driver.statusBegins('Stopped'));
      await driver.press('Start');
      expect(updatesOf(await driver.statusBegins('Training: '))).toBeGreaterThanOrEqual(stopped);
      expect(await driver.text('#hash')).toBe('');
      // Once there is space, it is saved, and nothing is said of it any more.
      await driver.limitStorage();
      await driver.textBecomes('#notice', /^$/);
    });
  });
});

describe('several runs', () => {
  test('of two tabs, the second leaves the first’s run alone, and says where it is', async () => {
    await withPage({}, async (driver, browser) => {
      await driver.visit(ENDLESS);
      await driver.press('Start');
      await driver.updatesReach(50);
      const second = new PageDriver(await newPage(browser), driver.url);
      await second.page.goto(second.url);
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

  test('asked for while another is still being left or begun: the last is what comes', async () => {
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

  test('of which one was left hear nothing of what its worker had still told', async () => {
    await withPage({}, async (driver) => {
      const { page } = driver;
      await page.evaluateOnNewDocument(holdMessages);
      await driver.visit(ENDLESS);
      await driver.press('Start');
      await driver.updatesReach(20);
      await page.evaluate(() => {
        window.messages!.held = true;
      });
      const late = () => page.evaluate(() => window.messages!.late.length);
      await driver.until('messages are on their way', async () => (await late()) >= 8);
      await driver.press('Reset');
      await driver.statusBegins('Ready');
      await page.evaluate(() => {
        window.messages!.held = false;
      });
      /** Lets the next of them come; returns what the page says and offers before and after. */
      const deliver = (count: number) =>
        page.evaluate((deliveries) => {
          const look = () => [
            ...['#status', '#hash', '#notice', '#numbers', '.curves .runs'].map(
              (where) => document.querySelector(where)?.textContent,
            ),
            ...[...document.querySelectorAll<HTMLButtonElement>('.controls button')].map(
              (button) => `${button.id}${button.disabled ? ' disabled' : ''}`,
            ),
          ];
          const before = look();
          for (const deliverOne of window.messages!.late.splice(0, deliveries)) deliverOne();
          return { before, after: look() };
        }, count);
      const ready = await deliver(Math.floor((await late()) / 2));
      expect(ready.before).toContain('Ready');
      expect(ready.after).toEqual(ready.before);
      // Nor is it told of the run that is on the page by then.
      await driver.press('Step');
      await driver.statusBegins('Paused: 0 updates, 32 environment steps');
      const other = await deliver(Number.POSITIVE_INFINITY);
      expect(other.after).toEqual(other.before);
      expect(await late()).toBe(0);
    });
  });

  test('edited after Stop, another one is begun; not edited, it goes on', async () => {
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
      // Begun once more, it is told of the one that was left.
      expect(await driver.text('#notice')).toBe('');
      await driver.press('Reset');
      await driver.statusBegins('Ready');
      expect(await driver.page.$eval('#export-csv', (own) => (own as HTMLButtonElement).disabled)).toBe(true);
      await driver.press('Start');
      expect(await driver.textBecomes('#notice', /./)).toMatch(
        /^This is a new run\. "QMIX on meeting-gridworld, seed 2025 \(2\)" was left after [\d,]+ updates?, and is kept: /,
      );
      expect(await driver.page.$eval('#export-csv', (own) => (own as HTMLButtonElement).disabled)).toBe(
        false,
      );
      await driver.press('Reset');
      await driver.statusBegins('Ready');
      expect(await driver.text('#notice')).toBe('');
    });
  });

  test('are renamed wherever their name stands, while the list goes on changing', async () => {
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
      await driver.textBecomes('.kept-runs li .hint', /Stopped/);
      await page.keyboard.type('me');
      await page.keyboard.press('Tab');
      await driver.textBecomes('.curves .runs', /half a name/);
    });
  });
});

describe('a run that has ended', () => {
  test('goes on with more updates, as if it had never ended', async () => {
    await withPage({}, async (driver) => {
      const { page } = driver;
      await driver.visit({ ...SHORT, updates: 120 });
      await driver.press('Start');
      await driver.statusBegins('Finished, not solved: ');
      const whole = await driver.finalHash();
      // Of the same settings but for when it ends, it is another run, and has another name.
      await driver.follow(SHORT);
      await driver.press('Start');
      await driver.statusBegins('Finished, not solved: ');
      const half = await driver.finalHash();
      expect(half).not.toBe(whole);
      await driver.type('Updates', '120');
      await driver.page.waitForFunction(() => location.search.includes('updates=120'));
      await driver.press('Start');
      await driver.until('another hash is shown', async () => {
        const text = await driver.text('#hash');
        return text !== '' && !text.includes(half);
      });
      expect(await driver.finalHash()).toBe(whole);
      expect(await driver.status()).toMatch(/^Finished, not solved: .* after 120 updates$/);
      await driver.show('Runs');
      await driver.keptRuns(2);
      const names = await page.$$eval('.kept-runs li input[type="text"]', (all) =>
        all.map((name) => (name as HTMLInputElement).value),
      );
      expect(names.sort()).toEqual([
        'QMIX on meeting-gridworld, seed 2025',
        'QMIX on meeting-gridworld, seed 2025 (2)',
      ]);
      // From the list, too: it is shown, and the place is given where it is said how far it is to go on.
      await driver.press('Go on QMIX on meeting-gridworld, seed 2025');
      await driver.statusBegins('Finished after 120 updates: give it more updates');
      expect(await page.evaluate(() => document.activeElement?.id)).toBe('field-updates');
    });
  });

  test('is finished in a checkpoint that is imported, too', async () => {
    await withPage({}, async (driver, browser) => {
      const folder = temporaryFolder();
      const session = await browser.target().createCDPSession();
      await session.send('Browser.setDownloadBehavior', { behavior: 'allow', downloadPath: folder });
      await driver.visit(SHORT);
      await driver.press('Start');
      const hash = await driver.finalHash();
      await driver.press('Export checkpoint');
      await driver.press('Reset');
      await driver.statusBegins('Ready');
      await driver.show('Runs');
      const file = await downloaded(folder, '.safetensors');
      const input = (await driver.page.$('#import-file')) as unknown as {
        uploadFile(path: string): Promise<void>;
      };
      await input.uploadFile(file);
      await driver.keptRuns(2);
      expect(await driver.text('.kept-runs li .hint')).toMatch(
        new RegExp(`^Finished: 60 updates, not evaluated yet, .* hash ${hash.slice(0, 12)}…$`),
      );
      await (await driver.page.$('[aria-label^="Show "]'))!.click();
      await driver.statusBegins('Finished after 60 updates; it has not been evaluated on this page');
      expect(await driver.finalHash()).toBe(hash);
    });
  });
});

/** Waits for a notice that was not told before; returns it. */
async function noticed(driver: PageDriver, text: RegExp, before: readonly string[]): Promise<string> {
  const found = await driver.until(`a new notice says ${text}`, async () => {
    const lines = await driver.page.$$eval('#notice p', (all) => all.map((line) => line.textContent ?? ''));
    return lines.find((line) => text.test(line) && !before.includes(line));
  });
  return found!;
}

describe('a device that is lost again and again', () => {
  test('ends the run, which says where it is kept, and Start goes on with it', async () => {
    await withPage({ flags: GPU_MAY_CRASH }, async (driver, browser) => {
      await driver.visit(ENDLESS);
      // Enough for its beginning alone: nothing is saved between the losses.
      await driver.limitStorage(130_000);
      await driver.press('Start');
      const session = await browser.target().createCDPSession();
      const told: string[] = [];
      for (let losses = 0; losses < 3; losses++) {
        await driver.updatesReach(200);
        await session.send('Browser.crashGpuProcess');
        if (losses < 2)
          told.push(await noticed(driver, /the run goes on from where it was saved last\./, told));
      }
      expect(await driver.statusBegins('Failed: ')).toMatch(
        /the device was lost .*\. Start goes on from where the run was saved last; Reset leaves it\.$/,
      );
      await driver.limitStorage();
      await driver.press('Start');
      await driver.statusBegins('Training: ');
      await driver.updatesReach(100);
      await driver.show('Runs');
      // It is the same run, and no other was begun.
      expect(await driver.page.$$eval('.kept-runs li', (all) => all.length)).toBe(1);
    });
  });
});
