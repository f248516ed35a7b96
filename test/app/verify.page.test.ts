import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'puppeteer';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import type { VectorSource } from '../../src/app/verify/verify_protocol.ts';
import { overflow, seriousFaults } from '../support/axe.ts';
import { launchBrowser, newPage, type OpenPage, openPage, textBecomes } from '../support/browser.ts';

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
