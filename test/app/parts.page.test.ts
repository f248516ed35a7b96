import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'puppeteer';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { configFields } from '../../src/config.ts';
import { formatRow, METRICS_HEADER, type MetricsRow } from '../../src/train/metrics.ts';
import { type OpenPage, openPage, textBecomes } from '../support/browser.ts';
import type { Parts } from '../support/parts.ts';
import { until } from '../support/until.ts';

declare global {
  interface Window {
    parts: Parts;
    axe: { run(context: Document, options: object): Promise<{ violations: Violation[] }> };
  }
}
interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string }[];
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let open: OpenPage;
let page: Page;

beforeAll(async () => {
  open = await openPage(inject('site'), 'test/support/parts.html');
  page = open.page;
});
afterEach(() => {
  expect(open.takeErrors(), 'errors in the page').toEqual([]);
});
afterAll(() => open?.close());

async function visit(query = '', width = 1200, dark = false): Promise<void> {
  await page.setViewport({ width, height: 900 });
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }]);
  await page.goto(`${open.url}?${query}`, { waitUntil: 'load' });
}

const text = (selector: string): Promise<string> => page.$eval(selector, (found) => found.textContent ?? '');
const value = (name: string): Promise<string> =>
  page.$eval(`#field-${name}`, (control) => (control as HTMLInputElement).value);
const settings = (): Promise<readonly string[]> => page.evaluate(() => window.parts.form.read());

async function type(name: string, what: string): Promise<void> {
  const field = await page.waitForSelector(`#field-${name}`);
  await field!.click({ count: 3 });
  await field!.press('Backspace');
  await field!.type(what);
  await field!.press('Tab');
}

/** Opens all groups. */
const unfold = (): Promise<void> =>
  page.$$eval('details', (all) => {
    for (const group of all) group.open = true;
  });

const serious = async (): Promise<string[]> => {
  // Evaluated by the debugger, which the page's policy does not hold.
  await page.evaluate(axe);
  const violations = await page.evaluate(async () => {
    const found = await window.axe.run(document, { resultTypes: ['violations'] });
    return found.violations.map(({ id, impact, nodes }) => ({ id, impact, html: nodes[0].html }));
  });
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, html }) => `${id}: ${html}`);
};

const LEARNERS = [1, 2, 3].map((seed) => ({ label: `seed ${seed}`, seed, variant: 0 }));

/** Rows of learners that rise at their own pace, every 10 updates; the first finishes half way. */
function makeRows(count: number, learners = LEARNERS): MetricsRow[] {
  return Array.from({ length: count }, (_, at) => 10 * (at + 1)).flatMap((updates) =>
    learners
      .filter((_, index) => index > 0 || updates <= 5 * count)
      .map(({ seed, variant }) => ({
        kind: updates % 50 === 0 ? ('evaluation' as const) : ('training' as const),
        seed,
        variant,
        updates,
        environmentSteps: 32 * updates,
        episodes: updates,
        seconds: updates / 100,
        epsilon: Math.max(0.05, 1 - updates / (5 * count)),
        trainingSuccess: (0.2 * seed * updates) / (10 * count),
        trainingReturn: seed,
        loss: updates % 50 === 0 ? Number.NaN : 4 / updates + seed,
        gradientNorm: updates % 50 === 0 ? Number.NaN : seed,
        qTotal: updates % 50 === 0 ? Number.NaN : seed - 2,
        success: updates % 50 === 0 ? (0.3 * seed * updates) / (10 * count) : Number.NaN,
        lengthRatio: updates % 50 === 0 ? 1 + seed / 10 : Number.NaN,
        return: updates % 50 === 0 ? 9 - seed : Number.NaN,
      })),
  );
}

/** Shows rows as the curves of a run. NaN does not survive the way to the page but as a text. */
const show = (id: string, rows: readonly MetricsRow[], learners = LEARNERS, current = true): Promise<void> =>
  page.evaluate(
    (own, csv, infos, isCurrent) => {
      const { curves, parseRows } = window.parts;
      curves.begin({
        ...{ id: own, name: `Run ${own}`, learners: infos, current: isCurrent },
        ...{ starts: 13_800, allStarts: true },
      });
      curves.add(own, parseRows(csv));
    },
    id,
    METRICS_HEADER + rows.map(formatRow).join(''),
    learners,
    current,
  );

