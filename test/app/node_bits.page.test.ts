import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import puppeteer, { type LaunchOptions } from 'puppeteer';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findOrFetchBrowser } from '../../src/node/browser.ts';
import { start, temporaryFolder } from '../cli/command.ts';
import { BROWSER_FLAGS } from '../support/browser.ts';
import { type Site, servePage } from '../support/site.ts';
import { PageDriver, SMALL } from './page_driver.ts';

const SETTINGS = { ...SMALL, updates: 200, stopWhenSolved: false, evaluateEvery: 200 };

/** Firefox comes from no package registry: it is tested where it is installed. */
const firefox = (process.env.PATH ?? '')
  .split(delimiter)
  .flatMap((folder) => ['firefox', 'firefox-esr'].map((name) => join(folder, name)))
  .find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

let site: Site;
beforeAll(async () => {
  site = await servePage('index.html');
});
afterAll(() => site?.close());

async function inPage(options: LaunchOptions): Promise<string> {
  const browser = await puppeteer.launch({ headless: true, protocolTimeout: 900_000, ...options });
  try {
    const driver = new PageDriver(await browser.newPage(), site.url);
    const query = new URLSearchParams(
      Object.entries(SETTINGS).map(([field, value]) => [field, String(value)]),
    );
    await driver.page.goto(`${site.url}?${query}`);
    await driver.statusBegins('Ready', 120_000);
    expect(await driver.text('#backend')).toMatch(/^Trains on WebGPU/);
    await driver.press('Start');
    return await driver.finalHash(300_000);
  } finally {
    await browser.close();
  }
}

async function inNode(environment: Record<string, string>): Promise<string> {
  const set = Object.entries(SETTINGS).flatMap(([field, value]) => ['--set', `${field}=${value}`]);
  const args = ['train', '--backend', 'webgpu', ...set, '--out', join(temporaryFolder(), 'run'), '--json'];
  return JSON.parse((await start(args, environment).ended).stdout).hash;
}

describe('the page ends in the bits of `train` in Node on the same adapter', () => {
  test('Chromium, SwiftShader', { timeout: 300_000 }, async () => {
    const { executable } = await findOrFetchBrowser();
    const hash = await inNode({ QMIX_ADAPTER: 'swiftshader' });
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(await inPage({ executablePath: executable, args: BROWSER_FLAGS })).toBe(hash);
  });

  // Both take the first Vulkan driver that there is.
  test.runIf(firefox)('Firefox, Vulkan', { timeout: 600_000 }, async () => {
    const hash = await inNode({});
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    const extraPrefsFirefox = { 'dom.webgpu.enabled': true, 'gfx.webgpu.ignore-blocklist': true };
    expect(await inPage({ browser: 'firefox', executablePath: firefox!, extraPrefsFirefox })).toBe(hash);
  });
});
