import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import puppeteer, { type Browser } from 'puppeteer';
import { PATIENCE } from './patience.ts';

/** Firefox comes from no package registry: it is tested where it is installed, with whatever Vulkan driver it finds. */
const executable = ['firefox', 'firefox-esr']
  .flatMap((name) => (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, name)))
  .find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

/** Starts it headless; skips the test, and says why, if it is not installed. */
export async function launchFirefox(skip: (condition: boolean, note: string) => void): Promise<Browser> {
  skip(executable === undefined, 'no firefox or firefox-esr in PATH');
  return puppeteer.launch({
    browser: 'firefox',
    executablePath: executable!,
    headless: true,
    extraPrefsFirefox: { 'dom.webgpu.enabled': true, 'gfx.webgpu.ignore-blocklist': true },
    timeout: PATIENCE,
    protocolTimeout: 2 * PATIENCE,
  });
}
