import { interruptEnvironments } from '../train/environments.ts';
import { say } from './output.ts';

/** A terminal's Ctrl-C also reaches us through npm, which passes it on: two signals this close are one. */
const SAME_PRESS_MS = 500;
/** Ctrl-C, a scheduler's end, and a terminal that was closed. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Ctrl-C: the first asks the run to end with a checkpoint, and users' environments to answer or be ended; the second ends
 * the process.
 */
export class Interrupt {
  requested = false;
  /** Is told of the first. */
  onRequest: (() => void) | undefined;
  private first = 0;

  constructor() {
    for (const signal of SIGNALS) process.on(signal, this.handle);
  }

  /** Leaves signals to their defaults again. */
  release(): void {
    for (const signal of SIGNALS) process.off(signal, this.handle);
  }

  /** Asks for it as a signal does. */
  request(): void {
    this.requested = true;
    this.onRequest?.();
  }

  private readonly handle = (signal: NodeJS.Signals): void => {
    const now = performance.now();
    if (!this.requested) {
      this.first = now;
      say('\ninterrupted: ending with a checkpoint; once more to end at once');
      this.request();
      interruptEnvironments();
    } else if (now - this.first > SAME_PRESS_MS) {
      this.release();
      process.kill(process.pid, signal);
    }
  };
}
