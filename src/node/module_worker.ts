import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { type ResourceLimits, Worker } from 'node:worker_threads';
import { ConfigError } from '../config_error.ts';
import { ModuleClient, type ModuleThread } from '../env/module_client.ts';
import { type FromHost, newWords } from '../env/module_protocol.ts';
import { describeThrown } from '../env/show.ts';
import type { UserModule } from '../env/user_module.ts';
import code from './module_thread.ts?bundled';

/** Milliseconds after which people are told what is waited for. */
const PATIENCE = 10_000;

export interface ModuleWorkerOptions {
  readonly patience?: number;
  /** What the module may use; without them, as much as the process itself. */
  readonly limits?: ResourceLimits;
}

/** Starts the worker of a user's module file (OpenModule); what the module prints goes to standard error. */
export async function openModule(
  file: string,
  tell: (line: string) => void,
  { patience = PATIENCE, limits = {} }: ModuleWorkerOptions = {},
): Promise<UserModule> {
  const fingerprint = createHash('sha256').update(readModule(file)).digest('hex');
  const { href: url } = pathToFileURL(file);
  const words = newWords();
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`), {
    name: file,
    workerData: { words },
    resourceLimits: limits,
    // Those of the process are about its own start.
    execArgv: [],
  });
  return new ModuleClient(moduleThread(worker, url), words, { file, url, fingerprint, tell, patience });
}

function readModule(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    const { code: reason, message } = error as NodeJS.ErrnoException;
    const found = reason === 'ENOENT' ? 'no such file' : reason === 'EISDIR' ? 'a folder' : message;
    throw new ConfigError(
      `environment: got "${file}" (${found}), allowed: a JavaScript module (.js, .mjs) whose default export makes ` +
        'an environment',
    );
  }
}

const isOurs = (message: unknown): message is FromHost =>
  typeof message === 'object' && message !== null && ('call' in message || 'progress' in message);

function moduleThread(worker: Worker, url: string): ModuleThread {
  return {
    post: (message) => worker.postMessage(message),
    listen: (message, ended) => {
      // The module may post messages of its own, to no one here.
      worker.on('message', (own: unknown) => isOurs(own) && message(own));
      worker.on('error', (error: NodeJS.ErrnoException) => {
        const memory = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
        ended(memory ? 'ran out of memory' : describeThrown(error, url));
      });
      // After the listener for messages, which would keep the process alive again.
      worker.unref();
      worker.on('exit', (exitCode) =>
        // Node's code for a thread that has nothing left to wait for.
        ended(exitCode === 13 ? 'closed its worker' : `ended its worker by process.exit(${exitCode})`),
      );
    },
    terminate: async () => {
      await worker.terminate();
    },
  };
}
