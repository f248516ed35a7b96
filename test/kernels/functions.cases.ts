import type { KernelSource } from '../../src/gpu/kernel.ts';
import { below, multiplyHigh, philox, STREAM, unitInterval } from '../../src/random.ts';
import type { Bench } from './bench.ts';
import { type KernelCase, kernelCase } from './case.ts';
import code from './functions.wgsl';

const source = (entryPoint: string): KernelSource => ({
  name: entryPoint,
  code,
  bindings: [
    { name: 'words', access: 'read' },
    { name: 'numbers', access: 'read' },
    { name: 'words_out', access: 'read_write' },
    { name: 'numbers_out', access: 'read_write' },
  ],
});

const EXTREMES = [0, 1, 2, 0xffff, 0x10000, 0x10001, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff];

const random = kernelCase('random', 'equals the function in TypeScript to the bit', async (bench) => {
  const words = new Uint32Array(4);
  const inputs: number[] = [];
  for (const a of EXTREMES) for (const b of EXTREMES) inputs.push(a, b, b, a);
  for (let i = 0; i < 400; i++) {
    philox(words, 1, STREAM.test, 0, i);
    inputs.push(...words);
  }
  const count = inputs.length / 4;
  const expectedWords = new Uint32Array(8 * count);
  const expectedNumbers = new Float32Array(4 * count);
  for (let i = 0; i < count; i++) {
    const [x, y, z, w] = inputs.slice(4 * i, 4 * i + 4);
    philox(words, x, y, z, w);
    expectedWords.set(words, 8 * i);
    const streams = STREAM.explore * 256 + STREAM.sample;
    expectedWords.set([multiplyHigh(x, y), multiplyHigh(z, w), below(x, w), streams], 8 * i + 4);
    expectedNumbers.set([x, y, z, w].map(unitInterval), 4 * i);
  }
  const [gotWords, gotNumbers] = await runFunctions(
    bench,
    'random',
    new Uint32Array(inputs),
    new Float32Array(4),
    [8 * count, 4 * count],
  );
  bench.same('words', gotWords, expectedWords);
  bench.same('numbers', gotNumbers, expectedNumbers);
});

const ACTIVATION_INPUTS = [
  0, 1e-38, 1e-30, 1e-8, 1e-7, 1e-6, 1e-4, 0.01, 0.3, 0.7, 1, 2, 5, 10, 15, 16, 17, 20, 50, 87, 88, 89, 104,
  1000, 1e30,
].flatMap((x) => [x, -x]);

const ULP = 2 ** -23;
/**
 * As WGSL has it: exp(x) is exact to (3 + 2|x|) ulp, log to 2⁻²¹ where its argument is in [0.5, 2] and to 3 ulp
 * elsewhere, a division to 2.5 ulp; what is below the smallest normal number may become 0. Here |x| e⁻|x| ≤ 1/e.
 */
const ACTIVATIONS = {
  // log(1 + e): e errs by at most (3 + 2|x|) e⁻|x| ≤ 3 ulp, log by 2⁻²¹; then one rounding.
  softplus: { absolute: 2 ** -21 + 3 * ULP, relative: 4 * ULP },
  // e / (1 + e): both err by (3 + 2|x|) ulp of e; the relative error of the quotient is largest where |x| is.
  sigmoid: { absolute: 2 ** -126, relative: (3 + 2 * 88 + 4) * ULP },
  // e − 1: the error of e, at most 3 ulp of 1, and one rounding.
  elu: { absolute: 4 * ULP, relative: ULP },
  elu_slope: { absolute: 5 * ULP, relative: ULP },
};

const activation = kernelCase(
  'activation',
  'softplus, sigmoid and ELU at extreme arguments',
  async (bench) => {
    const x = Float32Array.from(
      [...ACTIVATION_INPUTS, 0, 0].slice(0, 4 * Math.ceil(ACTIVATION_INPUTS.length / 4)),
    );

    const [, got] = await runFunctions(bench, 'activation', new Uint32Array(4), x, [4, 4 * x.length]);
    const functions: [keyof typeof ACTIVATIONS, (x: number) => number][] = [
      ['softplus', (v) => Math.max(v, 0) + Math.log1p(Math.exp(-Math.abs(v)))],
      ['sigmoid', (v) => 1 / (1 + Math.exp(-v))],
      ['elu', (v) => (v > 0 ? v : Math.expm1(v))],
      ['elu_slope', (v) => (v > 0 ? 1 : Math.exp(v))],
    ];
    functions.forEach(([name, f], place) => {
      const values = Array.from(x, (_, j) => got[16 * Math.floor(j / 4) + 4 * place + (j % 4)]);
      bench.near(name, values, Array.from(x, f), ACTIVATIONS[name]);
      if (name !== 'elu') {
        const negative = values.findIndex((value) => !(value >= 0));
        bench.holds(negative < 0, `${name}(${x[negative]}): got ${values[negative]}, expected at least 0`);
      }
    });
  },
);

async function runFunctions(
  bench: Bench,
  entryPoint: string,
  words: Uint32Array<ArrayBuffer>,
  numbers: Float32Array<ArrayBuffer>,
  [wordsOut, numbersOut]: [number, number],
): Promise<[Uint32Array<ArrayBuffer>, Float32Array<ArrayBuffer>]> {
  const out = {
    words_out: bench.buffer('words_out', new Uint32Array(wordsOut)),
    numbers_out: bench.buffer('numbers_out', new Float32Array(numbersOut)),
  };
  const inputs = { words: bench.buffer('words', words), numbers: bench.buffer('numbers', numbers) };
  const threads = Math.max(words.length, numbers.length) / 4;
  await bench.run(source(entryPoint), {}, { ...inputs, ...out }, threads, 1);
  return [await bench.readWords(out.words_out), await bench.readFloats(out.numbers_out)];
}

export const functionCases: readonly KernelCase[] = [random, activation];
