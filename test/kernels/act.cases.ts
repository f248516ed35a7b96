import { actConstants, actScratchBytes, actSource, CALL, CALL_WORDS } from '../../src/kernels/act.ts';
import type { KernelSizes } from '../../src/kernels/sizes.ts';
import { act } from '../../src/reference/act.ts';
import { agentForward, allocateAgentActivations } from '../../src/reference/agent_forward.ts';
import type { Bench } from './bench.ts';
import { type KernelCase, kernelCase } from './case.ts';
import { randomMasks, randomNumbers, TestLearners } from './learners.ts';
import { ofLearners } from './places.ts';
import { NONE, ODD, PAPER, SINGLE, SUM, TILE_ROWS, TUNING, WIDE } from './sizes.ts';
import { smallestGap } from './ties.ts';

interface Call {
  /** E, per learner. */
  readonly rows: number;
  readonly groups: number;
  readonly step: number;
  readonly epsilon: (l: number) => number;
  /** ε is 0, and learners from `first` on see the same observations. */
  readonly greedyFrom?: number;
  /** Q-values of exactly these, whatever is observed: the third layers' biases, in turn. */
  readonly ties?: readonly number[];
  /** Weights are U(±gain/√fan_in). */
  readonly gain?: number;
}

async function check(bench: Bench, sizes: KernelSizes, call: Call): Promise<void> {
  const { layout } = sizes;
  const { shape } = layout;
  const { agents, actions: actionCount, observationSize } = shape;
  const { rows, groups, step, epsilon, greedyFrom, ties } = call;
  const first = greedyFrom ?? 0;
  const count = sizes.learners - first;
  const shared = greedyFrom !== undefined;
  const learners = new TestLearners(sizes, call.gain);
  if (ties) {
    for (const { online } of learners.states) {
      for (const [, , third] of online.agents) {
        third.weight.fill(0);
        for (let a = 0; a < actionCount; a++) third.bias[a] = ties[a % ties.length];
      }
    }
  }
  const seen = rows * agents * observationSize;
  const observations = randomNumbers((shared ? 1 : count) * seen, 1, 191);
  const legal = shape.masked ? rows * agents * actionCount : 0;
  const masks = shape.masked
    ? randomMasks(shape, (shared ? 1 : count) * rows, 192)
    : new Float32Array(4).fill(Number.NaN);
  const words = new Uint32Array(CALL_WORDS);
  words[CALL.rows] = rows;
  words[CALL.step] = step;
  words[CALL.greedy] = shared ? 1 : 0;
  words[CALL.first] = first;
  words[CALL.sharedRows] = shared ? 1 : 0;
  const actions = bench.buffer('actions', new Uint32Array(count * rows * agents).fill(99));
  const scratchBytes = groups * count * TILE_ROWS * layout.actingRow * 16;
  bench.holds(
    scratchBytes <= actScratchBytes(layout, TUNING, rows, count),
    'more scratch than learners allocate',
  );
  const scratch = bench.buffer('rows', new Float32Array(scratchBytes / 4).fill(54321));
  const buffers = {
    params: bench.buffer('params', learners.params()),
    rows: scratch,
    learners: bench.buffer(
      'learners',
      learners.structs((l) => ({ epsilon: epsilon(l) })),
    ),
    observations: bench.buffer('observations', observations),
    actions,
    call: bench.uniform('call', words),
    available: bench.buffer('available', masks),
  };
  await bench.run(actSource(TUNING), actConstants(layout, TUNING), buffers, groups, count);

  const expected = new Uint32Array(actions.data.length);
  for (let l = first; l < sizes.learners; l++) {
    const { online } = learners.states[l];
    const from = shared ? 0 : (l - first) * seen;
    const activations = allocateAgentActivations(shape, rows);
    agentForward(activations, online, Float64Array.from(observations.subarray(from, from + seen)));
    const at = (l - first) * rows * agents;
    const chosen = expected.subarray(at, at + rows * agents);
    const mask = shared ? masks : masks.subarray((l - first) * legal, (l - first + 1) * legal);
    const available = shape.masked ? mask : undefined;
    act(
      chosen,
      activations.q,
      actionCount,
      shared ? 0 : epsilon(l),
      learners.settings[l].seed,
      step,
      available,
    );
    if (!ties)
      bench.holds(smallestGap(activations.q, actionCount) > 1e-6, 'two Q-values are too close to tell');
  }
  bench.same(
    'actions',
    await bench.readWords(actions),
    expected,
    ofLearners(rows * agents, { environment: rows }),
  );
  await bench.readWords(scratch);
}

const EPSILONS = [0, 1, 0.3];

export const actCases: readonly KernelCase[] = [
  kernelCase('act', 'epsilon 0, 1 and 0.3, draw by draw; more rows than two workgroups have tiles', (bench) =>
    check(bench, ODD, { rows: 5 * TILE_ROWS + 3, groups: 2, step: 123_456, epsilon: (l) => EPSILONS[l] }),
  ),
  kernelCase('act', 'another step draws others', (bench) =>
    check(bench, ODD, { rows: TILE_ROWS + 3, groups: 2, step: 7, epsilon: (l) => EPSILONS[2 - l] }),
  ),
  kernelCase('act', 'greedy, ties to the lowest action', async (bench) => {
    for (const ties of [
      [-5, -3, -3, -4, -3],
      [-2, -2],
      [1, 2, 3, 4, 5, 6],
    ]) {
      await check(bench, ODD, { rows: 5, groups: 1, step: 0, epsilon: () => 0, ties });
    }
  }),
  kernelCase('act', 'greedy for the same rows, from a learner on, whatever epsilon is', (bench) =>
    check(bench, ODD, { rows: 2 * TILE_ROWS + 1, groups: 3, step: 9, epsilon: () => 1, greedyFrom: 1 }),
  ),
  kernelCase('act', 'wide, agents share a network', (bench) =>
    check(bench, WIDE, { rows: TILE_ROWS + 1, groups: 2, step: 0xffffffff, epsilon: (l) => 0.5 * l }),
  ),
  kernelCase('act', 'agents know their number', (bench) =>
    check(bench, PAPER, { rows: 3 * TILE_ROWS + 2, groups: 2, step: 5, epsilon: () => 0, gain: 5 }),
  ),
  kernelCase('act', 'only legal actions, drawn or greedy', (bench) =>
    check(bench, NONE, { rows: 3 * TILE_ROWS + 5, groups: 2, step: 77, epsilon: (l) => 1 - 0.5 * l }),
  ),
  kernelCase('act', 'greedy over legal actions, ties to the lowest of them', async (bench) => {
    await check(bench, SUM, { rows: 9, groups: 1, step: 2, epsilon: () => 1, greedyFrom: 0 });
    await check(bench, SUM, { rows: 9, groups: 1, step: 2, epsilon: () => 0, ties: [-2, -2, -3] });
  }),
  kernelCase('act', 'one of everything', (bench) =>
    check(bench, SINGLE, { rows: 1, groups: 1, step: 3, epsilon: () => 0 }),
  ),
];
