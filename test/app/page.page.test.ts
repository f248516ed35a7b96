import type { HTTPRequest, Page } from 'puppeteer';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { overflow, seriousFaults } from '../support/axe.ts';
import { launchBrowser, newPage, type OpenPage, openPage } from '../support/browser.ts';
import { taskTimes } from './main_thread.ts';
import { PageDriver, SMALL, updatesOf } from './page_driver.ts';

let open: OpenPage;
let page: Page;
let driver: PageDriver;
/** Everything that was asked for, other than of this site. */
const elsewhere: string[] = [];

beforeAll(async () => {
  open = await openPage(inject('site'), 'index.html');
  page = open.page;
  driver = new PageDriver(page, open.url);
  page.on('request', (request: HTTPRequest) => {
    const { origin, protocol } = new URL(request.url());
    if (origin !== new URL(open.url).origin && protocol !== 'data:' && protocol !== 'blob:') {
      elsewhere.push(request.url());
    }
  });
});
afterEach(() => {
  expect(open.takeErrors(), 'errors in the page').toEqual([]);
  expect(elsewhere.splice(0), 'requests to elsewhere').toEqual([]);
});
afterAll(() => open?.close());

const caption = (): Promise<string> => driver.text('.board figcaption');

describe('the page', () => {
  test('trains to solved, pauses and steps where it is told to, plays, and shows all starts', async () => {
    await driver.visit(SMALL);
    expect(await driver.text('#backend')).toMatch(/WebGPU by a software adapter: .*swiftshader/i);
    expect(await page.$eval('#field-hidden', (input) => (input as HTMLInputElement).value)).toBe('32');
    await driver.press('Start');
    await driver.updatesReach(30);
    await driver.press('Pause');
    const paused = await driver.statusBegins('Paused: ');
    expect(updatesOf(paused)).toBeGreaterThanOrEqual(30);
    // The board plays on while training rests.
    for (let moments = 0; moments < 8; moments++) {
      const played = await caption();
      await driver.until('the board shows another moment', async () => (await caption()) !== played);
    }
    expect(await driver.status(), 'a paused run').toBe(paused);

    await driver.press('Step');
    await driver.updatesReach(updatesOf(paused) + 1);
    expect(updatesOf(await driver.statusBegins('Paused: '))).toBe(updatesOf(paused) + 1);
    await driver.press('Start');
    const solved = await driver.statusBegins('Solved: ');
    expect(solved).toMatch(
      /^Solved: 504 of 504 starts, (after [\d,]+ updates|first after [\d,]+ updates, and at the end, after [\d,]+)$/,
    );
    expect(await driver.finalHash()).toMatch(/^[0-9a-f]{64}$/);
    expect(await driver.text('#numbers')).toContain('Greedy success100.0 %');
    await driver.textBecomes('#curves', /greedy 100 %/);
    await driver.show('All starts');
    await driver.textBecomes(
      '#starts',
      /Of 504 starts, \d+ are solved in the fewest steps, \d+ with more, 0 not\./,
    );
    await driver.textBecomes('.board figcaption', /goal/);
    await driver.press('Reset');
    await driver.statusBegins('Ready');
    expect(await driver.text('#numbers')).toContain('Updates–');
    await driver.show('Runs');
    await page.waitForSelector('.kept-runs li');
    expect(await driver.text('.kept-runs li')).toContain('Solved: ');
  });

  test('goes no faster than it is told to, ends earlier where that is changed, and stops', async () => {
    await driver.visit({ ...SMALL, warmup: 32, stopWhenSolved: false });
    await page.select('#speed', '5');
    await driver.press('Step');
    await driver.statusBegins('Paused: 0 updates, 32 environment steps');
    await driver.press('Step');
    await driver.statusBegins('Paused: 1 update, 64 environment steps');
    const begun = performance.now();
    await driver.press('Start');
    await driver.updatesReach(17);
    // 16 updates, of which the first need not wait. A busy machine takes longer; none may be faster.
    expect(performance.now() - begun).toBeGreaterThan(2900);
    await driver.press('Pause');
    await driver.statusBegins('Paused: ');
    await page.select('#speed', 'Infinity');
    await driver.show('Settings');
    expect(await page.$eval('#field-gamma', (field) => (field as HTMLInputElement).disabled)).toBe(true);
    await driver.type('Updates', '200');
    await page.waitForFunction(() => location.search.includes('updates=200&'));
    await driver.press('Start');
    expect(await driver.statusBegins('Finished')).toMatch(/after 200 updates$/);
  });

  test('trains several seeds on the reference where there is no adapter, and says why', async () => {
    const browser = await launchBrowser({ adapter: 'none' });
    try {
      const own = new PageDriver(await newPage(browser), open.url);
      await own.visit({ ...SMALL, seeds: '5,6', updates: 40 });
      expect(await own.text('#backend')).toMatch(
        /^Trains on the CPU, by the float64 reference .* no WebGPU here: this browser has /,
      );
      await own.press('Start');
      expect(await own.statusBegins('Finished')).toMatch(
        /^Finished, not solved: [\d,]+, [\d,]+ of 504 starts by seed 5, seed 6, after 40 updates$/,
      );
    } finally {
      await browser.close();
    }
  });

  test('plays and trains every other environment', async () => {
    await driver.visit({
      environment: 'switch-and-door',
      gridSize: 3,
      updates: 20,
      warmup: 64,
      evaluateEvery: 20,
    });
    await driver.press('Start');
    await driver.textBecomes('.board figcaption', /switch/);
    await driver.statusBegins('Finished');
    await driver.visit({
      preset: 'game',
      algorithm: 'vdn',
      updates: 300,
      warmup: 1000,
      replayCapacity: 20_000,
    });
    await driver.press('Start');
    await driver.statusBegins('Finished');
    await page.waitForFunction(() => document.querySelectorAll('#play table').length >= 2);
    expect(await driver.text('#starts-panel')).toContain('There is a map of two agents');
  });

  test('fails at a gradient that is not finite, and says what was seen', async () => {
    // Nothing holds the targets back: no discount, no slower copy, no clipping.
    const unbounded = { learningRate: 1, mixerLearningRate: 1, clipNorm: 1e9, gamma: 1, tau: 1 };
    await driver.visit({ ...SMALL, logEvery: 10, ...unbounded });
    await driver.press('Start');
    expect(await driver.statusBegins('Failed: ')).toMatch(
      /seed 2025: the gradient of update \d+ is not finite/,
    );
    await driver.press('Reset');
    await driver.statusBegins('Ready');
  });

  test('shows what is wrong beside the field, and starts nothing', async () => {
    await driver.visit();
    await driver.type('Grid size', '1');
    await page.waitForFunction(() => document.querySelector('#field-gridSize')?.ariaInvalid === 'true');
    expect(await driver.text('#settings')).toContain('gridSize: got 1, allowed: at least 2');
    await driver.type('Seeds', '7, seven');
    await driver.press('Start');
    await driver.statusBegins('Not started: ');
    await page.waitForFunction(() => document.activeElement?.id === 'field-seeds');
    await driver.type('Seeds', '7');
    await driver.type('Grid size', '3');
    await page.waitForFunction(() => document.querySelector('[aria-invalid="true"]') === null);
  });

  test('refuses by name what a link has wrong, and keeps the rest', async () => {
    await driver.visit({ gridSize: 4, hidden: -3, speed: '<b id="injected">fast</b>' });
    const said = await driver.text('#settings');
    expect(await driver.text('#ignored')).toBe('Ignored from the link: speed, hidden.');
    expect(said).toContain('speed: unknown field, allowed: preset, ');
    expect(said).toContain('hidden: got -3, allowed: at least 1');
    expect(await page.$('#injected')).toBeNull();
    expect(await page.$eval('#field-gridSize', (input) => (input as HTMLInputElement).value)).toBe('4');
    expect(await driver.status()).toBe('Ready');
  });

  test('says what it cannot hold before it begins', async () => {
    await driver.visit({ replayCapacity: 10_000_000, agents: 8 });
    await driver.press('Start');
    expect(await driver.statusBegins('Not started: ')).toMatch(
      /replayCapacity: got 10000000, which needs a buffer of [\d,]+ MiB, allowed: at most/,
    );
  });

  test('says of a file what is wrong with it, and keeps the rest', async () => {
    await driver.visit();
    await driver.show('Runs');
    const input = (await page.$('#import-file')) as unknown as { uploadFile(path: string): Promise<void> };
    await input.uploadFile('src/verify/vectors/vdn-masked.safetensors');
    expect(await driver.textBecomes('#runs .problem', /./)).toMatch(
      /^vdn-masked\.safetensors: metadata format: got /,
    );
  });

  test('goes on by itself where the GPU was lost, to the same end, and says so', async () => {
    const link = { ...SMALL, updates: 900, stopWhenSolved: false };
    await driver.visit(link);
    await driver.press('Start');
    const undisturbed = await driver.finalHash();
    await driver.visit(link);
    await driver.press('Start');
    await driver.updatesReach(300);
    const session = await page.browser().target().createCDPSession();
    await session.send('Browser.crashGpuProcess');
    expect(await driver.textBecomes('#notice', /the device was lost/)).toMatch(
      /^.*swiftshader.*: the device was lost .*: the run goes on from where it was saved last\.$/i,
    );
    expect(await driver.finalHash()).toBe(undisturbed);
    // No row is there twice, and none is missing.
    await driver.show('Numbers');
    expect(await driver.text('#numbers')).toContain('Updates900 of at most 900');
  });

  test('has nothing serious against it for those who do not see or point, on any view', async () => {
    await driver.visit({ ...SMALL, updates: 300 });
    await driver.press('Start');
    await driver.updatesReach(120);
    for (const colours of ['light', 'dark']) {
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: colours }]);
      for (const tab of ['Settings', 'Numbers', 'All starts', 'Understand', 'Runs', 'Verify']) {
        await driver.show(tab);
        await driver.filled(tab);
        expect(await seriousFaults(page), `${tab}, ${colours}`).toEqual([]);
        for (const width of [360, 390, 768, 1600]) {
          await page.setViewport({ width, height: 900 });
          expect(await overflow(page), `${tab} is wider than ${width}`).toBe(0);
        }
        await page.setViewport({ width: 1280, height: 900 });
      }
    }
    await page.emulateMediaFeatures([]);
  });

  test('is trained, looked into and exported from by keyboard alone', async () => {
    await driver.visit({ ...SMALL, updates: 300 });
    const focused = () =>
      page.evaluate(() => {
        const { activeElement } = document;
        return activeElement?.getAttribute('aria-label') ?? activeElement?.textContent?.trim() ?? '';
      });
    /** Tabs on until what has the focus is called like this. */
    const tabTo = async (name: RegExp) => {
      for (let tabs = 0; tabs < 80; tabs++) {
        await page.keyboard.press('Tab');
        if (name.test(await focused())) return;
      }
      throw new Error(`${name} cannot be reached`);
    };
    await tabTo(/^Start$/);
    await page.keyboard.press('Enter');
    await driver.updatesReach(150);
    await tabTo(/^agent 1, row/);
    const before = await focused();
    await page.keyboard.press(/row 1/.test(before) ? 'ArrowDown' : 'ArrowUp');
    await page.waitForFunction(
      (was) => document.activeElement?.getAttribute('aria-label') !== was,
      {},
      before,
    );
    await tabTo(/^What the networks say$/);
    await page.keyboard.press('Enter');
    await driver.textBecomes('.inside', /Q_tot/);
    await tabTo(/^Export checkpoint$/);
    const clicked = page.evaluate(
      () =>
        new Promise<string>((resolve) => {
          const { click } = HTMLAnchorElement.prototype;
          HTMLAnchorElement.prototype.click = function () {
            HTMLAnchorElement.prototype.click = click;
            resolve(this.download);
          };
        }),
    );
    await page.keyboard.press('Enter');
    expect(await clicked).toMatch(/checkpoint\.safetensors$/);
    await tabTo(/^Settings$/);
    await page.keyboard.press('ArrowRight');
    expect(await focused()).toBe('Numbers');
    expect(await page.$eval('#numbers-panel', (panel) => (panel as HTMLElement).hidden)).toBe(false);
  });

  test('never keeps the page from answering while it trains', async () => {
    await driver.visit({ ...SMALL, stopWhenSolved: false });
    await driver.press('Start');
    await driver.updatesReach(60);
    // From what is made once the trace has begun, which may take seconds.
    const times = await taskTimes(page, async () =>
      driver.updatesReach(updatesOf(await driver.status()) + 500),
    );
    expect(times.length).toBeGreaterThan(50);
    expect(Math.max(...times), 'ms of the longest task').toBeLessThan(50);
  });
});
