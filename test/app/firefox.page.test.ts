import { expect, inject, test } from 'vitest';
import { newPage } from '../support/browser.ts';
import { launchFirefox } from '../support/firefox.ts';
import { PageDriver, SMALL } from './page_driver.ts';

test('Firefox trains to solved, and to the same bits where the page is loaded anew meanwhile', async ({
  skip,
}) => {
  const browser = await launchFirefox(skip);
  try {
    const driver = new PageDriver(await newPage(browser), `${inject('site').url}index.html`);
    const hashes: string[] = [];
    for (const disturbed of [false, true]) {
      // What is kept of the first run is not forgotten: it is solved, and on the page again.
      await driver.follow(SMALL);
      if (disturbed) {
        await driver.statusBegins('Solved: ');
        await driver.press('Reset');
      }
      await driver.statusBegins('Ready');
      expect(await driver.text('#backend')).toMatch(/^Trains on WebGPU/);
      await driver.press('Start');
      await driver.updatesReach(50);
      if (disturbed) {
        await driver.page.reload();
        await driver.statusBegins('Training: ');
      }
      await driver.statusBegins('Solved: 504 of 504 starts');
      hashes.push(await driver.finalHash());
    }
    expect(hashes[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(hashes[1]).toBe(hashes[0]);
  } finally {
    await browser.close();
  }
});
