import glsl from 'vite-plugin-glsl';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  base: './',
  plugins: [glsl({ include: '**/*.wgsl', removeDuplicatedImports: true, warnDuplicatedImports: false })],
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
