import { ConfigError, show } from './config_error.ts';
import { DTYPES, type Dtype, dtypeOf, elementCount, type Tensor } from './tensor.ts';

/**
 * Safetensors files (https://huggingface.co/docs/safetensors): an unsigned 64-bit header length, a JSON
 * header padded with spaces to a multiple of 8, then the tensors' bytes without gaps, little-endian (as are
 * the typed arrays of every platform that runs JavaScript engines with WebGPU).
 */

const METADATA = '__metadata__';
const LENGTH_BYTES = 8;
const ALIGNMENT = 8;
/** The format's own limit; a longer header is damage, not data. */
const MAX_HEADER_BYTES = 100_000_000;

const DTYPE_NAMES = Object.keys(DTYPES) as Dtype[];

interface Entry {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/**
 * The file that holds `tensors` and `metadata`. Equal input in equal order gives equal bytes. The header
 * lists tensors in the order given; their data stands in that order too, but wider elements first, so that
 * every tensor is aligned to its elements. Throws ConfigError for a tensor whose shape does not fit its data.
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const offsets = new Map<string, number>();
  let dataBytes = 0;
  for (const width of [8, 4, 1]) {
    for (const [name, { data }] of tensors) {
      if (data.BYTES_PER_ELEMENT !== width) continue;
      offsets.set(name, dataBytes);
      dataBytes += data.byteLength;
    }
  }

  // Written by hand: an object would move names such as "0" to the front.
  const entries = [`${JSON.stringify(METADATA)}:${JSON.stringify(metadata)}`];
  for (const [name, tensor] of tensors) {
    checkWritable(name, tensor);
    const begin = offsets.get(name)!;
    const entry = {
      dtype: dtypeOf(tensor.data),
      shape: tensor.shape,
      data_offsets: [begin, begin + tensor.data.byteLength],
    };
    entries.push(`${JSON.stringify(name)}:${JSON.stringify(entry)}`);
  }
  const header = new TextEncoder().encode(`{${entries.join(',')}}`);
  const headerBytes = Math.ceil(header.length / ALIGNMENT) * ALIGNMENT;

  const file = new Uint8Array(LENGTH_BYTES + headerBytes + dataBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true);
  file.fill(0x20, LENGTH_BYTES, LENGTH_BYTES + headerBytes);
  file.set(header, LENGTH_BYTES);
  for (const [name, { data }] of tensors) {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    file.set(bytes, LENGTH_BYTES + headerBytes + offsets.get(name)!);
  }
  return file;
}

/** Where the value of the first field of the metadata begins in a file that encodeSafetensors made, in bytes. */
export const metadataPlace = (first: string): number => LENGTH_BYTES + `{"${METADATA}":{"${first}":"`.length;

/**
 * Reads a file. Every byte must be accounted for: header length, JSON, dtypes, shapes, offsets, no gaps, no
 * overlaps, nothing behind the end. The tensors are copies. Throws ConfigError naming `fileName`, the tensor
 * or field, what was found and what is allowed.
 */
export function decodeSafetensors(
  bytes: Uint8Array,
  fileName: string,
): { tensors: Map<string, Tensor>; metadata: Record<string, string> } {
  const headerBytes = readHeaderLength(bytes, fileName);
  const dataStart = LENGTH_BYTES + headerBytes;
  const dataBytes = bytes.length - dataStart;
  const header = parseHeader(bytes.subarray(LENGTH_BYTES, dataStart), fileName);

  let metadata: Record<string, string> = {};
  const entries: Entry[] = [];
  for (const [name, value] of Object.entries(header)) {
    if (name === METADATA) metadata = parseMetadata(value, fileName);
    else entries.push(parseEntry(name, value, dataBytes, fileName));
  }
  checkCoverage(entries, dataBytes, fileName);

  const tensors = new Map<string, Tensor>();
  for (const { name, dtype, shape, begin, end } of entries) {
    // A fresh buffer: the file's may be unaligned, and slice() of a Node Buffer would share it.
    const copy = new Uint8Array(end - begin);
    copy.set(bytes.subarray(dataStart + begin, dataStart + end));
    tensors.set(name, { shape, data: new DTYPES[dtype](copy.buffer) });
  }
  return { tensors, metadata };
}

function checkWritable(name: string, { shape, data }: Tensor): void {
  if (name === METADATA) {
    throw new ConfigError(`tensor name: got "${METADATA}", allowed: any other`);
  }
  if (!isShape(shape) || elementCount(shape) !== data.length) {
    throw new ConfigError(
      `tensor ${show(name)}: shape: got ${JSON.stringify(shape)}, allowed: a shape of ${data.length} elements`,
    );
  }
}

function readHeaderLength(bytes: Uint8Array, fileName: string): number {
  if (bytes.length < LENGTH_BYTES) {
    throw new ConfigError(
      `${fileName}: file size: got ${bytes.length} bytes, allowed: at least ${LENGTH_BYTES} (not a safetensors file, or truncated)`,
    );
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  const most = Math.min(bytes.length - LENGTH_BYTES, MAX_HEADER_BYTES);
  if (length < 2n || length > BigInt(most)) {
    throw new ConfigError(
      `${fileName}: header length: got ${length} bytes, allowed: 2 to ${most} (not a safetensors file, or truncated)`,
    );
  }
  return Number(length);
}

function parseHeader(bytes: Uint8Array, fileName: string): Record<string, unknown> {
  const fail = (found: string): ConfigError =>
    new ConfigError(
      `${fileName}: header: got ${found}, allowed: a JSON object in UTF-8 (not a safetensors file, or damaged)`,
    );
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw fail(error instanceof Error ? error.message : String(error));
  }
  if (!isObject(header)) throw fail(show(header));
  return header;
}

function parseMetadata(value: unknown, fileName: string): Record<string, string> {
  if (!isObject(value)) {
    throw new ConfigError(`${fileName}: ${METADATA}: got ${show(value)}, allowed: an object of strings`);
  }
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== 'string') {
      throw new ConfigError(`${fileName}: ${METADATA}.${key}: got ${show(text)}, allowed: a string`);
    }
  }
  return value as Record<string, string>;
}

