import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import puppeteer from 'puppeteer';
import { describe, expect, test } from 'vitest';
import { servePage } from '../support/site.ts';
import { PageDriver, SMALL } from './page_driver.ts';

/** Firefox comes from no package registry: it is tested where it is installed, with whatever Vulkan driver it finds. */
const executable = ['firefox', 'firefox-esr']
  .flatMap((name) => (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, name)))
  .find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

describe.runIf(executable)('Firefox', () => {
  test('trains to solved, and to the same bits where the page is loaded anew meanwhile', {
    timeout: 900_000,
  }, async () => {
    const site = await servePage('index.html');
    const browser = await puppeteer.launch({
      browser: 'firefox',
      executablePath: executable!,
      headless: true,
      extraPrefsFirefox: { 'dom.webgpu.enabled': true, 'gfx.webgpu.ignore-blocklist': true },
      protocolTimeout: 900_000,
    });
    try {
      const driver = new PageDriver(await browser.newPage(), site.url);
      const hashes: string[] = [];
      for (const disturbed of [false, true]) {
        const query = new URLSearchParams(
          Object.entries(SMALL).map(([field, value]) => [field, String(value)]),
        );
        await driver.page.goto(`${site.url}?${query}`);
        if (disturbed) {
          await driver.statusBegins('Solved: ', 120_000);
          await driver.press('Reset');
        }
        await driver.statusBegins('Ready', 120_000);
        expect(await driver.text('#backend')).toMatch(/^Trains on WebGPU/);
        await driver.press('Start');
        await driver.updatesReach(50, 300_000);
        if (disturbed) {
          await driver.page.reload();
          await driver.statusBegins('Training: ', 300_000);
        }
        await driver.statusBegins('Solved: 504 of 504 starts', 300_000);
        hashes.push(await driver.finalHash());
      }
      expect(hashes[0]).toMatch(/^[0-9a-f]{64}$/);
      expect(hashes[1]).toBe(hashes[0]);
    } finally {
      await browser.close();
      await site.close();
    }
  });
});
