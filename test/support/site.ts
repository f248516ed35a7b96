import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, preview } from 'vite';

export interface Site {
  /** Where the page is served. */
  readonly url: string;
  /** Where its files lie. */
  readonly folder: string;
  close(): Promise<void>;
}

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface SiteOptions {
  /** Folder whose files are served beside the page, at the site's root. */
  readonly files?: string;
  /** Sent with every response. */
  readonly headers?: Readonly<Record<string, string>>;
  /** As it is built for users; else readable. */
  readonly minify?: boolean;
}

/**
 * Builds a page of this project and serves it on a free port.
 * @param page path of an HTML file, from the project's root.
 */
export async function servePage(
  page: string,
  { files, headers = {}, minify = false }: SiteOptions = {},
): Promise<Site> {
  const outDir = await mkdtemp(join(tmpdir(), 'qmix-site-'));
  const remove = () => rm(outDir, { recursive: true, force: true });
  try {
    await build({
      root,
      configFile: join(root, 'vite.config.ts'),
      mode: 'production',
      logLevel: 'error',
      publicDir: files ? join(root, files) : false,
      build: {
        outDir,
        emptyOutDir: true,
        ...(minify ? {} : { minify }),
        rolldownOptions: { input: join(root, page) },
      },
    });
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
      url: `http://127.0.0.1:${address.port}/${page}`,
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
