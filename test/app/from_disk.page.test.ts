import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Page } from 'puppeteer';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type OpenPage, openPage } from '../support/browser.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

const status = async (page: Page): Promise<string> => {
  await page.waitForFunction(() => document.querySelector('#status')?.textContent !== 'Loading…');
  return page.$eval('#status', (own) => own.textContent ?? '');
};

const site = inject('site');
const pages: Record<string, OpenPage> = {};
beforeAll(async () => {
  for (const name of ['index.html', 'bench.html']) pages[name] = await openPage(site, name);
});
afterAll(async () => {
  for (const open of Object.values(pages)) await open.close();
});

test.each(['index.html', 'bench.html'])('%s opened from the disk says how to open it', async (name) => {
  const { page, url, takeErrors } = pages[name];
  // Served, nothing of it is to be seen, and the policy lets it in.
  expect(await status(page)).not.toMatch(/^Not loaded/);
  expect(takeErrors()).toEqual([]);
  for (const file of [join(site.folder, name), join(root, name)]) {
    await page.goto(pathToFileURL(file).href);
    expect(await status(page), file).toMatch(
      /^Not loaded: this page does not work from the disk.* npm start /,
    );
  }
  await page.goto(url);
  expect(await status(page)).not.toMatch(/^Not loaded/);
});
