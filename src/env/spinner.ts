/** After this many waits in vain at most, spinning is tried again. */
const MOST_SKIPPED = 64;

/**
 * Waits for another thread's word without going to sleep, which takes 50 to 100 µs to wake up from. It gives up
 * after a while, and where it was in vain it is tried less often: who is slow anyway costs no core.
 */
export class Spinner {
  private skip = 0;
  private skipped = 0;

  /** `milliseconds`: spins for this long at most. */
  constructor(private readonly milliseconds: number) {}

  /** True once words[at] is no longer `value`; false: it was given up. */
  changes(words: Int32Array, at: number, value: number): boolean {
    if (this.skipped < this.skip) {
      this.skipped++;
      return Atomics.load(words, at) !== value;
    }
    this.skipped = 0;
    const end = performance.now() + this.milliseconds;
    do {
      for (let look = 0; look < 32; look++) {
        if (Atomics.load(words, at) !== value) {
          this.skip = 0;
          return true;
        }
      }
    } while (performance.now() < end);
    this.skip = Math.min(2 * this.skip + 1, MOST_SKIPPED);
    return false;
  }
}
