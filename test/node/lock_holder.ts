/**
 * A process that takes locks when its test says so. Reads lines of JSON, [command, folder], and answers each with a
 * line: `held`, `lost`, `free` or why the folder was refused. Ends with its input. `no-links`: its file system has none.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { createInterface } from 'node:readline';
import { FolderLock } from '../../src/node/folder_lock.ts';

if (process.argv.includes('no-links')) {
  fs.linkSync = () => {
    throw Object.assign(new Error('EPERM: operation not permitted, link'), { code: 'EPERM' });
  };
  syncBuiltinESMExports();
}

const locks = new Map<string, FolderLock>();

function answer(command: string, folder: string): string {
  if (command === 'take') {
    try {
      locks.set(folder, FolderLock.take(folder));
    } catch (error) {
      return String(error);
    }
  }
  const lock = locks.get(folder);
  if (command === 'release') lock?.release();
  if (command === 'release' || !lock) return 'free';
  return lock.lost ? 'lost' : 'held';
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const [command, folder] = JSON.parse(line);
  process.stdout.write(`${answer(command, folder)}\n`);
});
