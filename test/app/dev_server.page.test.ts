import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'puppeteer';
import { createServer, type ViteDevServer } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser, newPage } from '../support/browser.ts';
import { PageDriver, SMALL } from './page_driver.ts';

/** `npm start`, which serves the sources as they are: without a build, and without its policy. */

const root = fileURLToPath(new URL('../..', import.meta.url));
let cacheDir: string;
let server: ViteDevServer;
let browser: Browser;

beforeAll(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), 'qmix-dev-'));
  server = await createServer({
    root,
    configFile: join(root, 'vite.config.ts'),
    logLevel: 'error',
    cacheDir,
    server: { host: '127.0.0.1', port: 0, watch: null },
  });
  await server.listen();
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
  await rm(cacheDir, { recursive: true, force: true });
});

test('npm start serves the page that trains, and beside it the benchmark', async () => {
  const page = await newPage(browser);
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  const driver = new PageDriver(page, `${server.resolvedUrls!.local[0]}index.html`);
  await driver.follow({ ...SMALL, updates: 20, warmup: 64 });
  expect(await driver.text('#backend')).toMatch(/^Trains on WebGPU/);
  await driver.press('Start');
  expect(await driver.finalHash()).toMatch(/^[0-9a-f]{64}$/);
  await Promise.all([page.waitForNavigation(), page.click('footer a')]);
  expect(page.url()).toMatch(/\/bench\.html$/);
  await page.waitForSelector('#start:enabled');
  expect(errors).toEqual([]);
});
