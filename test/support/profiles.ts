import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import puppeteer, { type Browser } from 'puppeteer';
import { findOrFetchBrowser } from '../../src/node/browser.ts';
import { BROWSER_FLAGS } from './browser.ts';
import { type Site, servePage } from './site.ts';

/** The page, and browsers with profiles of their own to open it in: what one browser keeps, no other knows of. */
export class Profiles {
  private readonly folders: string[] = [];

  private constructor(
    readonly site: Site,
    private readonly executable: string,
  ) {}

  static async open(): Promise<Profiles> {
    const { executable } = await findOrFetchBrowser();
    return new Profiles(await servePage('index.html'), executable);
  }

  /** An empty folder, for a profile or for files. */
  async newFolder(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'qmix-profile-'));
    this.folders.push(folder);
    return folder;
  }

  launch(profile: string, flags: readonly string[] = []): Promise<Browser> {
    return puppeteer.launch({
      executablePath: this.executable,
      headless: true,
      userDataDir: profile,
      args: [...BROWSER_FLAGS, ...flags],
      protocolTimeout: 600_000,
    });
  }

  async close(): Promise<void> {
    await this.site.close();
    for (const folder of this.folders) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
