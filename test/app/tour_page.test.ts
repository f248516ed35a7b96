import type { Page } from 'puppeteer';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { overflow, seriousFaults } from '../support/axe.ts';
import { type OpenPage, openPage } from '../support/browser.ts';

let open: OpenPage;
let page: Page;

beforeAll(async () => {
  open = await openPage('test/app/tour.html');
  page = open.page;
});
afterEach(() => {
  expect(open.takeErrors(), 'errors in the page').toEqual([]);
});
afterAll(() => open?.close());

const button = (name: string) => page.waitForSelector(`::-p-aria([name="${name}"][role="button"])`);
const press = async (name: string): Promise<void> => {
  await (await button(name))!.click();
};
const text = (selector: string): Promise<string> =>
  page.$eval(selector, (found) => (found as HTMLElement).innerText);
const textBecomes = (selector: string, pattern: string, timeout = 30_000) =>
  page.waitForFunction(
    (where, wanted) => new RegExp(wanted).test(document.querySelector(where)?.textContent ?? ''),
    { timeout },
    selector,
    pattern,
  );

async function visit(algorithm: string, agents = 2): Promise<void> {
  await page.goto(`${open.url}?algorithm=${algorithm}&agents=${agents}`);
  await press('Start a small run');
  await page.waitForSelector('#tour table.bars', { timeout: 60_000 });
}

/** Goes on by the keyboard alone, and waits for the step's numbers. */
async function next(step: number): Promise<void> {
  await (await button('Next'))!.focus();
  await page.keyboard.press('Enter');
  await textBecomes('#tour h3', `^Step ${step} of 5`);
  await page.waitForSelector('#tour .tour-body .beside-scene');
}

const columns = (): Promise<string[][]> =>
  page.$$eval('#tour table.change tbody tr', (rows) =>
    rows.map((row) => [...row.querySelectorAll('td')].map((cell) => cell.textContent ?? '')),
  );

