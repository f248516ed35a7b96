// node test/support/run_module.mjs FILE [arguments]: runs the `main` of a TypeScript file, as the page's build reads it.
import { fileURLToPath } from 'node:url';
import { createServer } from 'vite';

const root = fileURLToPath(new URL('../..', import.meta.url));
const [file, ...parameters] = process.argv.slice(2);
const server = await createServer({
  root,
  configFile: fileURLToPath(new URL('../../vite.config.ts', import.meta.url)),
  appType: 'custom',
  logLevel: 'error',
  server: { middlewareMode: true, hmr: false, ws: false, watch: null },
  optimizeDeps: { noDiscovery: true },
});
try {
  const { main } = await server.ssrLoadModule(`/${file}`);
  process.exitCode = await main(parameters);
} finally {
  await server.close();
}
