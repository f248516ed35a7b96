import { afterAll, afterEach, beforeAll, expect, inject } from 'vitest';
import { type OpenPage, openPage } from './browser.ts';
import type { PageFunctions } from './page.ts';

type Call = <Name extends keyof PageFunctions>(
  name: Name,
  ...args: Parameters<PageFunctions[Name]>
) => Promise<Awaited<ReturnType<PageFunctions[Name]>>>;

/**
 * The page of test/support/page.ts, open in Chromium for all tests of a file; the files of src/verify/vectors lie at
 * the site's root. A test during which the page complains is red.
 * @returns calls one of the page's functions by name.
 */
export function useTestPage(): Call {
  let open: OpenPage | undefined;
  beforeAll(async () => {
    open = await openPage(inject('site'), 'test/support/page.html');
    await open.page.waitForFunction('window.testFunctions !== undefined');
    expect(open.takeErrors()).toEqual([]);
  });
  afterEach(() => {
    expect(open?.takeErrors(), 'errors in the page').toEqual([]);
  });
  afterAll(async () => {
    await open?.close();
    expect(open?.takeErrors() ?? [], 'errors in the page after the last test').toEqual([]);
  });

  return async (name, ...args) => {
    if (!open) throw new Error('The page is open only while tests run.');
    return (await open.page.evaluate(
      (called, given) => {
        const run = window.testFunctions?.[called] as ((...values: unknown[]) => unknown) | undefined;
        if (!run) throw new Error(`The page has no function ${called}.`);
        return run(...given);
      },
      name,
      args as unknown[],
    )) as never;
  };
}
