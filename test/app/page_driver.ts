import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CDPSession, ElementHandle, Page } from 'puppeteer';
import { PATIENCE } from '../support/patience.ts';
import { until } from '../support/until.ts';

/** Solved on two slow cores within half a minute: a small grid, small networks, a short horizon. */
export const SMALL = {
  gridSize: 3,
  hidden: 32,
  mixerWidth: 8,
  hyperHidden: 16,
  environments: 32,
  batchSize: 32,
  replayCapacity: 20_000,
  warmup: 500,
  gamma: 0.9,
  learningRate: 0.003,
  epsilonDecaySteps: 20_000,
  updates: 20_000,
  evaluateEvery: 100,
};

/** What the status begins with where the page does not do what it was asked for. */
const WRONG = /^(Failed|Not started|Not loaded): /;

/**
 * The page as somebody uses it: by the names of buttons and fields, and by what it says. What it waits for is red at once
 * if the page says that it cannot be.
 */
export class PageDriver {
  /** What the page said before it was last asked for something: no answer to that. */
  private before = '';
  /** The limit to what is kept ends with the session that has set it. */
  private storage: CDPSession | undefined;

  constructor(
    readonly page: Page,
    readonly url: string,
  ) {}

  /** Opens the page as a new visitor, with a link's settings, and waits until it is ready. */
  async visit(link: Readonly<Record<string, unknown>> = {}): Promise<void> {
    // What only this window remembers, where it has a page open.
    await this.page.evaluate(() => sessionStorage.clear()).catch(() => {});
    await this.page.goto('about:blank');
    await this.forget();
    await this.follow(link);
  }

  /** Has the browser forget all that it keeps of the page. */
  private async forget(): Promise<void> {
    const session = await this.page.createCDPSession();
    const { origin } = new URL(this.url);
    await session.send('Storage.clearDataForOrigin', { origin, storageTypes: 'indexeddb,local_storage' });
    await session.detach();
  }

  /** Opens the page with a link's settings, and waits until it is ready. */
  async follow(link: Readonly<Record<string, unknown>>): Promise<void> {
    const query = new URLSearchParams(Object.entries(link).map(([field, value]) => [field, String(value)]));
    const text = query.toString();
    this.before = '';
    await this.page.goto(text ? `${this.url}?${text}` : this.url, { waitUntil: 'load' });
    await this.until('the page is ready', async () => {
      const status = await this.status();
      return status !== '' && !/^(Loading|Opening|Going on)/.test(status);
    });
  }

  /**
   * Waits until there is what is wanted, and returns it: `find` gives it, or something falsy.
   * @throws Error that says what was waited for, and what the page says.
   */
  async until<T>(what: string, find: () => Promise<T>, patience = PATIENCE): Promise<T> {
    const gone = async () => {
      const status = await this.status();
      return status !== this.before && WRONG.test(status) ? 'it cannot be any more' : undefined;
    };
    try {
      return await until(what, find, gone, patience);
    } catch (error) {
      const [status, notice] = [await this.status(), await this.textIfAny('#notice')];
      throw new Error(`${(error as Error).message}; status "${status}", notice "${notice}"`);
    }
  }

  /** The button that is called so, once it is there. */
  async button(name: string): Promise<ElementHandle<Element>> {
    return (await this.page.waitForSelector(`::-p-aria([name="${name}"][role="button"])`))!;
  }

  /** Waits until a button can be pressed, and presses it. */
  async press(name: string): Promise<void> {
    const button = await this.button(name);
    await this.until(`"${name}" can be pressed`, () =>
      button.evaluate((own) => !(own as HTMLButtonElement).disabled),
    );
    this.before = await this.status();
    await button.click();
  }

  async show(tab: string): Promise<void> {
    const found = await this.page.waitForSelector(`::-p-aria([name="${tab}"][role="tab"])`);
    this.before = await this.status();
    await found!.click();
  }

