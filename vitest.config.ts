import { availableParallelism } from 'node:os';
import { defineConfig, mergeConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest_first.ts';
import { TEST_PATIENCE } from './test/support/patience.ts';
import viteConfig from './vite.config.ts';

/**
 * A test's file name says what it needs beyond this project's own modules: a WebGPU adapter in Node, processes or
 * workers of its own, a browser, or seconds of computing. The others are units. With each kind, what is done before its
 * first test.
 */
const KINDS: Readonly<Record<string, string[]>> = {
  gpu: ['test/support/find_browser.ts'],
  process: ['test/support/find_browser.ts'],
  page: ['test/support/find_browser.ts', 'test/support/serve_pages.ts'],
  long: [],
};

const units = {
  extends: true as const,
  test: {
    name: 'unit',
    include: ['test/**/*.test.ts'],
    exclude: Object.keys(KINDS).map((kind) => `test/**/*.${kind}.test.ts`),
    // All in the same few threads: more than half of their time would go into loading modules anew for each file.
    pool: 'threads' as const,
    isolate: false,
    // They wait for nothing but themselves, and take milliseconds where nothing is wrong.
    testTimeout: 60_000,
  },
};

export default mergeConfig(
  viteConfig,
  defineConfig({
    test: {
      projects: [
        units,
        ...Object.entries(KINDS).map(([name, globalSetup]) => ({
          extends: true as const,
          test: { name, globalSetup, include: [`test/**/*.${name}.test.ts`] },
        })),
      ],
      reporters: ['default', './test/support/count_reporter.ts'],
      // A process per file: Vulkan reads its driver from the environment, which threads do not share.
      pool: 'forks',
      testTimeout: TEST_PATIENCE,
      hookTimeout: TEST_PATIENCE,
      sequence: { sequencer: LongestFirst },
      // Two even on two cores: a file waits for processes, a browser or a device for half of its time.
      maxWorkers: Math.max(2, availableParallelism() >> 1),
    },
  }),
);
