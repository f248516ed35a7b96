import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { run } from '../../src/node/run.ts';

/** A project of its own with the launcher of this one, so that builds here disturb nobody. */
const root = fileURLToPath(new URL('../..', import.meta.url));
const project = mkdtempSync(join(tmpdir(), 'qmix-launch-'));
afterAll(() => rmSync(project, { recursive: true }));

for (const folder of ['src/cli', 'shaders']) mkdirSync(join(project, folder), { recursive: true });
for (const file of ['src/cli/launch.mjs', 'vite.config.ts', 'package.json']) {
  copyFileSync(join(root, file), join(project, file));
}
symlinkSync(join(root, 'node_modules'), join(project, 'node_modules'), 'junction');

const write = (file: string, text: string): void => writeFileSync(join(project, file), text);
const launch = (...args: string[]) => run(process.execPath, [join(project, 'src/cli/launch.mjs'), ...args]);

const MAIN = `
  import shader from '../../shaders/one.wgsl';
  import { value } from '../value.ts';
  import * as z from 'zod';
  const [first]: string[] = process.argv.slice(2);
  if (first === 'fail') {

    throw new Error('on line eight');
  }
  console.log(shader.trim(), value, z.string().parse(first));
`;

test('several first starts at once each build and run whole, and print nothing of their own', async () => {
  write('src/cli/main.ts', MAIN);
  write('src/value.ts', 'export const value: number = 1;\n');
  write('shaders/one.wgsl', 'const one = 1;\n');
  const results = await Promise.all(['a', 'b', 'c'].map((argument) => launch(argument)));
  expect(results).toEqual(['a', 'b', 'c'].map((name) => ({ code: 0, output: `const one = 1; 1 ${name}\n` })));
  expect(readdirSync(join(project, 'dist'))).toEqual(['qmix.mjs']);
});

test('a start after a change in code or in a shader shows the change', async () => {
  write('src/value.ts', 'export const value: number = 2;\n');
  const drafts = ['old', 'young'].map((name) => `dist/${name}.tmp`);
  for (const draft of drafts) write(draft, '');
  const longAgo = Date.now() / 1000 - 700;
  utimesSync(join(project, drafts[0]), longAgo, longAgo);
  expect((await launch('x')).output).toBe('const one = 1; 2 x\n');
  // Left by a start that was killed, and being made by one that still builds.
  expect(drafts.map((draft) => existsSync(join(project, draft)))).toEqual([false, true]);
  write('shaders/one.wgsl', 'const one = 3;\n');
  expect((await launch('x')).output).toBe('const one = 3; 2 x\n');
});

test('a start after a change of how it is built, or during a build, shows the change', async () => {
  const config = readFileSync(join(project, 'vite.config.ts'), 'utf8');
  const change = `writeFileSync(${JSON.stringify(join(project, 'src/value.ts'))}, 'export const value = 4;')`;
  const plugin = `{ name: 'change', buildEnd: () => ${change} }`;
  write('base.config.ts', config);
  write(
    'vite.config.ts',
    `import { writeFileSync } from 'node:fs';
    import { mergeConfig } from 'vite';
    import base from './base.config.ts';
    export default mergeConfig(base, { plugins: [${plugin}] });`,
  );
  expect((await launch('x')).output).toBe('const one = 3; 2 x\n');
  expect((await launch('x')).output).toBe('const one = 3; 4 x\n');
  write('vite.config.ts', config);
});

test('an error names the line of the source', async () => {
  const { code, output } = await launch('fail');
  expect(code).toBe(1);
  expect(output).toContain('on line eight');
  expect(output).toContain(join('src', 'cli', 'main.ts:8'));
});

test('a source that does not compile is shown, and the last bundle stays away from use', async () => {
  write('src/value.ts', 'export const value: = 2;\n');
  const { code, output } = await launch('x');
  expect(code).toBe(1);
  expect(output).toContain('src/value.ts:1:21');
  expect(output).not.toContain('const one');
});
