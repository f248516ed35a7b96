import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir, uptime } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { ConfigError } from '../../src/config_error.ts';
import { FolderLock, isLockFile } from '../../src/node/folder_lock.ts';
import { until } from '../support/until.ts';
import code from './lock_holder.ts?bundled';

type Link = (from: string, to: string) => void;
/** What stands for the file system's link in a test; it is given the real one. */
const links = vi.hoisted(() => ({
  replaced: undefined as ((link: Link, from: string, to: string) => void) | undefined,
}));
vi.mock('node:fs', async (importOriginal) => {
  const actual = await importOriginal<typeof import('node:fs')>();
  const linkSync: Link = (from, to) =>
    (links.replaced ?? ((link) => link(from, to)))(actual.linkSync, from, to);
  return { ...actual, linkSync };
});
afterEach(() => {
  links.replaced = undefined;
});

const failLink = (error: string): never => {
  throw Object.assign(new Error(`${error}: link`), { code: error });
};

const root = mkdtempSync(join(tmpdir(), 'qmix-lock-'));
afterAll(() => rmSync(root, { recursive: true }));
const newFolder = (): string => mkdtempSync(join(root, 'run-'));
const lockOf = (folder: string): string => join(folder, '.lock');

/** Takes a folder until the test is over. */
function take(folder: string): FolderLock {
  const lock = FolderLock.take(folder);
  onTestFinished(() => lock.release());
  return lock;
}

/** What this gives; undefined where it throws. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

/** Why a folder is refused; the seconds since the last beat, of which a busy machine adds some, as `few` or `many`. */
function refusal(folder: string): string {
  try {
    take(folder);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    const { message } = error as ConfigError;
    return message.replace(/\b(\d+) s ago/, (_, seconds) => `${Number(seconds) < 30 ? 'few' : 'many'} s ago`);
  }
  throw new Error(`${folder} was not refused`);
}

/** A lock as this process would write it. */
function ownText(): Record<string, unknown> {
  const folder = newFolder();
  const lock = FolderLock.take(folder);
  const text = readFileSync(lockOf(folder), 'utf8');
  lock.release();
  return JSON.parse(text);
}

const TOKEN = '0123456789abcdef';
const ELSEWHERE = { host: 'host-a', boot: 'b', namespace: 'n', pid: 4242, start: '1', token: TOKEN };
/** More than any system numbers. */
const NO_PROCESS = 2 ** 30;

/** Writes a lock by hand, whose last beat was `age` seconds ago. */
function plant(folder: string, content: object | string, age = 0, name = '.lock'): void {
  writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  setAge(folder, age, name);
}

function setAge(folder: string, age: number, name = '.lock'): void {
  const time = Date.now() / 1000 - age;
  utimesSync(join(folder, name), time, time);
}

describe('a folder', () => {
  it('is locked until it is released, once or more', () => {
    const folder = newFolder();
    const first = take(folder);
    expect(JSON.parse(readFileSync(lockOf(folder), 'utf8'))).toMatchObject({
      host: hostname(),
      pid: process.pid,
    });
    expect(first.lost).toBe(false);
    first.release();
    expect(readdirSync(folder)).toEqual([]);
    const second = take(folder);
    first.release();
    expect(second.lost).toBe(false);
    expect(readdirSync(folder)).toEqual(['.lock']);
  });

  it('is refused to the same process a second time', () => {
    const folder = newFolder();
    const lock = take(folder);
    expect(refusal(folder)).toBe(
      `${folder}: is in use by this process (${process.pid} on ${hostname()}), which was last seen few s ago; ` +
        'allowed: a folder that no other process is writing',
    );
    expect(lock.lost).toBe(false);
    expect(readdirSync(folder)).toEqual(['.lock']);
  });

  it('that cannot be written is refused in one line', () => {
    const missing = join(root, 'missing');
    expect(refusal(missing)).toMatch(
      /missing: cannot be locked \(no such file or directory\); allowed: a folder that can be written$/,
    );
    const file = join(newFolder(), 'file');
    writeFileSync(file, '');
    expect(refusal(file)).toMatch(
      /file: cannot be locked \(not a directory\); allowed: a folder that can be written$/,
    );
  });

  it('with a link to nowhere in place of its lock is refused', () => {
    const folder = newFolder();
    symlinkSync('nowhere', lockOf(folder));
    expect(refusal(folder)).toContain('can neither be made nor read');
  });

  it('tells the files of its lock from others', () => {
    expect(['.lock', `.lock.${TOKEN}.tmp`, '.locked', 'plan.json'].filter(isLockFile)).toEqual([
      '.lock',
      `.lock.${TOKEN}.tmp`,
    ]);
  });
});