describe('the tour', () => {
  test('asks for a run where there is none, and begins with its numbers', async () => {
    expect(await text('#tour')).toContain('there is none on this page yet');
    expect(await seriousFaults(page)).toEqual([]);
    await visit('qmix');
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('H3');
    const tables = await page.$$eval('#tour table.bars', (all) => all.map((table) => table.rows.length));
    expect(tables).toEqual([5, 5]);
    expect(
      await page.$$eval('#tour .bars .marked', (rows) => rows.length),
      'one greedy action an agent',
    ).toBe(2);
    expect(await text('#tour')).toMatch(/Q-values of agent 1, at row 1, column 1/);
  });

  test('leads through five steps by keys, each with live numbers, and axe finds nothing serious', async () => {
    await visit('qmix');
    await next(2);
    expect(await page.evaluate(() => document.activeElement?.tagName), 'focus on the heading').toBe('H3');
    expect(await text('#tour')).toMatch(/The smallest of the 24 weights is \d[^:]*: none is negative/);
    expect(await page.$$('#tour .strip')).toHaveLength(4);
    expect(await seriousFaults(page)).toEqual([]);

    await next(3);
    const total = async (): Promise<number> =>
      Number((await text('#tour .beside-scene .equation')).split('= ').at(-1)!.replace('−', '-'));
    const before = await total();
    expect(await text('#tour')).toContain('no other of the 25 joint actions has a higher Q_tot');
    await page.focus('#tour-shift-0');
    let last = before;
    for (let press = 0; press < 10; press++) {
      await page.keyboard.press('ArrowRight');
      expect(await total()).toBeGreaterThanOrEqual(last);
      last = await total();
    }
    expect(last).toBeGreaterThan(before);
    expect(await page.$eval('#tour-shift-0', (input) => input.getAttribute('aria-valuetext'))).toContain(
      '+ 1.0 =',
    );
    expect(await seriousFaults(page)).toEqual([]);

    await next(4);
    const [r, future, y, forecast, error] = await page.$$eval('#tour .bars tbody tr', (rows) =>
      rows.map((row) => Number(row.cells[2].textContent!.replace('−', '-'))),
    );
    expect(r).toBeCloseTo(-0.01, 2);
    expect(Math.abs(r + future - y)).toBeLessThan(0.02);
    expect(Math.abs(y - forecast - error)).toBeLessThan(0.02);
    expect(Math.abs(forecast - before), 'the same situation').toBeLessThan(0.01);
    expect(await seriousFaults(page)).toEqual([]);

    await next(5);
    await press('One update');
    await textBecomes('#tour .tour-note', '^One update was made');
    const rows = await columns();
    expect(rows).toHaveLength(12);
    expect(rows.filter(([was, is]) => was !== is).length, 'numbers that changed').toBeGreaterThan(6);
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('One update');
    // What was after is before, the next time.
    await press('One update');
    await page.waitForFunction(
      (was) => document.querySelector('#tour table.change tbody td')?.textContent === was,
      {},
      rows[0][1],
    );
    expect(await seriousFaults(page)).toEqual([]);
  });

  test.each([
    ['vdn', /The weights of the sum: 1 for agent 1, 1 for agent 2/, /Q_tot = .* \+ .* = /],
    ['iql', /There is nothing to mix the Q-values with/, /There is no Q_tot/],
  ])('says what differs with %s', async (algorithm, second, third) => {
    await visit(algorithm);
    await next(2);
    expect(await text('#tour')).toMatch(second);
    await next(3);
    expect(await text('#tour')).toMatch(third);
    await next(4);
    expect(await text('#tour .beside-scene')).toMatch(/TD error/);
    await next(5);
    await press('One update');
    await textBecomes('#tour .tour-note', '^One update was made');
    expect((await columns()).length).toBe(algorithm === 'vdn' ? 12 : 11);
  });

  test('shows three agents, whose joint actions are too many for a table', async () => {
    await visit('qmix', 3);
    expect(await page.$$('#tour table.bars')).toHaveLength(3);
    await next(2);
    expect(await text('#tour')).toMatch(/The smallest of the 32 weights is/);
    await next(3);
    expect(await page.$$('#tour input[type="range"]')).toHaveLength(3);
    expect(await page.$$('#tour .chart .curve')).toHaveLength(3);
    expect(await page.$$('#tour table')).toHaveLength(0);
    await next(4);
    expect(await text('#tour .beside-scene')).toMatch(/The move: agent 1 \w+, agent 2 \w+, agent 3 \w+/);
  });

  test('fits a narrow phone at every step', async () => {
    await page.setViewport({ width: 360, height: 740 });
    await visit('qmix');
    for (let step = 2; step <= 5; step++) {
      expect(await overflow(page)).toBeLessThanOrEqual(0);
      await next(step);
    }
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    await page.setViewport({ width: 1100, height: 900 });
  });
});

describe('the two-step example', () => {
  test('ends with QMIX in 2B for 8 and VDN in 2A for 7', { timeout: 400_000 }, async () => {
    await press('Train QMIX and VDN');
    await textBecomes('#two-step .hint', '^QMIX: [\\d,]+ of 2,500 updates', 120_000);
    await textBecomes('#two-step', 'QMIX goes to', 300_000);
    const said = await text('#two-step');
    expect(said).toContain(
      'QMIX goes to 2B, where both agents take their second action, for 8, the most there is.',
    );
    expect(said).toMatch(/VDN goes to 2A, where .* for 7, 1 less than there is/);
    expect(await page.$$('#two-step table')).toHaveLength(9);
    const best = await page.$$eval('#two-step td.greedy', (cells) => cells.map((cell) => cell.textContent));
    expect(best).toHaveLength(6);
    expect(await seriousFaults(page)).toEqual([]);
    for (const width of [360, 390, 600]) {
      await page.setViewport({ width, height: 740 });
      expect(await overflow(page), `${width} pixels wide`).toBeLessThanOrEqual(0);
    }
  });

  test('can be stopped, and tried again', async () => {
    await press('Train QMIX and VDN');
    await press('Stop training them');
    await textBecomes('#two-step', 'Stopped\\.');
    await (await button('Train QMIX and VDN'))!.isVisible();
  });
});
