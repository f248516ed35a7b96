import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';
import { ConfigError } from '../config_error.ts';
import { downloadChrome, installChromium, installLibraries } from './fetch_browser.ts';
import { run } from './run.ts';

/**
 * A Chromium-based browser on this machine. Tests drive it; Dawn in Node borrows the software adapter and the
 * Vulkan loader that lie beside its binary.
 */
export interface Browser {
  readonly executable: string;
  /** The folder of the real binary, behind links and start scripts. */
  readonly folder: string;
  /** How it was found, for people. */
  readonly source: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Environment variables that name the browser to use, the first that is set counting. */
const VARIABLES = ['QMIX_BROWSER', 'PUPPETEER_EXECUTABLE_PATH', 'CHROME_PATH'] as const;

/** A folder that only a browser's files lie in, known by what Dawn needs or by the browser's resources. */
const MARKS = ['libvk_swiftshader.so', 'vk_swiftshader_icd.json', 'resources.pak', 'icudtl.dat'];

/**
 * The browser that an environment variable names, else an installed one, else one in puppeteer's cache.
 * Throws ConfigError where a variable names something that is not an executable file.
 */
export function findBrowser(environment: Environment = process.env): Browser | undefined {
  for (const browser of candidates(environment)) return browser;
  return undefined;
}

/**
 * As `findBrowser`, but only a browser that starts; fetches one where there is none. Environment variable
 * QMIX_FETCH=0 forbids fetching, PUPPETEER_CHROME_DOWNLOAD_BASE_URL names another server to download from.
 * @param log receives progress, a line at a time.
 * @throws ConfigError saying what was tried and what to do.
 */
export async function findOrFetchBrowser(
  log: (line: string) => void = logToStderr,
  environment: Environment = process.env,
): Promise<Browser> {
  const tried: string[] = [];
  const startable = async (): Promise<Browser | undefined> => {
    for (const browser of candidates(environment)) {
      const failure = await startFailure(browser);
      if (failure === undefined) return browser;
      const line = `${browser.executable} (${browser.source}) does not start: ${failure}`;
      if (isNamed(environment)) throw new ConfigError(line);
      if (!tried.includes(line)) tried.push(line);
    }
    return undefined;
  };

  const present = await startable();
  if (present) return present;
  if (environment.QMIX_FETCH === '0') {
    tried.push('fetching one: forbidden by QMIX_FETCH=0');
  } else {
    const download = {
      cacheDir: cacheFolder(environment),
      baseUrl: environment.PUPPETEER_CHROME_DOWNLOAD_BASE_URL || undefined,
      log,
    };
    const attempt = async (what: string, fetch: () => Promise<void>): Promise<boolean> => {
      try {
        await fetch();
        return true;
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        log(`${what} failed: ${message}`);
        tried.push(`${what}: ${message}`);
        return false;
      }
    };
    if (await attempt("puppeteer's download of Chrome", () => downloadChrome(download))) {
      const chrome = await startable();
      if (chrome) return chrome;
      await attempt('the libraries of that Chrome', () => installLibraries(download));
      const complete = await startable();
      if (complete) return complete;
    }
    if (await attempt('apt-get install chromium', () => installChromium(log))) {
      const chromium = await startable();
      if (chromium) return chromium;
    }
  }
  throw new ConfigError(
    [
      'No browser was found, and none could be fetched:',
      ...tried.map((line) => `  ${line}`),
      'Install Chrome, Chromium or Edge, or name one: QMIX_BROWSER=/path/to/chrome. On Debian and Ubuntu,',
      '`sudo npx puppeteer browsers install chrome --install-deps` fetches Chrome and the libraries it needs.',
    ].join('\n'),
  );
}

function* candidates(environment: Environment): Generator<Browser> {
  for (const variable of VARIABLES) {
    const path = environment[variable];
    if (!path) continue;
    if (!isExecutable(path)) {
      throw new ConfigError(`${variable}: got "${path}", allowed: the path of a browser's executable`);
    }
    yield describe(path, `environment variable ${variable}`);
    return;
  }
  for (const path of installedPaths(environment)) {
    if (isExecutable(path)) yield describe(path, 'installed');
  }
  for (const path of cachedPaths(cacheFolder(environment))) {
    if (isExecutable(path)) yield describe(path, "puppeteer's cache");
  }
}

const isNamed = (environment: Environment): boolean => VARIABLES.some((variable) => environment[variable]);

function installedPaths(environment: Environment): string[] {
  if (process.platform === 'darwin') {
    const applications = ['Google Chrome', 'Chromium', 'Microsoft Edge'];
    return ['/Applications', join(homedir(), 'Applications')].flatMap((root) =>
      applications.map((name) => join(root, `${name}.app`, 'Contents', 'MacOS', name)),
    );
  }
  if (process.platform === 'win32') {
    const roots = [environment.PROGRAMFILES, environment['PROGRAMFILES(X86)'], environment.LOCALAPPDATA];
    return roots.flatMap((root) =>
      root
        ? [
            join(root, 'Google', 'Chrome', 'Application', 'chrome.exe'),
            join(root, 'Chromium', 'Application', 'chrome.exe'),
            join(root, 'Microsoft', 'Edge', 'Application', 'msedge.exe'),
          ]
        : [],
    );
  }
  const names = ['google-chrome-stable', 'google-chrome', 'chromium', 'chromium-browser'];
  names.push('microsoft-edge-stable', 'microsoft-edge');
  const folders = (environment.PATH ?? '').split(delimiter).filter(Boolean);
  return [
    ...names.flatMap((name) => folders.map((folder) => join(folder, name))),
    '/opt/google/chrome/chrome',
    '/opt/microsoft/msedge/msedge',
    '/usr/lib/chromium/chromium',
    '/snap/bin/chromium',
  ];
}

const cacheFolder = (environment: Environment): string =>
  environment.PUPPETEER_CACHE_DIR || join(homedir(), '.cache', 'puppeteer');

/** Chrome's executables in puppeteer's cache (chrome/PLATFORM-VERSION/chrome-PLATFORM/…), newest version first. */
function cachedPaths(cache: string): string[] {
  const version = (name: string) => name.slice(name.lastIndexOf('-') + 1);
  const byVersion = new Intl.Collator('en', { numeric: true });
  return list(join(cache, 'chrome'))
    .sort((a, b) => byVersion.compare(version(b), version(a)))
    .flatMap((name) => list(join(cache, 'chrome', name)).map((inner) => join(cache, 'chrome', name, inner)))
    .map((folder) => {
      if (process.platform === 'win32') return join(folder, 'chrome.exe');
      if (process.platform === 'linux') return join(folder, 'chrome');
      return join(folder, 'Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing');
    });
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function isExecutable(path: string): boolean {
  try {
    const status = statSync(path);
    return status.isFile() && (process.platform === 'win32' || (status.mode & 0o111) !== 0);
  } catch {
    return false;
  }
}

function describe(executable: string, source: string): Browser {
  const folders = [dirname(realpathSync(executable))];
  // Distributions put a start script on the path, and the binary with its files into a library folder.
  if (basename(folders[0] as string) === 'bin' && basename(executable).startsWith('chromium')) {
    for (const root of ['/usr/lib', '/usr/lib64', '/snap/chromium/current/usr/lib']) {
      folders.push(join(root, 'chromium'), join(root, 'chromium-browser'));
    }
  }
  const folder = folders.find((candidate) => MARKS.some((mark) => existsSync(join(candidate, mark))));
  return { executable, folder: folder ?? (folders[0] as string), source };
}

/** Why the browser does not start; undefined when it does. */
async function startFailure({ executable }: Browser): Promise<string | undefined> {
  // On Windows `--version` opens a window, and neither there nor on macOS do shared libraries go missing.
  if (process.platform !== 'linux') return undefined;
  const { code, output } = await run(executable, ['--version'], { limitSeconds: 60 });
  if (code === 0) return undefined;
  return output.trim().split('\n').slice(-2).join(' ') || `exit code ${code}`;
}

const logToStderr = (line: string): void => {
  process.stderr.write(`${line}\n`);
};
