import type { TestProject } from 'vitest/node';
import { type Site, serveSite } from './site.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** All pages, of users and of tests: one server for all files of tests. Who changes files of it copies them first. */
    site: Site;
  }
}

const TEST_PAGES = [
  ...['page', 'parts', 'play', 'see'].map((name) => `test/support/${name}.html`),
  ...['tour', 'verify'].map((name) => `test/app/${name}.html`),
];

/**
 * Builds and serves the pages once, before the first test that opens one. Where they cannot be built, that is said, the
 * tests that open one fail, and all others still run.
 */
export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  try {
    const { url, folder, close } = await serveSite({ testPages: TEST_PAGES });
    project.provide('site', { url, folder });
    return close;
  } catch (error) {
    process.stderr.write(`There are no pages to test: ${error instanceof Error ? error.message : error}\n`);
    return undefined;
  }
}
