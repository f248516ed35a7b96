/** Milliseconds between two texts while nothing but numbers changes. */
const SHOWN = 1000;
/** Milliseconds between two of these that are also spoken. */
const SPOKEN = 30_000;

/**
 * What is going on, in one sentence. It is shown at once where the state changes, and then once a second; read
 * aloud where the state changes, else twice a minute, so that a screen reader is left time to say other things.
 */
export class StatusLine {
  private shown = 0;
  private spoken = 0;

  constructor(
    private readonly line: HTMLElement,
    /** A live region that is not seen. */
    private readonly announcement: HTMLElement,
  ) {}

  /** A new state; its first numbers need not wait. */
  say(text: string): void {
    this.show(text);
    this.speak(text);
    this.shown = Number.NEGATIVE_INFINITY;
  }

  /** The same state, other numbers. */
  update(text: string): void {
    const now = performance.now();
    if (now - this.shown >= SHOWN) this.show(text);
    if (now - this.spoken >= SPOKEN) this.speak(text);
  }

  private show(text: string): void {
    this.line.textContent = text;
    this.shown = performance.now();
  }

  private speak(text: string): void {
    this.announcement.textContent = text;
    this.spoken = performance.now();
  }
}
