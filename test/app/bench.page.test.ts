import type { Page } from 'puppeteer';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import type { BenchReport } from '../../src/bench/run_bench.ts';
import { type OpenPage, openPage, textBecomes } from '../support/browser.ts';

let open: OpenPage;
let page: Page;

beforeAll(async () => {
  open = await openPage(inject('site'), 'bench.html');
  page = open.page;
  // Copying needs a page in front, and leave to write.
  await page.bringToFront();
  await page
    .browserContext()
    .overridePermissions(new URL(open.url).origin, [
      'clipboard-read',
      'clipboard-sanitized-write',
      'clipboard-write',
    ]);
});
afterEach(() => {
  expect(open.takeErrors(), 'errors in the page').toEqual([]);
});
afterAll(() => open?.close());

const press = async (name: string): Promise<void> => {
  const button = await page.waitForSelector(`::-p-aria([name="${name}"][role="button"]):enabled`);
  await button!.click();
};

const status = (like: RegExp): Promise<string> => textBecomes(page, '[role="status"]', like);

const choose = (parts: readonly string[]): Promise<void> =>
  page.$$eval(
    '[name="part"]',
    (boxes, wanted) => {
      for (const box of boxes)
        (box as HTMLInputElement).checked = wanted.includes((box as HTMLInputElement).value);
    },
    parts,
  );

const copied = (): Promise<string> => page.evaluate(() => navigator.clipboard.readText());

describe('the page of the benchmark', () => {
  test('measures the quick extent, shows tables, and copies them as text and as JSON', async () => {
    await status(/^Ready/);
    expect(await page.$eval('#backend', (line) => line.textContent)).toMatch(
      /^A software adapter: .*swiftshader/i,
    );
    await page.select('#preset', 'solve');
    expect(await page.$eval('#extent', (list) => (list as HTMLSelectElement).value)).toBe('quick');
    await press('Start');
    for (const measured of ['Kernels alone', 'Updates', 'Rollout'])
      await page.waitForSelector(`::-p-xpath(//*[@id="results"]//h2[.="${measured}"])`);
    await status(/^Finished/);
    const headings = await page.$$eval('#results h2', (all) => all.map(({ textContent }) => textContent));
    expect(headings).toEqual(['Kernels alone', 'Updates', 'Rollout']);
    const rows = await page.$$eval('#results table', (tables) =>
      tables.map((table) => (table as HTMLTableElement).tBodies[0].rows.length),
    );
    expect(rows).toEqual([16, 4, 6]);

    await press('Copy as JSON');
    await status(/^Copied/);
    const report = JSON.parse(await copied()) as BenchReport;
    expect(report.kernels).toHaveLength(16);
    expect(report.updates.map(({ dispatches, submits }) => [dispatches, submits])).toEqual(
      report.updates.map(() => [3, 1]),
    );
    expect(report.peak!.gflops).toBeGreaterThan(0);

    await press('Copy as text');
    await page.waitForFunction(async () => (await navigator.clipboard.readText()).includes('Kernels alone:'));
    const text = await copied();
    expect(text).toContain(report.adapter);
    expect(text).toMatch(/^update_rows +1 +[\d,.]+ +[\d,.]+ – [\d,.]+ /m);
  });

  test('starts nothing where nothing is chosen, and can be stopped', async () => {
    await choose([]);
    await press('Start');
    await status(/^Not started: no part is chosen/);
    await choose(['updates']);
    await press('Start');
    // It can be pressed once something is measured; what the status says of that may be replaced at once.
    await press('Stop');
    // The new worker's device waits for what the old one had submitted, or compiles: minutes on a slow machine.
    await status(/^Ready/);
    expect(await page.$$('#results h2')).toHaveLength(0);
  });

  test('fits a phone: only tables are wider, and scroll by themselves', async () => {
    await page.setViewport({ width: 360, height: 700 });
    const [width, inner] = await page.evaluate(() => [
      document.documentElement.scrollWidth,
      document.documentElement.clientWidth,
    ]);
    expect(width).toBeLessThanOrEqual(inner);
  });
});
