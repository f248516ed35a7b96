import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { inspect } from '../../src/cli/inspect.ts';
import { runMembers } from '../../src/config.ts';
import { makeConfig } from '../../src/presets.ts';
import { encodeCheckpoint } from '../../src/train/checkpoint.ts';
import { freshTensors } from '../../src/train/member_tensors.ts';
import { printed } from './finished_run.ts';

const folder = mkdtempSync(join(tmpdir(), 'qmix-inspect-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The checkpoint of a learner of a matrix game, whose agents' Q-values are these whatever they see. */
async function checkpoint(mixer: 'sum' | 'none', ...q: readonly (readonly number[])[]): Promise<string> {
  const payoff = [
    [1, 2, 3],
    [4, 5, 6],
    [7, 8, -0.001],
  ];
  const config = makeConfig('game', { environment: 'matrix', payoff, mixer, hidden: 2, seeds: [7] });
  const tensors = await freshTensors(runMembers(config)[0], 'cpu');
  for (const [agent, values] of q.entries()) {
    tensors.get(`online.agents.${agent}.4.weight`)!.data.fill(0);
    tensors.get(`online.agents.${agent}.4.bias`)!.data.set(values);
  }
  const file = join(folder, `${mixer}.safetensors`);
  const learner = { backend: 'cpu', adapter: 'reference' } as const;
  writeFileSync(file, await encodeCheckpoint({ config, learner }, [tensors]));
  return file;
}

const AGENTS = [
  [5, 0, 1],
  [-0.001, 1, 3],
];

it('inspect marks the greedy joint action: agent 1’s by row, agent 2’s by column', async () => {
  const file = await checkpoint('sum', ...AGENTS);
  expect(await printed(() => inspect(file, {}))).toBe(
    `matrix: Q_tot of every joint action (agent 1's action by row, agent 2's by column), * the greedy one.
Beside it the payoff: the largest discounted return after that joint action.

seeds.7
  state 1  Q_tot                payoff
           5.00  6.00  8.00*    1.00  2.00  3.00
           0.00  1.00  3.00     4.00  5.00  6.00
           1.00  2.00  4.00     7.00  8.00  0.00
`,
  );
});

it('inspect marks each agent’s own greedy action without a mixer', async () => {
  const file = await checkpoint('none', ...AGENTS);
  const lines = (await printed(() => inspect(file, {}))).split('\n');
  expect(lines.slice(3, 7)).toEqual([
    'seeds.7',
    '  state 1  Q of agent 1, of agent 2    payoff',
    '           5.00* 0.00  1.00            1.00  2.00  3.00',
    '           0.00  1.00  3.00*           4.00  5.00  6.00',
  ]);
});
