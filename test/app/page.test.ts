import puppeteer, { type HTTPRequest, type Page } from 'puppeteer';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { findOrFetchBrowser } from '../../src/node/browser.ts';
import { type OpenPage, openPage } from '../support/browser.ts';

/** Solved on two slow cores within a minute: a small grid, small networks, a short horizon. */
const LINK = {
  gridSize: 5,
  hidden: 32,
  mixerWidth: 8,
  hyperHidden: 16,
  environments: 32,
  batchSize: 32,
  replayCapacity: 20_000,
  warmup: 500,
  gamma: 0.9,
  learningRate: 0.003,
  epsilonDecaySteps: 20_000,
  updates: 20_000,
  evaluateEvery: 100,
};

let open: OpenPage;
let page: Page;
/** Everything that was asked for, other than of this site. */
const elsewhere: string[] = [];

beforeAll(async () => {
  open = await openPage('index.html');
  page = open.page;
  page.on('request', (request: HTTPRequest) => {
    const { origin, protocol } = new URL(request.url());
    if (origin !== new URL(open.url).origin && protocol !== 'data:') elsewhere.push(request.url());
  });
});
afterEach(() => {
  expect(open.takeErrors(), 'errors in the page').toEqual([]);
  expect(elsewhere.splice(0), 'requests to elsewhere').toEqual([]);
});
afterAll(() => open?.close());

/** Opens the page anew, with a link's settings, and waits until it is ready. */
async function visit(link: Readonly<Record<string, unknown>> = {}): Promise<void> {
  const query = new URLSearchParams(Object.entries(link).map(([field, value]) => [field, String(value)]));
  await page.goto(`${open.url}?${query}`, { waitUntil: 'load' });
  await page.waitForSelector('::-p-aria([name="Start"][role="button"]):enabled', { timeout: 30_000 });
}

const press = async (name: string): Promise<void> => {
  const button = await page.waitForSelector(`::-p-aria([name="${name}"][role="button"])`);
  await button!.click();
};

const text = (selector: string): Promise<string> => page.$eval(selector, (found) => found.textContent ?? '');
const statusText = (): Promise<string> => text('[role="status"]');

/** Waits for a status that begins like this; returns it. */
async function statusBegins(beginning: string, timeout = 60_000): Promise<string> {
  await page.waitForFunction(
    (wanted) => document.querySelector('[role="status"]')?.textContent?.startsWith(wanted),
    { timeout, polling: 50 },
    beginning,
  );
  return statusText();
}

async function type(label: string, value: string): Promise<void> {
  const field = await page.waitForSelector(`::-p-aria([name="${label}"][role="textbox"])`);
  await field!.click({ count: 3 });
  await field!.press('Backspace');
  await field!.type(value);
  await field!.press('Tab');
}

/** Waits until at least so many updates are told of. */
async function updatesReach(count: number, timeout = 60_000): Promise<void> {
  await page.waitForFunction(
    (wanted) => {
      const told = document.querySelector('[role="status"]')?.textContent?.match(/: ([\d,]+) updates/);
      return told !== null && told !== undefined && Number(told[1].replaceAll(',', '')) >= wanted;
    },
    { timeout, polling: 50 },
    count,
  );
}

const updatesOf = (status: string): number =>
  Number(/: ([\d,]+) updates/.exec(status)?.[1].replaceAll(',', '') ?? Number.NaN);

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