  /** Waits until a tab's panel is shown, has been loaded, and is at rest. */
  async filled(tab: string): Promise<void> {
    await this.until(`${tab} is filled`, () =>
      this.page.evaluate((name) => {
        const tabs = [...document.querySelectorAll('[role="tab"]')];
        const id = tabs.find((own) => own.textContent === name)!.getAttribute('aria-controls')!;
        const panel = document.getElementById(id)!;
        const parts = [...panel.querySelectorAll<HTMLElement>(':scope > [id]:not([hidden])')];
        const moves = document.getAnimations().some(({ playState }) => playState === 'running');
        return !panel.hidden && !moves && parts.every((part) => part.textContent !== '');
      }, tab),
    );
  }

  text(selector: string): Promise<string> {
    return this.page.$eval(selector, (found) => found.textContent ?? '');
  }

  private textIfAny(selector: string): Promise<string> {
    return this.page.evaluate((where) => document.querySelector(where)?.textContent ?? '', selector);
  }

  /** Empty where the page has none yet. */
  status(): Promise<string> {
    return this.textIfAny('[role="status"]');
  }

  /** Waits until the text of an element is like this; returns it. */
  async textBecomes(selector: string, like: RegExp): Promise<string> {
    await this.until(`${selector} says ${like}`, async () => like.test(await this.textIfAny(selector)));
    return this.text(selector);
  }

  /** Waits for a status that begins like this; returns it. */
  async statusBegins(beginning: string): Promise<string> {
    return this.until(`the status begins with "${beginning}"`, async () => {
      const status = await this.status();
      return status.startsWith(beginning) ? status : '';
    });
  }

  /** Waits until at least so many updates are told of. */
  async updatesReach(count: number): Promise<void> {
    await this.until(`${count} updates are made`, async () => updatesOf(await this.status()) >= count);
  }

  /** The hash that the page shows once the run has ended. */
  async finalHash(patience = PATIENCE): Promise<string> {
    const text = await this.until('there is a hash', () => this.textIfAny('#hash'), patience);
    return /[0-9a-f]{64}/.exec(text)?.[0] ?? '';
  }

  /** Waits until the list of kept runs has so many. */
  async keptRuns(count: number): Promise<void> {
    await this.until(
      `${count} runs are kept`,
      async () => (await this.page.$$('.kept-runs li')).length === count,
    );
  }

  /** Gives the browser so many bytes for what it keeps of the page; undefined: as many as it would. */
  async limitStorage(quotaSize?: number): Promise<void> {
    this.storage ??= await this.page.createCDPSession();
    const { origin } = new URL(this.url);
    const limit = quotaSize === undefined ? {} : { quotaSize };
    await this.storage.send('Storage.overrideQuotaForOrigin', { origin, ...limit });
  }

  /** Types into a field of the settings. */
  async type(label: string, value: string): Promise<void> {
    const field = await this.page.waitForSelector(
      `::-p-xpath(//input[@id=//label[starts-with(normalize-space(.), "${label}")]/@for])`,
    );
    // A folded group opens.
    await field!.evaluate((input) => {
      for (let up = input.parentElement; up; up = up.parentElement) {
        if (up instanceof HTMLDetailsElement) up.open = true;
      }
    });
    await field!.click({ count: 3 });
    await field!.press('Backspace');
    await field!.type(value);
    await field!.press('Tab');
  }
}

export const updatesOf = (status: string): number =>
  Number(/([\d,]+) updates?/.exec(status)?.[1].replaceAll(',', '') ?? Number.NaN);

/**
 * Lets so many milliseconds pass: for what is measured over them, and for what must not happen meanwhile, of which a slow
 * machine notices less. What is to happen is waited for by `until`.
 */
export const pause = (milliseconds: number): Promise<void> => sleep(milliseconds);

/** Waits for a download to be whole. */
export const downloaded = (folder: string, ending: string): Promise<string> =>
  until(`a file that ends in ${ending} is downloaded`, async () => {
    const found = (await readdir(folder)).find((name) => name.endsWith(ending));
    return found ? join(folder, found) : '';
  });
