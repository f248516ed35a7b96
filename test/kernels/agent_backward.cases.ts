import { agentBackward } from '../../src/reference/agent_backward.ts';
import { allocateAgentActivations } from '../../src/reference/agent_forward.ts';
import { allocateNetworks } from '../../src/reference/networks.ts';
import { type KernelCase, kernelCase } from './case.ts';
import { joined, randomNumbers, rectified, TestLearners } from './learners.ts';
import { Rows } from './rows.ts';
import { placeOf, runAlone } from './run_alone.ts';
import { ALL_SIZES } from './sizes.ts';
import { TOLERANCES } from './tolerances.ts';

export const agentBackwardCases: readonly KernelCase[] = ALL_SIZES.map(([name, sizes]) =>
  kernelCase('agent_backward', `equals the reference (${name})`, async (bench) => {
    const { shape } = sizes.layout;
    const { agents, hidden, actions } = shape;
    const learners = new TestLearners(sizes);
    const rows = new Rows(sizes);
    const all = sizes.learners * rows.count * agents;
    const dq = { field: 'Q', half: 1, size: actions } as const;
    const h1 = { field: 'H1', half: 0, size: hidden } as const;
    const h2 = { field: 'H2', half: 0, size: hidden } as const;
    // More than training has, where only the chosen action's is not 0.
    rows.put(dq, randomNumbers(all * actions, 1, 61));
    rows.put(h1, rectified(randomNumbers(all * hidden, 1, 62)));
    rows.put(h2, rectified(randomNumbers(all * hidden, 1, 63)));

    const deltas = learners.states.map((state, l) => {
      const activations = allocateAgentActivations(shape, rows.count);
      activations.hidden1.set(rows.take(rows.numbers, h1, agents, l));
      activations.hidden2.set(rows.take(rows.numbers, h2, agents, l));
      const delta = allocateAgentActivations(shape, rows.count);
      delta.q.set(rows.take(rows.numbers, dq, agents, l));
      const networks = placeOf(sizes).targetNetwork ? state.target : state.online;
      const observations = new Float64Array(rows.count * agents * shape.observationSize);
      agentBackward(allocateNetworks(shape), delta, networks, activations, observations);
      return delta;
    });
    const got = await runAlone(bench, 'agent_backward', learners, rows);
    const tolerance = TOLERANCES.backward;
    rows.check(bench, got, learners.working, [
      {
        field: 'H2',
        half: 1,
        size: hidden,
        expected: joined(deltas.map((delta) => delta.hidden2)),
        tolerance,
      },
      {
        field: 'H1',
        half: 1,
        size: hidden,
        expected: joined(deltas.map((delta) => delta.hidden1)),
        tolerance,
      },
    ]);
  }),
);
