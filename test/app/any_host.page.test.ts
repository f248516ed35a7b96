import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'puppeteer';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { launchBrowser, newPage } from '../support/browser.ts';
import { PageDriver, SMALL } from './page_driver.ts';

/** Far from the host's root. */
const PATH = '/~somebody/demos/qmix/';
const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
};
/** Bytes that a first visit loads, compressed, as the README tells them. */
const TOLD_BYTES =
  1000 * Number(/a first visit loads (\d+) kB compressed/.exec(readFileSync('README.md', 'utf8'))![1]);

/** What `npm run build` writes, and pages of tests beside it. */
const { folder } = inject('site');
let server: Server;
let browser: Browser;
let site: string;
/** Compressed bytes of what was asked for; and what was asked for that is not there. */
let sent = 0;
const missing: string[] = [];

/** A server that knows files and nothing else. */
beforeAll(async () => {
  server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url!, 'http://host').pathname);
    try {
      if (!path.startsWith(PATH)) throw new Error('outside');
      const bytes = await readFile(join(folder, path.slice(PATH.length)));
      sent += gzipSync(bytes).length;
      response
        .writeHead(200, { 'content-type': TYPES[extname(path)] ?? 'application/octet-stream' })
        .end(bytes);
    } catch {
      missing.push(path);
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  site = `http://127.0.0.1:${(server.address() as AddressInfo).port}${PATH}`;
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  server?.close();
});

const ready = (page: Page, pattern: RegExp) =>
  page.waitForFunction(
    (source) => new RegExp(source).test(document.querySelector('[role="status"]')?.textContent ?? ''),
    {},
    pattern.source,
  );

describe('what npm run build writes', () => {
  test('loads as much as the README tells, trains and asks for nothing that is not there, on a host of files, below any path', async () => {
    const driver = new PageDriver(await newPage(browser), `${site}index.html`);
    sent = 0;
    await driver.page.goto(driver.url, { waitUntil: 'networkidle0' });
    await ready(driver.page, /^Ready/);
    expect(Math.abs(sent / TOLD_BYTES - 1), `${sent} bytes`).toBeLessThan(0.02);
    await driver.follow({ ...SMALL, updates: 20, warmup: 64 });
    await driver.press('Start');
    expect(await driver.finalHash()).toMatch(/^[0-9a-f]{64}$/);
    for (const tab of ['All starts', 'Understand', 'Runs', 'Verify']) await driver.show(tab);
    await driver.page.waitForNetworkIdle();
    await Promise.all([driver.page.waitForNavigation(), driver.page.click('footer a')]);
    expect(driver.page.url()).toBe(`${site}bench.html`);
    await ready(driver.page, /^(?!Loading)./);
    expect(missing).toEqual([]);
    await driver.page.close();
  });

  test.each(['index.html', 'bench.html'])(
    '%s runs no text as code, and asks nothing of other hosts',
    async (name) => {
      const page = await newPage(browser);
      await page.goto(site + name);
      await ready(page, /^(?!Loading)./);
      const refused = await page.evaluate(async () => {
        const violations: string[] = [];
        document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => {
          violations.push(effectiveDirective);
        });
        const script = document.createElement('script');
        script.textContent = 'window.injected = true';
        document.head.append(script);
        const style = document.createElement('style');
        style.textContent = 'body { display: none }';
        document.head.append(style);
        const image = document.createElement('img');
        image.src = 'https://example.org/pixel.png';
        document.body.append(image);
        await fetch('https://example.org/').catch(() => {});
        // A text of its own, as puppeteer's may run as code.
        setTimeout("eval('window.injected = true')");
        await new Promise((resolve) => setTimeout(resolve, 100));
        return { injected: 'injected' in window, violations: violations.sort() };
      });
      expect(refused).toEqual({
        injected: false,
        violations: ['connect-src', 'img-src', 'script-src', 'script-src-elem', 'style-src-elem'],
      });
      await page.close();
    },
  );
});
