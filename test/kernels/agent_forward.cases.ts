import { agentForward, allocateAgentActivations } from '../../src/reference/agent_forward.ts';
import { agentInputs } from '../../src/shapes.ts';
import { type KernelCase, kernelCase } from './case.ts';
import { joined, randomNumbers, TestLearners } from './learners.ts';
import { Rows } from './rows.ts';
import { placeOf, runAlone } from './run_alone.ts';
import { ALL_SIZES } from './sizes.ts';
import { TOLERANCES } from './tolerances.ts';

export const agentForwardCases: readonly KernelCase[] = ALL_SIZES.map(([name, sizes]) =>
  kernelCase('agent_forward', `equals the reference (${name})`, async (bench) => {
    const { shape } = sizes.layout;
    // Parameters of which even a single unit passes its ReLU in some rows, and is cut off in others.
    const learners = new TestLearners(sizes, 1, 3);
    const rows = new Rows(sizes);
    const { secondHalf, targetNetwork } = placeOf(sizes);
    const half = secondHalf ? 1 : 0;
    // What the networks take in: sample and act lay it out, and the agents' numbers with it.
    const seen = { field: 'INPUT', half, size: agentInputs(shape) } as const;
    const all = sizes.learners * rows.count * shape.agents;
    rows.put(seen, randomNumbers(all * seen.size, 1, 51));

    const results = learners.states.map((state, l) => {
      const out = allocateAgentActivations(
        { ...shape, observationSize: seen.size, agentId: false },
        rows.count,
      );
      const networks = targetNetwork ? state.target : state.online;
      agentForward(out, networks, rows.take(rows.numbers, seen, shape.agents, l));
      return out;
    });
    bench.holds(
      results.every(({ hidden1, hidden2 }) => hidden1.some((h) => h > 0) && hidden2.some((h) => h > 0)),
      'a layer is dead: nothing is tested',
    );
    const got = await runAlone(bench, 'agent_forward', learners, rows);
    const tolerance = TOLERANCES.forward;
    rows.check(bench, got, learners.working, [
      {
        field: 'H1',
        half,
        size: shape.hidden,
        expected: joined(results.map(({ hidden1 }) => hidden1)),
        tolerance,
      },
      {
        field: 'H2',
        half,
        size: shape.hidden,
        expected: joined(results.map(({ hidden2 }) => hidden2)),
        tolerance,
      },
      { field: 'Q', half, size: shape.actions, expected: joined(results.map(({ q }) => q)), tolerance },
    ]);
  }),
);
