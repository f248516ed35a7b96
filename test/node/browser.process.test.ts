import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { ConfigError } from '../../src/config.ts';
import { findBrowser, findOrFetchBrowser } from '../../src/node/browser.ts';
import { downloadChrome } from '../../src/node/fetch_browser.ts';
import { run } from '../../src/node/run.ts';

const folder = mkdtempSync(join(tmpdir(), 'qmix-browser-'));
afterAll(() => rmSync(folder, { recursive: true }));

function script(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
  return path;
}

describe('a browser named by an environment variable', () => {
  const variables = ['QMIX_BROWSER', 'PUPPETEER_EXECUTABLE_PATH', 'CHROME_PATH'];

  test.each(variables)('%s is used', (variable) => {
    const executable = script('named', 'exit 0');
    expect(findBrowser({ [variable]: executable })).toEqual({
      executable,
      folder,
      source: `environment variable ${variable}`,
    });
  });

  test.each(variables)('%s that names nothing, a folder or a plain file is an error', (variable) => {
    const plain = join(folder, 'plain');
    writeFileSync(plain, '');
    for (const path of [join(folder, 'absent'), folder, plain]) {
      const find = () => findBrowser({ [variable]: path, PATH: process.env.PATH });
      expect(find).toThrow(ConfigError);
      expect(find).toThrow(`${variable}: got "${path}"`);
    }
  });

  test('the first of several counts', () => {
    const executable = script('first', 'exit 0');
    const environment = { CHROME_PATH: script('second', 'exit 0'), QMIX_BROWSER: executable };
    expect(findBrowser(environment)?.executable).toBe(executable);
  });

  test('that does not start is an error with its words, and nothing is fetched', async () => {
    const executable = script('broken', 'echo "libnss3.so: cannot open shared object file" >&2; exit 127');
    const lines: string[] = [];
    const find = findOrFetchBrowser((line) => lines.push(line), { QMIX_BROWSER: executable });
    await expect(find).rejects.toThrow(
      `${executable} (environment variable QMIX_BROWSER) does not start: libnss3.so`,
    );
    expect(lines).toEqual([]);
  });
});

test('the browser of the tests is found by the environment and starts', async () => {
  const { executable } = await findOrFetchBrowser();
  const { code, output } = await run(executable, ['--version'], { limitSeconds: 60 });
  expect({ code, output }).toEqual({ code: 0, output: expect.stringMatching(/\d+\.\d+\.\d+/) });
});

describe("puppeteer's download", () => {
  /** A server that answers each request by `answer`; its address. */
  async function serve(answer: (url: string) => Buffer | number | undefined): Promise<string> {
    const server = createServer(({ url = '' }, response) => {
      const body = answer(url);
      if (body === undefined) return;
      if (typeof body === 'number') response.writeHead(body).end();
      else response.writeHead(200, { 'content-length': body.length }).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const address = server.address();
    if (!address || typeof address === 'string') throw new Error('no port');
    return `http://127.0.0.1:${address.port}`;
  }
  const cache = (name: string) => {
    const path = join(folder, name);
    mkdirSync(path);
    return path;
  };

  test('unpacks what the server sends into the cache, telling how far it is', async () => {
    const cacheDir = cache('good');
    const lines: string[] = [];
    const baseUrl = await serve((url) => zip(`${basename(url, '.zip')}/chrome`, 'the browser'));
    await downloadChrome({ cacheDir, baseUrl, log: (line) => lines.push(line) });
    const files = readdirSync(join(cacheDir, 'chrome'), { recursive: true, encoding: 'utf8' });
    expect(files.filter((file) => file.endsWith('/chrome'))).toHaveLength(1);
    expect(lines.at(-1)).toBe('  100 %');
  });

  test('that is refused is an error', async () => {
    const baseUrl = await serve(() => 403);
    const download = downloadChrome({ cacheDir: cache('refused'), baseUrl, log: () => {} });
    await expect(download).rejects.toThrow('403');
  });

  test('that stands still is ended', async () => {
    const baseUrl = await serve(() => undefined);
    const options = { cacheDir: cache('silent'), baseUrl, log: () => {}, silenceSeconds: 2 };
    await expect(downloadChrome(options)).rejects.toThrow('no sign of progress for 2 s');
    expect(existsSync(join(options.cacheDir, 'chrome', 'chrome'))).toBe(false);
  });
});

/** A ZIP archive of one executable text, stored without compression. */
function zip(name: string, text: string): Buffer {
  const data = Buffer.from(text);
  const path = Buffer.from(name);
  const sizes = Buffer.alloc(12);
  sizes.writeUInt32LE(crc32(data), 0);
  sizes.writeUInt32LE(data.length, 4);
  sizes.writeUInt32LE(data.length, 8);
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50, 0);
  local.writeUInt16LE(20, 4);
  sizes.copy(local, 14);
  local.writeUInt16LE(path.length, 26);
  const central = Buffer.alloc(46);
  central.writeUInt32LE(0x02014b50, 0);
  central.writeUInt16LE(0x0314, 4);
  central.writeUInt16LE(20, 6);
  sizes.copy(central, 16);
  central.writeUInt16LE(path.length, 28);
  central.writeUInt32LE(0o100755 * 0x10000, 38);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length + path.length, 12);
  end.writeUInt32LE(local.length + path.length + data.length, 16);
  return Buffer.concat([local, path, data, central, path, end]);
}
