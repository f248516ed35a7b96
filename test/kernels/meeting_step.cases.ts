import type { Config } from '../../src/config.ts';
import { MeetingGridworld } from '../../src/env/meeting_gridworld.ts';
import { Kernel } from '../../src/gpu/kernel.ts';
import { CALL, CALL_WORDS } from '../../src/kernels/act.ts';
import { makeLayout, WORKGROUP } from '../../src/kernels/layout.ts';
import { FLAGS } from '../../src/kernels/learners.ts';
import { meetingStep } from '../../src/kernels/meeting_step.ts';
import type { KernelSizes } from '../../src/kernels/sizes.ts';
import { OUTCOME, OUTCOME_REWARD_SHIFT } from '../../src/kernels/step_kernel.ts';
import { PLAIN } from '../../src/kernels/tuning.ts';
import { makeConfig } from '../../src/presets.ts';
import { philox, STREAM } from '../../src/random.ts';
import { networkShape, type RecordLayout, recordLayout } from '../../src/shapes.ts';
import { writeAfter, writeBefore } from '../../src/train/transitions.ts';
import type { Bench } from './bench.ts';
import { type KernelCase, kernelCase } from './case.ts';
import { TestLearners } from './learners.ts';
import { ofLearners } from './places.ts';

interface Played {
  readonly learners: number;
  readonly environments: number;
  readonly steps: number;
  /** Episodes that have to end by themselves for the case to show anything; 5 where not given. */
  readonly ends?: number;
  /** Where environments begin: episode number and steps taken of the first. */
  readonly from?: { readonly episode: number; readonly steps: number };
}

/** Random legal actions of one learner's environments, [E, N]. */
function drawActions(environment: MeetingGridworld, seed: number, step: number, out: Uint32Array): void {
  const words = new Uint32Array(4);
  const { actions, masked } = environment.spec;
  for (let row = 0; row < out.length; row++) {
    philox(words, seed, STREAM.test, step, row);
    out[row] = words[0] % actions;
    while (masked && environment.available[row * actions + out[row]] === 0)
      out[row] = (out[row] + 1) % actions;
  }
}

/** What the environment's step just was, as the kernel tells it. */
function outcomesOf({ terminations, truncations, copies }: MeetingGridworld): number[] {
  return Array.from({ length: copies }, (_, copy) =>
    terminations[copy] === 1
      ? OUTCOME.terminated | OUTCOME.success | (1 << OUTCOME_REWARD_SHIFT)
      : truncations[copy] * OUTCOME.truncated,
  );
}

/** What the kernel must leave behind, put together from the environments in TypeScript, [L] one after another. */
class Truth {
  readonly environments: readonly MeetingGridworld[];
  readonly transitions: Float32Array<ArrayBuffer>;
  readonly outcomes: Uint32Array<ArrayBuffer>;
  private readonly layout: RecordLayout;

  constructor(config: Config, seeds: readonly number[], sizes: KernelSizes, slots: number) {
    const { environments: copies } = sizes;
    this.environments = seeds.map((seed) => new MeetingGridworld(config, seed, copies));
    this.layout = recordLayout(sizes.layout.shape);
    this.transitions = new Float32Array(seeds.length * copies * this.layout.size);
    this.outcomes = new Uint32Array(slots * seeds.length * copies);
  }

  step(l: number, actions: Uint32Array, slot: number): void {
    const environment = this.environments[l];
    const base = l * environment.copies * this.layout.size;
    writeBefore(this.transitions, base, this.layout, environment);
    environment.step(actions);
    writeAfter(this.transitions, base, this.layout, environment, actions);
    const first = (slot * this.environments.length + l) * environment.copies;
    this.outcomes.set(outcomesOf(environment), first);
  }

  saved(): Uint32Array<ArrayBuffer> {
    return Uint32Array.from(this.environments.flatMap((environment) => [...environment.save()]));
  }

  observations(): Float32Array<ArrayBuffer> {
    return Float32Array.from(this.environments.flatMap(({ observations }) => [...observations]));
  }

  available(): Float32Array<ArrayBuffer> {
    return Float32Array.from(this.environments.flatMap(({ available }) => [...available]));
  }
}

