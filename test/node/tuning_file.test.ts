import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { tuningFile, tuningStore } from '../../src/node/tuning_file.ts';

afterEach(() => vi.unstubAllEnvs());

test('measured tunings are kept in the folder that QMIX_CACHE names', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'qmix-cache-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  vi.stubEnv('QMIX_CACHE', join(folder, 'own'));
  expect(await tuningStore.read()).toBeUndefined();
  await tuningStore.write('{"key":1}');
  expect(readdirSync(join(folder, 'own'))).toEqual(['tunings.json']);
  expect(await tuningStore.read()).toBe('{"key":1}');
  // What a process that was killed left of it is removed.
  const { pid } = spawnSync(process.execPath, ['--version']);
  writeFileSync(join(folder, 'own', `.tunings.json.${pid}.tmp`), '{');
  await tuningStore.write('{}');
  expect(readdirSync(join(folder, 'own'))).toEqual(['tunings.json']);
});

test('otherwise in the user’s folder for caches', () => {
  vi.stubEnv('QMIX_CACHE', undefined);
  vi.stubEnv('XDG_CACHE_HOME', '/caches');
  expect(tuningFile()).toBe('/caches/qmix-webgpu/tunings.json');
  vi.stubEnv('XDG_CACHE_HOME', undefined);
  expect(tuningFile()).toBe(join(homedir(), '.cache', 'qmix-webgpu', 'tunings.json'));
});

test('where no folder can be made, they are measured again, and nothing ends', async () => {
  vi.stubEnv('QMIX_CACHE', '/dev/null/nowhere');
  await tuningStore.write('{}');
  expect(await tuningStore.read()).toBeUndefined();
});
