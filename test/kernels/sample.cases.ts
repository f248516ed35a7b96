import { allocateReplay } from '../../src/reference/insert.ts';
import { allocateBatch, type Batch, sample } from '../../src/reference/sample.ts';
import { agentInputs, recordLayout } from '../../src/shapes.ts';
import { type KernelCase, kernelCase } from './case.ts';
import { EXACT } from './compare.ts';
import { randomNumbers, TestLearners } from './learners.ts';
import { type Part, Rows } from './rows.ts';
import { runAlone } from './run_alone.ts';
import { ALL_SIZES } from './sizes.ts';

const drawn = ALL_SIZES.map(([name, sizes]) =>
  kernelCase('sample', `draws what the reference draws (${name})`, async (bench) => {
    const { layout, batch, capacity } = sizes;
    const { observationSize, stateSize, agents, actions, agentId, masked } = layout.shape;
    const inputs = agentInputs(layout.shape);
    const learners = new TestLearners(sizes);
    const record = recordLayout(layout.shape);
    const replay = randomNumbers(sizes.learners * capacity * record.size, 9, 41);
    // One learner's ring is not full yet, the others' have turned.
    const told = (l: number) => ({
      stored: l === 0 ? Math.ceil(capacity / 2) : 2 * capacity + 1,
      updates: 1000 + l,
    });
    const rows = new Rows(sizes);

    /** observations [B, N, O] as the networks take them in. */
    const numbered = (observations: Float64Array) =>
      Float64Array.from({ length: batch * agents * inputs }, (_, j) => {
        const [row, i] = [Math.floor(j / inputs), j % inputs];
        if (i < observationSize) return observations[row * observationSize + i];
        return agentId && i - observationSize === row % agents ? 1 : 0;
      });

    // Rows beyond the batch are not looked at.
    const parts: [Part, (batch: Batch) => ArrayLike<number>][] = [
      [{ field: 'INPUT', half: 0, size: inputs }, (b) => numbered(b.observations)],
      [{ field: 'STATE', half: 0, size: stateSize }, (b) => b.states],
      [{ field: 'INPUT', half: 1, size: inputs }, (b) => numbered(b.nextObservations)],
      [{ field: 'STATE', half: 1, size: stateSize }, (b) => b.nextStates],
      [{ field: 'ACTION', half: 0, size: agents }, (b) => b.actions],
      [
        { field: 'OUTCOME', half: 0, size: 2 },
        (b) => Array.from({ length: 2 * batch }, (_, j) => (j % 2 === 0 ? b.rewards : b.terminated)[j >> 1]),
      ],
    ];
    if (masked) parts.push([{ field: 'AVAILABLE', half: 1, size: actions }, (b) => b.nextAvailable]);
    // Actions are copied as they are, so whole numbers have to stand there.
    for (let at = 0; at < replay.length; at++) {
      const j = at % record.size;
      if (j >= record.actions && j < record.reward) replay[at] = Math.floor(Math.abs(replay[at]));
    }
    const batches = learners.settings.map(({ seed }, l) => {
      const ring = allocateReplay(capacity, record.size);
      ring.records.set(replay.subarray(l * ring.records.length, (l + 1) * ring.records.length));
      const { stored, updates } = told(l);
      ring.stored = stored;
      const out = allocateBatch(layout.shape, batch);
      sample(out, ring, record, seed, updates);
      return out;
    });
    const outputs = parts.map(([part, values]) => {
      const each = batches.map(values);
      const width = each[0].length / batch;
      const expected = new Float64Array(sizes.learners * rows.count * width);
      each.forEach((ofLearner, l) => {
        expected.set(ofLearner, l * rows.count * width);
      });
      return { ...part, expected, tolerance: EXACT };
    });
    const got = await runAlone(bench, 'sample', learners, rows, replay, told);
    rows.check(bench, got, learners.working, outputs, batch);
  }),
);

export const sampleCases: readonly KernelCase[] = drawn;
