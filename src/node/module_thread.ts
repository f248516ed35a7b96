import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import { type Fault, factoryFault, thrownFault } from '../env/faults.ts';
import { serveModule } from '../env/module_host.ts';
import type { UserFactory } from '../env/user_environment.ts';

/** What runs in the worker of a user's module. */

const port = parentPort!;
// Standard output is the command's own; the module's words go where ours to people go.
process.stdout.write = process.stderr.write.bind(process.stderr);

async function open(url: string): Promise<UserFactory | Fault> {
  let factory: unknown;
  try {
    factory = (await import(/* @vite-ignore */ url)).default;
  } catch (error) {
    const fault = thrownFault(error, url);
    const place = error instanceof SyntaxError ? syntaxPlace(url) : '';
    return { ...fault, found: `${fault.found}${place}` };
  }
  return factoryFault(factory) ?? { factory, url };
}

/** ` (my.mjs:3)`: the line that Node cannot read, which an import's own error does not tell. Empty: another file's. */
function syntaxPlace(url: string): string {
  const { stderr } = spawnSync(process.execPath, ['--check', fileURLToPath(url)], { encoding: 'utf8' });
  const [, file, line] = /^(?:file:\/\/)?(.*):(\d+)$/m.exec(stderr) ?? [];
  return file === undefined ? '' : ` (${file.slice(file.lastIndexOf('/') + 1)}:${line})`;
}

await serveModule(workerData.words, {
  post: (message) => port.postMessage(message),
  receive: (handler) => port.on('message', handler),
  turn: () => new Promise((resolve) => setImmediate(resolve)),
  open,
});
