import type { Page } from 'puppeteer';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import type { RunInfo } from '../../src/app/service.ts';
import { overflow, seriousFaults } from '../support/axe.ts';
import { type OpenPage, openPage, textBecomes } from '../support/browser.ts';
import type { TourBench } from './tour_page.ts';

declare global {
  interface Window {
    bench: TourBench;
  }
}

let open: OpenPage;
let page: Page;

beforeAll(async () => {
  open = await openPage(inject('site'), 'test/app/tour.html');
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
const becomes = (selector: string, like: RegExp) => textBecomes(page, selector, like);

async function visit(algorithm: string, agents = 2): Promise<void> {
  await page.goto(`${open.url}?algorithm=${algorithm}&agents=${agents}`);
  await press('Start a run');
  await page.waitForSelector('#tour table.bars');
}

/** Goes on by the keyboard alone, and waits for the step's numbers. */
async function next(step: number): Promise<void> {
  await (await button('Next'))!.focus();
  await page.keyboard.press('Enter');
  await becomes('#tour h3', new RegExp(`^Step ${step} of 5`));
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
    await becomes('#tour .tour-note', /^One update was made/);
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
    await becomes('#tour .tour-note', /^One update was made/);
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

describe('the tour of a told run', () => {
  const FIRST = [9, 1, 0, 2, 0];
  const SECOND = [3, 9, 0, 9, 0];
  const TURNED = [9, 4, 0, 2, 0];
  const body = (): Promise<string> => text('#tour .tour-body');
  const note = (): Promise<string> => text('#tour .tour-note');
  const waiting = (): Promise<readonly string[]> => page.evaluate(() => [...window.bench.told.waiting]);
  /** Answers with an episode of these Q-values, and lets the tour draw it. */
  const answer = (q: number[][], updates = 10, tdError = 0.5, cells?: number[]): Promise<void> =>
    page.evaluate(
      async (values, made, error, at) => {
        const { told, toldEpisode } = window.bench;
        told.answer(toldEpisode(values, made, error, at));
        await new Promise((resolve) => setTimeout(resolve));
      },
      ...([q, updates, tdError, cells] as const),
    );
  const answerStep = (): Promise<void> =>
    page.evaluate(async () => {
      window.bench.told.answer();
      await new Promise((resolve) => setTimeout(resolve));
    });
  const refuse = (reason: string): Promise<void> =>
    page.evaluate(async (why) => {
      window.bench.told.refuse(why);
      await new Promise((resolve) => setTimeout(resolve));
    }, reason);
  const change = (run: Partial<RunInfo>, learner = 0): Promise<void> =>
    page.evaluate(
      (changes, index) => {
        const { told, tour } = window.bench;
        told.run = { ...told.run!, ...changes };
        told.learner = index;
        void tour.refresh();
      },
      run,
      learner,
    );
  /** Opens it, and goes to a step by its buttons. */
  const tell = async (step = 1): Promise<void> => {
    await page.goto(`${open.url}?told`);
    await answer([FIRST, SECOND]);
    for (let at = 1; at < step; at++) {
      await press('Next');
      await answer([FIRST, SECOND]);
    }
  };

  test('has words and equations, and no numbers, of a game', async () => {
    await tell();
    await change({ id: 'game', environment: 'two-step', picture: 'game', gridSize: 5, pieces: [] });
    for (let step = 1; step <= 5; step++) {
      expect(await text('#tour h3')).toMatch(new RegExp(`Step ${step} of 5`));
      expect(await body()).toContain(
        'The tour’s numbers need an environment on a grid, and two-step is none',
      );
      expect(await page.$$('#tour .equation')).not.toHaveLength(0);
      expect(await body()).not.toMatch(/Asking|of this very state|Shown are/);
      if (step < 5) await press('Next');
    }
    expect(await waiting(), 'nothing is asked for').toEqual([]);
    expect(await note()).toBe('');
    expect(await page.$eval('#tour .steps button:last-child', (button) => button.checkVisibility())).toBe(
      false,
    );
  });

  test('asks no longer where the numbers cannot be had, and can be asked again', async () => {
    await page.goto(`${open.url}?told`);
    expect(await body()).toContain('Asking for the numbers');
    await refuse('the worker is gone');
    expect(await body()).not.toContain('Asking');
    expect(await note()).toBe('The numbers could not be had: the worker is gone');
    await press('Use the board’s situation');
    expect(await body()).toContain('Asking for the numbers');
    await answer([FIRST, SECOND]);
    expect(await note()).toBe('');
    expect(await body()).toContain('Q-values of agent 1, at row 1, column 1');
  });

  test('marks what is not allowed, at every step that shows it', async () => {
    await tell();
    expect(await body()).toContain('The greedy joint action is agent 1 right, agent 2 up.');
    expect(await page.$$eval('#tour .remark', (all) => all.map(({ textContent }) => textContent))).toEqual([
      ...['not allowed', '', 'not allowed', 'greedy', ''],
      ...['greedy', 'not allowed', '', 'not allowed', ''],
    ]);
    await press('Next');
    await answer([FIRST, SECOND]);
    await press('Next');
    await answer([FIRST, SECOND]);
    expect(await page.$$('#tour td.illegal')).toHaveLength(25 - 9);
    const cell = (row: number, column: number): Promise<string> =>
      page.$eval(
        `#tour .values tbody tr:nth-child(${row}) td:nth-of-type(${column})`,
        (own) => own.textContent,
      );
    expect(await cell(1, 1)).toBe('12.00, not allowed');
    expect(await cell(4, 1)).toBe('5.00, greedy');
    expect(await cell(2, 3)).toBe('1.00');
    expect(await body()).toContain('struck out: not allowed');
    expect(await seriousFaults(page)).toEqual([]);
  });

  test('compares no TD errors of different moves', async () => {
    await tell(5);
    await press('One update');
    await answer([FIRST, SECOND]);
    await answerStep();
    await answer([TURNED, SECOND], 11, 0.1);
    expect(await note()).toMatch(
      /^One update was made, and the greedy move here turned from agent 1 right, /,
    );
    const table = await page.$$eval('#tour table.change tbody tr', (rows) =>
      rows.map((row) => [...row.children].map((cell) => cell.textContent)),
    );
    expect(table.slice(0, 4).map(([name]) => name)).toEqual([
      'Agent 1, up (not allowed)',
      'Agent 1, down (greedy after)',
      'Agent 1, left (not allowed)',
      'Agent 1, right (greedy before)',
    ]);
    expect(table.slice(10)).toEqual([
      ['Q_tot of agent 1 right, agent 2 up', '5.0000', '5.0000', '0.0000'],
      ['TD error of agent 1 right, agent 2 up', '0.5000', '–', '–'],
      ['Q_tot of agent 1 down, agent 2 up', '4.0000', '7.0000', '+3.0000'],
      ['TD error of agent 1 down, agent 2 up', '–', '0.1000', '–'],
    ]);
  });

  test('forgets an update that is still being made where one goes back', async () => {
    await tell(5);
    await press('One update');
    await answer([FIRST, SECOND]);
    expect(await note()).toBe('Making one update …');
    await press('Back');
    expect([await note(), await waiting()]).toEqual(['', ['step', 'episode 0,8,4']]);
    await answerStep();
    await answer([FIRST, SECOND], 11);
    await answer([FIRST, SECOND], 11);
    expect(await text('#tour h3')).toContain('Step 4 of 5');
    expect(await note()).toBe('');
    expect(await body()).toContain('after 11 updates');
    await press('Next');
    await answer([FIRST, SECOND], 11);
    expect(await page.$eval('#tour-update', (own) => (own as HTMLButtonElement).disabled)).toBe(false);
  });

  test('forgets an update that is still being made where another situation is asked for', async () => {
    await tell(5);
    await press('One update');
    await answer([FIRST, SECOND]);
    await press('Use the board’s situation');
    expect([await note(), await waiting()]).toEqual(['', ['step', 'episode']]);
    await answerStep();
    await answer([FIRST, SECOND], 11, 0.5, [3, 5, 4]);
    await answer([FIRST, SECOND], 11);
    expect(await note()).toBe('');
    expect(await text('#tour table.change caption')).toBe('After 11 updates');
    expect(await page.$eval('#tour .scene svg', (own) => own.getAttribute('aria-label'))).toContain(
      'agent 1 at row 2, column 1',
    );
  });

  test('says whose numbers they are, and shows another learner’s where one is chosen', async () => {
    await tell();
    expect(await body()).toContain('The numbers are those of a told run, after 10 updates.');
    const learners = [1, 2].map((seed) => ({ label: `seed ${seed}`, seed, variant: 0 }));
    await change({ id: 'two', learners });
    await answer([FIRST, SECOND], 1);
    expect(await body()).toContain('The numbers are those of seed 1 of a told run, after 1 update.');
    await change({}, 1);
    expect(await body(), 'as long as there are no others').toContain('those of seed 1 of');
    await answer([FIRST, SECOND], 3);
    expect(await body()).toContain('The numbers are those of seed 2 of a told run, after 3 updates.');
    // An update whose learner is shown no more is of no use.
    for (let step = 1; step < 5; step++) {
      await press('Next');
      await answer([FIRST, SECOND]);
    }
    await press('One update');
    await answer([FIRST, SECOND]);
    await change({}, 0);
    await answerStep();
    await answer([FIRST, SECOND], 11);
    await answer([FIRST, SECOND], 11);
    expect(await note()).toBe('');
    expect(await text('#tour table.change caption')).toBe('After 11 updates');
    expect(await body()).toContain('seed 1 of a told run');
  });

  test('says what the TD error of the move is made of, and what that means', async () => {
    await tell(4);
    const bars = (): Promise<string[][]> =>
      page.$$eval('#tour .bars tbody tr', (rows) =>
        rows.map((row) => [
          ...[...row.children].filter((_, at) => at !== 1).map((cell) => cell.textContent),
          row.className,
        ]),
      );
    expect(await bars()).toEqual([
      ['r', '−0.01', 'reward', ''],
      ['γ Q_tot⁻', '5.51', 'of the next state', ''],
      ['y', '5.50', 'target', ''],
      ['Q_tot', '5.00', 'forecast', ''],
      ['δ', '0.50', 'TD error', 'marked'],
    ]);
    // From zero, of all between −0.01 and 5.51.
    const drawn = await page.$$eval('#tour .bars .bar', (all) =>
      all.map((bar) => {
        const { left, width } = (bar as HTMLElement).style;
        return [left, width].map((own) => Number.parseFloat(own).toFixed(2));
      }),
    );
    expect([drawn[0], drawn[1], drawn[4]]).toEqual([
      ['0.00', '0.18'],
      ['0.18', '99.82'],
      ['0.18', '9.06'],
    ]);
    expect(await text('#tour .bars caption')).toBe('The move: agent 1 right, agent 2 up');
    expect(await text('#tour .beside-scene .equation')).toBe('δ = −0.01 + 5.51 − 5.00 = 0.50');
    expect(await text('#tour .said')).toBe('The forecast was too low: Q_tot is 5.00, the target 5.50.');
    for (const [error, equation, words] of [
      [-6.2, 'δ = −0.01 + (−1.19) − 5.00 = −6.20', 'The forecast was too high: '],
      [-0.004, 'δ = −0.01 + 5.01 − 5.00 = 0.00', 'The forecast was right: '],
    ] as const) {
      await press('Use the board’s situation');
      await answer([FIRST, SECOND], 10, error);
      expect(await text('#tour .beside-scene .equation')).toBe(equation);
      expect(await text('#tour .said')).toContain(words);
    }
  });

  test('shifts Q-values as the sliders say, which stay from step to step', async () => {
    await tell(3);
    const slide = (agent: number, to: number): Promise<void> =>
      page.$eval(
        `#tour-shift-${agent}`,
        (input, value) => {
          (input as HTMLInputElement).value = String(value);
          input.dispatchEvent(new Event('input'));
        },
        to,
      );
    const shown = (): Promise<string[]> =>
      page.$$eval('#tour .beside-scene :is(.shifted, .equation)', (all) => all.map((own) => own.textContent));
    expect(await shown()).toEqual(['2.00 + 0.0 = 2.00', '3.00 + 0.0 = 3.00', 'Q_tot = 2.00 + 3.00 = 5.00']);
    await slide(0, 1.5);
    await slide(1, -4);
    const shifted = ['2.00 + 1.5 = 3.50', '3.00 − 4.0 = −1.00', 'Q_tot = 3.50 + (−1.00) = 2.50'];
    expect(await shown()).toEqual(shifted);
    expect(await body()).toContain(
      'Slopes: ∂Q_tot/∂Q₁ = 1.000, ∂Q_tot/∂Q₂ = 1.000. None is negative. Without the shifts, Q_tot is 5.00.',
    );
    expect(await body()).toContain(
      'together: 5.00, and no other of the 9 allowed joint actions has a higher Q_tot.',
    );
    // Nine, as the Q-values lie between 0 and 9; Q_tot is −8 to 15.5 on the way.
    expect(
      await page.$eval('#tour-shift-0', (own) => ['min', 'max'].map((end) => own.getAttribute(end))),
    ).toEqual(['-9', '9']);
    expect(await page.$eval('#tour .chart svg', (own) => own.getAttribute('aria-label'))).toBe(
      "Q_tot as each agent's Q-value is shifted from −9 to +9: no curve falls",
    );
    const labels = () => page.$$eval('#tour .chart .label', (all) => all.map((own) => own.textContent));
    expect(await labels()).toEqual(['15.50', '−8.00', 'shift −9', '+9']);
    // 256 units wide, from 44, and 142 high, from 150 up.
    const points = await page.$$eval('#tour .chart .point', (all) =>
      all.map((own) => ['cx', 'cy'].map((name) => Math.round(Number(own.getAttribute(name))))),
    );
    expect(points).toEqual([
      [44 + 149, 150 - 63],
      [44 + 71, 150 - 63],
    ]);
    await press('Next');
    await answer([FIRST, SECOND]);
    await press('Back');
    await answer([FIRST, SECOND]);
    expect(await shown()).toEqual(shifted);
    await press('Use the board’s situation');
    await answer([FIRST, SECOND]);
    expect(await shown()).toContain('Q_tot = 2.00 + 3.00 = 5.00');
  });

  test('draws the weights of a mixer, says the smallest, and what Q_tot is made of', async () => {
    await tell(2);
    /** Answers with an episode of this mixer. */
    const answerMixed = (w2: readonly number[]): Promise<void> =>
      page.evaluate(
        async (second) => {
          const { told, toldEpisode } = window.bench;
          const mixing = {
            ...{
              w1: [
                [0.5, 1],
                [0.25, 0.125],
              ],
              b1: [-1, 0.5],
            },
            ...{ w2: second, b2: -0.75 },
          };
          const { moments, ...episode } = toldEpisode(
            [
              [9, 1, 0, 2, 0],
              [3, 9, 0, 9, 0],
            ],
            10,
            0.5,
          );
          told.answer({
            ...episode,
            moments: moments.map((own) => ({ ...own, look: { ...own.look, mixing } })),
          });
          await new Promise((resolve) => setTimeout(resolve));
        },
        [...w2],
      );
    await change({ id: 'mixed', mixer: 'monotonic' });
    await answerMixed([2, 0.0001]);
    const strips = await page.$$eval('#tour .strip', (all) => all.map((own) => own.textContent));
    expect(strips).toEqual([
      'w₁ of agent 1: 2 numbers, 0.500 to 1.000, mean 0.750',
      'w₁ of agent 2: 2 numbers, 0.125 to 0.250, mean 0.188',
      'b₁: 2 numbers, −1.000 to 0.500, mean −0.250',
      'w₂: 2 numbers, 0.000 to 2.000, mean 1.000',
    ]);
    expect(await text('#tour .said')).toBe(
      'b₂ is −0.750. The smallest of the 6 weights is 1.0e-4: none is negative.',
    );
    // Two units, 160 wide with a gap; agents share one scale, up to 1.
    const paths = await page.$$eval('#tour .strip .fill', (all) => all.map((own) => own.getAttribute('d')));
    expect(paths.slice(0, 2)).toEqual([
      'M0 44V22h159V44ZM160 44V0h159V44Z',
      'M0 44V33h159V44ZM160 44V38.5h159V44Z',
    ]);
    await press('Next');
    await answerMixed([2, 0.0001]);
    // 2 · 0.75 and next to nothing of the second unit.
    expect(await text('#tour .beside-scene .equation')).toBe(
      'Q_tot(2.00, 3.00) = 1.50 from 2 units + (−0.75) from b₂ = 0.75',
    );
    expect(await body()).toContain('∂Q_tot/∂Q₁ = 1.000, ∂Q_tot/∂Q₂ = 0.500. None is negative.');
    await press('Back');
    await answerMixed([-2, 1]);
    expect(await text('#tour .said')).toContain('is −2.000: negative, which must not be.');
  });

  test('writes each agent’s number at the end of its curve', async () => {
    await tell(3);
    const ends = await page.$$eval('#tour .chart .number', (all) =>
      all.map((own) => [own.textContent, own.getBoundingClientRect().top] as const),
    );
    expect(ends.map(([number]) => number)).toEqual(['1', '2']);
    expect(Math.abs(ends[0][1] - ends[1][1]), 'not on each other').toBeGreaterThan(9);
    const top = await page.$eval('#tour .chart svg', (own) => own.getBoundingClientRect().top);
    expect(Math.min(...ends.map(([, at]) => at)), 'not cut off').toBeGreaterThanOrEqual(top);
  });
});

describe('the two-step example', () => {
  test('ends with QMIX in 2B for 8 and VDN in 2A for 7', async () => {
    await press('Train QMIX and VDN');
    await becomes('#two-step .hint', /^QMIX: [\d,]+ of 2,500 updates/);
    await becomes('#two-step', /QMIX goes to/);
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

  test('says where its worker does not come up, and can be tried again', async () => {
    await page.evaluate(() => {
      const { Worker: Own } = window;
      window.Worker = class extends Own {
        constructor() {
          super(URL.createObjectURL(new Blob(['throw new Error("broken")'])));
          window.Worker = Own;
        }
      };
    });
    await press('Train QMIX and VDN');
    await becomes('#two-step', /It could not be trained: the worker could not be loaded\./);
    open.takeErrors();
    await press('Train QMIX and VDN');
    await becomes('#two-step .hint', /^QMIX: [\d,]+ of 2,500 updates/);
    await press('Stop training them');
  });

  test('can be stopped, and tried again', async () => {
    await press('Train QMIX and VDN');
    await press('Stop training them');
    await becomes('#two-step', /Stopped\./);
    expect(await (await button('Train QMIX and VDN'))!.isVisible()).toBe(true);
  });
});
