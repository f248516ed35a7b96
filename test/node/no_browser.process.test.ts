import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { findOrFetchBrowser } from '../../src/node/browser.ts';

/** A machine without a browser: no path is an executable file, whatever is installed here. */
vi.mock('node:fs', async (original) => ({
  ...(await original<typeof import('node:fs')>()),
  statSync: () => {
    throw new Error('ENOENT');
  },
}));
/** Should it be tried all the same, nothing is installed on the machine that tests. */
vi.mock('../../src/node/fetch_browser.ts', () => {
  const fetched = () => Promise.reject(new Error('fetched'));
  return { downloadChrome: fetched, installLibraries: fetched, installChromium: fetched };
});

test('QMIX_FETCH=0: where there is no browser none is fetched, and the error says what to do', async () => {
  const cache = mkdtempSync(join(tmpdir(), 'qmix-cache-'));
  onTestFinished(() => rmSync(cache, { recursive: true }));
  const told: string[] = [];
  const environment = { PATH: process.env.PATH, PUPPETEER_CACHE_DIR: cache, QMIX_FETCH: '0' };
  await expect(findOrFetchBrowser((line) => told.push(line), environment)).rejects.toThrow(
    /^No browser was found, and none could be fetched:\n {2}fetching one: forbidden by QMIX_FETCH=0\nInstall .*QMIX_BROWSER=/,
  );
  expect(told).toEqual([]);
  expect(existsSync(join(cache, 'chrome'))).toBe(false);
});
