/** Milliseconds over which rates are taken, at least. */
const WINDOW = 2000;
/** Milliseconds over which the rate is taken that tells how long it takes yet, and after which it is known. */
const LONG_WINDOW = 60_000;
const KNOWN = 10_000;

/** Updates and environment steps a second. */
export interface Rates {
  readonly updates: number;
  readonly steps: number;
}
const NONE: Rates = { updates: 0, steps: 0 };

/** How many there were when, over the last moments. */
class Marks {
  /** Oldest first. */
  private readonly marks: { time: number; updates: number; steps: number }[] = [];

  constructor(private readonly window: number) {}

  clear(): void {
    this.marks.length = 0;
  }

  /** Rates over the last moments, given how many there are by now; none where that is less than `known`. */
  rates(time: number, updates: number, steps: number, known: number): Rates {
    const { marks } = this;
    marks.push({ time, updates, steps });
    while (marks.length > 2 && time - marks[1].time >= this.window) marks.shift();
    const [oldest] = marks;
    const passed = time - oldest.time;
    if (passed <= known) return NONE;
    const each = 1000 / passed;
    return { updates: each * (updates - oldest.updates), steps: each * (steps - oldest.steps) };
  }
}

/** How long a run has trained, pauses not counted, and how fast it goes now. */
export class Meter {
  /** Milliseconds trained before the running stretch, and when that began. */
  private trained: number;
  private begun: number | undefined;
  private readonly short = new Marks(WINDOW);
  private readonly long = new Marks(LONG_WINDOW);

  constructor(secondsBefore: number) {
    this.trained = 1000 * secondsBefore;
  }

  start(): void {
    this.begun ??= performance.now();
  }

  stop(): void {
    this.trained = 1000 * this.seconds;
    this.begun = undefined;
    this.short.clear();
    this.long.clear();
  }

  get seconds(): number {
    const running = this.begun === undefined ? 0 : performance.now() - this.begun;
    return (this.trained + running) / 1000;
  }

  /**
   * Rates over the last moments, given how many updates and environment steps there are by now, and over longer
   * (`lasting`: none until they are known); none at rest.
   */
  rates(updates: number, steps: number): Rates & { readonly lasting: Rates } {
    if (this.begun === undefined) return { ...NONE, lasting: NONE };
    const time = performance.now();
    // Before the first update there are others: kernels are compiled, and replay fills.
    const lasting = updates > 0 ? this.long.rates(time, updates, steps, KNOWN) : NONE;
    return { ...this.short.rates(time, updates, steps, 0), lasting };
  }
}
