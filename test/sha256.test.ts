import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { sha256 } from '../src/sha256.ts';

/** The examples of FIPS 180-4. */
const EXAMPLES = [
  ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  [
    'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
    '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
  ],
] as const;

afterEach(() => vi.unstubAllGlobals());

describe('SHA-256', () => {
  it('of more than is hashed at once', async () => {
    const bytes = new Uint8Array(2 ** 26 + 5).fill(7);
    const whole = createHash('sha256').update(bytes).digest('hex');
    expect(await sha256(bytes)).toBe(whole);
    vi.stubGlobal('crypto', {});
    expect(await sha256(bytes)).toBe(whole);
  });

  it.each(EXAMPLES)('of "%s"', async (text, digest) => {
    expect(await sha256(new TextEncoder().encode(text))).toBe(digest);
  });

  it.each(EXAMPLES)('of "%s", where a page was loaded over plain http', async (text, digest) => {
    vi.stubGlobal('crypto', {});
    expect(await sha256(new TextEncoder().encode(text))).toBe(digest);
  });
});
