import { countCalls } from '../../src/bench/count_calls.ts';
import { Gpu } from '../../src/gpu/gpu.ts';
import type { Contender, ContenderKind } from './contender.ts';
import { jaxJs } from './jax_js.ts';
import { ours } from './ours.ts';
import { compareLosses, type Problem, readProblem } from './problem.ts';
import { tfjs } from './tfjs.ts';

/** A contender that agrees with the reference, as far as it can be told before anything is timed. */
export interface Checked {
  readonly name: string;
  /** Largest relative error of a loss. */
  readonly lossError: number;
  /** Calls of WebGPU an update, reading the loss left out; all 0 for those that do not use it. */
  readonly dispatches: number;
  readonly passes: number;
  readonly submits: number;
}

interface Entrant {
  readonly kind: ContenderKind;
  readonly contender: Contender;
}

/** Updates whose calls are counted: several, as some frameworks gather work for a submit. */
const COUNTED = 10;

async function trained(contender: Contender, updates: number): Promise<void> {
  contender.train(updates, false);
  await contender.loss();
}

let problem: Problem | undefined;
let kinds: ContenderKind[] = [];
const entrants = new Map<string, Entrant>();

/** What the runner has done in the page. */
const functions = {
  /** Reads the problem and names those that could take part, with what is known of the browser. */
  async open(file: string, batch: number) {
    const response = await fetch(`/${file}`);
    if (!response.ok) throw new Error(`${file}: ${response.status}`);
    problem = readProblem(new Uint8Array(await response.arrayBuffer()), file, batch);
    const adapter = await navigator.gpu?.requestAdapter();
    if (!adapter) throw new Error('This browser has no WebGPU adapter.');
    const gpu = await Gpu.open(adapter);
    kinds = [
      ...ours(gpu),
      jaxJs('webgpu', true),
      jaxJs('wasm', true),
      jaxJs('webgpu', false),
      jaxJs('wasm', false),
      tfjs('webgpu'),
      tfjs('wasm'),
    ];
    return {
      adapter: gpu.name,
      shape: problem.file.shape,
      isolated: crossOriginIsolated,
      threads: navigator.hardwareConcurrency,
      names: kinds.map(({ name }) => name),
    };
  },

  /** Has a contender make the first updates and holds their losses to the reference's. Throws where they differ. */
  async enter(name: string): Promise<Checked> {
    const kind = kinds.find((one) => one.name === name)!;
    await kind.select();
    const contender = await kind.create(problem!);
    const { losses, file } = problem!;
    const got: number[] = [];
    for (let update = 1; update <= losses.length; update++) {
      contender.train(1, update === file.steps);
      got.push(await contender.loss());
    }
    const lossError = compareLosses(name, got, losses);
    const one = await countCalls(() => trained(contender, 1));
    const more = await countCalls(() => trained(contender, 1 + COUNTED));
    entrants.set(name, { kind, contender });
    return {
      name,
      lossError,
      dispatches: (more.dispatches - one.dispatches) / COUNTED,
      passes: (more.passes - one.passes) / COUNTED,
      submits: (more.submits - one.submits) / COUNTED,
    };
  },

  /** Milliseconds of `updates` updates, waited for. */
  async time(name: string, updates: number): Promise<number> {
    const { kind, contender } = entrants.get(name)!;
    await kind.select();
    const begun = performance.now();
    contender.train(updates, false);
    const loss = await contender.loss();
    const took = performance.now() - begun;
    if (!Number.isFinite(loss)) throw new Error(`${name}: the loss became ${loss}`);
    return took;
  },
};
export type OthersPage = typeof functions;

declare global {
  interface Window {
    others?: OthersPage;
  }
}

window.others = functions;
