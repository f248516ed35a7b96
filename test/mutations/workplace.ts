import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const COPIED = [
  ...['src', 'shaders', 'test', 'index.html', 'bench.html', 'README.md'],
  ...['vite.config.ts', 'vitest.config.ts', 'tsconfig.json', 'package.json'],
];

/** A copy of the sources in a temporary folder: the project's own are never changed. */
export class Workplace {
  private constructor(readonly folder: string) {}

  static async open(): Promise<Workplace> {
    const folder = await mkdtemp(join(tmpdir(), 'qmix-mutations-'));
    for (const name of COPIED) await cp(join(PROJECT, name), join(folder, name), { recursive: true });
    await symlink(join(PROJECT, 'node_modules'), join(folder, 'node_modules'));
    return new Workplace(folder);
  }

  /** Does this while a text of a file is another one, and puts it back. Throws where the text does not occur once. */
  async mutated<T>(
    { file, find, replace }: { readonly file: string; readonly find: string; readonly replace: string },
    work: (path: string) => Promise<T>,
  ): Promise<T> {
    const path = join(this.folder, file);
    const source = await readFile(path, 'utf8');
    const places = source.split(find).length - 1;
    if (places !== 1) throw new Error(`its text occurs ${places} times, not once`);
    try {
      await writeFile(
        path,
        source.replace(find, () => replace),
      );
      return await work(path);
    } finally {
      await writeFile(path, source);
    }
  }

  close(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}
