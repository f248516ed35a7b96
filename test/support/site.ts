import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin, preview } from 'vite';

/** Pages of this project, as a server has them. */
export interface Site {
  /** The address of its root, which ends in a slash. */
  readonly url: string;
  /** The folder that lies there. A file that is written into it is served. */
  readonly folder: string;
}

export interface ServedSite extends Site {
  close(): Promise<void>;
}

export interface SiteOptions {
  /** Paths of HTML files from the project's root, which are served by the same paths; vectors lie at the root. */
  readonly testPages?: readonly string[];
  /** Sent with every response. */
  readonly headers?: Readonly<Record<string, string>>;
}

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Serves the pages for users as `npm run build` makes them, and pages for tests, readable, on a free port. */
export async function serveSite({ testPages = [], headers = {} }: SiteOptions = {}): Promise<ServedSite> {
  const outDir = await mkdtemp(join(tmpdir(), 'qmix-site-'));
  const remove = () => rm(outDir, { recursive: true, force: true });
  try {
    await build({ root, logLevel: 'error', build: { outDir } });
    if (testPages.length > 0) {
      await build({
        root,
        logLevel: 'error',
        plugins: [insteadOfUsersPages(testPages)],
        publicDir: join(root, 'src/verify/vectors'),
        build: { outDir, emptyOutDir: false, assetsDir: 'test/assets', minify: false },
      });
    }
    const server = await preview({
      root,
      configFile: false,
      logLevel: 'error',
      build: { outDir },
      preview: { host: '127.0.0.1', port: 0, open: false, headers },
    });
    const address = server.httpServer.address();
    if (!address || typeof address === 'string') throw new Error('The server has no port.');
    return {
      url: `http://127.0.0.1:${address.port}/`,
      folder: outDir,
      close: async () => {
        await server.close();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Named in the configuration of a build, pages would be built beside those of the configuration file. */
const insteadOfUsersPages = (pages: readonly string[]): Plugin => ({
  name: 'instead-of-users-pages',
  config: ({ build: { rolldownOptions } = {} }) => {
    rolldownOptions!.input = pages.map((page) => join(root, page));
  },
});
