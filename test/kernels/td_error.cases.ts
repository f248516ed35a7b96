import { selectGreedy, selectValues } from '../../src/reference/select.ts';
import { tdError } from '../../src/reference/td_error.ts';
import { valueCount } from '../../src/shapes.ts';
import { type KernelCase, kernelCase } from './case.ts';
import { EXACT } from './compare.ts';
import { joined, randomActions, randomMasks, randomNumbers, TestLearners } from './learners.ts';
import { Rows } from './rows.ts';
import { placeOf, runAlone } from './run_alone.ts';
import { ALL_SIZES } from './sizes.ts';
import { TOLERANCES } from './tolerances.ts';

const nextActions = ALL_SIZES.map(([name, sizes]) =>
  kernelCase('next_actions', `argmax, ties to the lowest action (${name})`, async (bench) => {
    const { shape } = sizes.layout;
    const { agents, actions, masked } = shape;
    const learners = new TestLearners(sizes);
    const rows = new Rows(sizes);
    const q = { field: 'Q', half: 2, size: actions } as const;
    const available = { field: 'AVAILABLE', half: 1, size: actions } as const;
    // Few distinct values, all below 0, where padding stands as 0: many ties.
    rows.put(
      q,
      randomNumbers(sizes.learners * rows.count * agents * actions, 3, 111).map((x) => Math.floor(x) - 3),
    );
    if (masked) {
      const masks = randomMasks(shape, sizes.learners * rows.count, 114);
      // After termination there may be nothing left to do.
      masks.fill(0, 0, agents * actions);
      rows.put(available, masks);
    }
    const expected = learners.states.map((_, l) => {
      const chosen = new Int32Array(rows.count * agents);
      const legal = masked ? rows.take(rows.numbers, available, agents, l) : undefined;
      selectGreedy(chosen, rows.take(rows.numbers, q, agents, l), actions, chosen.length, legal);
      return chosen;
    });
    const got = await runAlone(bench, 'next_actions', learners, rows);
    rows.check(bench, got, learners.working, [
      { field: 'ACTION', half: 1, size: agents, expected: joined(expected), tolerance: EXACT },
    ]);
  }),
);

const chosenValues = ALL_SIZES.map(([name, sizes]) =>
  kernelCase('chosen_values', `the Q-values of the actions (${name})`, async (bench) => {
    const { agents, actions } = sizes.layout.shape;
    const learners = new TestLearners(sizes);
    const rows = new Rows(sizes);
    const half = placeOf(sizes).secondHalf ? 1 : 0;
    const q = { field: 'Q', half, size: actions } as const;
    const action = { field: 'ACTION', half, size: agents } as const;
    const all = sizes.learners * rows.count * agents;
    rows.put(q, randomNumbers(all * actions, 3, 112));
    rows.put(action, randomActions(all, actions, 113));
    const expected = learners.states.map((_, l) => {
      const values = new Float64Array(rows.count * agents);
      const chosen = Int32Array.from(rows.take(rows.numbers, action, 1, l));
      selectValues(values, rows.take(rows.numbers, q, agents, l), chosen);
      return values;
    });
    const got = await runAlone(bench, 'chosen_values', learners, rows);
    rows.check(bench, got, learners.working, [
      { field: 'CHOSEN', half, size: agents, expected: joined(expected), tolerance: EXACT },
    ]);
  }),
);

const tdErrors = ALL_SIZES.map(([name, sizes]) =>
  kernelCase('td_error', `target, error and slope of the loss (${name})`, async (bench) => {
    const learners = new TestLearners(sizes);
    const rows = new Rows(sizes);
    const size = valueCount(sizes.layout.shape);
    const all = sizes.learners * rows.count;
    const rewards = randomNumbers(all, 10, 121);
    const terminated = randomActions(all, 2, 122);
    const nextTotals = randomNumbers(all * size, 10, 123);
    // Where the episode ended, no next value counts, however large.
    for (let j = 0; j < all; j++) if (terminated[j] > 0 && j % 3 === 0) nextTotals[j * size] = 1e30;
    const totals = randomNumbers(all * size, 10, 124);
    const total = { field: 'TOTAL', half: 0, size } as const;
    const nextTotal = { field: 'TOTAL', half: 1, size } as const;
    rows.put({ field: 'OUTCOME', half: 0, size: 2 }, pairs(rewards, terminated));
    rows.put(total, totals);
    rows.put(nextTotal, nextTotals);

    const results = learners.settings.map(({ gamma }, l) => {
      const part = (values: Float32Array) =>
        Float64Array.from(values.subarray(l * rows.count, (l + 1) * rows.count));
      const own = rows.take(rows.numbers, total, 1, l);
      const next = rows.take(rows.numbers, nextTotal, 1, l);
      const target = new Float64Array(own.length);
      const slope = new Float64Array(own.length);
      tdError(target, slope, own, next, part(rewards), part(terminated), gamma);
      return {
        target,
        error: own.map((value, j) => value - target[j]),
        // The reference took all rows for the batch.
        slope: slope.map((value) => (value * rows.count) / sizes.batch),
      };
    });
    const got = await runAlone(bench, 'td_error', learners, rows);
    const of = (pick: (result: (typeof results)[number]) => Float64Array) => joined(results.map(pick));
    const tolerance = TOLERANCES.tdError;
    rows.check(bench, got, learners.working, [
      { field: 'TARGET', half: 0, size, expected: of(({ target }) => target), tolerance },
      { field: 'ERROR', half: 0, size, expected: of(({ error }) => error), tolerance },
      { field: 'TOTAL', half: 1, size, expected: of(({ slope }) => slope), tolerance },
    ]);
  }),
);

const pairs = (a: Float32Array, b: Float32Array): Float32Array =>
  Float32Array.from({ length: 2 * a.length }, (_, j) => (j % 2 === 0 ? a : b)[j >> 1]);

export const tdErrorCases: readonly KernelCase[] = [...nextActions, ...chosenValues, ...tdErrors];
