import { biasCorrections } from '../../src/kernels/optimise.ts';
import type { LearnerOptions, LearnerSnapshot } from '../../src/learner/learner.ts';
import { WebGpuLearner } from '../../src/learner/webgpu_learner.ts';
import { CpuLearner } from '../../src/reference/cpu_learner.ts';
import { recordLayout } from '../../src/shapes.ts';
import { readUpdateValues } from '../../src/verify/gpu_values.ts';
import { snapshotBeforeTraining } from '../../src/verify/vector_file.ts';
import type { Bench } from './bench.ts';
import { type KernelCase, kernelCase } from './case.ts';
import { countDispatches } from './count_dispatches.ts';
import { randomNumbers, randomRecords, TestLearners } from './learners.ts';
import { ODD } from './sizes.ts';
import { TOLERANCES } from './tolerances.ts';

const { shape } = ODD.layout;
const RECORD = recordLayout(shape);

/**
 * ε is that large because Adam divides by the gradient's size: of a gradient that is nearly 0 it would make a
 * step that float32 cannot tell the direction of.
 */
const OPTIONS: Omit<LearnerOptions, 'learners'> = {
  shape,
  environments: ODD.environments,
  batchSize: ODD.batch,
  replayCapacity: ODD.capacity,
  updatesPerStep: 3,
  overlap: false,
  optimiser: { beta1: 0.9, beta2: 0.999, epsilon: 1e-3, corrected: true },
};

/** Learners about to make their first update: one with half a ring of transitions, the others with a full one. */
function snapshots(learners: TestLearners): LearnerSnapshot[] {
  return learners.states.map(({ online, target }, l) => {
    const parameters = new Map(
      Object.entries({ online, target }).flatMap(([copy, networks]) =>
        [...networks.tensors].map(
          ([name, { shape: dimensions, data }]) =>
            [`${copy}.${name}`, { shape: dimensions, data: Float32Array.from(data) }] as const,
        ),
      ),
    );
    return snapshotBeforeTraining(
      shape,
      parameters,
      randomRecords(shape, l === 0 ? 6 : ODD.capacity, 301 + l),
    );
  });
}

async function webGpu(
  bench: Bench,
  learners: TestLearners,
  changes: Partial<LearnerOptions> = {},
): Promise<WebGpuLearner> {
  return bench.own(
    await WebGpuLearner.create(bench.gpu, { ...OPTIONS, learners: learners.settings, ...changes }),
  );
}

/** Every tensor of two learners' snapshots near each other. */
function compareSnapshots(bench: Bench, l: number, got: LearnerSnapshot, expected: LearnerSnapshot): void {
  for (const [name, { data }] of expected) {
    if (name === 'metrics') continue;
    bench.near(`${name} of learner ${l} after updates`, got.get(name)!.data, data, TOLERANCES.updates);
  }
}

function sameSnapshots(bench: Bench, what: string, got: LearnerSnapshot, expected: LearnerSnapshot): void {
  bench.holds([...got.keys()].sort().join() === [...expected.keys()].sort().join(), `${what}: other tensors`);
  for (const [name, { data }] of expected) {
    const words = (values: typeof data) => new Uint32Array(values.slice().buffer);
    bench.same(`${what}: ${name}`, words(got.get(name)!.data), words(data));
  }
}

/** Inputs of step number `step`, the same for both backends. */
function fillInputs(learner: WebGpuLearner | CpuLearner, step: number): void {
  const { inputs, options } = learner;
  inputs.observations.set(randomNumbers(inputs.observations.length, 1, 401 + step));
  inputs.transitions.set(randomRecords(shape, inputs.transitions.length / RECORD.size, 501 + 2 * step));
  // The second learner pauses, the third copies its target at the end of the second step.
  inputs.stores.set(options.learners.map((_, l) => (l === 1 && step === 1 ? 0 : 1)));
  inputs.trains.set(options.learners.map((_, l) => (l === 1 && step < 2 ? 0 : 1)));
  inputs.copiesTarget.set(options.learners.map((_, l) => (l === 2 && step === 1 ? 1 : 0)));
  inputs.epsilon.set(options.learners.map((_, l) => 0.4 * l));
}

