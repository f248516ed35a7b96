import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { driverVariable, findLavapipe, installedDrivers } from '../../src/node/vulkan.ts';

afterEach(() => vi.unstubAllEnvs());

/** Folders of drivers, in the places where programs look for them. */
function install(...places: readonly (readonly string[])[]): string[] {
  const root = mkdtempSync(join(tmpdir(), 'qmix-drivers-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const [home, ...others] = places.map((files, index) => {
    const folder = join(root, String(index), 'vulkan', 'icd.d');
    mkdirSync(folder, { recursive: true });
    for (const file of files) writeFileSync(join(folder, file), '{}');
    return join(root, String(index));
  });
  vi.stubEnv('XDG_DATA_HOME', home);
  vi.stubEnv('XDG_DATA_DIRS', others.join(':'));
  return [home, ...others];
}

test('drivers are found in the user’s folder, and in all of the system’s', () => {
  const [home, first, second] = install(['own.json', 'own.txt'], ['a.json'], ['b.json']);
  const at = (place: string, name: string) => join(place, 'vulkan', 'icd.d', name);
  expect(installedDrivers().slice(0, 3)).toEqual([
    at(home, 'own.json'),
    at(first, 'a.json'),
    at(second, 'b.json'),
  ]);
});

test('lavapipe is the driver of that name, of this machine’s kind where there are several', () => {
  const own = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
  const [, place] = install(
    ['intel_icd.json', 'lvp_icd_old.json'],
    ['lvp_icd.i686.json', `lvp_icd.${own}.json`, 'radeon_icd.json'],
  );
  expect(findLavapipe().file).toBe(join(place, 'vulkan', 'icd.d', `lvp_icd.${own}.json`));
  const [, other] = install([], ['lvp_icd.json']);
  expect(findLavapipe().file).toBe(join(other, 'vulkan', 'icd.d', 'lvp_icd.json'));
});

test('the user’s own choice of drivers is in one of two variables, the newer first', () => {
  vi.stubEnv('VK_DRIVER_FILES', undefined);
  vi.stubEnv('VK_ICD_FILENAMES', undefined);
  expect(driverVariable()).toBeUndefined();
  vi.stubEnv('VK_ICD_FILENAMES', '/x.json');
  expect(driverVariable()).toBe('VK_ICD_FILENAMES');
  vi.stubEnv('VK_DRIVER_FILES', '/y.json');
  expect(driverVariable()).toBe('VK_DRIVER_FILES');
});