async function check(bench: Bench, changes: Partial<Config>, played: Played): Promise<void> {
  const { learners: count, environments, steps, from, ends: least = 5 } = played;
  const config = makeConfig('solve', { ...changes, environments });
  const { spec } = new MeetingGridworld(config, 0, 1);
  const sizes: KernelSizes = {
    layout: makeLayout(networkShape(config, spec)),
    learners: count,
    environments,
    batch: 1,
    capacity: environments,
    tuning: PLAIN,
  };
  const slots = 3;
  const learners = new TestLearners(sizes);
  const seeds = learners.settings.map(({ seed }) => seed);
  const truth = new Truth(config, seeds, sizes, slots);
  for (const environment of truth.environments) {
    environment.reset();
    if (!from) continue;
    const saved = environment.save();
    for (let copy = 0; copy < environments; copy++) {
      saved[(copy + 1) * (spec.agents + 3) - 2] = Math.max(0, from.steps - copy);
      saved[(copy + 1) * (spec.agents + 3) - 1] = from.episode + copy;
    }
    environment.load(saved);
  }
  const { queue } = bench.gpu.device;
  const { source, constants, table } = meetingStep(config);
  const kernel = await Kernel.compile(bench.gpu, source, constants(sizes));
  const call = new Uint32Array(CALL_WORDS);
  const actions = new Uint32Array(count * environments * spec.agents);
  const none = new Float32Array(4);
  const buffers = {
    table: bench.buffer('table', table),
    learners: bench.buffer('learners', learners.structs()),
    call: bench.uniform('call', call),
    actions: bench.buffer('actions', actions),
    environments: bench.buffer('environments', truth.saved()),
    observations: bench.buffer('observations', truth.observations()),
    available: bench.buffer('available', spec.masked ? truth.available() : none),
    transitions: bench.buffer('transitions', truth.transitions.slice()),
    outcomes: bench.buffer('outcomes', truth.outcomes.slice()),
  };
  const look = async (step: number) => {
    const tensors = [
      ['environments', buffers.environments, truth.saved()],
      ['observations', buffers.observations, truth.observations()],
      ['available', buffers.available, spec.masked ? truth.available() : none],
      ['transitions', buffers.transitions, truth.transitions],
      ['outcomes', buffers.outcomes, truth.outcomes],
    ] as const;
    const read = await Promise.all(tensors.map(([, buffer]) => bench.readWords(buffer)));
    for (const [place, [name, , expected]] of tensors.entries()) {
      const got = read[place];
      const numbers = expected instanceof Float32Array ? new Float32Array(got.buffer, 0, got.length) : got;
      bench.same(`${name} after step ${step}`, numbers, expected, ofLearners(expected.length / count));
    }
  };
  let ends = 0;
  let timeOuts = 0;
  for (let step = 0; step < steps && bench.mismatches.length === 0; step++) {
    // The second learner pauses every third step.
    const pauses = (l: number) => l === 1 && step % 3 === 2;
    truth.environments.forEach((environment, l) => {
      const own = actions.subarray(l * environments * spec.agents, (l + 1) * environments * spec.agents);
      drawActions(environment, seeds[l], step, own);
      if (pauses(l)) return;
      truth.step(l, own, step % slots);
      for (let copy = 0; copy < environments; copy++) {
        ends += environment.terminations[copy];
        timeOuts += environment.truncations[copy];
      }
    });
    call[CALL.rows] = environments;
    call[CALL.step] = step;
    call[CALL.slot] = step % slots;
    queue.writeBuffer(buffers.call, 0, call);
    queue.writeBuffer(buffers.actions.buffer, 0, actions);
    const told = learners.structs((l) => ({ flags: pauses(l) ? FLAGS.train | FLAGS.copy : FLAGS.step }));
    queue.writeBuffer(buffers.learners.buffer, 0, told);
    bench.dispatch(kernel, buffers, Math.ceil(environments / WORKGROUP), count);
    await look(step);
  }
  bench.holds(ends >= least, `only ${ends} episodes ended`);
  bench.holds(timeOuts >= 5, `only ${timeOuts} episodes timed out`);
}

const cases: readonly (readonly [name: string, changes: Partial<Config>, played: Played])[] = [
  [
    'odd grid, three agents, several learners, one environment past a workgroup',
    { gridSize: 3, agents: 3, episodeLimit: 17 },
    { learners: 3, environments: WORKGROUP + 1, steps: 300 },
  ],
  [
    'as the report has it: raw and G as scales, five cells a side',
    { gridSize: 5, observationScale: 'raw', stateScale: 'grid', episodeLimit: 50 },
    { learners: 2, environments: 25, steps: 300 },
  ],
  [
    'moves off the grid are illegal, agents see themselves only',
    { gridSize: 3, agents: 2, sight: 'own', offGrid: 'illegal', episodeLimit: 11 },
    { learners: 2, environments: 5, steps: 200 },
  ],
  [
    'three agents, masked',
    { gridSize: 2, agents: 3, offGrid: 'illegal', stateScale: 'raw', episodeLimit: 7 },
    { learners: 1, environments: 4, steps: 150 },
  ],
  [
    'more pieces than one call of the generator places, and every step a time-out',
    { gridSize: 3, agents: 8, episodeLimit: 1 },
    { learners: 1, environments: 40, steps: 60, ends: 0 },
  ],
  [
    'goes on within episodes of high numbers',
    { gridSize: 4, agents: 2, episodeLimit: 9 },
    { learners: 2, environments: 12, steps: 120, from: { episode: 0x7fff_ff00, steps: 8 } },
  ],
];

export const meetingStepCases: readonly KernelCase[] = cases.map(([name, changes, played]) =>
  kernelCase('meeting_step', `equals the environment, transition for transition (${name})`, (bench) =>
    check(bench, changes, played),
  ),
);
