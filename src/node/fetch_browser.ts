import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { run } from './run.ts';

/**
 * Downloads the Chrome that puppeteer is made for into puppeteer's cache.
 * Environment variable PUPPETEER_CHROME_DOWNLOAD_BASE_URL names another server.
 * @throws Error where the download fails or stands still.
 */
export async function downloadChrome(
  cacheDir: string,
  log: (line: string) => void,
  environment: Readonly<Record<string, string | undefined>>,
  silenceSeconds = 60,
): Promise<void> {
  // puppeteer's downloader is a package of puppeteer's own, and is found from there.
  const puppeteer = createRequire(import.meta.url).resolve('puppeteer');
  const require = createRequire(puppeteer);
  const options = {
    revisions: pathToFileURL(require.resolve('puppeteer-core/internal/revisions.js')).href,
    browsers: pathToFileURL(require.resolve('@puppeteer/browsers')).href,
    cacheDir,
    baseUrl: environment.PUPPETEER_CHROME_DOWNLOAD_BASE_URL || undefined,
  };
  // A process of its own can be ended when the network swallows everything; a request in this one could not.
  const download = async (installDeps: boolean) => {
    const script = ['--input-type=module', '-e', DOWNLOAD, JSON.stringify({ ...options, installDeps })];
    const limits = { silenceSeconds, limitSeconds: 600, onLine: (line: string) => log(`  ${line}`) };
    const { code, output } = await run(process.execPath, script, limits);
    if (code !== 0) throw new Error(lastLines(output));
  };
  log("No browser was found: downloading puppeteer's Chrome (about 170 MB)…");
  await download(false);
  if (canInstallPackages()) {
    log('Installing the libraries that Chrome needs…');
    await updatePackageLists();
    await download(true);
  }
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
  console.error(error?.cause?.message ?? error?.errors?.[0]?.message ?? error?.message ?? error);
  process.exitCode = 1;
}
`;

/** Installs Debian's Chromium. @throws Error where that cannot be done. */
export async function installChromium(log: (line: string) => void): Promise<void> {
  if (!canInstallPackages()) throw new Error('only root can, on Debian and systems made from it');
  log('No browser was found: apt-get install chromium…');
  await updatePackageLists();
  await apt(['install', '-y', '--no-install-recommends', 'chromium']);
}

const canInstallPackages = (): boolean =>
  process.platform === 'linux' && existsSync('/usr/bin/apt-get') && process.getuid?.() === 0;

const updatePackageLists = (): Promise<void> => apt(['update']);

async function apt(args: readonly string[]): Promise<void> {
  // Another apt at work is waited for; a server that does not answer is given up.
  const options = ['DPkg::Lock::Timeout=300', 'Acquire::Retries=2', 'Acquire::http::Timeout=30'];
  const result = await run('apt-get', ['-q', ...options.flatMap((option) => ['-o', option]), ...args], {
    environment: { DEBIAN_FRONTEND: 'noninteractive' },
  });
  if (result.code !== 0) throw new Error(`apt-get ${args.join(' ')}: ${lastLines(result.output)}`);
}

const lastLines = (text: string): string => text.trim().split('\n').slice(-3).join(' | ');
