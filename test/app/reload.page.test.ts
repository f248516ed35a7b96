import type { Page } from 'puppeteer';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { type OpenPage, openPage } from '../support/browser.ts';
import { PageDriver, SMALL } from './page_driver.ts';

let open: OpenPage;
let page: Page;
let driver: PageDriver;

beforeAll(async () => {
  open = await openPage(inject('site'), 'index.html');
  page = open.page;
  driver = new PageDriver(page, open.url);
});
afterEach(() => {
  expect(open.takeErrors(), 'errors in the page').toEqual([]);
});
afterAll(() => open?.close());

const shown = (): Promise<string[]> =>
  page.$$eval('[role="tabpanel"]', (panels) =>
    panels.filter((panel) => !(panel as HTMLElement).hidden).map(({ id }) => id),
  );

describe('a reload', () => {
  test.each([
    ['Runs', 'runs-panel', '.kept-runs, #runs p'],
    ['Understand', 'understand-panel', '#tour h2'],
    ['Verify', 'verify-panel', '#verify button'],
  ])('shows the tab that was chosen, and fills it: %s', async (tab, panel, content) => {
    await driver.visit();
    expect(await shown()).toEqual(['settings-panel']);
    await driver.show(tab);
    await page.reload();
    await driver.statusBegins('Ready');
    expect(await shown()).toEqual([panel]);
    await page.waitForSelector(content, { visible: true });
  });

  test('shows the first tab where nothing may be remembered', async () => {
    await driver.visit();
    const { identifier } = await page.evaluateOnNewDocument(() => {
      Object.defineProperty(window, 'sessionStorage', {
        get: () => {
          throw new DOMException('denied', 'SecurityError');
        },
      });
    });
    await page.reload();
    await driver.statusBegins('Ready');
    await driver.show('Runs');
    expect(await shown()).toEqual(['runs-panel']);
    await page.reload();
    await driver.statusBegins('Ready');
    expect(await shown()).toEqual(['settings-panel']);
    await page.removeScriptToEvaluateOnNewDocument(identifier);
  });

  test('goes on with a run whose link came with a word that is unknown, and says which', async () => {
    const link = { ...SMALL, updates: 100_000, stopWhenSolved: false, foo: 1 };
    await driver.visit(link);
    expect(await driver.status()).toBe('Ready');
    expect(await driver.text('#ignored')).toBe('Ignored from the link: foo.');
    await driver.press('Start');
    await driver.updatesReach(100);
    await driver.follow(link);
    await driver.statusBegins('Training: ');
    expect(await driver.text('#ignored')).toBe('Ignored from the link: foo.');
    await driver.press('Stop');
    await driver.statusBegins('Stopped');
  });

  test('does not go on with another run than what the link has right', async () => {
    await driver.visit({ ...SMALL, updates: 100_000, stopWhenSolved: false });
    await driver.press('Start');
    await driver.updatesReach(100);
    await driver.follow({ ...SMALL, updates: 100_000, stopWhenSolved: false, foo: 1, gridSize: 4 });
    expect(await driver.status()).toBe('Ready');
    expect(await driver.text('#ignored')).toBe('Ignored from the link: foo.');
  });
});
