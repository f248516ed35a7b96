import type { HTTPRequest, Page } from 'puppeteer';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type OpenPage, openPage, textBecomes } from '../support/browser.ts';

let open: OpenPage;
let page: Page;
/** Files whose address says this are not to be had. */
let missing: RegExp | undefined;

beforeAll(async () => {
  open = await openPage(inject('site'), 'index.html');
  page = open.page;
  await page.setRequestInterception(true);
  page.on('request', (request: HTTPRequest) => {
    if (missing?.test(request.url())) void request.abort();
    else void request.continue();
  });
});
afterAll(() => open?.close());

const choose = (tab: string): Promise<void> =>
  page.$eval(`#tab-${tab}`, (button) => (button as HTMLElement).click());
const becomes = (selector: string, like: RegExp) => textBecomes(page, selector, like);

describe('a panel that is loaded when it is first looked at', () => {
  test.each([
    ['understand', '#tour', /How QMIX learns, in five steps/, /assets\/tour-/],
    ['verify', '#verify', /holds every forward value/, /assets\/verify_panel-/],
  ])('says why it cannot be, and is tried again: %s', async (tab, root, content, file) => {
    missing = file;
    await page.goto(open.url);
    await choose(tab);
    await becomes(
      root,
      /^This could not be loaded: .+ Open this tab again to try once more\. .+newer version.+ Reload the page; runs that are kept stay\.$/,
    );
    expect(
      open.takeErrors().filter((error) => error.startsWith('uncaught')),
      'no rejection is left',
    ).toEqual([]);
    missing = undefined;
    await choose('settings');
    await choose(tab);
    await becomes(root, content);
    expect(await page.$eval(root, (own) => own.textContent)).not.toContain('could not be loaded');
    open.takeErrors();
  });

  test('has a two-step example that says where its worker does not come up', async () => {
    await page.goto(open.url);
    await choose('understand');
    await becomes('#two-step', /Where VDN fails/);
    await page.evaluate(() => {
      const { Worker: Own } = window;
      window.Worker = class extends Own {
        constructor() {
          // Which the page's policy does not let in.
          super(URL.createObjectURL(new Blob([''])));
        }
      };
    });
    const button = await page.waitForSelector(
      '::-p-aria([name="Train QMIX and VDN"][role="button"]):enabled',
    );
    await button!.click();
    await becomes(
      '#two-step',
      /It could not be trained: the worker could not be loaded: the server has a newer version/,
    );
    expect(await button!.evaluate((own) => (own as HTMLButtonElement).disabled)).toBe(false);
  });
});
