import { createHash } from 'node:crypto';
import { build, defineConfig, type Plugin, type Rolldown } from 'vite';
import glsl from 'vite-plugin-glsl';

const wgsl = () =>
  glsl({ include: '**/*.wgsl', removeDuplicatedImports: true, warnDuplicatedImports: false });

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
 * A worker is started from it, wherever the command line's own bundle lies, and from its sources in tests.
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
});
