import puppeteer, { type Browser, type Page } from 'puppeteer';
import { findOrFetchBrowser } from '../../src/node/browser.ts';
import { PATIENCE } from './patience.ts';
import type { Site } from './site.ts';

/** A page of this project, open in headless Chromium with WebGPU on SwiftShader, as every machine can have it. */
export interface OpenPage {
  readonly page: Page;
  readonly url: string;
  /** What the page complained of since the last call: console errors, uncaught exceptions, failed requests. */
  takeErrors(): string[];
  close(): Promise<void>;
}

/** What gives a browser an adapter, or none. */
const ADAPTERS = {
  swiftshader: ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'],
  none: ['--disable-gpu', '--disable-software-rasterizer'],
};

export interface BrowserOptions {
  readonly adapter?: keyof typeof ADAPTERS;
  /** The folder of its profile, which stays; else it has a new one, of which no other browser knows. */
  readonly profile?: string;
  readonly flags?: readonly string[];
}

/** Starts headless Chromium. */
export async function launchBrowser({
  adapter = 'swiftshader',
  profile,
  flags = [],
}: BrowserOptions = {}): Promise<Browser> {
  const { executable } = await findOrFetchBrowser();
  return puppeteer.launch({
    executablePath: executable,
    headless: true,
    ...(profile !== undefined && { userDataDir: profile }),
    args: [
      ...ADAPTERS[adapter],
      ...flags,
      // Chromium's sandbox does not start for root, nor in many containers; the only page opened is this project's.
      '--no-sandbox',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
    timeout: PATIENCE,
    protocolTimeout: 2 * PATIENCE,
  });
}

/** An empty page of a browser, which waits for as long as a slow machine needs. */
export async function newPage(browser: Browser): Promise<Page> {
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE);
  return page;
}

/** Waits until the text of an element is like this, and returns it. */
export async function textBecomes(page: Page, selector: string, like: RegExp): Promise<string> {
  await page.waitForFunction(
    (where, source) => new RegExp(source).test(document.querySelector(where)?.textContent ?? ''),
    { polling: 50 },
    selector,
    like.source,
  );
  return page.$eval(selector, (found) => found.textContent ?? '');
}

/** Opens a page of the site, by its path, in a browser of its own. */
export async function openPage(site: Site, path: string): Promise<OpenPage> {
  const browser = await launchBrowser();
  const close = () => browser.close();
  try {
    const page = await newPage(browser);
    const errors: string[] = [];
    page.on('console', (message) => {
      if (message.type() !== 'error') return;
      const { url, lineNumber } = message.location();
      errors.push(`console: ${message.text()}${url ? ` (${url}:${(lineNumber ?? 0) + 1})` : ''}`);
    });
    page.on('pageerror', (error) =>
      errors.push(`uncaught: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`),
    );
    page.on('requestfailed', (request) => errors.push(`failed: ${request.method()} ${request.url()}`));
    page.on('error', (error) => errors.push(`crash: ${error.message}`));
    const url = site.url + path;
    await page.goto(url, { waitUntil: 'load' });
    return { page, url, takeErrors: () => errors.splice(0), close };
  } catch (error) {
    await close();
    throw error;
  }
}
