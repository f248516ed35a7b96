import type { Page } from 'puppeteer';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import type { MetricsRow } from '../../src/train/metrics.ts';
import { type OpenPage, openPage } from '../support/browser.ts';
import type { Playing } from '../support/play.ts';
import { pause } from './page_driver.ts';

declare global {
  interface Window {
    playing: Playing;
  }
}

let open: OpenPage;
let page: Page;

beforeAll(async () => {
  open = await openPage(inject('site'), 'test/support/play.html');
  page = open.page;
});
beforeEach(() => page.goto(open.url, { waitUntil: 'load' }));
afterEach(() => {
  expect(open.takeErrors(), 'errors in the page').toEqual([]);
});
afterAll(() => open?.close());

const begin = (picture: 'grid' | 'game', learners: number): Promise<void> =>
  page.evaluate((what, count) => window.playing.begin(what, count), picture, learners);
const text = (selector: string): Promise<string> => page.$eval(selector, (found) => found.textContent ?? '');
/** What was asked of the page since the last call. */
const asked = (): Promise<string[]> => page.evaluate(() => window.playing.asked.splice(0));
const press = async (name: string): Promise<void> => {
  const button = await page.waitForSelector(`::-p-aria([name="${name}"][role="button"])`);
  await button!.click();
};
const choose = async (name: string, label: string): Promise<void> => {
  const select = await page.waitForSelector(`::-p-aria([name="${name}"][role="combobox"])`);
  await select!.evaluate((found, wanted) => {
    const { options } = found as HTMLSelectElement;
    (found as HTMLSelectElement).selectedIndex = [...options].findIndex(({ text }) => text === wanted);
    found.dispatchEvent(new Event('change'));
  }, label);
};

