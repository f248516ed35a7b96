import { readFileSync } from 'node:fs';
import type { AxeResults } from 'axe-core';
import type { ElementHandle, Page } from 'puppeteer';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { type OpenPage, openPage } from '../support/browser.ts';
import { pause } from './page_driver.ts';

const axe = readFileSync(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');

let open: OpenPage;
let page: Page;

beforeAll(async () => {
  open = await openPage(inject('site'), 'test/support/see.html');
  page = open.page;
});
afterEach(() => {
  expect(open?.takeErrors(), 'errors in the page').toEqual([]);
});
afterAll(() => open?.close());

/** Opens the page with a policy trained so far, its boards held. */
async function visit(link = ''): Promise<void> {
  await page.goto(`${open.url}?${link}`);
  await page.waitForFunction(() => window.see !== undefined, { polling: 50 });
}

/** Waits until the second board has shown so many moments more: as long as the first would have had for as many. */
async function momentsPass(count: number): Promise<void> {
  for (let moment = 0; moment < count; moment++) {
    const before = await text('#second figcaption');
    await page.waitForFunction(
      (shown) => document.querySelector('#second figcaption')?.textContent !== shown,
      { polling: 50 },
      before,
    );
  }
}

const hold = (paused: boolean): Promise<void> =>
  page.evaluate((wanted) => window.see!.boards.forEach((board) => void board.setPaused(wanted)), paused);
/** Has the first board, which is held, show an episode's start. */
const lay = (cells: number[]): Promise<void> =>
  page.evaluate((wanted) => window.see!.boards[0].show(window.see!.episode(wanted)), cells);
const asked = (): Promise<(readonly number[])[]> => page.evaluate(() => [...window.see!.asked]);
const text = (selector: string): Promise<string> => page.$eval(selector, (found) => found.textContent ?? '');
const caption = (): Promise<string> => text('#first figcaption');
const names = (selector: string): Promise<string[]> =>
  page.$$eval(selector, (found) => found.map((element) => element.getAttribute('aria-label') ?? ''));

/** A piece's button on the first board. */
const piece = async (name: string): Promise<ElementHandle<Element>> =>
  (await page.waitForSelector(`#first [aria-label^="${name}, "]`))!;

/** The cell that a piece's button says that it is on. */
const cellOf = (label: string): number => {
  const [, row, column] = /row (\d+), column (\d+)$/.exec(label)!;
  return (Number(row) - 1) * 3 + Number(column) - 1;
};

/** Middle of a cell of the first board's 3×3 grid, on the screen. */
const middle = (cell: number): Promise<{ x: number; y: number }> =>
  page.$eval(
    '#first canvas',
    (canvas, at) => {
      canvas.scrollIntoView({ block: 'center' });
      const { left, top, width } = canvas.getBoundingClientRect();
      return { x: left + ((at % 3) + 0.5) * (width / 3), y: top + (Math.floor(at / 3) + 0.5) * (width / 3) };
    },
    cell,
  );

const seriousIn = async (): Promise<string[]> => {
  await page.evaluate(axe);
  const results = (await page.evaluate(() =>
    (window as unknown as { axe: { run(): Promise<unknown> } }).axe.run(),
  )) as AxeResults;
  return results.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
};

describe('the pictures of a learner', () => {
  test('a board plays, asks for the next episode, and rests while it is held', async () => {
    await visit();
    await page.waitForFunction(() => window.see!.ended() >= 3, { polling: 50 });
    await page.evaluate(() => window.see!.boards[0].setPaused(true));
    const held = await caption();
    expect(held).toMatch(
      /shortest possible \d: goal at row \d, column \d; agent 1 at row \d, column \d; agent 2 at/,
    );
    await momentsPass(5);
    expect(await caption()).toBe(held);
    await hold(true);
    const ended = await page.evaluate(() => window.see!.ended());
    await page.evaluate(() => window.see!.boards[0].setPaused(false));
    await page.waitForFunction((before) => window.see!.ended() > before, { polling: 50 }, ended);
    // Where no episode comes, it is not asked for again, and the last moment stays.
    await hold(true);
    await page.evaluate(() => {
      window.see!.answers = false;
      window.see!.boards[0].show(window.see!.episode([0, 1, 2]));
      window.see!.boards[0].setPaused(false);
    });
    const asks = await page.evaluate(() => window.see!.ended());
    await page.waitForFunction((before) => window.see!.ended() > before, { polling: 50 }, asks);
    await page.evaluate(() => {
      window.see!.boards[0].setPaused(true);
      window.see!.boards[0].setPaused(false);
    });
    await pause(1500);
    expect(await page.evaluate(() => window.see!.ended())).toBe(asks + 1);
    const ids = await page.$$eval('[id]', (found) => found.map(({ id }) => id));
    expect(new Set(ids).size, 'ids').toBe(ids.length);
  });

  test('an episode that comes once the board is held waits until it goes on; one that is asked for comes', async () => {
    await visit();
    await hold(true);
    const asksFor = async (before: number): Promise<void> => {
      await page.waitForFunction((count) => window.see!.ended() > count, { polling: 50 }, before);
    };
    const ended = () => page.evaluate(() => window.see!.ended());
    const before = await page.evaluate(() => {
      const { boards, episode } = window.see!;
      window.see!.answers = false;
      boards[0].show(episode([0, 1, 2]));
      boards[0].setPaused(false);
      return window.see!.ended();
    });
    await asksFor(before);
    await hold(true);
    const held = await caption();
    await lay([3, 1, 4]);
    expect(await caption()).toBe(held);
    const again = await ended();
    await page.evaluate(() => window.see!.boards[0].setPaused(false));
    await asksFor(again);
    await hold(true);
    await page.evaluate(() => window.see!.boards[0].expect([3, 1, 4]));
    await lay([3, 1, 4]);
    expect(await caption()).toMatch(/^A new start, .*: goal at row 2, column 2; agent 1 at row 2, column 1/);
  });

  test('a piece is moved by the arrow keys, the team plays from there, and it is said', async () => {
    await visit();
    await hold(true);
    await lay([0, 5, 4]);
    await (await piece('goal')).focus();
    await page.keyboard.press('ArrowDown');
    const expected = [0, 5, 7];
    expect(await asked()).toEqual([expected]);
    expect((await names('#first .piece')).map(cellOf)).toEqual(expected);
    const row = Math.floor(expected[2] / 3) + 1;
    expect(await caption()).toMatch(
      new RegExp(`^A new start, shortest possible \\d: goal at row ${row}, column`),
    );
    expect(await text('#first [aria-live]')).toBe(await caption());
    // Off the grid nothing moves, and nothing is asked.
    for (let press = 0; press < 4; press++) await page.keyboard.press('ArrowLeft');
    expect(await asked()).toEqual([expected, [0, 5, 6]]);
    // Other keys are the page's.
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Hold');
  });

  test('a piece with the focus keeps the board still; without, it plays on', async () => {
    await visit();
    await page.keyboard.press('Tab');
    await page.waitForFunction(() => document.activeElement?.classList.contains('piece'), { polling: 50 });
    const still = await caption();
    await momentsPass(5);
    expect(await caption()).toBe(still);
    await page.evaluate(() => (document.activeElement as HTMLElement).blur());
    await page.waitForFunction(
      (before) => document.querySelector('#first figcaption')?.textContent !== before,
      { polling: 50 },
      still,
    );
  });

  test.each(['mouse', 'touch'])('a piece is dragged by %s, onto others too', async (pointer) => {
    await visit();
    await hold(true);
    const [agent, goal] = [0, 7];
    await lay([agent, 5, goal]);
    expect((await names('#first .piece')).map(cellOf)).toEqual([agent, 5, goal]);
    const from = await middle(agent);
    const to = await middle(goal);
    if (pointer === 'mouse') {
      await page.mouse.move(from.x, from.y);
      await page.mouse.down();
      await page.mouse.move((from.x + to.x) / 2, (from.y + to.y) / 2, { steps: 3 });
      await page.mouse.move(to.x, to.y);
      expect(await asked(), 'before it is let go').toEqual([]);
      await page.mouse.up();
    } else {
      await page.touchscreen.touchStart(from.x, from.y);
      await page.touchscreen.touchMove(to.x, to.y);
      await page.touchscreen.touchEnd();
    }
    expect(await asked()).toEqual([[goal, 5, goal]]);
    expect((await names('#first .piece')).map(cellOf)).toEqual([goal, 5, goal]);
    // The goal lies below the agent, and can still be taken by its corner.
    const side = (await middle(1)).x - (await middle(0)).x;
    const corner = { x: to.x + 0.38 * side, y: to.y + 0.38 * side };
    const topmost = await page.evaluate(
      ({ x, y }) => document.elementFromPoint(x, y)?.getAttribute('aria-label'),
      corner,
    );
    expect(topmost).toMatch(/^goal, /);
  });

  test('an episode that begins elsewhere than the pieces were put is not shown, nor one that comes in between', async () => {
    await visit();
    await hold(true);
    const found = await page.evaluate(() => {
      const { boards, episode } = window.see!;
      const caption = () => document.querySelector('#first figcaption')!.textContent;
      const goal = document.querySelector<HTMLElement>('#first [aria-label^="goal, "]')!;
      // The page is slow to answer: another episode, asked for before, comes first.
      window.see!.answers = false;
      const [first, second] = boards;
      first.show(episode([0, 1, 4]));
      goal.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowDown' }));
      const put = caption();
      first.show(episode([0, 1, 2]));
      const still = caption();
      first.show(episode([0, 1, 7]));
      second.clear({ gridSize: 4, agents: 0, pieces: [], actions: [] });
      const pieces = document.querySelectorAll('#second .piece').length;
      second.destroy();
      const left = document.querySelector('#second')!.childElementCount;
      return { put, still, shown: caption(), pieces, left };
    });
    expect(found.put).toMatch(/^A start of your own: goal at row 3, column 2; agent 1 at row 1, column 1/);
    expect(found.still).toBe(found.put);
    expect(found.shown).toMatch(/^A new start, shortest possible 3: goal at row 3, column 2/);
    expect(found).toMatchObject({ pieces: 0, left: 0 });
  });

  test('what is to begin elsewhere comes, wherever pieces were put before', async () => {
    await visit();
    await hold(true);
    const found = await page.evaluate(() => {
      const { boards, episode } = window.see!;
      const caption = () => document.querySelector('#first figcaption')!.textContent;
      window.see!.answers = false;
      const [first] = boards;
      first.show(episode([0, 1, 4]));
      document
        .querySelector('#first [aria-label^="goal, "]')!
        .dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowDown' }));
      first.expect([0, 1, 7]);
      const put = caption();
      first.expect([3, 1, 2]);
      const before = caption();
      first.show(episode([3, 1, 2]));
      return { put, before, shown: caption() };
    });
    expect(found.put).toMatch(/^A start of your own: goal at row 3, column 2/);
    expect(found.before).toMatch(/^A new start, .*: goal at row 2, column 2; agent 1 at row 1, column 1/);
    expect(found.shown).toMatch(/^A new start, .*: goal at row 1, column 3; agent 1 at row 2, column 1/);
  });

  test('a press alone moves nothing', async () => {
    await visit();
    await hold(true);
    await lay([0, 5, 7]);
    const at = await middle(0);
    await page.mouse.click(at.x, at.y);
    expect(await asked()).toEqual([]);
  });

  test('shows what the networks say of the moment that the board shows', async () => {
    await visit();
    await hold(true);
    await page.$eval('#first input[type="range"]', (slider) => {
      (slider as HTMLInputElement).value = '1';
      slider.dispatchEvent(new Event('input'));
    });
    expect(await caption()).toMatch(
      /^(Step 1|Solved after 1 step|Not solved within 1 step) \(agent 1 \w+, agent 2 \w+\)/,
    );
    const values = await page.$$eval('#look .look-table tbody td', (cells) =>
      cells.map((cell) => cell.textContent ?? ''),
    );
    expect(values).toHaveLength(10);
    for (const value of values) expect(value).toMatch(/^−?\d+\.\d{1,3}(e−\d+)?( greedy)?$/);
    for (const agent of [0, 1]) {
      const own = values
        .slice(5 * agent, 5 * agent + 5)
        .map((value) => Number.parseFloat(value.replace('−', '-')));
      const greedy = values.slice(5 * agent, 5 * agent + 5).findIndex((value) => value.endsWith('greedy'));
      expect(own[greedy]).toBe(Math.max(...own));
    }
    expect(await text('#look')).toMatch(/TD error of that step−?\d/);
    expect(await text('#look')).toContain('Never negative: ');
    const slopes = await page.$$eval('#look .look-slope', (rows) =>
      rows.map((row) => ({
        value: Number.parseFloat(row.querySelector('span')!.textContent!),
        width: row.querySelector('.look-bar')!.getBoundingClientRect().width,
      })),
    );
    expect(slopes).toHaveLength(2);
    for (const { value } of slopes) expect(value).toBeGreaterThan(0);
    expect(slopes[0].width / slopes[1].width).toBeCloseTo(slopes[0].value / slopes[1].value, 1);
    expect(await text('#look')).toMatch(/2 × 8 weights: least \S+, largest \S+, \d+ % near zero/);
    const drawn = await page.$$eval('#look .look-strip canvas', (found) =>
      found.map((canvas) => {
        const { width, height } = canvas as HTMLCanvasElement;
        const { data } = (canvas as HTMLCanvasElement).getContext('2d')!.getImageData(0, 0, width, height);
        return data.filter((value, at) => at % 4 === 3 && value > 0).length / (width * height);
      }),
    );
    expect(drawn).toHaveLength(3);
    for (const share of drawn) expect(share, 'share of a strip that is drawn on').toBeGreaterThan(0.03);
  });

  test.each([
    ['iql', 'There is no Q_tot here', 'no hypernetworks', 'there is no Q_tot, and their sum is none'],
    ['vdn', 'every slope is 1', 'no hypernetworks', 'Q_tot of each joint action'],
  ])('says what there is not (%s)', async (algorithm, slopes, mixer, game) => {
    await visit(`algorithm=${algorithm}&updates=20`);
    expect(await text('#look')).toContain(slopes);
    expect(await text('#look')).toContain(mixer);
    expect(await text('#game')).toContain(game);
  });

  test('the map counts its starts, draws them at once, and a start is picked by pointer and by keys', async () => {
    await visit();
    await hold(true);
    expect(await page.evaluate(() => window.see!.drawing), 'the canvas is drawn on').toBe(1);
    const counts = (await text('#starts .starts-legend')).match(/\d[\d,]*/g)!.map(Number);
    expect(counts).toHaveLength(3);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(504);
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(0);
    await page.$eval('#starts canvas', (canvas) => canvas.scrollIntoView({ block: 'center' }));
    const box = (await (await page.$('#starts canvas'))!.boundingBox())!;
    // 31 starts along a side: three blocks of nine, gaps of two between them.
    const point = (column: number, row: number) => ({
      x: box.x + ((column + 0.5) * box.width) / 31,
      y: box.y + ((row + 0.5) * box.height) / 31,
    });
    const start = point(11 + 4, 22 + 2);
    await page.mouse.move(start.x, start.y);
    expect(await text('#starts .starts-pointed')).toMatch(
      /^agent 1 row 1, column 3; agent 2 row 2, column 2; goal row 3, column 2: (not )?solved/,
    );
    await page.mouse.click(start.x, start.y);
    expect(await asked()).toEqual([[2, 4, 7]]);
    expect(await caption()).toContain(
      'goal at row 3, column 2; agent 1 at row 1, column 3; agent 2 at row 2, column 2',
    );
    const none = point(4, 4);
    await page.mouse.click(none.x, none.y);
    const gap = point(9, 4);
    await page.mouse.click(gap.x, gap.y);
    expect(await asked()).toHaveLength(1);

    // The keyboard goes on from where the pointer was last: not beyond the map's edge, and over gaps.
    await page.focus('#starts .starts-field');
    for (const key of ['Home', 'PageUp', 'ArrowUp', 'ArrowRight', 'Enter'] as const)
      await page.keyboard.press(key);
    expect((await asked()).at(-1)).toEqual([3, 5, 0]);
    for (let press = 0; press < 4; press++) await page.keyboard.press('ArrowRight');
    await page.keyboard.press('PageDown');
    await page.keyboard.press('Enter');
    expect((await asked()).at(-1)).toEqual([3, 0, 4]);
    expect(await text('#starts [aria-live]')).toMatch(
      /^agent 1 row 2, column 1; agent 2 row 1, column 1; goal row 2, column 2: (not )?solved/,
    );
  });

  test('tables of the game have heads, the greedy joint action marked', async () => {
    await visit('updates=20');
    const tables = await page.$$eval('#game table', (found) =>
      found.map((table) => ({
        caption: table.caption?.textContent,
        heads: [...table.querySelectorAll('th')].map((head) => `${head.scope} ${head.textContent}`),
        values: [...table.querySelectorAll('tbody td')].map((cell) => cell.textContent ?? ''),
      })),
    );
    expect(tables.map((table) => table.caption)).toEqual(
      ['1', '2A', '2B'].flatMap((state) => [`Q_tot in state ${state}`, `Payoff in state ${state}`]),
    );
    for (const { heads } of tables) {
      expect(heads).toEqual(['col agent 2: 1', 'col agent 2: 2', 'row agent 1: 1', 'row agent 1: 2']);
    }
    expect(tables[5].values).toEqual(['0.000', '1.000', '1.000', '8.000']);
    expect(tables[3].values).toEqual(['7.000', '7.000', '7.000', '7.000']);
    expect(tables[2].values.filter((value) => value.endsWith(' greedy'))).toHaveLength(1);
  });

  test.each([
    ['light', 1100, ''],
    ['dark', 390, ''],
    ['light', 360, 'environment=switch-and-door&offGrid=illegal&updates=20'],
  ])(
    'axe finds nothing serious, and nothing is wider than the page (%s, %i pixels)',
    async (scheme, width, link) => {
      await page.setViewport({ width, height: 900 });
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
      await visit(link);
      await hold(true);
      expect(await seriousIn()).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    },
  );
});
