import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { build, type Plugin, type Rolldown } from 'vite';
import glsl from 'vite-plugin-glsl';
import { defineConfig, type TestProjectConfiguration } from 'vitest/config';
import { LongestFirst } from './test/support/longest_first.ts';
import { TEST_PATIENCE } from './test/support/patience.ts';

const wgsl = () =>
  glsl({ include: '**/*.wgsl', removeDuplicatedImports: true, warnDuplicatedImports: false });

/**
 * What a test needs beyond this project's own modules is in the name of its file: a WebGPU adapter in Node, processes or
 * workers of its own, a browser. The others are units.
 */
const KINDS = ['gpu', 'process', 'page'];

const tests = (name: string, include: string[], globalSetup: string[] = []): TestProjectConfiguration => ({
  extends: true,
  test: {
    name,
    include,
    globalSetup,
    // A process per file: Vulkan reads its driver from the environment, which threads do not share.
    pool: 'forks',
    testTimeout: TEST_PATIENCE,
    hookTimeout: TEST_PATIENCE,
  },
});

const PAGES = ['/index.html', '/bench.html'];

/** What a policy says so that scripts in the page itself run. */
const inlineScripts = (html: string): string =>
  [...html.matchAll(/<script>(.*?)<\/script>/gs)]
    .map(([, text]) => ` 'sha256-${createHash('sha256').update(text).digest('base64')}'`)
    .join('');
/** A built page may load nothing but its own files, and runs no text as code but its own first script. */
const contentSecurityPolicy: Plugin = {
  name: 'content-security-policy',
  apply: 'build',
  transformIndexHtml: (html, { path }) =>
    PAGES.includes(path)
      ? [
          {
            tag: 'meta',
            attrs: {
              'http-equiv': 'Content-Security-Policy',
              content:
                `default-src 'none'; script-src 'self'${inlineScripts(html)}; ` +
                "worker-src 'self'; style-src 'self'; img-src data:; " +
                "base-uri 'none'; form-action 'none'",
            },
            injectTo: 'head-prepend',
          },
        ]
      : [],
};

const BUNDLED = '?bundled';

/**
 * `import code from './entry.ts?bundled'`: the file and all that it imports, as the text of one ES module for Node.
 * A worker is started from it, wherever the process line's own bundle lies, and from its sources in tests.
 */
const bundled: Plugin = {
  name: 'bundled',
  enforce: 'pre',
  async load(id) {
    if (!id.endsWith(BUNDLED)) return undefined;
    const result = (await build({
      configFile: false,
      logLevel: 'silent',
      build: {
        ssr: id.slice(0, -BUNDLED.length),
        write: false,
        target: 'node20',
        minify: false,
        rolldownOptions: { output: { format: 'es', codeSplitting: false } },
      },
    })) as Rolldown.RolldownOutput;
    const [{ code, moduleIds }] = result.output;
    for (const file of moduleIds) this.addWatchFile(file);
    return `export default ${JSON.stringify(code)};`;
  },
};

export default defineConfig({
  base: './',
  plugins: [wgsl(), bundled, contentSecurityPolicy],
  worker: { format: 'es', plugins: () => [wgsl()] },
  // By name, as who builds one page alone says so by its path.
  build: {
    outDir: 'dist/page',
    rolldownOptions: { input: { index: 'index.html', bench: 'bench.html' } },
  },
  optimizeDeps: { entries: ['index.html', 'bench.html'] },
  test: {
    projects: [
      tests('unit', ['test/**/*.test.ts', ...KINDS.map((kind) => `!test/**/*.${kind}.test.ts`)]),
      tests('gpu', ['test/**/*.gpu.test.ts'], ['test/support/find_browser.ts']),
      tests('process', ['test/**/*.process.test.ts'], ['test/support/find_browser.ts']),
      tests(
        'page',
        ['test/**/*.page.test.ts'],
        ['test/support/find_browser.ts', 'test/support/serve_pages.ts'],
      ),
    ],
    sequence: { sequencer: LongestFirst },
    // Two even on two cores: a file waits for processes, a browser or a device half of its time.
    maxWorkers: Math.max(2, availableParallelism() >> 1),
  },
});