/** Waits until a text beside a canvas is like this; returns it. */
const told = (selector: string, like: RegExp): Promise<string> => textBecomes(page, selector, like);

describe('the form', () => {
  test('shows every field by its name in words, with unit, range and default', async () => {
    await visit('gamma=0.9');
    await unfold();
    const field = await page.waitForSelector('::-p-aria([name="Grid size"][role="textbox"])');
    expect(await field!.evaluate(({ id }) => id)).toBe('field-gridSize');
    expect(await text('#field-gridSize-unit')).toBe('cells');
    expect(await text('#field-gamma-hint')).toBe('Discount factor. 0 to 1; default 0.99.');
    expect(await text('#field-learningRate-hint')).toContain('1e-37 to 1; default 0.001.');
    expect(await text('#field-updates-hint')).toContain('0 to 1,000,000,000; default 30000.');
    expect(
      await page.$$eval('[id^="field-"]:is(input, select):not([type="search"])', (all) => all.length),
    ).toBe(configFields.length + 1);
    const unlabelled = await page.$$eval(':is(input, select)', (all) =>
      all.filter((control) => (control as HTMLInputElement).labels?.length !== 1).map(({ id }) => id),
    );
    expect(unlabelled).toEqual([]);
  });

  test('a changed field says so, and is reset by keyboard', async () => {
    await visit('gamma=0.9');
    await unfold();
    expect(await value('gamma')).toBe('0.9');
    expect(await text('#field-gamma-changed')).toBe('Changed');
    expect(await text('#field-tau-changed')).toBe('');
    const reset = await page.waitForSelector('::-p-aria([name="Reset Gamma to 0.99"][role="button"])');
    await reset!.focus();
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.querySelector('#field-gamma-changed')?.textContent === '');
    expect(await value('gamma')).toBe('0.99');
    expect(await settings()).toEqual([]);
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('field-gamma');
  });

  test('environment, algorithm and preset fill in what they stand for', async () => {
    await visit('gridSize=3');
    await unfold();
    await page.select('#field-algorithm', 'ps-dqn');
    await page.waitForFunction(() => document.querySelector<HTMLInputElement>('#field-agentId')?.checked);
    expect([await value('mixer'), await value('gridSize')]).toEqual(['none', '3']);
    // One of the three by itself: the name no longer says it.
    await page.select('#field-mixer', 'sum');
    await page.waitForFunction(
      () => document.querySelector<HTMLSelectElement>('#field-algorithm')?.value === 'custom',
    );
    expect(await settings()).toEqual(['gridSize=3', 'sharedAgents=true', 'agentId=true', 'mixer=sum']);
    await page.select('#field-algorithm', 'vdn');
    await page.waitForFunction(() => !document.querySelector<HTMLInputElement>('#field-agentId')?.checked);
    await page.select('#field-environment', 'two-step');
    await page.waitForFunction(
      () => document.querySelector<HTMLSelectElement>('#field-preset')?.value === 'game',
    );
    expect([await value('algorithm'), await value('hidden'), await value('gridSize')]).toEqual([
      'vdn',
      '32',
      '3',
    ]);
    await page.select('#field-preset', 'report');
    await page.waitForFunction(
      () => document.querySelector<HTMLSelectElement>('#field-environment')?.value === 'meeting-gridworld',
    );
    expect([await value('algorithm'), await value('seeds')]).toEqual(['qmix', '2025-2029']);
    expect(await settings()).toEqual(['preset=report']);
  });

  test('keeps what was typed, says what is wrong with it beside it, and goes there', async () => {
    await visit();
    await unfold();
    await type('gridSize', '1');
    await page.waitForFunction(() => document.querySelector('#field-gridSize-problem')?.textContent !== '');
    expect(await text('#field-gridSize-problem')).toBe('gridSize: got 1, allowed: at least 2');
    expect(await value('gridSize')).toBe('1');
    expect(await page.$eval('#field-gridSize', (input) => input.getAttribute('aria-invalid'))).toBe('true');
    // Another field can be changed meanwhile, and is kept.
    await type('seeds', '1-3');
    expect([await value('gridSize'), await value('seeds')]).toEqual(['1', '1-3']);
    // A rule of two fields: the one that is named is not the one that was typed in.
    await type('replayCapacity', '100');
    await page.waitForFunction(() => document.querySelector('#field-warmup-problem')?.textContent !== '');
    expect(await value('replayCapacity')).toBe('100');
    await page.$$eval('details', (all) => {
      for (const group of all) group.open = false;
    });
    await page.evaluate(() => window.parts.form.focusFirstProblem());
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('field-gridSize');
    await type('gridSize', '4');
    await unfold();
    await type('replayCapacity', '5000');
    await page.waitForFunction(() => document.querySelector('[aria-invalid="true"]') === null);
    expect(await settings()).toEqual(['gridSize=4', 'seeds=1-3', 'replayCapacity=5000']);
  });

  test('opens the group of what a link has wrong, and lists what has no field', async () => {
    await visit('hidden=-3&speed=%3Cb%20id=injected%3E');
    const open_ = await page.$$eval('details[open] > summary', (all) =>
      all.map(({ textContent }) => textContent),
    );
    expect(open_).toEqual(['Networks and mixer (1 problem)']);
    expect(await value('hidden')).toBe('64');
    const others = await page.$$eval('#other-problems li', (all) =>
      all.map(({ textContent }) => textContent),
    );
    expect(others).toEqual([expect.stringMatching(/^speed: unknown field/)]);
    expect(await page.$('#injected')).toBeNull();
  });

  test('finds settings by name, label and sentence', async () => {
    await visit();
    await page.type('#field-search', 'EPSILON linearly');
    const shown = (): Promise<string[]> =>
      page.$$eval('.field', (all) =>
        all
          .filter((field) => field.checkVisibility())
          .map((field) => field.querySelector('label')?.textContent ?? ''),
      );
    expect(await shown()).toEqual(['Epsilon decay steps']);
    await page.waitForFunction(() => document.querySelector('.found')?.textContent === '1 found.');
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => location.search), 'nothing was submitted').toBe('');
    await page.$eval('#field-search', (input) => (input as HTMLInputElement).select());
    await page.keyboard.press('Backspace');
    expect(await shown()).toHaveLength(7);
    expect(await page.$$('details[open]')).toHaveLength(0);
  });

  test('while a run goes on, only what can change then can', async () => {
    await visit();
    await unfold();
    await page.evaluate(() => {
      window.parts.form.running = true;
    });
    const enabled = await page.$$eval(':is(input, select):enabled', (all) =>
      all.map(({ id }) => id).filter((id) => id.startsWith('field-')),
    );
    expect(enabled).toEqual(['field-search', 'field-updates', 'field-episodes', 'field-stopWhenSolved']);
    const notes = await page.$$eval('fieldset > .hint:not([hidden])', (all) =>
      all.map(({ textContent }) => textContent),
    );
    expect(notes).toHaveLength(9);
    for (const note of notes) expect(note).toMatch(/takes effect at the next run\.$/);
    await type('updates', '50');
    await page.waitForFunction(() => window.parts.asked.length > 0);
    expect(await page.evaluate(() => window.parts.asked)).toEqual([['updates=50']]);
  });
});