describe("another machine's lock", () => {
  it('is refused within a minute of its last beat, by name', () => {
    const folder = newFolder();
    plant(folder, ELSEWHERE, 3);
    expect(refusal(folder)).toBe(
      `${folder}: is in use by process 4242 on host-a, which was last seen few s ago; ` +
        'allowed: a folder that no other process is writing',
    );
    setAge(folder, 50);
    expect(refusal(folder)).toContain('which was last seen many s ago');
    expect(JSON.parse(readFileSync(lockOf(folder), 'utf8'))).toEqual(ELSEWHERE);
    expect(readdirSync(folder)).toEqual(['.lock']);
  });

  it('is taken over after a minute', () => {
    const folder = newFolder();
    plant(folder, ELSEWHERE, 61);
    expect(take(folder).lost).toBe(false);
    expect(readdirSync(folder)).toEqual(['.lock']);
  });

  it('counts by the clock of the file system, not by ours', () => {
    const folder = newFolder();
    plant(folder, ELSEWHERE, 3);
    vi.useFakeTimers({ now: Date.now() + 3_600_000, toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    expect(refusal(folder)).toContain('which was last seen few s ago');
  });

  it.each([
    ['empty', ''],
    ['not JSON', '{"host":'],
    ['of other fields', { host: 'host-a' }],
    ['of a token that is a path', { ...ELSEWHERE, token: '../../elsewhere' }],
    ['of a host in two lines', { ...ELSEWHERE, host: 'host\na' }],
  ])('that is damaged (%s) is one of an unknown process', (_, content) => {
    const folder = newFolder();
    plant(folder, content, 50);
    expect(refusal(folder)).toContain(
      'is in use by an unknown process, which was last seen many s ago; allowed:',
    );
    setAge(folder, 61);
    expect(take(folder).lost).toBe(false);
    expect(readdirSync(folder)).toEqual(['.lock']);
  });

  it('is that of a container on this machine, which numbers its processes separately', () => {
    const folder = newFolder();
    plant(folder, { ...ownText(), namespace: 'pid:[1]', pid: NO_PROCESS, token: TOKEN }, 50);
    expect(refusal(folder)).toContain('which was last seen many s ago');
    setAge(folder, 61);
    expect(take(folder).lost).toBe(false);
  });

  it('is one of the same name that has beaten since this machine was started', () => {
    const folder = newFolder();
    plant(folder, { ...ownText(), boot: 'another', token: TOKEN });
    expect(refusal(folder)).toContain('which was last seen few s ago');
  });
});

describe("this machine's lock", () => {
  it('is taken over at once if the machine has been started again since', () => {
    const folder = newFolder();
    plant(folder, { ...ownText(), boot: 'another', token: TOKEN }, uptime() + 5);
    expect(take(folder).lost).toBe(false);
  });

  it('is taken over at once if its process is gone', () => {
    const folder = newFolder();
    plant(folder, { ...ownText(), pid: NO_PROCESS, token: TOKEN });
    expect(take(folder).lost).toBe(false);
  });

  it.runIf(existsSync('/proc/self/stat'))(
    'is taken over at once if its number is now of another process',
    () => {
      const folder = newFolder();
      plant(folder, { ...ownText(), pid: process.ppid, start: '1', token: TOKEN });
      expect(take(folder).lost).toBe(false);
    },
  );

  it('is never taken over while its process is alive', () => {
    const folder = newFolder();
    plant(folder, { ...ownText(), pid: process.ppid, start: '', token: TOKEN }, 7300);
    expect(refusal(folder)).toContain(
      `process ${process.ppid} on ${hostname()}, which is alive and was last seen 2 h ago`,
    );
  });
});

describe('a lock that is held', () => {
  it('beats every ten seconds by the clock of the file system', () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const folder = newFolder();
    take(folder);
    const before = statSync(lockOf(folder)).mtimeMs;
    const text = readFileSync(lockOf(folder), 'utf8');
    setAge(folder, 50);
    vi.advanceTimersByTime(9_900);
    expect(statSync(lockOf(folder)).mtimeMs).toBeLessThan(before - 40_000);
    vi.advanceTimersByTime(200);
    expect(statSync(lockOf(folder)).mtimeMs).toBeGreaterThanOrEqual(before);
    expect(readFileSync(lockOf(folder), 'utf8')).toBe(text);
  });

  it.each([
    ['its folder was deleted', (folder: string) => rmSync(folder, { recursive: true })],
    ['its file was removed', (folder: string) => rmSync(lockOf(folder))],
    ['its file was replaced', (folder: string) => plant(folder, ELSEWHERE, 50)],
  ])('is lost once %s, and leaves what is there', (_, happen) => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const folder = newFolder();
    const lock = take(folder);
    happen(folder);
    const age = () => statSync(lockOf(folder), { throwIfNoEntry: false })?.mtimeMs;
    const before = age();
    vi.advanceTimersByTime(30_000);
    expect(vi.getTimerCount()).toBe(0);
    expect(lock.lost).toBe(true);
    lock.release();
    expect(age()).toBe(before);
    if (before) expect(JSON.parse(readFileSync(lockOf(folder), 'utf8'))).toEqual(ELSEWHERE);
  });

  it('leaves no listener and no timer when it is released', () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const before = process.listenerCount('exit');
    const locks = [take(newFolder()), take(newFolder())];
    expect(process.listenerCount('exit')).toBe(before + 1);
    for (const lock of locks) lock.release();
    expect(process.listenerCount('exit')).toBe(before);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a stale lock', () => {
  const STALE = { ...ELSEWHERE, token: 'aaaaaaaaaaaaaaaa' };
  const claimOf = (lock: typeof STALE): string => `.lock.${lock.token}`;

  it('that another process takes over after it was read stays with that process', () => {
    const folder = newFolder();
    plant(folder, STALE, 90);
    let other: FolderLock | undefined;
    links.replaced = (link, from, to) => {
      if (to === join(folder, claimOf(STALE)) && !other) {
        links.replaced = undefined;
        other = take(folder);
      }
      link(from, to);
    };
    expect(refusal(folder)).toContain('is in use by this process');
    expect(other?.lost).toBe(false);
    expect(readdirSync(folder)).toEqual(['.lock']);
  });

  it('is refused while another process takes it over', () => {
    const folder = newFolder();
    plant(folder, STALE, 90);
    plant(folder, ELSEWHERE, 2, claimOf(STALE));
    expect(refusal(folder)).toContain('is in use by process 4242 on host-a, which was last seen few s ago');
    expect(readdirSync(folder).sort()).toEqual(['.lock', claimOf(STALE)]);
  });

  it('is taken over if the process that was taking it over is gone', () => {
    const folder = newFolder();
    plant(folder, STALE, 90);
    plant(folder, { ...ownText(), pid: NO_PROCESS, token: TOKEN }, 0, claimOf(STALE));
    expect(take(folder).lost).toBe(false);
    expect(readdirSync(folder)).toEqual(['.lock']);
  });

  it('is taken over if its process was killed while it gave the folder free', () => {
    const folder = newFolder();
    const killed = { ...STALE, ...ownText(), pid: NO_PROCESS, token: TOKEN };
    plant(folder, killed);
    plant(folder, killed, 0, claimOf(killed));
    expect(take(folder).lost).toBe(false);
    expect(readdirSync(folder)).toEqual(['.lock']);
  });

  it('is left by its owner, which wakes up, to the process that takes it over', () => {
    const folder = newFolder();
    const sleeper = take(folder);
    const { token } = JSON.parse(readFileSync(lockOf(folder), 'utf8'));
    plant(folder, ELSEWHERE, 0, `.lock.${token}`);
    sleeper.release();
    expect(readdirSync(folder).sort()).toEqual(['.lock', `.lock.${token}`]);
  });

  it('and what killed processes left beside it are removed', () => {
    const folder = newFolder();
    const killed = { ...ownText(), pid: NO_PROCESS, token: TOKEN };
    plant(folder, killed, 0, `.lock.${TOKEN}.tmp`);
    plant(folder, killed, 0, `.lock.${TOKEN}`);
    plant(folder, ELSEWHERE, 5, '.lock.bbbbbbbbbbbbbbbb.tmp');
    take(folder);
    expect(readdirSync(folder).sort()).toEqual(['.lock', '.lock.bbbbbbbbbbbbbbbb.tmp']);
  });
});

describe('a file system', () => {
  it.each(['EPERM', 'ENOTSUP', 'ENOSYS', 'EACCES'])('without links (%s) has locks all the same', (error) => {
    links.replaced = () => failLink(error);
    const folder = newFolder();
    plant(folder, ELSEWHERE, 90);
    const lock = take(folder);
    expect(refusal(folder)).toContain('is in use by this process');
    expect(lock.lost).toBe(false);
    expect(readdirSync(folder)).toEqual(['.lock']);
    lock.release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each(['EEXIST', 'EIO'])('that makes a link and reports %s gives the folder', (error) => {
    links.replaced = (link, from, to) => {
      link(from, to);
      failLink(error);
    };
    const folder = newFolder();
    const lock = take(folder);
    expect(lock.lost).toBe(false);
    lock.release();
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('processes', () => {
  const file = join(root, 'holder.mjs');
  beforeAll(() => writeFileSync(file, code));

  /** A process that takes locks when it is told to. */
  class Holder {
    readonly child: ChildProcess;
    readonly ended: Promise<unknown>;
    private readonly lines: AsyncIterator<string>;
    constructor(...args: string[]) {
      this.child = spawn(process.execPath, [file, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
      this.ended = once(this.child, 'close');
      this.lines = createInterface({ input: this.child.stdout! })[Symbol.asyncIterator]();
    }
    async ask(command: 'take' | 'release' | 'look', folder: string): Promise<string> {
      this.child.stdin!.write(`${JSON.stringify([command, folder])}\n`);
      return (await this.lines.next()).value;
    }
    end(): Promise<unknown> {
      this.child.stdin!.end();
      return this.ended;
    }
  }

  const start = (): Holder => {
    const holder = new Holder();
    onTestFinished(() => void holder.child.kill('SIGKILL'));
    return holder;
  };

  describe.each([
    ['with links', []],
    ['without links', ['no-links']],
  ])('that race, %s,', (_, args) => {
    const ROUNDS = 10;
    let holders: Holder[];
    beforeAll(async () => {
      holders = Array.from({ length: 20 }, () => new Holder(...args));
      await Promise.all(holders.map((holder) => holder.ask('look', root)));
    });
    afterAll(() => Promise.all(holders.map((holder) => holder.end())));

    it.each([
      ['free', () => {}],
      ['locked by a process that is gone', (folder: string) => plant(folder, ELSEWHERE, 90)],
      ['damaged', (folder: string) => plant(folder, '', 90)],
    ])('get a folder that is %s once', async (_, prepare) => {
      for (let round = 0; round < ROUNDS; round++) {
        const folder = newFolder();
        prepare(folder);
        const answers = await Promise.all(holders.map((holder) => holder.ask('take', folder)));
        const winner = answers.indexOf('held');
        const others = answers.filter((_, index) => index !== winner);
        expect(others.filter((answer) => !answer.includes(`${folder}: is in use by `))).toEqual([]);
        expect(others).toHaveLength(19);
        expect(await holders[winner].ask('look', folder)).toBe('held');
        expect(JSON.parse(readFileSync(lockOf(folder), 'utf8')).pid).toBe(holders[winner].child.pid);
        expect(readdirSync(folder)).toEqual(['.lock']);
        expect(await holders[winner].ask('release', folder)).toBe('free');
        expect(readdirSync(folder)).toEqual([]);
      }
    });
  });

  it('refuse a folder that another one holds, by name', async () => {
    const folder = newFolder();
    const holder = start();
    expect(await holder.ask('take', folder)).toBe('held');
    expect(refusal(folder)).toContain(
      `is in use by process ${holder.child.pid} on ${hostname()}, which was last seen`,
    );
    expect(await holder.ask('release', folder)).toBe('free');
    expect(take(folder).lost).toBe(false);
  });

  it('take over at once what a killed one held', async () => {
    const folder = newFolder();
    const holder = start();
    expect(await holder.ask('take', folder)).toBe('held');
    holder.child.kill('SIGKILL');
    await holder.ended;
    expect(readdirSync(folder)).toEqual(['.lock']);
    expect(take(folder).lost).toBe(false);
  });

  it('do not rob one that is stopped, however long', async () => {
    const folder = newFolder();
    const holder = start();
    expect(await holder.ask('take', folder)).toBe('held');
    holder.child.kill('SIGSTOP');
    await until('it is stopped', () =>
      refusal(folder).includes('which is stopped and was last seen few s ago'),
    );
    setAge(folder, 7300);
    expect(refusal(folder)).toContain(
      `is in use by process ${holder.child.pid} on ${hostname()}, which is stopped and was last seen 2 h ago;`,
    );
    holder.child.kill('SIGCONT');
    expect(await holder.ask('look', folder)).toBe('held');
  });

  it.runIf(existsSync('/proc/self/stat'))(
    'take over what one held whose parent does not ask for its end',
    async () => {
      const folder = newFolder();
      const parent = spawn('sh', ['-c', 'sleep 0.01 & echo $!; exec sleep 60'], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      onTestFinished(() => void parent.kill());
      const [pid] = await once(parent.stdout, 'data');
      plant(folder, { ...ownText(), pid: Number(pid), start: '', token: TOKEN });
      const lock = await until('it is gone', () => attempt(() => take(folder)));
      expect(lock!.lost).toBe(false);
    },
  );

  it('release what they hold when they end', async () => {
    const folder = newFolder();
    const holder = start();
    expect(await holder.ask('take', folder)).toBe('held');
    await holder.end();
    expect(holder.child.exitCode).toBe(0);
    expect(readdirSync(folder)).toEqual([]);
  });
});
