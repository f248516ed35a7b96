import type { Page } from 'puppeteer';

declare global {
  interface Window {
    /** Workers of the page, of which a test says what they tell. */
    told?: { readonly posted: unknown[]; ended: boolean; tell(message: unknown): void; break(): void }[];
  }
}

/** From the next document on, workers of a page do nothing by themselves; returns what ends that. */
export async function tellWorkers(page: Page): Promise<() => Promise<void>> {
  const { identifier } = await page.evaluateOnNewDocument(() => {
    const told: NonNullable<Window['told']> = [];
    window.told = told;
    window.Worker = class extends EventTarget {
      readonly posted: unknown[] = [];
      ended = false;
      constructor() {
        super();
        told.push(this);
      }
      postMessage(message: unknown): void {
        this.posted.push(message);
      }
      terminate(): void {
        this.ended = true;
      }
      tell(data: unknown): void {
        this.dispatchEvent(new MessageEvent('message', { data }));
      }
      break(): void {
        this.dispatchEvent(new ErrorEvent('error', { message: 'broken', cancelable: true }));
      }
    } as unknown as typeof Worker;
  });
  return () => page.removeScriptToEvaluateOnNewDocument(identifier);
}