describe('the curves', () => {
  /** Pixels of a panel in a run's colour. */
  const pixels = (panel: string, run: number): Promise<number> =>
    page.$eval(
      `.panel.${panel} canvas`,
      (canvas, name) => {
        const style = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
        const wanted = [1, 3, 5].map((at) => Number.parseInt(style.slice(at, at + 2), 16));
        const { width, height } = canvas as HTMLCanvasElement;
        const { data } = (canvas as HTMLCanvasElement).getContext('2d')!.getImageData(0, 0, width, height);
        let count = 0;
        for (let at = 0; at < data.length; at += 4) {
          if (wanted.every((channel, index) => data[at + index] === channel) && data[at + 3] === 255) count++;
        }
        return count;
      },
      `--run-${run}`,
    );

  test('mean and interval, learners that finished included, as drawn and as text', async () => {
    await visit();
    expect(await told('#curve-success-text', /./)).toBe('Nothing was measured yet.');
    await show('a', makeRows(200));
    await page.$eval('.curves', (element) => element.scrollIntoView());
    // Greedy at the end: 0.15 (finished half way), 0.6 and 0.9, by Student's t of two degrees of freedom.
    expect(await told('#curve-success-text', /Latest, by 2,000 updates/)).toBe(
      'Latest, by 2,000 updates: greedy 55 % (interval 0 % to 100 %), in training 36.6 %.',
    );
    expect(await text('#curve-length-text')).toMatch(/: 1\.2 \(interval 0\.9516 to 1\.448\)\.$/);
    expect(await text('#curve-q-total-text')).toMatch(/: 0 \(interval /);
    await page.waitForSelector('.panel.success canvas');
    await until('the run is drawn', async () => (await pixels('success', 1)) > 150);
    expect(await page.$$eval('.runs li', (all) => all.map(({ textContent }) => textContent))).toEqual([
      'Run a, mean of 3 learners',
    ]);
  });

  test('is read at any place by keyboard, over updates and over steps', async () => {
    await visit();
    await show('a', makeRows(200));
    await told('#curve-success-text', /Latest, by 2,000 updates/);
    await page.focus('#curve-at');
    await page.keyboard.press('Home');
    await told('#curve-success-text', /^Nothing was measured by then/);
    await page.keyboard.press('PageUp');
    expect(await told('#curve-success-text', /^At 200 updates: greedy 6 %/)).toContain('in training');
    expect(await page.$eval('#curve-at', (slider) => slider.getAttribute('aria-valuetext'))).toBe(
      '200 updates',
    );
    await page.keyboard.press('End');
    await told('#curve-success-text', /^Latest, by 2,000 updates/);
    await page.select('#curve-axis', 'environmentSteps');
    await told('#curve-success-text', /^Latest, by 64,000 environment steps: greedy 55 %/);
    await page.click('#curve-log');
    await told('#curve-loss-text', /environment steps: /);
  });

  test('is read where the mouse points, in all panels', async () => {
    await visit();
    await show('a', makeRows(200));
    await page.$eval('.panel.success', (element) => element.scrollIntoView({ block: 'center' }));
    await told('#curve-success-text', /Latest, by 2,000 updates/);
    const plot = await page.waitForSelector('.panel.success .u-over');
    const { x, y, width, height } = (await plot!.boundingBox())!;
    await page.mouse.move(x + width / 2, y + height / 2);
    const read = await told('#curve-success-text', /^At /);
    const updates = Number(/^At ([\d,]+) updates/.exec(read)?.[1].replaceAll(',', ''));
    expect(Math.abs(updates - 1000)).toBeLessThan(10);
    expect(await text('#curve-epsilon-text')).toMatch(
      new RegExp(`^At ${updates.toLocaleString('en')} updates: `),
    );
    await page.mouse.move(x - 200, y - 50);
    await told('#curve-success-text', /^Latest, by 2,000 updates/);
  });

  test('runs laid over each other are told apart, and taken away again', async () => {
    await visit();
    await show('a', makeRows(100));
    await show('b', makeRows(50), LEARNERS, false);
    await page.$eval('.curves', (element) => element.scrollIntoView());
    const both = await told('#curve-success-text', /Run b: /);
    expect(both).toMatch(/^Latest, by 1,000 updates: Run a: greedy .*; Run b: greedy /);
    await page.waitForFunction(() => document.querySelectorAll('.runs li').length === 2);
    await page.waitForSelector('.panel.success canvas');
    await until('the first run is drawn', async () => (await pixels('success', 1)) > 100);
    await until('the second run is drawn', async () => (await pixels('success', 2)) > 30);
    await page.evaluate(() => window.parts.curves.remove('a'));
    await told('#curve-success-text', /^Latest, by 500 updates: greedy /);
    await until('the first run is drawn no more', async () => (await pixels('success', 1)) === 0);
    expect(await pixels('success', 2), 'a run keeps its look').toBeGreaterThan(30);
  });

  test('the key says what greedy is over, and what is of training', async () => {
    await visit();
    const begin = (id: string, starts: number, allStarts: boolean): Promise<void> =>
      page.evaluate(
        (run, learners) => window.parts.curves.begin({ ...run, name: run.id, learners, current: false }),
        { id, starts, allStarts },
        LEARNERS,
      );
    const key = (): Promise<string> => text('.curves > .hint');
    await begin('small', 13_800, true);
    expect(await key()).toContain('Success, length and return are greedy, over all starts; dotted: ');
    await begin('large', 10_000, false);
    expect(await key()).toContain('over all starts or 10,000 sampled starts;');
    await page.evaluate(() => window.parts.curves.remove('small'));
    expect(await key()).toContain('greedy, over 10,000 sampled starts;');
    expect(await key()).toContain('Loss, Q_tot, gradient norm and ε are of training.');
    expect(await text('#curve-q-total-title')).toBe('Q_tot (mean Q without a mixer)');
  });

  test('a run that is called otherwise keeps its curves', async () => {
    await visit();
    await show('a', makeRows(100));
    await told('#curve-success-text', /Latest, by 1,000 updates/);
    await page.evaluate(
      (learners) =>
        window.parts.curves.update({
          ...{ id: 'a', name: 'Mine', learners, current: true },
          ...{ starts: 13_800, allStarts: true },
        }),
      LEARNERS,
    );
    expect(await text('.runs li')).toBe('Mine, mean of 3 learners');
    await told('#curve-success-text', /Latest, by 1,000 updates/);
  });

  test('says a dash for what is still being computed', async () => {
    await visit();
    const learners = Array.from({ length: 16 }, (_, seed) => ({ label: `seed ${seed}`, seed, variant: 0 }));
    const table = METRICS_HEADER + makeRows(1000, learners).map(formatRow).join('');
    const said = await page.evaluate(
      async (infos, metrics) => {
        const { curves, parseRows } = window.parts;
        curves.begin({
          ...{ id: 'a', name: 'Run a', learners: infos, current: true },
          ...{ starts: 1, allStarts: true },
        });
        curves.add('a', parseRows(metrics));
        const slider = document.querySelector<HTMLInputElement>('#curve-at')!;
        const texts: string[] = [];
        for (let step = 199; step > 150; step--) {
          slider.value = String(step);
          slider.dispatchEvent(new Event('input'));
          await new Promise(requestAnimationFrame);
          await new Promise((resolve) => setTimeout(resolve, 5));
          texts.push(...[...document.querySelectorAll('figcaption')].map((caption) => caption.textContent));
        }
        return texts;
      },
      learners,
      table,
    );
    expect(said.some((words) => words.includes('–'))).toBe(true);
    expect(said.filter((words) => words.includes('NaN'))).toEqual([]);
  });

  test('nothing serious by axe, no wider than a phone, in light and dark', async () => {
    for (const [width, dark] of [
      [1200, false],
      [1200, true],
      [360, false],
    ] as const) {
      await visit('gamma=0.9&gridSize=1&speed=2', width, dark);
      await unfold();
      await show('a', makeRows(100));
      await show('b', makeRows(50), LEARNERS, false);
      await told('#curve-success-text', /Run b: /);
      expect(await serious()).toEqual([]);
      const [page_, window_] = await page.evaluate(() => [
        document.documentElement.scrollWidth,
        document.documentElement.clientWidth,
      ]);
      expect(page_).toBeLessThanOrEqual(window_);
    }
  });
});

describe('exports', () => {
  test('metrics as the command line writes them, and as JSON', async () => {
    await visit();
    const table = [
      'kind,variant,seed,updates,environmentSteps,episodes,seconds,epsilon,trainingSuccess,trainingReturn,' +
        'loss,gradientNorm,qTotal,success,lengthRatio,return',
      'training,0,1,10,320,4,0.125,0.9,0.25,-0.5,0.0625,1.5,-2,,,',
      'evaluation,0,3,50,1600,20,1.000,0.05,0.75,8.5,,,,0.875,1.25,9.25',
      '',
    ].join('\n');
    const [csv, json, name] = await page.evaluate(
      async (learners, metrics) => {
        const { exports, parseRows } = window.parts;
        const run = {
          ...{ name: 'VDN: <5> seeds', learners, rows: parseRows(metrics) },
          ...{ starts: 13_800, allStarts: true },
        };
        const { metricsCsv, metricsJson, fileName } = exports;
        return [
          await (await metricsCsv(run)).text(),
          await (await metricsJson(run)).text(),
          fileName(run.name, 'metrics.csv'),
        ];
      },
      LEARNERS,
      table,
    );
    expect(csv).toBe(table);
    const parsed = JSON.parse(json);
    expect([parsed.name, parsed.learners]).toEqual(['VDN: <5> seeds', LEARNERS]);
    expect(parsed.rows).toEqual([
      {
        ...{ kind: 'training', variant: 0, seed: 1, updates: 10, environmentSteps: 320, episodes: 4 },
        ...{ seconds: 0.125, epsilon: 0.9, trainingSuccess: 0.25, trainingReturn: -0.5 },
        ...{ loss: 0.0625, gradientNorm: 1.5, qTotal: -2, success: null, lengthRatio: null, return: null },
      },
      {
        ...{ kind: 'evaluation', variant: 0, seed: 3, updates: 50, environmentSteps: 1600, episodes: 20 },
        ...{ seconds: 1, epsilon: 0.05, trainingSuccess: 0.75, trainingReturn: 8.5 },
        ...{ loss: null, gradientNorm: null, qTotal: null, success: 0.875, lengthRatio: 1.25, return: 9.25 },
      },
    ]);
    expect(name).toBe('vdn-5-seeds-metrics.csv');
  });

  test('the curve as SVG and as PNG of twice the size', async () => {
    await visit();
    const table = METRICS_HEADER + makeRows(40).map(formatRow).join('');
    const { svg, unsuccessful, width, height, ink } = await page.evaluate(
      async (learners, metrics) => {
        const { exports, parseRows } = window.parts;
        const run = {
          ...{ name: 'a & <b>', learners, rows: parseRows(metrics) },
          ...{ starts: 10_000, allStarts: false },
        };
        const failed = run.rows.map((row) => ({ ...row, success: 0 * row.success, trainingSuccess: 0 }));
        const bitmap = await createImageBitmap(await exports.curvePng(run));
        const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
        const context = canvas.getContext('2d')!;
        context.drawImage(bitmap, 0, 0);
        const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
        let count = 0;
        // The first learner's line, #0072b2.
        for (let at = 0; at < data.length; at += 4)
          if (data[at] === 0 && data[at + 1] === 0x72 && data[at + 2] === 0xb2) count++;
        return {
          svg: await (await exports.curveSvg(run)).text(),
          unsuccessful: await (await exports.curveSvg({ ...run, rows: failed })).text(),
          width: bitmap.width,
          height: bitmap.height,
          ink: count,
        };
      },
      LEARNERS,
      table,
    );
    expect([width, height]).toEqual([1920, 1080]);
    expect(ink).toBeGreaterThan(300);
    expect(svg).toMatch(/^<svg width="960" height="540"[^>]*><title>Success over environment steps/);
    expect(svg).toContain('Success of a &amp; &lt;b&gt;');
    expect(unsuccessful).toContain('Return of a &amp; &lt;b&gt;');
    expect(svg).toContain('solid: greedy, over 10,000 sampled starts; dotted: last 100 training episodes');
  });
});

describe('kept runs', () => {
  test('are saved piece by piece or anew, renamed, settled and deleted, each by itself', async () => {
    await visit();
    const found = await page.evaluate(async () => {
      const { RunStore, holdRun, openRuns } = window.parts.store;
      const runs = await RunStore.open();
      let now = 0;
      Date.now = () => ++now;
      type Run = Parameters<typeof runs.save>[0];
      type Rows = Parameters<typeof runs.save>[3];
      const run = (id: string, state: Run['state'] = 'training') => ({ id, name: `run ${id}`, state }) as Run;
      const rows = (...updates: number[]) => updates.map((own) => ({ updates: own })) as unknown as Rows;
      const [three, five] = [new Uint8Array([1, 2, 3]), new Uint8Array(5)];
      const read = async (id: string) => {
        const kept = await runs.read(id);
        return (
          kept && {
            rows: kept.rows.map(({ updates }) => updates).join(),
            checkpoint: kept.checkpoint.length,
            outcomes: kept.outcomes.map((own) => own?.join('')).join(),
            ...{ name: kept.name, bytes: kept.run.bytes, state: kept.run.state, changed: kept.run.changed },
          }
        );
      };
      const steps = [];
      await runs.save(run('a'), three, [new Uint8Array([1, 2])], rows(1, 2), true);
      steps.push(await read('a'));
      await runs.save(run('a'), undefined, [], rows(3), false);
      await runs.save(run('a', 'paused'), undefined, [undefined, new Uint8Array([0])], rows(), false);
      await runs.save(run('a', 'finished'), five, [], rows(4), false);
      steps.push(await read('a'));
      await runs.save(run('b'), three, [], rows(50), true);
      await runs.rename('a', 'mine');
      await runs.save(run('a'), undefined, [], rows(9), true);
      await runs.save(run('a'), undefined, [], rows(10), false);
      steps.push(await read('a'));
      const [ownRows] = [(await runs.rows('a')).map(({ updates }) => updates)];
      const order = (await runs.list()).map(({ id }) => id);
      const free = [await runs.freeName('mine'), await runs.freeName('run b'), await runs.freeName('new')];
      await runs.save({ ...run('c', 'solved'), name: 'mine (2)' }, three, [], [], true);
      free.push(await runs.freeName('mine'));
      for (const id of ['b', 'c', 'none']) await runs.settle(id);
      const settled = [(await runs.get('b'))?.state, (await runs.get('c'))?.state];
      let release = () => {};
      const released = new Promise<void>((resolve) => {
        release = resolve;
      });
      const held = [
        await holdRun('a', released),
        await holdRun('a', released),
        [...(await openRuns())].join(),
      ];
      const refused = await runs.remove('a').catch((error: Error) => error.message);
      const still = await read('a');
      release();
      while ((await openRuns()).size > 0) await new Promise((resolve) => setTimeout(resolve));
      await runs.remove('a');
      const left = { a: await read('a'), rows: await runs.rows('a'), b: (await read('b'))?.rows };
      return { steps, ownRows, order, free, settled, held, refused, still: still?.rows, left };
    });
    expect(found.steps).toEqual([
      {
        ...{ rows: '1,2', checkpoint: 3, outcomes: '12', name: 'run a', bytes: 803, state: 'training' },
        changed: 1,
      },
      {
        ...{ rows: '1,2,3,4', checkpoint: 5, outcomes: '', name: 'run a', bytes: 1605, state: 'finished' },
        changed: 4,
      },
      // Anew: none of the rows of before, and the name that it was given meanwhile.
      {
        ...{ rows: '9,10', checkpoint: 5, outcomes: '', name: 'mine', bytes: 805, state: 'training' },
        changed: 7,
      },
    ]);
    expect(found.ownRows).toEqual([9, 10]);
    expect(found.order, 'the last changed first').toEqual(['a', 'b']);
    expect(found.free).toEqual(['mine (2)', 'run b (2)', 'new', 'mine (3)']);
    expect(found.settled).toEqual(['paused', 'solved']);
    expect(found.held).toEqual([true, false, 'a']);
    expect(found.refused).toBe('this run is open; Reset, in the tab that has it, lets go of it');
    expect([found.still, found.left]).toEqual(['9,10', { a: undefined, rows: [], b: '50' }]);
  });

  test('are listed with what can be done with each', async () => {
    await visit();
    const kept = (id: string, state: string) => ({
      ...{ id, name: `run ${id}`, state, hash: '', reason: '', changed: 0, bytes: 2_000_000 },
      progress: { updates: 5, success: [0.5] },
    });
    const states = ['training', 'paused', 'stopped', 'finished', 'solved', 'failed'];
    await page.evaluate(
      (all) => {
        Object.assign(window, { kept: all, runs: window.parts.list(all as never) });
      },
      states.map((state, at) => kept(String(at), state)),
    );
    type Listed = { runs: ReturnType<Parts['list']>; kept: { state: string }[] };
    const calls = (): Promise<string[]> =>
      page.evaluate(() => (window as unknown as Listed).runs.calls.splice(0));
    const press = async (name: string): Promise<void> => {
      await page.$eval(`[aria-label="${name}"]`, (own) => (own as HTMLElement).click());
    };
    const called = (like: RegExp) =>
      until(`${like} is called`, async () => {
        const all = await calls();
        return all.length > 0 ? all : undefined;
      });
    /** What is enabled of each. */
    const enabled = (): Promise<string[]> =>
      page.$$eval('#runs li', (all) =>
        all.map((own) =>
          [
            ...own.querySelectorAll<HTMLButtonElement | HTMLInputElement>(
              'button:enabled, [type="checkbox"]:enabled',
            ),
          ]
            .map(
              (control) =>
                control.textContent || `curves${(control as HTMLInputElement).checked ? ' on' : ''}`,
            )
            .join(),
        ),
      );
    await page.evaluate(async () => {
      await window.parts.store.holdRun('5', new Promise(() => {}));
      (window as unknown as Listed).runs.panel.show('1');
    });
    await page.waitForSelector('#runs [aria-current]');
    const all = 'Show,Go on,Export,Delete,curves';
    expect(await enabled()).toEqual([
      ...[all, 'Export', all, all, 'Show,Export,Delete,curves', 'Export,curves'],
    ]);
    expect(await text('#runs li:last-child .hint')).toMatch(/^Open in another tab\. Failed: /);
    expect(await text('#runs [aria-current] .hint')).toMatch(/^On this page\. Paused: 5 updates, /);
    expect(await text('#runs > p:last-child')).toMatch(/^6 runs take 12\.0 MB/);

    await press('Show run 0');
    expect(await called(/open/)).toEqual(['open 0 false']);
    await press('Go on run 2');
    expect(await called(/open/)).toEqual(['open 2 true']);
    await press('Export run 1');
    expect(await called(/export/)).toEqual(['export 1']);
    await page.click('#overlay-3');
    expect(await called(/overlay/)).toEqual(['overlay 3 true']);
    await until('the list is read anew', async () => (await enabled())[3].endsWith('curves on'));
    // Once it has been on the page by itself, its curves lie over no other's any more.
    for (const id of ['3', '1']) {
      await page.evaluate((own) => (window as unknown as Listed).runs.panel.show(own), id);
      await page.waitForSelector(`#runs [aria-current] #name-${id}`);
    }
    expect((await enabled())[3]).toBe(all);
    await page.click('#overlay-3');
    await called(/overlay/);
    page.once('dialog', (dialog) => void dialog.dismiss());
    await press('Delete run 3');
    expect(await calls(), 'not confirmed').toEqual([]);
    page.once('dialog', (dialog) => void dialog.accept());
    await press('Delete run 3');
    expect(await called(/remove/)).toEqual(['remove 3', 'overlay 3 false']);
    await until('its curves are taken away', async () => (await enabled())[3].endsWith('curves'));
    const name = (own: string): Promise<void> =>
      page.$eval(
        '#name-2',
        (field, wanted) => {
          (field as HTMLInputElement).value = wanted;
          field.dispatchEvent(new Event('change'));
        },
        own,
      );
    await name('  mine ');
    expect(await called(/rename/)).toEqual(['rename 2 mine', 'renamed 2 mine']);
    await name('   ');
    expect(await told('#runs .problem', /./)).toBe('name: got nothing, allowed: 1 to 120 characters');
    // The first broken file keeps none of the others from being taken, and what was said is said no more.
    await page.$eval('#import-file', (input) => {
      const files = new DataTransfer();
      for (const own of ['broken-1', 'whole', 'broken-2']) files.items.add(new File([], own));
      (input as HTMLInputElement).files = files.files;
      input.dispatchEvent(new Event('change'));
    });
    expect(await told('#runs .problem', /broken/)).toBe('broken-1: no checkpoint; broken-2: no checkpoint');
    expect(await calls()).toEqual(['import broken-1', 'import whole', 'import broken-2']);
    await press('Export run 0');
    await told('#runs .problem', /^$/);
  });
});
