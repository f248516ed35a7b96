/** Milliseconds over which rates are taken, at least. */
const WINDOW = 2000;

/** How long a run has trained, pauses not counted, and how fast it goes now. */
export class Meter {
  /** Milliseconds trained before the running stretch, and when that began. */
  private trained: number;
  private begun: number | undefined;
  /** Moments that rates are taken from, oldest first. */
  private marks: { time: number; updates: number; steps: number }[] = [];

  constructor(secondsBefore: number) {
    this.trained = 1000 * secondsBefore;
  }

  start(): void {
    this.begun ??= performance.now();
  }

  stop(): void {
    this.trained = 1000 * this.seconds;
    this.begun = undefined;
    this.marks = [];
  }

  get seconds(): number {
    const running = this.begun === undefined ? 0 : performance.now() - this.begun;
    return (this.trained + running) / 1000;
  }

  /** Updates and environment steps a second over the last moments, given how many there are by now; 0 at rest. */
  rates(updates: number, steps: number): { updates: number; steps: number } {
    if (this.begun === undefined) return { updates: 0, steps: 0 };
    const { marks } = this;
    const time = performance.now();
    marks.push({ time, updates, steps });
    while (marks.length > 2 && time - marks[1].time >= WINDOW) marks.shift();
    const [oldest] = marks;
    const seconds = (time - oldest.time) / 1000;
    if (seconds <= 0) return { updates: 0, steps: 0 };
    return { updates: (updates - oldest.updates) / seconds, steps: (steps - oldest.steps) / seconds };
  }
}
