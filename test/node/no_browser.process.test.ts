import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { findBrowser, findOrFetchBrowser } from '../../src/node/browser.ts';

/** A machine without a browser: no path but a test's own is an executable file, whatever is installed here. */
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  return {
    ...fs,
    statSync: (path: string) => {
      if (!path.includes('qmix-cache-')) throw new Error('ENOENT');
      return fs.statSync(path);
    },
  };
});
/** Should it be tried all the same, nothing is installed on the machine that tests. */
vi.mock('../../src/node/fetch_browser.ts', () => {
  const fetched = () => Promise.reject(new Error('fetched'));
  return { downloadChrome: fetched, installLibraries: fetched, installChromium: fetched };
});

/** A folder with executables, and others that are none. */
function machine(executables: readonly string[], others: readonly string[] = []): string {
  const root = mkdtempSync(join(tmpdir(), 'qmix-cache-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const path of [...executables, ...others]) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), '', { mode: executables.includes(path) ? 0o755 : 0o644 });
  }
  return root;
}

test('an installed browser is taken before one in puppeteer’s cache, Chrome before others, wherever they are', () => {
  const cached = 'chrome/linux-9.0/chrome-linux64/chrome';
  const root = machine(
    ['a/chromium', 'b/google-chrome', 'real/chrome', cached],
    ['a/google-chrome-stable', 'real/resources.pak'],
  );
  const environment = { PATH: `${join(root, 'a')}:${join(root, 'b')}`, PUPPETEER_CACHE_DIR: root };
  expect(findBrowser(environment)).toEqual({
    executable: join(root, 'b', 'google-chrome'),
    folder: join(root, 'b'),
    source: 'installed',
  });
  expect(findBrowser({ ...environment, PATH: join(root, 'a') })?.executable).toBe(
    join(root, 'a', 'chromium'),
  );
  // Behind a link, with what Dawn needs of it.
  mkdirSync(join(root, 'bin'));
  symlinkSync(join(root, 'real', 'chrome'), join(root, 'bin', 'google-chrome'));
  expect(findBrowser({ ...environment, PATH: join(root, 'bin') })).toEqual({
    executable: join(root, 'bin', 'google-chrome'),
    folder: join(root, 'real'),
    source: 'installed',
  });
  expect(findBrowser({ ...environment, PATH: '' })).toEqual({
    executable: join(root, cached),
    folder: join(root, 'chrome/linux-9.0/chrome-linux64'),
    source: "puppeteer's cache",
  });
});

test('of puppeteer’s browsers the newest is taken', () => {
  const at = (version: string) => `chrome/linux-${version}/chrome-linux64/chrome`;
  const root = machine([at('99.0.1'), at('148.0.20'), at('148.0.3')], [at('149.0.0')]);
  expect(findBrowser({ PUPPETEER_CACHE_DIR: root })?.executable).toBe(join(root, at('148.0.20')));
});

test('a browser that does not start is passed over, and said so where none does', async () => {
  const root = machine(['a/google-chrome', 'b/chromium']);
  const script = (path: string, text: string) => writeFileSync(join(root, path), `#!/bin/sh\n${text}\n`);
  script('a/google-chrome', 'echo 1 >&2; echo 2 >&2; echo 3 >&2; exit 127');
  script('b/chromium', 'exit 0');
  const path = (...folders: string[]) => ({
    ...{ PATH: folders.map((folder) => join(root, folder)).join(':'), PUPPETEER_CACHE_DIR: root },
    QMIX_FETCH: '0',
  });
  expect((await findOrFetchBrowser(() => {}, path('a', 'b'))).executable).toBe(join(root, 'b', 'chromium'));
  await expect(findOrFetchBrowser(() => {}, path('a'))).rejects.toThrow(
    `\n  ${join(root, 'a', 'google-chrome')} (installed) does not start: 2 3\n  fetching one: forbidden`,
  );
  script('b/chromium', 'exit 5');
  await expect(findOrFetchBrowser(() => {}, path('b'))).rejects.toThrow(
    '(installed) does not start: exit code 5',
  );
});

test('where nothing is there, one is fetched, in every way that there is', async () => {
  const told: string[] = [];
  const root = machine([]);
  const fetching = findOrFetchBrowser((line) => told.push(line), { PUPPETEER_CACHE_DIR: root });
  await expect(fetching).rejects.toThrow(
    "could be fetched:\n  puppeteer's download of Chrome: fetched\n  apt-get install chromium: fetched\nInstall",
  );
  expect(told).toEqual([
    "puppeteer's download of Chrome failed: fetched",
    'apt-get install chromium failed: fetched',
  ]);
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
