import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../src/config.ts';
import { decodeSafetensors, encodeSafetensors } from '../src/safetensors.ts';
import { elementCount, type Tensor, type TensorData } from '../src/tensor.ts';

const tensor = (data: TensorData, shape: number[] = [data.length]): Tensor => ({ shape, data });

/** Odd lengths of every dtype in an order that alignment has to work for. */
const mixed = new Map<string, Tensor>([
  ['bytes', tensor(Uint8Array.of(1, 2, 255))],
  ['double', tensor(Float64Array.of(Math.PI, -0, Number.NaN, Infinity, 5e-324), [5, 1])],
  ['0', tensor(Int32Array.of(-(2 ** 31), 2 ** 31 - 1, 7))],
  ['empty', tensor(new Float32Array(0), [3, 0])],
  ['ünïcode "quoted"', tensor(Float32Array.of(1.5, -2.25, Math.fround(0.1)), [1, 3])],
  ['scalar', tensor(Float32Array.of(4), [])],
]);

/** A file with this header text and this many bytes of data. */
function fileWith(header: string, dataBytes: number): Uint8Array {
  const text = new TextEncoder().encode(header);
  const file = new Uint8Array(8 + text.length + dataBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true);
  file.set(text, 8);
  return file;
}
const fileOf = (header: unknown, dataBytes: number) => fileWith(JSON.stringify(header), dataBytes);

describe('encodeSafetensors', () => {
  it('gives back names, shapes, dtypes, bits and metadata', () => {
    const metadata = { config: '{"seed": 1}', empty: '', ключ: 'значение' };
    const decoded = decodeSafetensors(encodeSafetensors(mixed, metadata), 'mixed');
    expect(decoded.metadata).toEqual(metadata);
    expect([...decoded.tensors.keys()].sort()).toEqual([...mixed.keys()].sort());
    for (const [name, { shape, data }] of mixed) {
      const got = decoded.tensors.get(name)!;
      expect(got.shape, name).toEqual(shape);
      expect(got.data.constructor, name).toBe(data.constructor);
      expect(new Uint8Array(got.data.buffer), name).toEqual(new Uint8Array(data.buffer));
    }
  });

  it('round-trips every length from 0 to 40', () => {
    for (let length = 0; length <= 40; length++) {
      const data = Float32Array.from({ length }, (_, i) => i / 3);
      const bytes = Uint8Array.from({ length }, (_, i) => i);
      const file = encodeSafetensors(
        new Map([
          ['b', tensor(bytes)],
          ['f', tensor(data)],
        ]),
        {},
      );
      const { tensors } = decodeSafetensors(file, 'file');
      expect(tensors.get('f')!.data).toEqual(data);
      expect(tensors.get('b')!.data).toEqual(bytes);
    }
  });

  it('writes equal bytes for equal input, aligned to 8 and to every tensor’s elements', () => {
    const file = encodeSafetensors(mixed, { a: 'b' });
    expect(encodeSafetensors(new Map(mixed), { a: 'b' })).toEqual(file);
    const headerBytes = Number(new DataView(file.buffer).getBigUint64(0, true));
    expect(headerBytes % 8).toBe(0);
    const header = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + headerBytes)));
    for (const [name, { data }] of mixed) {
      expect(header[name].data_offsets[0] % data.BYTES_PER_ELEMENT, name).toBe(0);
    }
  });

  it('writes only the part of a buffer that a view shows', () => {
    const view = new Float32Array([1, 2, 3, 4]).subarray(1, 3);
    const { tensors } = decodeSafetensors(encodeSafetensors(new Map([['v', tensor(view)]]), {}), 'file');
    expect(tensors.get('v')!.data).toEqual(Float32Array.of(2, 3));
  });

  it('refuses a shape that does not fit, and the name of the metadata', () => {
    const wrong = new Map([['w', tensor(new Float32Array(6), [2, 2])]]);
    expect(() => encodeSafetensors(wrong, {})).toThrow(/"w": shape: got \[2,2\], allowed: .*6 elements/);
    const named = new Map([['__metadata__', tensor(new Float32Array(1))]]);
    expect(() => encodeSafetensors(named, {})).toThrow(ConfigError);
  });
});

