import { selectGreedy, selectValues } from '../../src/reference/select.ts';
import { tdError } from '../../src/reference/td_error.ts';
import { type KernelCase, kernelCase } from './case.ts';
import { EXACT } from './compare.ts';
import { joined, randomActions, randomNumbers, TestLearners } from './learners.ts';
import { Rows } from './rows.ts';
import { placeOf, runAlone } from './run_alone.ts';
import { ALL_SIZES } from './sizes.ts';
import { TOLERANCES } from './tolerances.ts';

const nextActions = ALL_SIZES.map(([name, sizes]) =>
  kernelCase('next_actions', `argmax, ties to the lowest action (${name})`, async (bench) => {
    const { agents, actions } = sizes.layout.shape;
    const learners = new TestLearners(sizes);
    const rows = new Rows(sizes);
    const q = { field: 'Q', half: 1, size: actions } as const;
    // Few distinct values, all below 0, where padding stands as 0: many ties.
    rows.put(
      q,
      randomNumbers(sizes.learners * rows.count * agents * actions, 3, 111).map((x) => Math.floor(x) - 3),
    );
    const expected = learners.states.map((_, l) => {
      const chosen = new Int32Array(rows.count * agents);
      selectGreedy(chosen, rows.take(rows.numbers, q, agents, l), actions, chosen.length);
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
    const all = sizes.learners * rows.count;
    const rewards = randomNumbers(all, 10, 121);
    const terminated = randomActions(all, 2, 122);
    const nextTotals = randomNumbers(all, 10, 123);
    // Where the episode ended, no next value counts, however large.
    for (let j = 0; j < all; j++) if (terminated[j] > 0 && j % 3 === 0) nextTotals[j] = 1e30;
    const totals = randomNumbers(all, 10, 124);
    rows.put({ field: 'TD', half: 0, size: 2 }, pairs(rewards, terminated));
    rows.put({ field: 'TOTAL', half: 0, size: 1 }, totals);
    rows.put({ field: 'TOTAL', half: 1, size: 1 }, nextTotals);

    const td: number[] = [];
    const slopes: number[] = [];
    learners.settings.forEach(({ gamma }, l) => {
      const part = (values: Float32Array) =>
        Float64Array.from(values.subarray(l * rows.count, (l + 1) * rows.count));
      const target = new Float64Array(rows.count);
      const slope = new Float64Array(rows.count);
      tdError(target, slope, part(totals), part(nextTotals), part(rewards), part(terminated), gamma);
      target.forEach((y, r) => {
        const row = l * rows.count + r;
        td.push(rewards[row], terminated[row], y, totals[row] - y);
        // The reference took all rows for the batch.
        slopes.push((slope[r] * rows.count) / sizes.batch);
      });
    });
    const got = await runAlone(bench, 'td_error', learners, rows);
    rows.check(bench, got, learners.working, [
      { field: 'TD', half: 0, size: 4, expected: td, tolerance: TOLERANCES.tdError },
      { field: 'B2', half: 1, size: 1, expected: slopes, tolerance: TOLERANCES.tdError },
    ]);
  }),
);

const pairs = (a: Float32Array, b: Float32Array): Float32Array =>
  Float32Array.from({ length: 2 * a.length }, (_, j) => (j % 2 === 0 ? a : b)[j >> 1]);

export const tdErrorCases: readonly KernelCase[] = [...nextActions, ...chosenValues, ...tdErrors];