const severalSteps = [false, true].map((overlap) =>
  kernelCase(
    'update',
    `three steps of three updates equal the reference's (overlap ${overlap})`,
    async (bench) => {
      const learners = new TestLearners(ODD);
      const cpu = new CpuLearner({ ...OPTIONS, learners: learners.settings, overlap });
      const gpu = await webGpu(bench, learners, { overlap });
      const before = snapshots(learners);
      cpu.load(before);
      gpu.load(before);
      // Actions tell from which parameters they came.
      const others = new CpuLearner({ ...OPTIONS, learners: learners.settings, overlap: !overlap });
      others.load(before);
      let differ = false;
      for (let step = 0; step < 3; step++) {
        for (const learner of [cpu, gpu, others]) fillInputs(learner, step);
        const [expected, got, other] = [await cpu.step(step), await gpu.step(step), await others.step(step)];
        bench.same(`actions of step ${step}`, got.slice(), expected.slice());
        differ ||= other.some((action, j) => action !== expected[j]);
      }
      bench.holds(differ, 'actions before and after updates are the same');
      const [expected, got] = [await cpu.save(), await gpu.save()];
      expected.forEach((snapshot, l) => {
        compareSnapshots(bench, l, got[l], snapshot);
      });
      const [wanted, metrics] = [await cpu.readMetrics(), await gpu.readMetrics()];
      wanted.forEach((of, l) => {
        const { updates, failedUpdate, count, loss, gradientNorm, qTotal } = metrics[l];
        bench.near(
          `means of learner ${l}`,
          [loss, gradientNorm, qTotal],
          [of.loss, of.gradientNorm, of.qTotal],
          TOLERANCES.sums,
        );
        bench.holds(
          updates === of.updates && failedUpdate === 0 && count === of.count,
          `counters of learner ${l}: got ${updates}, ${failedUpdate}, ${count}, expected ${of.updates}, 0, ${of.count}`,
        );
      });
    },
  ),
);

const late = kernelCase(
  'update',
  "updates around and far beyond the last of Adam's corrections equal the reference's",
  async (bench) => {
    const learners = new TestLearners(ODD);
    const { optimiser } = OPTIONS;
    const last = biasCorrections(optimiser).length / 2;
    const before = snapshots(learners).map((snapshot, l) => {
      const [, , stored] = snapshot.get('counters')!.data;
      const made = [last - 2, last + 1, 3 * last][l];
      return new Map(snapshot).set('counters', { shape: [3], data: Float64Array.of(made, 0, stored) });
    });
    const cpu = new CpuLearner({ ...OPTIONS, learners: learners.settings });
    const gpu = await webGpu(bench, learners);
    cpu.load(before);
    gpu.load(before);
    for (const learner of [cpu, gpu]) {
      fillInputs(learner, 0);
      learner.inputs.trains.fill(1);
      await learner.step(0);
    }
    const [expected, got] = [await cpu.save(), await gpu.save()];
    expected.forEach((snapshot, l) => {
      compareSnapshots(bench, l, got[l], snapshot);
    });
  },
);

const finished = kernelCase('update', 'a learner that does not train keeps every bit', async (bench) => {
  const learners = new TestLearners(ODD);
  const gpu = await webGpu(bench, learners);
  const before = snapshots(learners);
  gpu.load(before);
  gpu.inputs.trains.set([1, 0, 1]);
  gpu.train(3);
  const after = await gpu.save();
  sameSnapshots(bench, 'learner 1', after[1], before[1]);
  for (const l of [0, 2]) {
    bench.holds(after[l].get('counters')!.data[0] === 3, `learner ${l} made no 3 updates`);
  }
});

const alone = kernelCase(
  'update',
  'a learner alone and among others: bit for bit the same',
  async (bench) => {
    const learners = new TestLearners(ODD);
    const before = snapshots(learners);
    const all = await webGpu(bench, learners);
    all.load(before);
    for (let step = 0; step < 2; step++) {
      fillInputs(all, step);
      all.inputs.trains.fill(1);
      await all.step(step);
    }
    const expected = await all.save();
    for (const l of [0, 2]) {
      const one = await webGpu(bench, learners, { learners: [learners.settings[l]] });
      one.load([before[l]]);
      for (let step = 0; step < 2; step++) {
        fillInputs(all, step);
        all.inputs.trains.fill(1);
        for (const name of [
          'observations',
          'transitions',
          'stores',
          'trains',
          'copiesTarget',
          'epsilon',
        ] as const) {
          const share = one.inputs[name].length;
          one.inputs[name].set(all.inputs[name].subarray(l * share, (l + 1) * share));
        }
        await one.step(step);
      }
      sameSnapshots(bench, `learner ${l} alone`, (await one.save())[0], expected[l]);
    }
  },
);

