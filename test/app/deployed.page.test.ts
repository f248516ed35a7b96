import { cpSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type OpenPage, openPage, textBecomes } from '../support/browser.ts';
import { PageDriver, SMALL } from './page_driver.ts';

/** What a page says of a file that a newer version on the server no longer has. */
const NEWER =
  /: the server has a newer version of this page, or cannot be reached\. Reload the page; runs that are kept stay/;

const site = inject('site');
/** A copy of the pages, as files are taken from it. */
const folder = mkdtempSync(join(site.folder, 'deployed-'));
const copy = { folder, url: `${site.url}${basename(folder)}/` };
beforeAll(() => {
  for (const name of ['index.html', 'bench.html', 'assets'])
    cpSync(join(site.folder, name), join(folder, name), { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Takes the files whose names begin like this off the server; returns what puts them back. */
function take(beginning: string): () => void {
  const assets = join(folder, 'assets');
  const names = readdirSync(assets).filter((name) => name.startsWith(beginning) && name.endsWith('.js'));
  expect(names.length, beginning).toBeGreaterThan(0);
  for (const name of names) renameSync(join(assets, name), join(folder, name));
  return () => {
    for (const name of names) renameSync(join(folder, name), join(assets, name));
  };
}

describe('a page that is older than what the server has', () => {
  let open: OpenPage;
  let driver: PageDriver;
  beforeAll(async () => {
    open = await openPage(copy, 'index.html');
    driver = new PageDriver(open.page, open.url);
  });
  afterAll(() => open?.close());

  test('says so where its worker is gone, and keeps its runs', async () => {
    await driver.visit({ ...SMALL, updates: 20, warmup: 64 });
    await driver.press('Start');
    await driver.finalHash();
    const putBack = take('worker-');
    await driver.press('Reset');
    await textBecomes(
      open.page,
      '#status',
      new RegExp(`^Failed: the worker could not be loaded${NEWER.source}`),
    );
    await driver.show('Runs');
    await driver.keptRuns(1);
    putBack();
    await open.page.reload();
    await textBecomes(open.page, '#status', /^Ready/);
    await driver.show('Runs');
    await driver.keptRuns(1);
  });

  test.each([
    ['Verify', 'verify_worker-', 'Verify', '#verify'],
    ['Verify', 'bench_worker-', 'Measure', '#verify'],
  ])('says so on the tab %s where %s is gone', async (tab, file, button, where) => {
    await driver.visit();
    await driver.show(tab);
    await driver.button(button);
    const putBack = take(file);
    await driver.press(button);
    await textBecomes(open.page, where, new RegExp(`Stopped: the worker could not be loaded${NEWER.source}`));
    putBack();
  });

  test('says so of a tab that is opened later', async () => {
    const putBack = take('tour-');
    await driver.visit();
    await driver.show('Understand');
    await textBecomes(
      open.page,
      '#tour',
      /^This could not be loaded: .+ newer version .+ runs that are kept stay\.$/,
    );
    putBack();
  });

  test('says so where it is an old copy that the browser kept, whose script is gone', async () => {
    const putBack = take('index-');
    await open.page.goto(open.url);
    await textBecomes(open.page, '#status', /^Not loaded: the server has a newer version of this page/);
    putBack();
  });
});

test('the benchmark says so too, once', async () => {
  const open = await openPage(copy, 'bench.html');
  try {
    await open.page.waitForSelector('#start:enabled');
    const putBack = take('bench_worker-');
    await open.page.reload();
    await textBecomes(
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
