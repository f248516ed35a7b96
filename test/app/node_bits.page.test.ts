import { join } from 'node:path';
import type { Browser } from 'puppeteer';
import { describe, expect, inject, test } from 'vitest';
import { start, temporaryFolder } from '../cli/command.ts';
import { launchBrowser, newPage } from '../support/browser.ts';
import { launchFirefox } from '../support/firefox.ts';
import { PageDriver, SMALL } from './page_driver.ts';

const SETTINGS = { ...SMALL, updates: 200, stopWhenSolved: false, evaluateEvery: 200 };

async function inPage(browser: Browser): Promise<string> {
  try {
    const driver = new PageDriver(await newPage(browser), `${inject('site').url}index.html`);
    await driver.follow(SETTINGS);
    expect(await driver.text('#backend')).toMatch(/^Trains on WebGPU/);
    await driver.press('Start');
    return await driver.finalHash();
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
  test('Chromium, SwiftShader', async () => {
    const hash = await inNode({ QMIX_ADAPTER: 'swiftshader' });
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(await inPage(await launchBrowser())).toBe(hash);
  });

  // Both take the first Vulkan driver that there is.
  test('Firefox, Vulkan', async ({ skip }) => {
    const browser = await launchFirefox(skip);
    const hash = await inNode({});
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(await inPage(browser)).toBe(hash);
  });
});
