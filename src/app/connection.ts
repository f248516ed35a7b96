import { proxy, type Remote, wrap } from 'comlink';
import { workerFault } from './not_loaded.ts';
import type { RunListener, TrainingService } from './service.ts';

/** A worker that trains, and the way to talk to it. To be rid of a run, in whatever state, close it and open another. */
export class Connection {
  readonly service: Remote<TrainingService>;
  /** Resolves when it is closed: whatever the worker has not answered by then, it never will. */
  readonly closed: Promise<undefined>;
  private readonly worker: Worker;
  private tellClosed = (): void => {};

  /** `onError` is told why the worker cannot work, where it cannot. */
  constructor(onError: (reason: string) => void) {
    this.worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'training' });
    this.worker.addEventListener('error', (event) => {
      event.preventDefault();
      onError(workerFault(event));
    });
    this.service = wrap<TrainingService>(this.worker);
    this.closed = new Promise((resolve) => {
      this.tellClosed = () => resolve(undefined);
    });
  }

  close(): void {
    this.worker.terminate();
    this.tellClosed();
  }
}

/** A listener that lives here and can be told of things from the worker. */
export const listening = (listener: RunListener): RunListener => proxy(listener);