describe('the page', () => {
  test('trains to solved, pauses where it is told to and goes on, and plays', {
    timeout: 600_000,
  }, async () => {
    await visit(LINK);
    expect(await text('#backend')).toMatch(/WebGPU by a software adapter: .*swiftshader/i);
    expect(await text('#link-settings')).toContain('hidden=32');
    expect(await page.$eval('#gridSize', (input) => (input as HTMLInputElement).value)).toBe('5');
    await type('Grid size', '3');

    await press('Start');
    await statusBegins('Training: ');
    await updatesReach(30);
    await press('Pause');
    const paused = await statusBegins('Paused: ');
    expect(updatesOf(paused)).toBeGreaterThanOrEqual(30);
    expect(updatesOf(paused)).toBeLessThan(LINK.updates);
    expect(paused).toMatch(/of 504 starts|not evaluated yet/);
    const played = await text('#board-text');
    await pause(2000);
    expect(await statusText(), 'a paused run').toBe(paused);
    expect(await text('#board-text'), 'the board plays on while training rests').not.toBe(played);

    await press('Start');
    await statusBegins('Training: ');
    await updatesReach(updatesOf(paused) + 30);
    expect(await text('#board-text')).toMatch(/goal at row [123], column [123]; agent 1 at row/);

    const solved = await statusBegins('Solved: ', 450_000);
    expect(solved).toMatch(/^Solved: 504 of 504 starts, after [\d,]+ updates$/);
    expect(await text('#numbers')).toContain('Greedy success100.0 %');
    expect(await text('#curve-text')).toContain('greedy 100.0 %');
    const drawn = await page.$eval('#curve canvas', (canvas) => {
      const { width, height } = canvas as HTMLCanvasElement;
      const { data } = (canvas as HTMLCanvasElement).getContext('2d')!.getImageData(0, 0, width, height);
      // The greedy line's colour, #1d63b8, which no axis has.
      let pixels = 0;
      for (let at = 0; at < data.length; at += 4) {
        if (data[at] === 0x1d && data[at + 1] === 0x63 && data[at + 2] === 0xb8) pixels++;
      }
      return pixels;
    });
    expect(drawn, 'pixels of the curve').toBeGreaterThan(200);
    await page.waitForFunction(
      () => document.querySelector('#board-text')?.textContent?.startsWith('Met after'),
      { timeout: 30_000 },
    );

    await press('Reset');
    await statusBegins('Ready');
    expect(await text('#numbers')).toContain('Updates–');
    expect(await page.$eval('#gridSize', (input) => (input as HTMLInputElement).value)).toBe('3');
  });

  test('trains several seeds on the reference where there is no adapter, and says why', async () => {
    const { executable } = await findOrFetchBrowser();
    const browser = await puppeteer.launch({
      executablePath: executable,
      headless: true,
      args: ['--no-sandbox', '--disable-gpu', '--disable-software-rasterizer', '--no-first-run'],
    });
    const before = page;
    try {
      page = await browser.newPage();
      await visit({ ...LINK, gridSize: 3, seeds: '5,6', updates: 40 });
      expect(await text('#backend')).toMatch(
        /^Trains on the CPU, by the float64 reference .* no WebGPU here: this browser has /,
      );
      await press('Start');
      expect(await statusBegins('Finished', 120_000)).toMatch(
        /^Finished, not solved: [\d,]+, [\d,]+ of 504 starts by seeds 5, 6, after 40 updates$/,
      );
    } finally {
      page = before;
      await browser.close();
    }
  });

  test('stops at a gradient that is not finite, and says what was seen', async () => {
    // Nothing holds the targets back: no discount, no slower copy, no clipping.
    const unbounded = { learningRate: 1, mixerLearningRate: 1, clipNorm: 1e9, gamma: 1, tau: 1 };
    await visit({ ...LINK, gridSize: 3, logEvery: 10, ...unbounded });
    await press('Start');
    expect(await statusBegins('Stopped: ')).toMatch(/seed 2025: the gradient of update \d+ is not finite/);
  });

  test('shows what is wrong beside the field, and starts nothing', async () => {
    await visit();
    await type('Grid size', '1');
    await page.waitForFunction(() => document.querySelector('#gridSize-problem')?.textContent !== '');
    expect(await text('#gridSize-problem')).toBe('gridSize: got 1, allowed: at least 2');
    await type('Seeds', '7, seven');
    await press('Start');
    await statusBegins('Not started: ');
    expect(await text('#seeds-problem')).toContain('seeds.1: got " seven", allowed: a number');
    const invalid = await page.$$eval('[aria-invalid="true"]', (fields) => fields.map(({ id }) => id));
    expect(invalid).toEqual(['seeds', 'gridSize']);
    expect(await page.evaluate(() => document.activeElement?.id), 'focus').toBe('seeds');

    await type('Seeds', '7');
    await type('Grid size', '3');
    await page.waitForFunction(() => document.querySelector('[aria-invalid="true"]') === null);
    expect(await text('#gridSize-problem')).toBe('');
  });

  test('refuses by name what a link has wrong, and keeps the rest', async () => {
    await visit({ gridSize: 4, hidden: -3, speed: '<b id="injected">fast</b>' });
    const problems = await page.$$eval('#other-problems li', (items) =>
      items.map((item) => item.textContent),
    );
    expect(problems).toEqual([
      expect.stringMatching(/^speed: unknown field, allowed: preset, /),
      'hidden: got -3, allowed: at least 1',
    ]);
    expect(await page.$('#injected')).toBeNull();
    expect(await page.$eval('#gridSize', (input) => (input as HTMLInputElement).value)).toBe('4');
    expect(await page.$eval('#link-settings', (line) => (line as HTMLElement).hidden)).toBe(true);
  });

  test('says what it cannot hold before it begins', async () => {
    await visit({ replayCapacity: 10_000_000, agents: 8 });
    await press('Start');
    const refused = await statusBegins('Not started: ');
    expect(refused).toMatch(
      /replayCapacity: got 10000000, which needs a buffer of [\d,]+ MiB, allowed: at most/,
    );
  });

  test('says that the GPU was lost, and begins anew', async () => {
    await visit({ ...LINK, gridSize: 3 });
    await press('Start');
    await statusBegins('Training: ');
    const session = await page.browser().target().createCDPSession();
    await session.send('Browser.crashGpuProcess');
    expect(await statusBegins('Stopped: ')).toMatch(/swiftshader: the device was lost/);
    await press('Reset');
    await statusBegins('Ready');
    await press('Start');
    await updatesReach(1);
  });
});
