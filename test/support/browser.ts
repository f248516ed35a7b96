import puppeteer, { type Page } from 'puppeteer';
import { findOrFetchBrowser } from '../../src/node/browser.ts';
import { type SiteOptions, servePage } from './site.ts';

/** A page of this project, open in headless Chromium with WebGPU on SwiftShader, as every machine can have it. */
export interface OpenPage {
  readonly page: Page;
  readonly url: string;
  /** Where the site's files lie. */
  readonly folder: string;
  /** What the page complained of since the last call: console errors, uncaught exceptions, failed requests. */
  takeErrors(): string[];
  close(): Promise<void>;
}

/** What Chromium is started with. */
export const BROWSER_FLAGS = [
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  // Chromium's sandbox does not start for root, nor in many containers; the only page opened is this project's.
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

/** Builds, serves and opens a page. Arguments as for `servePage`. */
export async function openPage(path: string, options: SiteOptions = {}): Promise<OpenPage> {
  const { executable } = await findOrFetchBrowser();
  const site = await servePage(path, options);
  const browser = await puppeteer
    .launch({ executablePath: executable, headless: true, args: BROWSER_FLAGS, protocolTimeout: 600_000 })
    .catch(async (error: unknown) => {
      await site.close();
      throw error;
    });
  const close = async () => {
    await browser.close();
    await site.close();
  };
  try {
    const page = await browser.newPage();
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
    await page.goto(site.url, { waitUntil: 'load' });
    return { page, url: site.url, folder: site.folder, takeErrors: () => errors.splice(0), close };
  } catch (error) {
    await close();
    throw error;
  }
}
