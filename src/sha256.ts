/** Bytes that SubtleCrypto takes at most, and bytes that are hashed at once beyond that. */
const MOST = 2 ** 31 - 1;
const PIECE = 2 ** 26;

/** SHA-256 of bytes, in hexadecimal. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  // Browsers give a page that was loaded over plain http no SubtleCrypto.
  const subtle: SubtleCrypto | undefined = globalThis.crypto?.subtle;
  const digest =
    subtle && bytes.length <= MOST
      ? new Uint8Array(await subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>))
      : await inPieces(bytes);
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function inPieces(bytes: Uint8Array): Promise<Uint8Array> {
  const hash = (await import('@noble/hashes/sha2.js')).sha256.create();
  for (let at = 0; at < bytes.length; at += PIECE) hash.update(bytes.subarray(at, at + PIECE));
  return hash.digest();
}
