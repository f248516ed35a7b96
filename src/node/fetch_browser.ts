import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { type RunResult, run } from './run.ts';

export interface ChromeDownload {
  /** puppeteer's cache. */
  readonly cacheDir: string;
  /** Another server to download from; undefined: Google's. */
  readonly baseUrl?: string | undefined;
  readonly log: (line: string) => void;
  /** The download fails when nothing has come for so long. Default 60. */
  readonly silenceSeconds?: number;
}

/**
 * Downloads the Chrome that puppeteer is made for into puppeteer's cache.
 * @throws Error where the download fails or stands still.
 */
export async function downloadChrome(download: ChromeDownload): Promise<void> {
  download.log("No browser was found: downloading puppeteer's Chrome (about 170 MB)…");
  await installChrome(download, false);
}

/** Installs the Debian packages that a downloaded Chrome says it needs. @throws Error where that cannot be done. */
export async function installLibraries(download: ChromeDownload): Promise<void> {
  requireApt();
  download.log('Chrome does not start: installing the libraries it needs…');
  await apt(['update']);
  await installChrome(download, true);
}

async function installChrome(download: ChromeDownload, installDeps: boolean): Promise<void> {
  // puppeteer's downloader is a package of puppeteer's own, and is found from there.
  const require = createRequire(createRequire(import.meta.url).resolve('puppeteer'));
  const options = {
    revisions: pathToFileURL(require.resolve('puppeteer-core/internal/revisions.js')).href,
    browsers: pathToFileURL(require.resolve('@puppeteer/browsers')).href,
    cacheDir: download.cacheDir,
    baseUrl: download.baseUrl,
    installDeps,
  };
  // A process of its own can be ended when the network swallows everything; a request in this one could not.
  const { code, output } = await run(
    process.execPath,
    ['--input-type=module', '-e', DOWNLOAD, JSON.stringify(options)],
    {
      // While packages are installed nothing is said, and ending that half-way would do harm.
      ...(installDeps ? {} : { silenceSeconds: download.silenceSeconds ?? 60, limitSeconds: 600 }),
      onLine: (line) => download.log(`  ${line}`),
    },
  );
  if (code !== 0) throw new Error(lastLines(output));
}

const DOWNLOAD = `
const { revisions, browsers, ...options } = JSON.parse(process.argv[1]);
const { PUPPETEER_REVISIONS } = await import(revisions);
const { install, Browser } = await import(browsers);
let shown = 0;
try {
  await install({
    ...options,
    browser: Browser.CHROME,
    buildId: PUPPETEER_REVISIONS.chrome,
    downloadProgressCallback(done, total) {
      const percent = Math.floor((100 * done) / total);
      if (percent < shown + 10) return;
      shown = percent;
      console.log(percent + ' %');
    },
  });
} catch (error) {
  console.error(error?.message ?? error);
  process.exitCode = 1;
}
`;

/** Installs Debian's Chromium. @throws Error where that cannot be done. */
export async function installChromium(log: (line: string) => void): Promise<void> {
  requireApt();
  log('No browser was found: apt-get install chromium…');
  const update = await apt(['update']);
  const install = await apt(['install', '-y', '--no-install-recommends', 'chromium']);
  if (install.code === 0) return;
  // Lists that could not be fetched are only a warning to apt, and mostly the cause.
  const unreachable = update.output.split('\n').find((line) => /^(Err:|W: Failed|E: )/.test(line));
  throw new Error([lastLines(install.output), unreachable].filter(Boolean).join(' | '));
}

function requireApt(): void {
  if (process.platform !== 'linux' || !existsSync('/usr/bin/apt-get')) throw new Error('there is no apt-get');
  if (process.getuid?.() !== 0) throw new Error('only root can install packages');
}

function apt(args: readonly string[]): Promise<RunResult> {
  // Another apt at work is waited for; a server that does not answer is given up.
  const options = ['DPkg::Lock::Timeout=300', 'Acquire::Retries=2', 'Acquire::http::Timeout=30'];
  return run('apt-get', ['-q', ...options.flatMap((option) => ['-o', option]), ...args], {
    environment: { DEBIAN_FRONTEND: 'noninteractive' },
  });
}

const lastLines = (text: string): string => text.trim().split('\n').slice(-3).join(' | ');
