import { findOrFetchBrowser } from '../../src/node/browser.ts';

/**
 * Finds or fetches the browser once, before any test: both the browser and Node's software adapter come from it.
 * Where that fails, the tests that need one fail with the reason, and all others still run.
 */
export async function setup(): Promise<void> {
  try {
    const { executable, source } = await findOrFetchBrowser();
    process.stderr.write(`Browser for the tests: ${executable} (${source})\n`);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    // Each test that needs it would try, and wait, again.
    process.env.QMIX_FETCH = '0';
  }
}
