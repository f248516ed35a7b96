import type { Page } from 'puppeteer';
import { afterAll, afterEach, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import type { BenchReport } from '../../src/bench/run_bench.ts';
import { type OpenPage, openPage, textBecomes } from '../support/browser.ts';
import { tellWorkers } from './told_workers.ts';

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

  test('shows what its worker tells as it comes, begins anew at each press, and says why it cannot', async () => {
    onTestFinished(await tellWorkers(page));
    await page.goto(open.url);
    const tell = (...messages: readonly object[]): Promise<void> =>
      page.evaluate((all) => {
        for (const message of all) window.told!.at(-1)!.tell(message);
      }, messages);
    const look = (): Promise<Record<string, unknown>> =>
      page.evaluate(() => ({
        status: document.querySelector('#status')!.textContent,
        enabled: [...document.querySelectorAll<HTMLButtonElement>('button:enabled')].map(({ id }) => id),
        fields: !document.querySelector<HTMLFieldSetElement>('#fields')!.disabled,
        focus: document.activeElement?.id,
        lines: [...document.querySelectorAll('#results > section > p:first-child')].map(
          (own) => own.textContent,
        ),
        rows: [...document.querySelectorAll('#results tbody')].map((own) => own.childElementCount),
        workers: window.told!.map(({ ended }) => (ended ? 'ended' : 'on')),
      }));
    expect(await look()).toMatchObject({ enabled: [], fields: false, workers: ['on'] });
    const opened = { type: 'opened', adapter: 'Example', software: false, notice: '' };
    await tell(opened);
    expect(await page.$eval('#backend', (line) => line.textContent)).toBe('Example');
    expect(await look()).toMatchObject({ status: 'Ready', enabled: ['start'], fields: true });
    const plan = async (): Promise<unknown> => {
      await press('Start');
      return page.evaluate(() => window.told!.at(-1)!.posted.splice(0));
    };
    expect(await plan()).toMatchObject([
      {
        type: 'start',
        plan: {
          ...{ preset: 'report', parts: ['kernels', 'updates', 'rollout'], kernelLearners: [1] },
          ...{ learners: [1, 8], batch: [32, 256], agents: [2], environments: [32, 1024], seeds: [2025] },
        },
      },
    ]);
    const running = { enabled: ['stop'], fields: false, focus: 'stop', lines: [], rows: [] };
    expect(await look()).toMatchObject(running);
    const update = { learners: 1, batch: 32, agents: 2, ms: 0.5, spread: [0.4, 0.8], gflops: 1 };
    const counts = { dispatches: 3, passes: 1, submits: 1, bytesRead: 0 };
    const row = { type: 'update', row: { ...update, ...counts } };
    const kernel = { name: 'act', learners: 1, ms: 1, spread: [1, 1], gflops: 1, gbps: 1, share: 0.5 };
    await tell(row, row, { type: 'kernel', row: kernel }, { type: 'note', text: 'updates' });
    await tell({ type: 'skipped', skipped: { part: 'updates', what: '8 learners', reason: 'why' } });
    const report = { adapter: 'Example' };
    await tell({ type: 'finished', report });
    expect(await look()).toMatchObject({
      ...{ status: 'Finished', lines: ['Skipped updates, 8 learners: why'], rows: [2, 1], fields: true },
      ...{ enabled: ['start', 'copy-text', 'copy-json'], focus: 'start' },
    });
    await press('Copy as JSON');
    await page.waitForFunction(
      async () => (await navigator.clipboard.readText()) === '{"adapter":"Example"}',
    );

    // All of it is gone with the next press; what is stopped has no more to say.
    await page.select('#extent', 'full');
    await choose(['solve', 'updates']);
    await page.select('#preset', 'solve');
    expect(await plan()).toMatchObject([
      {
        plan: {
          ...{ preset: 'solve', parts: ['updates', 'solve'], kernelLearners: [1, 32] },
          ...{ learners: [1, 4, 16, 64, 256], environments: [32, 256, 1024, 4096] },
        },
      },
    ]);
    expect(await look()).toMatchObject(running);
    await tell(row);
    expect(await look()).toMatchObject({ rows: [1] });
    await press('Stop');
    expect(await look()).toMatchObject({ enabled: [], workers: ['ended', 'on'] });
    await page.evaluate((late) => window.told![0].tell(late), { type: 'finished', report });
    // The browser has taken the focus from what can be pressed no longer.
    await page.waitForFunction(() => document.activeElement === document.body);
    await tell(opened);
    expect(await look()).toMatchObject({ status: 'Ready', enabled: ['start'], focus: 'start' });
    await press('Start');
    await tell({ type: 'failed', reason: 'why' });
    expect(await look()).toMatchObject({ lines: ['Stopped: why'], workers: ['ended', 'ended', 'on'] });
    await tell({ ...opened, software: true });
    expect(await page.$eval('#backend', (line) => line.textContent)).toBe('A software adapter: Example');
    await press('Start');
    await page.evaluate(() => window.told!.at(-1)!.break());
    expect(await look()).toMatchObject({ lines: ['Stopped: broken'] });
    await tell({ ...opened, adapter: '', notice: 'no adapter' });
    expect(await look()).toMatchObject({
      status: 'Nothing to measure: no adapter',
      enabled: [],
      fields: false,
    });
  });
});