const oneSubmit = kernelCase(
  'update',
  'the same in one submit as in several; three dispatches each, one pass',
  async (bench) => {
    const learners = new TestLearners(ODD);
    const before = snapshots(learners);
    const gpu = await webGpu(bench, learners);
    gpu.load(before);
    gpu.inputs.trains.fill(1);
    for (let update = 0; update < 5; update++) gpu.train(1);
    const expected = await gpu.save();
    gpu.load(before);
    gpu.inputs.trains.fill(1);
    const counts = countDispatches(bench.gpu.device, () => gpu.train(5));
    const got = `${counts.submits} submit, ${counts.passes} pass, ${counts.dispatches} dispatches`;
    bench.holds(
      got === '1 submit, 1 pass, 15 dispatches',
      `got ${got}, expected 1 submit, 1 pass, 15 dispatches`,
    );
    (await gpu.save()).forEach((snapshot, l) => {
      sameSnapshots(bench, `learner ${l}`, snapshot, expected[l]);
    });
  },
);

const notFinite = kernelCase(
  'update',
  'a gradient that is not finite freezes its learner, and no other',
  async (bench) => {
    const learners = new TestLearners(ODD);
    const before = snapshots(learners);
    const gpu = await webGpu(bench, learners);
    const train = async (poisoned: boolean) => {
      gpu.load(before);
      gpu.inputs.trains.fill(1);
      gpu.train(2);
      const frozen = await gpu.save();
      const { transitions, stores } = gpu.inputs;
      for (let step = 0; step < 5; step++) {
        transitions.set(randomRecords(shape, transitions.length / RECORD.size, 601 + 2 * step));
        if (poisoned) {
          for (let e = 0; e < ODD.environments; e++)
            transitions[(ODD.environments + e) * RECORD.size + RECORD.reward] = 1e30;
        }
        stores.fill(1);
        gpu.store();
      }
      gpu.train(3);
      return { frozen, after: await gpu.save(), metrics: await gpu.readMetrics() };
    };
    const healthy = await train(false);
    const { frozen, after, metrics } = await train(true);
    for (const l of [0, 2]) sameSnapshots(bench, `learner ${l}`, after[l], healthy.after[l]);
    for (const [name, { data }] of frozen[1]) {
      if (!/^(online|target|optimizer)/.test(name)) continue;
      bench.same(
        `frozen ${name}`,
        after[1].get(name)!.data as Float32Array<ArrayBuffer>,
        data as Float32Array<ArrayBuffer>,
      );
    }
    const counts = metrics
      .map(({ updates, failedUpdate, count }) => `${updates} ${failedUpdate} ${count}`)
      .join(', ');
    bench.holds(
      counts === '5 0 5, 2 3 2, 5 0 5',
      `updates, failed, count: got ${counts}, expected 5 0 5, 2 3 2, 5 0 5`,
    );
  },
);

const monotonic = kernelCase(
  'update',
  'Q_tot never falls with a Q-value, in random networks and states',
  async (bench) => {
    let smallest = Number.POSITIVE_INFINITY;
    for (const gain of [1, 4, 20]) {
      const learners = new TestLearners(ODD, gain, gain);
      const gpu = await webGpu(bench, learners);
      gpu.load(snapshots(learners));
      gpu.inputs.trains.fill(1);
      gpu.train(1);
      for (let l = 0; l < ODD.learners; l++) {
        const slopes = (await readUpdateValues(bench.gpu, gpu, l)).get('dqtot_dq')!;
        const falling = slopes.findIndex((slope) => !(slope >= 0));
        bench.holds(falling < 0, `dqtot_dq[${falling}]: got ${slopes[falling]}, expected at least 0`);
        bench.holds(
          slopes.some((slope) => slope > 0.01),
          'no slope is above 0',
        );
        smallest = Math.min(smallest, ...slopes);
      }
    }
    bench.holds(smallest < 0.1, 'no slope is near 0, where a wrong sign would show');
  },
);

export const updateCases: readonly KernelCase[] = [
  ...severalSteps,
  late,
  finished,
  alone,
  oneSubmit,
  notFinite,
  monotonic,
];
