import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'puppeteer';
import { afterAll, afterEach, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import type { VectorSource } from '../../src/app/verify/verify_protocol.ts';
import { overflow, seriousFaults } from '../support/axe.ts';
import { launchBrowser, newPage, type OpenPage, openPage, textBecomes } from '../support/browser.ts';
import { tellWorkers } from './told_workers.ts';

const site = inject('site');
const vectors = fileURLToPath(new URL('../../src/verify/vectors', import.meta.url));
/** Files to verify, which the site serves. */
const folder = mkdtempSync(join(site.folder, 'vectors-'));

/** A vector file of which one expected number is another. */
function altered(bytes: Buffer, tensor: string): Buffer {
  const copy = Buffer.from(bytes);
  const length = Number(copy.readBigUInt64LE(0));
  const header = JSON.parse(copy.subarray(8, 8 + length).toString()) as Record<
    string,
    { data_offsets: [number, number] }
  >;
  const at = 8 + length + header[tensor].data_offsets[0];
  copy.writeFloatLE(copy.readFloatLE(at) + 1, at);
  return copy;
}

let open: OpenPage;
let page: Page;

beforeAll(async () => {
  const small = readFileSync(join(vectors, 'ps-dqn.safetensors'));
  writeFileSync(join(folder, 'ps-dqn.safetensors'), small);
  writeFileSync(join(folder, 'iql.safetensors'), readFileSync(join(vectors, 'iql.safetensors')));
  writeFileSync(join(folder, 'cut.safetensors'), small.subarray(0, small.length - 100));
  writeFileSync(join(folder, 'altered.safetensors'), altered(small, 'expect.q_tot'));
  open = await openPage(site, 'test/app/verify.html');
  page = open.page;
  await page.bringToFront();
  await page
    .browserContext()
    .overridePermissions(new URL(open.url).origin, [
      'clipboard-read',
      'clipboard-sanitized-write',
      'clipboard-write',
    ]);
});
afterEach(() => {
  expect(open.takeErrors(), 'errors in the page').toEqual([]);
});
afterAll(async () => {
  await open?.close();
  rmSync(folder, { recursive: true, force: true });
});

const visit = (...files: readonly string[]) =>
  page.goto(
    `${open.url}?folder=${basename(folder)}${files.map((file) => `&file=${file}.safetensors`).join('')}`,
  );
const press = async (name: string): Promise<void> => {
  const found = await page.waitForSelector(`::-p-aria([name="${name}"][role="button"]):enabled`);
  await found!.click();
};
const verdictBecomes = (panel: string, like: RegExp): Promise<string> =>
  textBecomes(page, `${panel} .verdict`, like);
const rows = (panel: string): Promise<string[][]> =>
  page.$$eval(`${panel} tbody tr`, (all) =>
    all.map((row) => [...row.children].map((cell) => cell.textContent ?? '')),
  );

describe('Verify', () => {
  test('holds this adapter to files, and gives the text of the command line', async () => {
    await visit('ps-dqn', 'iql');
    await press('Verify');
    expect(await verdictBecomes('#verify', /^Verified/)).toBe(
      'Verified: all 2 files pass on this software adapter.',
    );
    const table = await rows('#verify');
    expect(table.map(([file, verdict]) => [file, verdict])).toEqual([
      ['bound', ''],
      ['ps-dqn', 'pass'],
      ['iql', 'pass'],
    ]);
    for (const [, , ...errors] of table.slice(1)) {
      for (const [index, error] of errors.entries()) {
        expect(Number(error)).toBeLessThanOrEqual(Number(table[0][index + 2]));
      }
      // Float32 is not float64: errors of nothing at all would be those of nothing compared.
      expect(Number(errors[0])).toBeGreaterThan(0);
    }
    expect(await page.$eval('#verify', (panel) => panel.textContent)).toMatch(
      /A software adapter.*swiftshader/i,
    );
    expect(await seriousFaults(page)).toEqual([]);
    await press('Copy verification as text');
    await page.waitForFunction(async () => (await navigator.clipboard.readText()).includes('worst error'));
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    expect(copied).toMatch(/^ps-dqn\.safetensors +\d\.\de-/m);
    expect(copied).toMatch(/: 2 of 2 files pass\n$/);
  });

  test('fails by name what is broken or has a wrong number, verifies the rest, and shows the text where it cannot copy', async () => {
    await visit('cut', 'altered', 'ps-dqn');
    await press('Verify');
    expect(await verdictBecomes('#verify', /^Not verified/)).toBe(
      'Not verified: 2 of 3 files fail: cut.safetensors, altered.safetensors.',
    );
    expect((await rows('#verify')).map(([file, verdict]) => [file, verdict])).toEqual([
      ['bound', ''],
      ['cut', 'FAIL'],
      ['altered', 'FAIL'],
      ['ps-dqn', 'pass'],
    ]);
    const problems = await page.$$eval('#verify .problem', (all) =>
      all.map(({ textContent }) => textContent),
    );
    expect(problems[0]).toContain('cut.safetensors fails: ');
    expect(problems[1]).toBe('altered.safetensors fails: out of bounds: q_tot');
    expect(await seriousFaults(page)).toEqual([]);
    await page.evaluate(() => {
      navigator.clipboard.writeText = () => Promise.reject(new Error('denied'));
    });
    await press('Copy verification as text');
    const shown = await page.waitForSelector('#verify textarea');
    expect(
      await shown!.evaluate((area) => area.value.slice(area.selectionStart, area.selectionEnd)),
    ).toContain('altered.safetensors: FAIL. out of bounds: q_tot');
    expect(await shown!.evaluate((area) => area.value)).toMatch(/^cut\.safetensors( +–){5}$/m);
    expect(await seriousFaults(page)).toEqual([]);
    await press('Verify');
    await press('Stop verifying');
    await verdictBecomes('#verify', /^Stopped/);
    expect(await page.$('#verify textarea'), 'the text of before').toBeNull();
  });

  test('can be stopped, and says how far it came', async () => {
    await visit('ps-dqn', 'iql');
    await press('Verify');
    await press('Stop verifying');
    expect(await verdictBecomes('#verify', /^Stopped/)).toMatch(/^Stopped: [01] of 2 files were verified\.$/);
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Verify');
  });

  test('has every vector file of the project, where it says', async () => {
    const shipped = await page.evaluate(
      () => (window as unknown as { shipped: readonly VectorSource[] }).shipped,
    );
    const names = readdirSync(vectors).filter((name) => name.endsWith('.safetensors'));
    expect(shipped.map(({ name }) => name)).toEqual(names.sort());
    for (const { name, url } of shipped) {
      const bytes = Buffer.from(await (await fetch(url)).arrayBuffer());
      expect(bytes.equals(readFileSync(join(vectors, name))), name).toBe(true);
    }
  });

  test('says why it cannot, and what to do, where there is no adapter', async () => {
    const browser = await launchBrowser({ adapter: 'none' });
    const before = page;
    try {
      page = await newPage(browser);
      await visit('ps-dqn');
      await press('Verify');
      expect(await verdictBecomes('#verify', /^Nothing to verify/)).toMatch(
        /^Nothing to verify: this browser has .*WebGPU.*\. A current Chrome, Edge, Safari or Firefox/,
      );
      await press('Measure');
      await verdictBecomes('#measure', /^Nothing to measure: this browser has /);
    } finally {
      page = before;
      await browser.close();
    }
  });
});

/** What a panel shows and offers. */
const panelOf = (panel: string): Promise<Record<string, unknown>> =>
  page.$eval(panel, (root) => ({
    verdict: root.querySelector('.verdict')!.textContent,
    kind: root.querySelector<HTMLElement>('.verdict')!.dataset.verdict ?? '',
    hints: [...root.querySelectorAll(':scope > .hint')].map((own) => own.textContent),
    rows: root.querySelectorAll('tbody tr').length,
    problems: [...root.querySelectorAll('.problem')].map((own) => own.textContent),
    enabled: [...root.querySelectorAll('button')]
      .filter((own) => !own.disabled)
      .map((own) => own.textContent),
    focus: document.activeElement?.textContent,
    meter: [...root.querySelectorAll('progress')].map((own) => (own.hidden ? 'hidden' : own.value)),
  }));
/** Has the last worker tell the panel these. */
const tell = (...messages: readonly object[]): Promise<void> =>
  page.evaluate((all) => {
    for (const message of all) window.told!.at(-1)!.tell(message);
  }, messages);

describe('what its worker tells', () => {
  test('is shown by Verify as it comes, and is gone with the next press', async () => {
    onTestFinished(await tellWorkers(page));
    await visit('one', 'two');
    const worst = { forward: 2e-6, gradients: 3e-6, parameters: 4e-6, updateRule: 5e-7, nextActions: 0 };
    const outcome = (file: string, pass: boolean, note = '') => ({
      type: 'outcome',
      outcome: { file, pass, note, worst },
    });
    await press('Verify');
    const begun = {
      ...{ verdict: 'Verifying.', kind: '', hints: ['', ''], rows: 0, problems: [] },
      ...{ enabled: ['Stop verifying'], focus: 'Stop verifying', meter: [0] },
    };
    expect(await panelOf('#verify')).toEqual(begun);
    await tell(
      { type: 'opened', adapter: 'Example', software: false },
      { type: 'begun', file: 'one.safetensors' },
    );
    expect(await panelOf('#verify')).toMatchObject({ hints: ['1 of 2: one', 'GPU: Example'], meter: [0] });
    await tell(outcome('one.safetensors', true), { type: 'begun', file: 'two.safetensors' });
    expect(await panelOf('#verify')).toMatchObject({
      hints: ['2 of 2: two', 'GPU: Example'],
      meter: [1],
      rows: 2,
    });
    expect((await rows('#verify'))[1]).toEqual(['one', 'pass', '2.0e-6', '3.0e-6', '4.0e-6', '5.0e-7', '0']);
    await tell(outcome('two.safetensors', false, 'why'), { type: 'finished' });
    expect(await panelOf('#verify')).toEqual({
      verdict: 'Not verified: 1 of 2 files fail: two.safetensors.',
      ...{ kind: 'fail', hints: ['', 'GPU: Example'], rows: 3, problems: ['two.safetensors fails: why'] },
      ...{ enabled: ['Verify', 'Copy verification as text'], focus: 'Verify', meter: ['hidden'] },
    });

    await press('Verify');
    expect(await panelOf('#verify')).toEqual(begun);
    expect(await page.evaluate(() => window.told!.map(({ ended }) => ended))).toEqual([true, false]);
    // What the first worker still tells is of no use.
    await page.evaluate(() => window.told![0].tell({ type: 'failed', reason: 'late' }));
    await tell({ type: 'opened', adapter: 'Other', software: true }, outcome('one.safetensors', true));
    await press('Stop verifying');
    expect(await panelOf('#verify')).toMatchObject({
      ...{ verdict: 'Stopped: 1 of 2 files were verified.', kind: '', rows: 2, meter: ['hidden'] },
      hints: ['', 'A software adapter, computed by the CPU: Other'],
      enabled: ['Verify', 'Copy verification as text'],
    });
    await press('Copy verification as text');
    await page.waitForFunction(async () => (await navigator.clipboard.readText()).includes('Other'));
    expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(
      /\nOther: 1 of 2 files pass, 1 was not verified\n$/,
    );
    for (const [told, verdict] of [
      [{ type: 'failed', reason: 'why' }, 'Stopped: why'],
      [{ type: 'finished' }, 'Verified: all 0 files pass on this GPU.'],
    ] as const) {
      await press('Verify');
      await tell({ type: 'opened', adapter: 'Example', software: false }, told);
      expect(await panelOf('#verify')).toMatchObject({ verdict, enabled: ['Verify'] });
    }
  });

  test('is shown by Measure as it comes, and is gone with the next press', async () => {
    onTestFinished(await tellWorkers(page));
    await visit('one');
    const step = { dispatches: 1, passes: 1, submits: 1, bytesWritten: 0, bytesRead: 0 };
    const update = {
      ...{
        learners: 1,
        batch: 32,
        agents: 2,
        ms: 0.5,
        spread: [0.4, 0.8],
        repeats: 3,
        gflops: 1,
        ...step,
        step,
      },
    };
    const report = {
      adapter: 'Example',
      preset: 'report',
      kernels: [],
      updates: [update],
      rollout: [],
      solve: [],
      skipped: [],
    };
    await press('Measure');
    const begun = {
      ...{
        verdict: 'Measuring.',
        hints: [''],
        rows: 0,
        problems: [],
        enabled: ['Stop measuring'],
        focus: 'Stop measuring',
      },
    };
    expect(await panelOf('#measure')).toMatchObject(begun);
    expect(await page.evaluate(() => window.told![0].posted)).toEqual([]);
    await tell(
      { type: 'opened', adapter: 'Example', software: false, notice: '' },
      { type: 'note', text: 'updates' },
    );
    expect(await page.evaluate(() => window.told![0].posted)).toMatchObject([
      { type: 'start', plan: { preset: 'report', parts: ['updates', 'rollout'], environments: [32] } },
    ]);
    await tell(
      { type: 'update', row: update },
      { type: 'update', row: update },
      { type: 'skipped', skipped: { part: 'rollout', what: '32 environments', reason: 'why' } },
    );
    expect(await panelOf('#measure')).toMatchObject({
      ...{ hints: ['updates'], rows: 2, problems: ['Skipped 32 environments: why'] },
    });
    expect(await page.$$('#measure table')).toHaveLength(1);
    await tell({ type: 'finished', report });
    expect(await panelOf('#measure')).toMatchObject({
      verdict: 'On Example, one update of batch 32 takes 0.500 ms (0.400 – 0.800), 2,000 a second.',
      ...{ hints: [''], rows: 2, enabled: ['Measure', 'Copy measurement as text'], focus: 'Measure' },
    });
    await press('Measure');
    expect(await panelOf('#measure')).toMatchObject(begun);
    await page.evaluate(() => window.told![0].tell({ type: 'failed', reason: 'late' }));
    await tell({ type: 'update', row: update });
    expect(await panelOf('#measure')).toMatchObject({ verdict: 'Measuring.', rows: 1 });
    await press('Stop measuring');
    expect(await panelOf('#measure')).toMatchObject({ verdict: 'Stopped.', rows: 1, enabled: ['Measure'] });
    await press('Measure');
    await page.evaluate(() => window.told!.at(-1)!.break());
    expect(await panelOf('#measure')).toMatchObject({ verdict: 'Stopped: broken', enabled: ['Measure'] });
  });
});

describe('Measure', () => {
  test('times an update and rollouts, and copies them', async () => {
    await visit('ps-dqn');
    await press('Measure');
    const verdict = await verdictBecomes('#measure', /^On /);
    expect(verdict).toMatch(
      /one update of batch 32 takes [\d.,]+ ms \([\d.,]+ – [\d.,]+\), [\d.,]+ a second/,
    );
    expect(verdict).toMatch(/32 environments make [\d,]+ steps a second \([\d,]+ – [\d,]+\)/);
    expect(await rows('#measure')).toHaveLength(4);
    expect(await seriousFaults(page)).toEqual([]);
    for (const width of [360, 390, 600]) {
      await page.setViewport({ width, height: 740 });
      expect(await overflow(page), `${width} pixels wide`).toBeLessThanOrEqual(0);
    }
    await press('Copy measurement as text');
    await page.waitForFunction(async () => (await navigator.clipboard.readText()).includes('Updates: '));
    expect(await page.evaluate(() => navigator.clipboard.readText())).toContain('sizes of preset report');
  });
});