describe('the team at play', () => {
  test('an episode that is examined stays, however long; a board that plays by itself gives up on it', async () => {
    await begin('grid', 1);
    await page.waitForFunction(
      () => !document.querySelector<HTMLInputElement>('.board-moment input')!.disabled,
    );
    await asked();
    // 10 moments beyond the shortest possible.
    await page.$eval('.board-moment input', (slider) => {
      (slider as HTMLInputElement).value = '12';
      slider.dispatchEvent(new Event('input'));
    });
    await pause(1500);
    expect(await asked()).toEqual([]);
    expect(await text('.board figcaption')).toMatch(/^Step 12 /);
    await press('Hold');
    await page.waitForFunction(() => window.playing.asked.length > 0);
    expect(await asked()).toEqual(['episode 0']);
  });

  test('the map follows the learner of the first board, says whose it is, and tells the page', async () => {
    await begin('grid', 3);
    await page.evaluate(() => {
      window.playing.evaluated.push(0, 1);
      return window.playing.view.showMap();
    });
    expect(await text('#starts')).toContain('The greedy policy of seed 5');
    expect(await text('#starts')).toContain('not solved: 504');
    await page.waitForFunction(() => /: seed 5$/.test(document.querySelector('.look caption')!.textContent));
    await asked();
    await choose('Learner on board 1', 'seed 6');
    await page.waitForFunction(() => /seed 6/.test(document.querySelector('#starts')!.textContent));
    expect(await text('#starts')).toContain('fewest steps: 504');
    await page.waitForFunction(() => /: seed 6$/.test(document.querySelector('.look caption')!.textContent));
    expect(await asked()).toEqual(['episode 1', 'outcomes 1', 'learner']);
    // There is no map yet of this one, and so none of another.
    await choose('Learner on board 1', 'seed 7');
    await page.waitForFunction(() => document.querySelector<HTMLElement>('.starts-field')!.hidden);
    expect(await text('#starts')).not.toContain('seed');
  });

  test('the map is asked for at each evaluation, and at the end', async () => {
    /** What is asked for once a row of this kind has come. */
    const askedAt = (kind: MetricsRow['kind']): Promise<string[]> =>
      page.evaluate((own) => {
        const { view, asked: calls } = window.playing;
        calls.length = 0;
        view.takeRows([{ kind: 'training' }, { kind: own }] as MetricsRow[]);
        return calls.filter((call) => call.startsWith('outcomes'));
      }, kind);
    await begin('grid', 1);
    expect(await askedAt('training')).toEqual([]);
    expect(await askedAt('evaluation')).toEqual(['outcomes 0']);
    expect(await askedAt('final')).toEqual(['outcomes 0']);
    await begin('game', 1);
    expect(await askedAt('final'), 'of a game there is none').toEqual([]);
  });

  test('what is said of a run is what has come of it last, and is gone with it', async () => {
    const look = (): Promise<Record<string, unknown>> =>
      page.evaluate(() => {
        const said = (id: string) => document.getElementById(id)!;
        return {
          ...{ status: said('status').textContent, hash: said('hash').textContent },
          bar: (said('progress') as HTMLProgressElement).value,
          updates: document.querySelector('#numbers dd')!.textContent,
          rows: window.playing.view.rows.length,
          hidden: [said('starts').hidden, said('no-starts').hidden],
          legend: [...document.querySelectorAll('.curves .runs li')].map((own) => own.textContent),
        };
      });
    const end = (updates: number, hash: string): Promise<void> =>
      page.evaluate((made, own) => window.playing.end(made, own), updates, hash);
    const none = { hash: '', bar: 0, rows: 0 };
    await begin('grid', 1);
    expect(await look()).toMatchObject({ ...none, updates: '–', hidden: [false, true], legend: ['a run'] });
    await page.evaluate(() => {
      window.playing.report('training');
      window.playing.view.takeRows([{ kind: 'training' }, { kind: 'training' }] as MetricsRow[]);
    });
    expect(await look()).toMatchObject({
      ...{ bar: 0.1, rows: 2, updates: '10 of at most 100' },
      status: expect.stringMatching(/^Training: 10 updates, 320 environment steps, /),
    });
    await end(100, 'abc');
    const ended = {
      ...{ bar: 1, rows: 2, updates: '100 of at most 100', hash: 'SHA-256 of the parameters: abc' },
      status: 'Finished, not solved: 252 of 504 starts, after 100 updates',
    };
    expect(await look()).toMatchObject(ended);
    // Reports that come after the end say nothing of it.
    await page.evaluate(() => window.playing.report('finished'));
    expect(await look()).toMatchObject({ ...ended, bar: 0.1, updates: '10 of at most 100' });
    await page.evaluate(() => window.playing.report('paused'));
    expect(await look()).toMatchObject({ hash: '', status: expect.stringMatching(/^Paused: 10 updates/) });
    await page.evaluate(() => window.playing.view.restart());
    expect(await look()).toMatchObject({ rows: 0, legend: ['a run'] });

    await end(100, 'abc');
    await begin('game', 1);
    expect(await look()).toMatchObject({ ...none, updates: '–', hidden: [true, false], legend: ['a run'] });
    await page.evaluate(() => {
      window.playing.report('paused');
      window.playing.view.show(undefined);
    });
    expect(await look()).toMatchObject({ ...none, updates: '–', hidden: [false, true], legend: [] });
    // Without a run there is nothing to say.
    await page.evaluate(() => window.playing.report('paused'));
    await end(100, 'abc');
    expect(await look()).toMatchObject({ ...none, updates: '–' });
  });

  test('another run is played from random starts, by its first learner; further boards play others', async () => {
    await begin('grid', 3);
    await choose('Learner on board 1', 'seed 7');
    await page.evaluate(() => window.playing.view.play.playAt([3, 4, 5]));
    expect((await asked()).at(-1)).toBe('episode 2 3,4,5');
    await press('Add a board');
    expect(await asked(), 'the next learner').toEqual(['episode 1']);
    await begin('grid', 2);
    expect(await asked()).toEqual(['episode 0', 'episode 0']);
    await begin('grid', 1);
    expect(
      await page.$$eval('.choices select:first-child', (all) =>
        all.map((own) => (own as HTMLSelectElement).disabled),
      ),
    ).toEqual([true, true]);
    await asked();
    await press('Add a board');
    const manners = await page.$$eval('.choices select:nth-child(2)', (all) =>
      all.map((own) => (own as HTMLSelectElement).value),
    );
    expect(manners).toEqual(['greedy', 'greedy', 'exploring']);
    expect(await asked()).toEqual(['episode 0 exploring']);
    await press('Add a board');
    const add = () => page.$$eval('#play > .buttons button', (all) => (all[0] as HTMLElement).hidden);
    expect(await add(), 'four boards at most').toBe(true);
    await press('Remove board 4');
    expect(await add()).toBe(false);
  });

  test('where there is one learner, nothing says which', async () => {
    await begin('grid', 1);
    await page.evaluate(() => {
      window.playing.evaluated.push(0);
      return window.playing.view.showMap();
    });
    expect(await text('#starts')).not.toContain('seed');
    expect(await text('.look caption')).toBe('Q-values of each agent’s actions');
    await begin('game', 1);
    expect(await page.$eval('#play', (root) => (root as HTMLElement).innerText)).not.toContain('Learner');
  });

  test('a piece that was put somewhere does not keep random starts from coming', async () => {
    await begin('grid', 1);
    await page.waitForSelector('::-p-aria([name="goal, row 3, column 3"])');
    await asked();
    await page.evaluate(() => {
      const goal = document.querySelector<HTMLElement>('[aria-label^="goal, "]')!;
      goal.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowUp' }));
      const random = [...document.querySelectorAll('button')].find(
        (own) => own.textContent === 'Random starts',
      );
      // Before the episode from where the piece was put has come.
      random!.click();
    });
    await page.waitForFunction(() =>
      /^A new start, .*goal at row 3/.test(document.querySelector('.board figcaption')!.textContent),
    );
    expect(await asked()).toEqual(['episode 0 0,1,5', 'episode 0']);
  });

  test('no two boards have the same name', async () => {
    await begin('grid', 1);
    for (const name of ['Add a board', 'Add a board', 'Remove board 2', 'Add a board']) await press(name);
    const names = await page.$$eval('.board', (boards) =>
      boards.map((board) => board.getAttribute('aria-label')),
    );
    expect(names).toEqual(['Board 1', 'Board 3', 'Board 4']);
  });

  test('a game is asked for while it is trained and no longer, of the learner that is chosen', async () => {
    // The page's clock stands still, but for what the test lets pass.
    const pass = (milliseconds: number): Promise<void> =>
      page.evaluate((more) => {
        const now = performance.now() + more;
        performance.now = () => now;
      }, milliseconds);
    await pass(0);
    await begin('game', 2);
    await page.waitForSelector('.game-table');
    expect(await asked()).toEqual(['game 0']);
    await choose('Learner', 'seed 6');
    await page.waitForFunction(
      () => document.querySelector('.game-table tbody td')!.textContent === '1.000 greedy',
    );
    expect(await asked()).toEqual(['game 1', 'learner']);
    await page.evaluate(() => window.playing.report('training'));
    expect(await asked(), 'too soon').toEqual([]);
    await pass(1100);
    await page.evaluate(() => window.playing.report('training'));
    await page.evaluate(() => window.playing.report('paused'));
    expect(await asked()).toEqual(['game 1', 'game 1']);
    await pass(2500);
    await pause(2500);
    expect(await asked(), 'while it rests').toEqual([]);
    // Another run does not show what was learned in this one.
    const left = await page.evaluate(() => {
      window.playing.begin('game', 2);
      return document.querySelectorAll('.game-table').length;
    });
    expect(left).toBe(0);
    await page.waitForSelector('.game-table');
    expect(await asked()).toEqual(['game 0']);
  });
});
