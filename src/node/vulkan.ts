import { existsSync, readdirSync } from 'node:fs';
import { homedir, constants as system } from 'node:os';
import { basename, delimiter, join } from 'node:path';
import { ConfigError } from '../config_error.ts';
import { findBrowser, findOrFetchBrowser } from './browser.ts';

/** Vulkan's loader and software drivers on Linux. */

export interface VulkanDriver {
  /** The driver's file (ICD), a JSON text that names its library. */
  readonly file: string;
  /** A folder that also holds Vulkan's loader, for systems without one. */
  readonly folder?: string;
}

const LOADER = 'libvulkan.so.1';

/** The variable by which the user chose Vulkan's drivers, if so. */
export const driverVariable = (): string | undefined =>
  ['VK_DRIVER_FILES', 'VK_ICD_FILENAMES'].find((name) => process.env[name]);

/**
 * Brings Vulkan's loader into the process, where Dawn finds it by its name: the system's, else the one in
 * `folder`, else an installed browser's. Nothing needs to be on the library path.
 * @throws ConfigError where there is none.
 */
export function loadVulkan(folder?: string): void {
  if (load(LOADER)) return;
  const where = folder ?? findBrowser()?.folder;
  if (where && load(join(where, LOADER))) return;
  throw new ConfigError(`Vulkan's loader (${LOADER}) is neither installed nor beside a browser`);
}

/** dlopen's flag that keeps a library loaded; Node has no name for it. */
const RTLD_NODELETE = 0x1000;

function load(library: string): boolean {
  try {
    process.dlopen({ exports: {} }, library, system.dlopen.RTLD_NOW | RTLD_NODELETE);
  } catch (error) {
    // It is no module of Node's, which is noticed only once it is loaded.
    return error instanceof Error && error.message.includes('did not self-register');
  }
  return true;
}

/** Every driver that is installed for all programs, by the files in which drivers announce themselves. */
export function installedDrivers(): string[] {
  const data = [
    process.env.XDG_DATA_HOME || join(homedir(), '.local', 'share'),
    ...(process.env.XDG_DATA_DIRS || '/usr/local/share:/usr/share').split(delimiter),
    '/usr/local/etc',
    '/etc',
    '/run/opengl-driver/share',
  ];
  return data
    .map((root) => join(root, 'vulkan', 'icd.d'))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
    .filter((file) => file.endsWith('.json'));
}

/** Mesa's software driver. @throws ConfigError where it is not installed. */
export function findLavapipe(): VulkanDriver {
  // Some distributions put the architecture into the name: lvp_icd.x86_64.json.
  const machine = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
  const files = installedDrivers().filter((file) => /^lvp_icd(\..*)?\.json$/.test(basename(file)));
  const file = files.find((candidate) => candidate.includes(machine)) ?? files[0];
  if (!file) throw new ConfigError('not installed (package mesa-vulkan-drivers)');
  return { file };
}

/**
 * The software driver that comes with Chrome and Chromium.
 * @param fetch a browser may be downloaded or installed for it.
 * @throws ConfigError where there is none, naming what was tried.
 */
export async function findSwiftShader(fetch: boolean, log?: (line: string) => void): Promise<VulkanDriver> {
  const browser = findBrowser() ?? (fetch ? await findOrFetchBrowser(log) : undefined);
  if (!browser) throw new ConfigError('no browser is installed that brings it');
  const file = join(browser.folder, 'vk_swiftshader_icd.json');
  if (!existsSync(file))
    throw new ConfigError(`the browser ${browser.executable} comes without it (${file})`);
  return { file, folder: browser.folder };
}
