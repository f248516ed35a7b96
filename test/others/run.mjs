// npm run bench:others [-- --help]: the same update by this project and by other frameworks, in one browser, in turn.
import { fileURLToPath } from 'node:url';
import { createServer } from 'vite';

const root = fileURLToPath(new URL('../..', import.meta.url));
const server = await createServer({
  root,
  configFile: fileURLToPath(new URL('../../vite.config.ts', import.meta.url)),
  appType: 'custom',
  logLevel: 'error',
  server: { middlewareMode: true, hmr: false, ws: false, watch: null },
  optimizeDeps: { noDiscovery: true },
});
try {
  const { main } = await server.ssrLoadModule('/test/others/main.ts');
  process.exitCode = await main(process.argv.slice(2));
} finally {
  await server.close();
}
