interface Job {
  /** Never rejects. */
  readonly work: () => Promise<void>;
  /** To be told that it will not be done. */
  readonly refuse: (error: Error) => void;
}

/** What is asked of a loop from outside, and done one after another between its steps. */
export class Jobs {
  private queue: Job[] = [];
  private wake: (() => void) | undefined;
  private ended: Error | undefined;

  /** Resolves or rejects as the job does; rejects where the loop has ended. */
  do<T>(job: () => Promise<T>): Promise<T> {
    if (this.ended) return Promise.reject(this.ended);
    return new Promise((resolve, reject) => {
      this.queue.push({ work: () => job().then(resolve, reject), refuse: reject });
      this.wake?.();
    });
  }

  get waiting(): boolean {
    return this.queue.length > 0;
  }

  /** Does those that wait; those that come meanwhile wait for the next time, so that nobody can hold up the loop. */
  async run(): Promise<void> {
    for (const { work } of this.queue.splice(0)) await work();
  }

  /** Waits until there is something to do, or so many milliseconds. */
  sleep(milliseconds?: number): Promise<void> {
    if (this.waiting) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = milliseconds === undefined ? undefined : setTimeout(() => this.wake?.(), milliseconds);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** The loop has ended: nothing more is done. */
  end(error: Error): void {
    this.ended = error;
    for (const { refuse } of this.queue.splice(0)) refuse(error);
  }
}
