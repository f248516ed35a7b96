import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
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
  expect((await launch('x')).output).toBe('const one = 1; 2 x\n');
  write('shaders/one.wgsl', 'const one = 3;\n');
  expect((await launch('x')).output).toBe('const one = 3; 2 x\n');
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
