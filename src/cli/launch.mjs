/**
 * Starts the command line: bundles src/cli/main.ts for Node where a source is newer than the bundle, and runs
 * the bundle in this process. Plain JavaScript, as Node reads it as it is. Prints nothing on standard output.
 */
import { mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

const root = fileURLToPath(new URL('../..', import.meta.url));
const entry = join(root, 'src', 'cli', 'main.ts');
const bundle = join(root, 'dist', 'qmix.mjs');
/** A draft of the bundle that is older than this belongs to a start that was killed. */
const STALE_MS = 600_000;

/** Time of the last change below a path, in milliseconds; a folder's own time tells of removed files. */
function changed(path) {
  const status = statSync(path);
  if (!status.isDirectory()) return status.mtimeMs;
  return Math.max(status.mtimeMs, ...readdirSync(path).map((name) => changed(join(path, name))));
}

function isFresh() {
  const built = statSync(bundle, { throwIfNoEntry: false });
  if (!built) return false;
  const sources = ['src', 'shaders', 'vite.config.ts', 'package.json'].map((name) => join(root, name));
  return sources.every((source) => changed(source) < built.mtimeMs);
}

async function build() {
  const started = new Date();
  const vite = await import('vite').catch((error) => {
    throw new Error(`The project's packages are not installed: run \`npm ci\` first.\n${error.message}`);
  });
  const result = await vite.build({
    root,
    configFile: join(root, 'vite.config.ts'),
    logLevel: 'silent',
    build: {
      ssr: entry,
      write: false,
      target: 'node20',
      minify: false,
      // Inside the bundle, so that both are replaced in one step.
      sourcemap: 'inline',
      rolldownOptions: { output: { format: 'es', codeSplitting: false } },
    },
  });
  const { code } = result.output.find((part) => part.type === 'chunk');
  // Written aside and renamed: another start must never read half a file.
  const draft = `${bundle}.${process.pid}.tmp`;
  mkdirSync(join(root, 'dist'), { recursive: true });
  writeFileSync(draft, code);
  // Sources that change during the build are newer than the bundle.
  utimesSync(draft, started, started);
  renameSync(draft, bundle);
  // What starts that were killed left of theirs; one that still builds is younger.
  for (const name of readdirSync(join(root, 'dist'))) {
    const path = join(root, 'dist', name);
    const old = name.endsWith('.tmp') && statSync(path).mtimeMs < Date.now() - STALE_MS;
    if (old) rmSync(path, { force: true });
  }
}

if (!isFresh()) {
  try {
    await build();
  } catch (error) {
    const message = process.stderr.isTTY ? error.message : stripVTControlCharacters(error.message);
    process.stderr.write(`${message}\n`);
    process.exit(1);
  }
}
process.setSourceMapsEnabled(true);
await import(pathToFileURL(bundle).href);
