import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ConfigError } from '../../src/config.ts';
import {
  FileError,
  isAlive,
  onFile,
  readFile,
  removeTemporaries,
  writeAtomically,
} from '../../src/node/files.ts';
import { makeFolders, removeFolders, takeNewFolder } from '../../src/node/new_folder.ts';

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'qmix-files-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** The number of a process that has ended. */
const ended = (): number => spawnSync(process.execPath, ['--version']).pid;

const messageOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).message;
  }
  throw new Error('accepted');
};

test('a file is replaced as a whole, or stays as it was, with nothing beside it', () => {
  const folder = newFolder();
  const path = join(folder, 'metrics.csv');
  writeAtomically(path, 'äöü\n');
  writeAtomically(path, Uint8Array.of(104, 105));
  expect(readFileSync(path, 'utf8')).toBe('hi');
  const blocked = join(folder, 'curve.svg');
  mkdirSync(blocked);
  expect(() => writeAtomically(blocked, 'x')).toThrow(FileError);
  expect(() => writeAtomically(blocked, 'x')).toThrow(/^\S+curve\.svg: [a-z ]+$/);
  expect(readdirSync(folder).sort()).toEqual(['curve.svg', 'metrics.csv']);
  // What is no matter of the system's is not the file's.
  const other = new Error('ours');
  expect(() =>
    onFile(path, () => {
      throw other;
    }),
  ).toThrow(other);
});

test('what killed processes left of files is removed, and nothing else', () => {
  const folder = newFolder();
  const gone = ended();
  const kept = [
    ...[`.metrics.csv.${process.pid}.tmp`, `metrics.csv.${gone}.tmp`, `.own.${gone}.tmp`],
    `.tunings.json.${gone}`,
  ];
  for (const name of [`.checkpoint.safetensors.${gone}.tmp`, `.tunings.json.${gone}.tmp`, ...kept]) {
    writeFileSync(join(folder, name), '');
  }
  removeTemporaries(folder);
  expect(readdirSync(folder).sort()).toEqual(kept.sort());
  expect([isAlive(process.pid), isAlive(1), isAlive(gone)]).toEqual([true, true, false]);
});

test('a file that is read is all there, or refused by name', () => {
  const folder = newFolder();
  const path = join(folder, 'own');
  writeFileSync(path, 'all of it');
  expect(Buffer.from(readFile(path, 'what', 'a file')).toString()).toBe('all of it');
  expect(messageOf(() => readFile(join(folder, 'none'), '--out', 'a run'))).toBe(
    `--out: got "${join(folder, 'none')}", which does not exist; allowed: a run`,
  );
  expect(messageOf(() => readFile(folder, '--out', 'a run'))).toBe(
    `--out: got "${folder}", which cannot be read (not a file); allowed: a run`,
  );
});

test('a new folder is made with those above it, and taken where it is empty', () => {
  const folder = newFolder();
  const path = join(folder, 'a', 'b', 'c');
  const { made, lock } = takeNewFolder(path);
  expect(made).toBe(join(folder, 'a'));
  expect(readdirSync(path)).toEqual(['.lock']);
  expect(messageOf(() => takeNewFolder(path))).toContain('is in use by this process');
  lock.release();
  const again = takeNewFolder(path);
  expect(again.made).toBeUndefined();
  again.lock.release();
  // What is not taken is left as it was, without a lock.
  writeFileSync(join(path, 'notes'), '');
  expect(messageOf(() => takeNewFolder(path))).toBe(
    `--out: got "${path}" (not empty; --resume goes on with a run), allowed: a folder that is new or empty and can be written`,
  );
  expect(readdirSync(path)).toEqual(['notes']);
  expect(messageOf(() => takeNewFolder(join(path, 'notes')))).toContain('notes" (a file), allowed: ');
  expect(messageOf(() => takeNewFolder('  '))).toMatch(/^--out: got " {2}", allowed: /);
});

test('folders are removed as far as they are empty, and none above the one that was made', () => {
  const folder = newFolder();
  const root = join(folder, 'root');
  mkdirSync(root);
  // The last cannot be made: those made for it are gone again.
  expect(() => makeFolders(join(root, 'a', 'b', 'x'.repeat(300)))).toThrow('ENAMETOOLONG');
  expect(readdirSync(root)).toEqual([]);
  expect(makeFolders(join(root, 'a', 'b', 'c'))).toBe(join(root, 'a'));
  removeFolders(join(root, 'a', 'b', 'c'), join(root, 'a'));
  expect(readdirSync(root)).toEqual([]);
  makeFolders(join(root, 'a', 'b', 'c'));
  writeFileSync(join(root, 'a', 'notes'), '');
  removeFolders(join(root, 'a', 'b', 'c'), join(root, 'a'));
  expect(readdirSync(join(root, 'a'))).toEqual(['notes']);
});