function parseEntry(name: string, value: unknown, dataBytes: number, fileName: string): Entry {
  const fail = (field: string, got: unknown, allowed: string): ConfigError =>
    new ConfigError(`${fileName}: tensor ${show(name)}${field}: got ${show(got)}, allowed: ${allowed}`);
  if (!isObject(value)) throw fail('', value, 'an object with dtype, shape and data_offsets');

  const { dtype, shape, data_offsets: offsets } = value;
  if (!isDtype(dtype)) throw fail(': dtype', dtype, DTYPE_NAMES.join(', '));
  if (!isShape(shape)) throw fail(': shape', shape, 'a list of whole numbers of at least 0');
  if (!isShape(offsets) || offsets.length !== 2 || offsets[0] > offsets[1] || offsets[1] > dataBytes) {
    throw fail(': data_offsets', offsets, `[begin, end] within the ${dataBytes} bytes of data`);
  }
  const [begin, end] = offsets;
  const expected = elementCount(shape) * DTYPES[dtype].BYTES_PER_ELEMENT;
  if (end - begin !== expected) {
    throw fail(': data_offsets', offsets, `${expected} bytes for ${dtype} ${JSON.stringify(shape)}`);
  }
  return { name, dtype, shape, begin, end };
}

/** Tensors must fill the data from its first byte to its last, each byte once. */
function checkCoverage(entries: readonly Entry[], dataBytes: number, fileName: string): void {
  let covered = 0;
  // An empty tensor may begin where another does: it comes first.
  for (const { name, begin, end } of entries.toSorted((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== covered) {
      const problem = begin > covered ? 'a gap before it' : 'it overlaps another tensor';
      throw new ConfigError(
        `${fileName}: tensor ${show(name)}: data_offsets: got [${begin},${end}] (${problem}), allowed: begin at ${covered}`,
      );
    }
    covered = end;
  }
  if (covered !== dataBytes) {
    throw new ConfigError(
      `${fileName}: data: got ${dataBytes} bytes, allowed: ${covered}, where the last tensor ends`,
    );
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isDtype = (value: unknown): value is Dtype => DTYPE_NAMES.some((name) => name === value);
const isShape = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
