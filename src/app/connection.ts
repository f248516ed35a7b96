import { proxy, type Remote, wrap } from 'comlink';
import type { RunListener, TrainingService } from './service.ts';

/** A worker that trains, and the way to talk to it. To be rid of a run, in whatever state, close it and open another. */
export class Connection {
  readonly service: Remote<TrainingService>;
  private readonly worker: Worker;

  /** `onError` is told why the worker cannot work, where it cannot. */
  constructor(onError: (reason: string) => void) {
    this.worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'training' });
    this.worker.addEventListener('error', (event) => {
      event.preventDefault();
      onError(event.message || 'the worker could not be loaded');
    });
    this.service = wrap<TrainingService>(this.worker);
  }

  close(): void {
    this.worker.terminate();
  }
}

/** A listener that lives here and can be told of things from the worker. */
export const listening = (listener: RunListener): RunListener => proxy(listener);
