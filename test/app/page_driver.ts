import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ElementHandle, Page } from 'puppeteer';

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

/** The page as somebody uses it: by the names of buttons and fields, and by what it says. */
export class PageDriver {
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
    await this.page.goto(text ? `${this.url}?${text}` : this.url, { waitUntil: 'load' });
    await this.page.waitForFunction(
      () =>
        !/^(Loading|Opening|Going on)/.test(
          document.querySelector('[role="status"]')?.textContent ?? 'Loading',
        ),
      { timeout: 30_000 },
    );
  }

  async button(name: string): Promise<ElementHandle<Element>> {
    return (await this.page.waitForSelector(`::-p-aria([name="${name}"][role="button"])`, {
      timeout: 20_000,
    }))!;
  }

  /** Waits until a button can be pressed, and presses it. */
  async press(name: string): Promise<void> {
    const button = await this.button(name);
    await this.page.waitForFunction(
      (found) => !(found as HTMLButtonElement).disabled,
      { timeout: 20_000 },
      button,
    );
    await button.click();
  }

  async show(tab: string): Promise<void> {
    const found = await this.page.waitForSelector(`::-p-aria([name="${tab}"][role="tab"])`);
    await found!.click();
  }

  text(selector: string): Promise<string> {
    return this.page.$eval(selector, (found) => found.textContent ?? '');
  }

  status(): Promise<string> {
    return this.text('[role="status"]');
  }

  /** Waits for a status that begins like this; returns it. */
  async statusBegins(beginning: string, timeout = 60_000): Promise<string> {
    await this.page.waitForFunction(
      (wanted) => document.querySelector('[role="status"]')?.textContent?.startsWith(wanted),
      { timeout, polling: 50 },
      beginning,
    );
    return this.status();
  }

  /** Waits until at least so many updates are told of. */
  async updatesReach(count: number, timeout = 60_000): Promise<void> {
    await this.page.waitForFunction(
      (wanted) => {
        const told = document.querySelector('[role="status"]')?.textContent?.match(/([\d,]+) updates?/);
        return told !== null && told !== undefined && Number(told[1].replaceAll(',', '')) >= wanted;
      },
      { timeout, polling: 50 },
      count,
    );
  }

  /** The hash that the page shows once the run has ended. */
  async finalHash(timeout = 90_000): Promise<string> {
    await this.page.waitForFunction(() => document.querySelector('#hash')?.textContent !== '', {
      timeout,
      polling: 50,
    });
    return /[0-9a-f]{64}/.exec(await this.text('#hash'))?.[0] ?? '';
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

export const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Waits for a download to be whole. */
export async function downloaded(folder: string, ending: string): Promise<string> {
  for (let tries = 0; tries < 200; tries++) {
    const found = (await readdir(folder)).find((name) => name.endsWith(ending));
    if (found) return join(folder, found);
    await pause(100);
  }
  throw new Error(`nothing ending in ${ending} was downloaded`);
}
