import { readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'puppeteer';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type OpenPage, openPage } from '../support/browser.ts';
import { PageDriver, SMALL } from './page_driver.ts';

/** What a page says of a file that a newer version on the server no longer has. */
const NEWER =
  /: the server has a newer version of this page, or cannot be reached\. Reload the page; runs that are kept stay/;

/** Takes the files whose names begin like this off the server; returns what puts them back. */
function take(open: OpenPage, beginning: string): () => void {
  const assets = join(open.folder, 'assets');
  const names = readdirSync(assets).filter((name) => name.startsWith(beginning) && name.endsWith('.js'));
  expect(names.length, beginning).toBeGreaterThan(0);
  for (const name of names) renameSync(join(assets, name), join(open.folder, name));
  return () => {
    for (const name of names) renameSync(join(open.folder, name), join(assets, name));
  };
}

const becomes = (page: Page, selector: string, like: RegExp) =>
  page.waitForFunction(
    (where, wanted) => new RegExp(wanted).test(document.querySelector(where)?.textContent ?? ''),
    { timeout: 20_000, polling: 50 },
    selector,
    like.source,
  );

describe('a page that is older than what the server has', () => {
  let open: OpenPage;
  let driver: PageDriver;
  beforeAll(async () => {
    open = await openPage('index.html');
    driver = new PageDriver(open.page, open.url);
  });
  afterAll(() => open?.close());

  test('says so where its worker is gone, and keeps its runs', async () => {
    await driver.visit({ ...SMALL, updates: 20, warmup: 64 });
    await driver.press('Start');
    await driver.finalHash();
    const putBack = take(open, 'worker-');
    await driver.press('Reset');
    await becomes(open.page, '#status', new RegExp(`^Failed: the worker could not be loaded${NEWER.source}`));
    await driver.show('Runs');
    await open.page.waitForFunction(() => document.querySelectorAll('.kept-runs li').length === 1);
    putBack();
    await open.page.reload();
    await becomes(open.page, '#status', /^Ready/);
    await driver.show('Runs');
    await open.page.waitForFunction(() => document.querySelectorAll('.kept-runs li').length === 1);
  });

  test.each([
    ['Verify', 'verify_worker-', 'Verify', '#verify'],
    ['Verify', 'bench_worker-', 'Measure', '#verify'],
  ])('says so on the tab %s where %s is gone', async (tab, file, button, where) => {
    await driver.visit();
    await driver.show(tab);
    await driver.button(button);
    const putBack = take(open, file);
    await driver.press(button);
    await becomes(open.page, where, new RegExp(`Stopped: the worker could not be loaded${NEWER.source}`));
    putBack();
  });

  test('says so of a tab that is opened later', async () => {
    const putBack = take(open, 'tour-');
    await driver.visit();
    await driver.show('Understand');
    await becomes(
      open.page,
      '#tour',
      /^This could not be loaded: .+ newer version .+ runs that are kept stay\.$/,
    );
    putBack();
  });

  test('says so where it is an old copy that the browser kept, whose script is gone', async () => {
    const putBack = take(open, 'index-');
    await open.page.goto(open.url);
    await becomes(open.page, '#status', /^Not loaded: the server has a newer version of this page/);
    putBack();
  });
});

test('the benchmark says so too, once', async () => {
  const open = await openPage('bench.html');
  try {
    await open.page.waitForSelector('#start:enabled');
    const putBack = take(open, 'bench_worker-');
    await open.page.reload();
    await becomes(
      open.page,
      '#status',
      new RegExp(`^Nothing to measure: the worker could not be loaded${NEWER.source}`),
    );
    expect(await open.page.$eval('#results', (results) => results.textContent)).toBe('');
    putBack();
  } finally {
    await open.close();
  }
});
