import type { Gpu } from '../gpu/gpu.ts';
import { type Dispatch, encodeDispatch } from '../gpu/kernel.ts';

/** How long a piece of work takes: median over the repeats, its smallest and its largest, in milliseconds. */
export interface Timing {
  readonly ms: number;
  readonly least: number;
  readonly most: number;
  readonly repeats: number;
}

export interface MeasureOptions {
  readonly repeats?: number;
  /** About this long a repeat, so that what is timed is the work and not the wait for its end. */
  readonly repeatMs?: number;
  /** Pieces of work in a repeat at most. */
  readonly most?: number;
}

const REPEATS = 9;
const REPEAT_MS = 80;
const MOST = 20_000;

/**
 * Times a piece of work: `work(count)` does it `count` times and resolves once all are done. The first call compiles
 * and is discarded, as are those that find how many fill a repeat.
 */
export async function measure(
  work: (count: number) => Promise<void>,
  { repeats = REPEATS, repeatMs = REPEAT_MS, most = MOST }: MeasureOptions = {},
): Promise<Timing> {
  const timed = async (count: number): Promise<number> => {
    const begun = performance.now();
    await work(count);
    return (performance.now() - begun) / count;
  };
  await timed(1);
  let count = 1;
  for (;;) {
    // The faster of two: who else is at work on this machine may have had the other.
    const one = Math.min(await timed(count), await timed(count));
    const wanted = Math.min(most, Math.max(1, Math.round(repeatMs / Math.max(one, 1e-4))));
    // What few of them take is mostly the wait for their end: the number is found in steps.
    const found = wanted <= 2 * count;
    count = Math.min(wanted, 8 * count);
    if (found) break;
  }
  const times: number[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) times.push(await timed(count));
  return summarise(times);
}

export function summarise(times: readonly number[]): Timing {
  const sorted = [...times].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const ms = (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
  return { ms, least: sorted[0], most: sorted[sorted.length - 1], repeats: sorted.length };
}

/** Submits a dispatch `count` times in one pass and waits for the last; `witness` is a buffer that it writes. */
export async function runDispatches(
  gpu: Gpu,
  dispatch: Dispatch,
  witness: GPUBuffer,
  count: number,
): Promise<void> {
  const encoder = gpu.device.createCommandEncoder({ label: 'bench' });
  const pass = encoder.beginComputePass();
  for (let time = 0; time < count; time++) encodeDispatch(pass, dispatch);
  pass.end();
  gpu.device.queue.submit([encoder.finish()]);
  await gpu.read(witness, 0, 4);
}