describe('decodeSafetensors', () => {
  it('reads files that others wrote', () => {
    const bytes = readFileSync(new URL('../src/verify/vectors/odd-sizes.safetensors', import.meta.url));
    const { tensors, metadata } = decodeSafetensors(bytes, 'odd-sizes');
    const config = JSON.parse(metadata.config);
    expect(tensors.get('batch.obs')!.shape).toEqual([config.batch, config.agents, config.obs]);
    expect(tensors.get('batch.actions')!.data).toBeInstanceOf(Int32Array);
    for (const [name, { shape, data }] of tensors) expect(data.length, name).toBe(elementCount(shape));
  });

  it('copies: the caller’s bytes, a Node Buffer at an odd offset included, are free afterwards', () => {
    const file = encodeSafetensors(new Map([['x', tensor(Float64Array.of(1, 2))]]), {});
    const shifted = Buffer.alloc(file.length + 3).subarray(3);
    shifted.set(file);
    const { tensors } = decodeSafetensors(shifted, 'file');
    shifted.fill(0);
    expect(tensors.get('x')!.data).toEqual(Float64Array.of(1, 2));
  });

  it('refuses every truncation and everything behind the end', () => {
    const file = encodeSafetensors(mixed, { a: 'b' });
    for (let length = 0; length < file.length; length++) {
      expect(() => decodeSafetensors(file.subarray(0, length), 'cut.st'), `${length}`).toThrow(ConfigError);
    }
    const longer = new Uint8Array(file.length + 1);
    longer.set(file);
    expect(() => decodeSafetensors(longer, 'long.st')).toThrow(
      /^long\.st: data: got \d+ bytes, allowed: \d+/,
    );
  });

  const good = { dtype: 'F32', shape: [2], data_offsets: [0, 8] };

  it('takes tensors in any order, and one that is empty where another begins', () => {
    const none = { dtype: 'F32', shape: [0], data_offsets: [0, 0] };
    const last = { ...good, data_offsets: [8, 16] };
    const { tensors } = decodeSafetensors(fileOf({ last, first: good, none }, 16), 'f');
    expect([...tensors].map(([name, { data }]) => [name, data.length])).toEqual(
      expect.arrayContaining([
        ['first', 2],
        ['last', 2],
        ['none', 0],
      ]),
    );
  });
  const corruptions: [string, Uint8Array, RegExp][] = [
    ['too short', new Uint8Array(7), /^f: file size: got 7 bytes, allowed: at least 8/],
    ['header length 0', new Uint8Array(16), /^f: header length: got 0 bytes, allowed: 2 to 8/],
    ['header length beyond the end', new Uint8Array(16).fill(255), /header length: got 18446744073709551615/],
    ['text', new TextEncoder().encode('not a tensor file, but prose'), /^f: header length: got \d+/],
    ['broken JSON', fileWith('{"a":', 0), /^f: header: got .*allowed: a JSON object/],
    [
      'broken UTF-8',
      (() => {
        const f = fileWith('{"a":1}', 0);
        f[10] = 0xff;
        return f;
      })(),
      /^f: header: got/,
    ],
    ['a list', fileWith('[1,2]', 0), /^f: header: got \[1,2\], allowed: a JSON object/],
    ['null', fileWith('null', 0), /^f: header: got null/],
    ['metadata no object', fileOf({ __metadata__: 'x' }, 0), /__metadata__: got "x", allowed: an object/],
    [
      'metadata no string',
      fileOf({ __metadata__: { a: 1 } }, 0),
      /__metadata__\.a: got 1, allowed: a string/,
    ],
    ['entry no object', fileOf({ a: 3 }, 0), /^f: tensor "a": got 3, allowed: an object/],
    [
      'dtype unknown',
      fileOf({ a: { ...good, dtype: 'F16' } }, 8),
      /"a": dtype: got "F16", allowed: F64, F32/,
    ],
    ['dtype a method name', fileOf({ a: { ...good, dtype: 'toString' } }, 8), /dtype: got "toString"/],
    ['dtype missing', fileOf({ a: { ...good, dtype: undefined } }, 8), /"a": dtype: got nothing/],
    ['shape missing', fileOf({ a: { ...good, shape: undefined } }, 8), /"a": shape: got nothing, allowed/],
    ['shape negative', fileOf({ a: { ...good, shape: [-2] } }, 8), /"a": shape: got \[-2\], allowed/],
    ['shape fraction', fileOf({ a: { ...good, shape: [0.5, 4] } }, 8), /"a": shape: got \[0.5,4\]/],
    ['shape too large', fileOf({ a: { ...good, shape: [1e300] } }, 8), /"a": shape: got/],
    [
      'shape overflows',
      fileOf(
        {
          a: {
            ...good,
            shape: Array(40)
              .fill(2 ** 40)
              .concat(0),
          },
        },
        8,
      ),
      /"a": data_offs/,
    ],
    [
      'shape disagrees',
      fileOf({ a: { ...good, shape: [3] } }, 8),
      /data_offsets: got \[0,8\], allowed: 12 bytes/,
    ],
    ['offsets missing', fileOf({ a: { ...good, data_offsets: undefined } }, 8), /data_offsets: got nothing/],
    ['offsets three', fileOf({ a: { ...good, data_offsets: [0, 4, 8] } }, 8), /data_offsets: got \[0,4,8\]/],
    ['offsets reversed', fileOf({ a: { ...good, data_offsets: [8, 0] } }, 8), /data_offsets: got \[8,0\]/],
    ['offsets beyond', fileOf({ a: { ...good, data_offsets: [4, 12] } }, 8), /within the 8 bytes of data/],
    ['gap in front', fileOf({ a: { ...good, data_offsets: [4, 12] } }, 12), /a gap before it.*begin at 0/],
    [
      'gap between',
      fileOf({ a: good, b: { ...good, data_offsets: [12, 20] } }, 20),
      /"b": data_offsets: got \[12,20\] \(a gap before it\), allowed: begin at 8/,
    ],
    [
      'overlap',
      fileOf({ a: good, b: { ...good, data_offsets: [4, 12] } }, 12),
      /"b": data_offsets: got \[4,12\] \(it overlaps another tensor\), allowed: begin at 8/,
    ],
    ['same bytes twice', fileOf({ a: good, b: good }, 8), /overlaps another tensor/],
    ['bytes behind the end', fileOf({ a: good }, 9), /^f: data: got 9 bytes, allowed: 8/],
  ];
  it.each(corruptions)('refuses: %s', (_, file, message) => {
    expect(() => decodeSafetensors(file, 'f')).toThrow(ConfigError);
    expect(() => decodeSafetensors(file, 'f')).toThrow(message);
  });
});
