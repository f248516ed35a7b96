import type { Page } from 'puppeteer';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { type OpenPage, openPage } from '../support/browser.ts';

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

/** Opens the page, its boards held; what is trained there does not matter. */
async function visit(): Promise<void> {
  await page.goto(`${open.url}?updates=0`);
  await page.waitForFunction(() => window.see !== undefined, { polling: 50 });
  await page.evaluate(() => window.see!.boards.forEach((board) => void board.setPaused(true)));
}

/** How two colours differ in lightness, 1 to 21, as WCAG has it. */
function contrast(one: number[], other: number[]): number {
  const [dark, light] = [one, other]
    .map((channels) => {
      const [red, green, blue] = channels.map((channel) => {
        const share = channel / 255;
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    })
    .sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

describe('what is drawn and written', () => {
  test('agents of one colour are told apart on boards however small', async () => {
    await visit();
    const pictures = await page.evaluate(() => {
      const [, board] = window.see!.boards;
      const agents = Array.from({ length: 5 }, (_, agent) => `agent ${agent + 1}`);
      const look = {
        ...{ q: [], legal: [], greedy: [4, 4, 4, 4, 4] },
        ...{ qTotal: undefined, slopes: undefined, mixing: undefined },
      };
      const root = document.querySelector<HTMLElement>('#second')!;
      root.style.width = '224px';
      root.querySelector<HTMLInputElement>('.board-arrows input')!.checked = false;
      const draw = (gridSize: number, cells: number[]): string => {
        board.clear({
          ...{ gridSize, agents: 5, pieces: [...agents, 'goal'] },
          actions: ['up', 'down', 'left', 'right', 'stay'],
        });
        const start = { cells, actions: [], reward: Number.NaN, tdError: Number.NaN, look };
        board.show({ moments: [start], optimal: Number.NaN, outcome: 'timeout', updates: 0 });
        return root.querySelector('canvas')!.toDataURL();
      };
      // Agents 1 and 5, which share a colour, change places.
      return [7, 12].map((gridSize) => [
        draw(gridSize, [8, 20, 22, 24, 30, 40]),
        draw(gridSize, [30, 20, 22, 24, 8, 40]),
      ]);
    });
    for (const [one, other] of pictures) expect(one).not.toBe(other);
  });

  test('kinds of starts differ by their marks on every map, and in lightness, in light and dark', async () => {
    for (const scheme of ['light', 'dark']) {
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
      await visit();
      const paints = await page.evaluate(
        (count) => {
          // One kind after another, of the 7×7 grid.
          const outcomes = Uint8Array.from({ length: count }, (_, start) => start % 3);
          window.see!.map.show(outcomes, 7, 'seed 8');
          const canvas = document.querySelector<HTMLCanvasElement>('#starts canvas')!;
          const context = canvas.getContext('2d')!;
          // Goal on the first cell, agent 1 on the second, agent 2 on the third and those after it.
          return [2, 3, 4].map((second) => {
            const { data } = context.getImageData(3 * second, 3, 3, 3);
            return Array.from({ length: 9 }, (_, at) => [...data.subarray(4 * at, 4 * at + 3)]);
          });
        },
        49 * 48 * 47,
      );
      expect(await page.$eval('#starts', (found) => found.textContent)).toContain(
        'The greedy policy of seed 8',
      );
      const own = paints.map((points) => points[0]);
      const marks = paints.map((points) => points.map((point) => String(point) === String(points[0])).join());
      expect(new Set(marks).size, 'marks').toBe(3);
      for (const [one, other] of [
        [0, 1],
        [1, 2],
        [0, 2],
      ])
        expect(contrast(own[one], own[other]), `${scheme}: ${own}`).toBeGreaterThanOrEqual(3);
    }
    await page.emulateMediaFeatures([]);
  });

  test('tables of a game stay while their values change', async () => {
    await visit();
    const found = await page.evaluate(() => {
      const { table } = window.see!;
      const state = (first: number, name = 'one') => ({
        state: name,
        agents: [
          [0, 1],
          [0, 1],
        ],
        joint: undefined,
        greedy: [1, 1],
        optimal: [
          [first, 0],
          [0, 8],
        ],
      });
      const texts = () => [...document.querySelectorAll('#game tbody td')].map((cell) => cell.textContent);
      table.show([state(7)]);
      const before = [...document.querySelectorAll('#game *')];
      document.querySelectorAll<HTMLElement>('#game .game-scroll')[1].focus();
      table.show([{ ...state(-3), greedy: [0, 1] }]);
      const after = [...document.querySelectorAll('#game *')];
      const shown = {
        same: after.length === before.length && after.every((element, at) => element === before[at]),
        focused: document.activeElement?.getAttribute('aria-label'),
        texts: texts(),
        heads: [...document.querySelectorAll<HTMLElement>('#game th')].map((head) => head.innerText),
      };
      table.show([state(7, 'one'), state(7, 'two')]);
      const tables = document.querySelectorAll('#game table').length;
      table.clear();
      return { ...shown, tables, cleared: document.querySelectorAll('#game table').length };
    });
    expect(found.same, 'all elements stay').toBe(true);
    expect(found.focused).toBe('Payoff');
    const learned = ['0.000 greedy', '1.000', '0.000', '1.000 greedy'];
    expect(found.texts).toEqual([...learned, '−3.000', '0.000', '0.000', '8.000']);
    expect(found.heads.slice(0, 4)).toEqual(['action 1', 'action 2', 'agent 1', 'agent 2']);
    expect(found).toMatchObject({ tables: 4, cleared: 0 });
  });
});
