import { FLAGS } from '../../src/kernels/learners.ts';
import { batchRows, batchTiles, type KernelSizes } from '../../src/kernels/sizes.ts';
import { updateRowsConstants, updateRowsSource } from '../../src/kernels/update_rows.ts';
import { allocateReplay } from '../../src/reference/insert.ts';
import { allocateBatch, sample } from '../../src/reference/sample.ts';
import { allocateWorkspace, backward, forward } from '../../src/reference/update.ts';
import { recordLayout } from '../../src/shapes.ts';
import { type KernelCase, kernelCase } from './case.ts';
import { EXACT, type Tolerance } from './compare.ts';
import { randomRecords, TestLearners } from './learners.ts';
import { ofRow } from './places.ts';
import { type Part, Rows } from './rows.ts';
import { ODD } from './sizes.ts';
import { smallestGap } from './ties.ts';
import { TOLERANCES } from './tolerances.ts';

const sizes: KernelSizes = { ...ODD, learners: 4 };
/** Of four learners, the second does not train and the last has failed. */
const works = (l: number): boolean => l === 0 || l === 2;

const everything = kernelCase(
  'update_rows',
  'equals the reference, its own samples included',
  async (bench) => {
    const { layout, batch, capacity } = sizes;
    const { shape } = layout;
    const { agents, actions, hidden, mixerWidth, hyperHidden } = shape;
    const learners = new TestLearners(sizes);
    const record = recordLayout(shape);
    const replay = randomRecords(shape, sizes.learners * capacity, 201);
    const rows = new Rows(sizes);
    const onGpu = bench.buffer('rows', rows.numbers);
    const told = (l: number) => ({
      stored: l === 0 ? 7 : 100,
      updates: 31 + l,
      flags: l === 1 ? FLAGS.store | FLAGS.copy : FLAGS.train,
      failed: l === 3 ? 31 : 0,
    });
    const buffers = {
      params: bench.buffer('params', learners.params()),
      rows: onGpu,
      learners: bench.buffer('learners', learners.structs(told)),
      progress: bench.buffer('progress', learners.progress(told)),
      replay: bench.buffer('replay', replay),
    };
    await bench.run(
      updateRowsSource(sizes.tuning),
      updateRowsConstants(sizes, false),
      buffers,
      batchTiles(sizes),
      sizes.learners,
    );
    const got = await bench.readFloats(onGpu);

    const perLearner = batchRows(sizes) * 4 * layout.row;
    learners.states.forEach((state, l) => {
      if (!works(l)) {
        const range = [l * perLearner, (l + 1) * perLearner];
        bench.same(
          `rows of learner ${l}, which stands still`,
          got.slice(...range),
          rows.numbers.slice(...range),
        );
        return;
      }
      const ring = allocateReplay(capacity, record.size);
      ring.records.set(replay.subarray(l * ring.records.length, (l + 1) * ring.records.length));
      ring.stored = told(l).stored;
      const drawn = allocateBatch(shape, batch);
      sample(drawn, ring, record, learners.settings[l].seed, told(l).updates);
      const work = allocateWorkspace(shape, batch);
      forward(work, state, drawn, learners.settings[l].gamma);
      backward(work, state, drawn);
      bench.holds(smallestGap(work.agents.q, actions) > 1e-6, 'two Q-values are too close to tell');

      const compare = (part: Part, blocks: number, expected: ArrayLike<number>, tolerance: Tolerance) => {
        const values = rows.take(got, part, blocks, l).subarray(0, batch * blocks * part.size);
        const half = part.half === 0 ? '' : 'second half ';
        const columns = values.length / batch;
        bench.near(half + part.field, values, expected, tolerance, ofRow(l, columns));
      };
      const { agents: online, agentDelta, mix, hyperDelta, nextHyper } = work;
      const { composed } = TOLERANCES;
      compare({ field: 'Q', half: 0, size: actions }, agents, online.q, composed);
      compare({ field: 'CHOSEN', half: 0, size: agents }, 1, work.qChosen, composed);
      compare({ field: 'ACTION', half: 1, size: agents }, 1, work.nextActions, EXACT);
      compare({ field: 'CHOSEN', half: 1, size: agents }, 1, work.nextQ, composed);
      compare({ field: 'HIDDEN', half: 0, size: mixerWidth }, 1, mix.hidden, composed);
      compare({ field: 'TOTAL', half: 0, size: 1 }, 1, mix.qTotal, composed);
      // The next value is overwritten by the loss's slope; the target tells of it.
      compare({ field: 'TARGET', half: 0, size: 1 }, 1, work.target, composed);
      compare({ field: 'TOTAL', half: 1, size: 1 }, 1, work.lossSlope, composed);
      compare({ field: 'W1', half: 1, size: mixerWidth }, agents, nextHyper.generated.hyper_w1, composed);
      compare({ field: 'SLOPE', half: 0, size: agents }, 1, work.slope, composed);
      compare({ field: 'B2', half: 1, size: 1 }, 1, work.lossSlope, composed);
      compare({ field: 'H1', half: 1, size: hidden }, agents, agentDelta.hidden1, composed);
      compare({ field: 'H2', half: 1, size: hidden }, agents, agentDelta.hidden2, composed);
      compare(
        { field: 'W1_RAW', half: 1, size: mixerWidth },
        agents,
        hyperDelta.generated.hyper_w1,
        composed,
      );
      const z = rows.take(got, { field: 'Z', half: 1, size: hyperHidden }, 4, l);
      Object.values(hyperDelta.hidden).forEach((expected, j) => {
        const values = expected.map(
          (_, i) => z[(Math.floor(i / hyperHidden) * 4 + j) * hyperHidden + (i % hyperHidden)],
        );
        bench.near('second half Z', values, expected, composed, ofRow(l, hyperHidden));
      });
    });
  },
);

export const updateRowsCases: readonly KernelCase[] = [everything];
