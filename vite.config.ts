import type { Plugin } from 'vite';
import glsl from 'vite-plugin-glsl';
import { defineConfig } from 'vitest/config';

const wgsl = () =>
  glsl({ include: '**/*.wgsl', removeDuplicatedImports: true, warnDuplicatedImports: false });

const PAGES = ['/index.html', '/bench.html'];

/** A built page may load nothing but its own files, and runs no text as code. */
const contentSecurityPolicy: Plugin = {
  name: 'content-security-policy',
  apply: 'build',
  transformIndexHtml: (_, { path }) =>
    PAGES.includes(path)
      ? [
          {
            tag: 'meta',
            attrs: {
              'http-equiv': 'Content-Security-Policy',
              content:
                "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; img-src data:; " +
                "base-uri 'none'; form-action 'none'",
            },
            injectTo: 'head-prepend',
          },
        ]
      : [],
};

export default defineConfig({
  base: './',
  plugins: [wgsl(), contentSecurityPolicy],
  worker: { format: 'es', plugins: () => [wgsl()] },
  // By name, as who builds one page alone says so by its path.
  build: {
    outDir: 'dist/page',
    rolldownOptions: { input: { index: 'index.html', bench: 'bench.html' } },
  },
  optimizeDeps: { entries: ['index.html', 'bench.html'] },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global_setup.ts'],
    // A process per file: Vulkan reads its driver from the environment, which threads do not share.
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 600_000,
  },
});
