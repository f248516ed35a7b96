// npm run mutations [-- TEXT]: does a case notice when the sources are wrong?
// Makes one mutation of mutations.ts at a time in a copy of the sources, runs the cases of the kernel that
// should notice, and prints which were red; TEXT picks those whose file or text contains it. Fails where a
// mutation goes unnoticed, or where a case is red without one. Adapter: as QMIX_ADAPTER says, else SwiftShader,
// which compiles fastest.
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createServer } from 'vite';

const project = fileURLToPath(new URL('../..', import.meta.url));
process.env.QMIX_ADAPTER ||= 'swiftshader';
const only = process.argv[2] ?? '';

const copy = await mkdtemp(join(tmpdir(), 'qmix-mutations-'));
for (const name of ['src', 'shaders', 'test', 'vite.config.ts', 'tsconfig.json', 'package.json']) {
  await cp(join(project, name), join(copy, name), { recursive: true });
}
await symlink(join(project, 'node_modules'), join(copy, 'node_modules'));
const server = await createServer({
  root: copy,
  configFile: join(copy, 'vite.config.ts'),
  appType: 'custom',
  logLevel: 'error',
  server: { middlewareMode: true, hmr: false, ws: false, watch: null },
  optimizeDeps: { noDiscovery: true },
});
const { openNodeGpu } = await server.ssrLoadModule('/src/node/adapter.ts');
const { Gpu } = await server.ssrLoadModule('/src/gpu/gpu.ts');
// Whatever holds the adapter must outlive the device.
const opened = await openNodeGpu();
const gpu = await Gpu.open(opened.adapter);

/** The cases of the sources as they are now in the copy. */
async function loadCases() {
  server.moduleGraph.invalidateAll();
  const { kernelCases } = await server.ssrLoadModule('/test/kernels/cases.ts');
  return kernelCases.map((one) => ({ title: `${one.kernel}: ${one.name}`, run: () => one.run(gpu) }));
}

/** Titles of the cases that are red, of those that `picks`. */
async function redCases(cases, picks) {
  const red = [];
  for (const { title, run } of cases.filter(picks)) {
    const mismatches = await run();
    const broken = mismatches.find((mismatch) => /shader \w+, line/.test(mismatch));
    if (broken) throw new Error(`does not compile: ${broken}`);
    if (mismatches.length > 0) red.push(title);
  }
  return red;
}

const problems = [];
const started = performance.now();
const print = (line) => process.stdout.write(`${line}\n`);
try {
  print(`${gpu.name}\n`);
  const { mutations } = await server.ssrLoadModule('/test/mutations/mutations.ts');
  const picked = mutations.filter(({ file, find, replace, red }) =>
    [file, find, replace, red].join('\n').includes(only),
  );
  const kernelOf = (red) => red.slice(0, red.indexOf(':') + 1);

  const kernels = new Set(picked.map(({ red }) => kernelOf(red)));
  const unprovoked = await redCases(await loadCases(), ({ title }) =>
    [...kernels].some((kernel) => title.startsWith(kernel)),
  );
  for (const title of unprovoked) problems.push(`red without any mutation: ${title}`);
  print(`Without a mutation: ${unprovoked.length} cases red.\n`);

  print('| file | mutation | red cases |\n|---|---|---|');
  for (const { file, find, replace, red: expected } of picked) {
    const what = `${file}: ${find} -> ${replace}`;
    const path = join(copy, file);
    const source = await readFile(path, 'utf8');
    const places = source.split(find).length - 1;
    if (places !== 1) {
      problems.push(`${what}: its text occurs ${places} times, not once`);
      continue;
    }
    let red = [];
    try {
      await writeFile(
        path,
        source.replace(find, () => replace),
      );
      const cases = await loadCases();
      const own = ({ title }) => title.startsWith(kernelOf(expected));
      red = await redCases(cases, own);
      if (red.length === 0) red = await redCases(cases, (one) => !own(one));
      if (red.length === 0) problems.push(`${what}: no case noticed`);
      else if (!red.some((title) => title.startsWith(expected)))
        problems.push(`${what}: not noticed by "${expected}"`);
    } catch (error) {
      problems.push(`${what}: ${error.message}`);
    } finally {
      await writeFile(path, source);
    }
    const cell = (text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
    print(`| ${file} | \`${cell(find)}\` → \`${cell(replace)}\` | ${cell(red.join('; ')) || 'none'} |`);
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  print(`\n${picked.length} mutations, ${problems.length} problems, ${seconds} s`);
  for (const problem of problems) print(`  ${problem}`);
} finally {
  gpu.destroy();
  await server.close();
  await rm(copy, { recursive: true, force: true });
}
if (problems.length > 0) process.exitCode = 1;
