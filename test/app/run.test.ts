import { describe, expect, test } from 'vitest';
import type { Message } from '../../src/app/protocol.ts';
import { Run } from '../../src/app/run.ts';
import { createCpuLearner } from '../../src/reference/cpu_learner.ts';
import type { MetricsRow } from '../../src/train/metrics.ts';
import { advance, smallConfig, smallTrainer } from '../train/small.ts';

const backend = {
  createLearner: async (...given: Parameters<typeof createCpuLearner>) => createCpuLearner(...given),
};
const config = smallConfig({ updates: 400 });

/** Rows without the one column that a clock writes. */
const timeless = (rows: readonly MetricsRow[]) => rows.map((row) => ({ ...row, seconds: 0 }));

/** Starts a run; `react` sees every message. Returns all of them once the run has finished. */
async function finish(react: (message: Message, run: Run) => void): Promise<Message[]> {
  const messages: Message[] = [];
  return new Promise((resolve, reject) => {
    const tell = (message: Message) => {
      messages.push(message);
      react(message, run!);
      if (message.type === 'finished') resolve(messages);
    };
    let run: Run | undefined;
    Run.create(config, backend, tell).then((created) => {
      run = created;
      run.play();
      run.pause();
      created.train().catch(reject);
    }, reject);
  });
}

describe('Run', () => {
  test('trains as the training loop does, whatever is paused and played meanwhile', async () => {
    const expected: MetricsRow[] = [];
    const trainer = await advance(smallTrainer(config, { onRow: (row) => expected.push(row) }));
    await trainer.finish();

    let pauses = 0;
    let positions = 0;
    const messages = await finish((message, run) => {
      if (message.type === 'progress' && message.phase === 'paused') {
        pauses++;
        setTimeout(() => run.resume(), 5);
      }
      if (message.type === 'progress' && message.phase === 'training') run.pause();
      if (message.type === 'position') {
        positions++;
        if (positions < 500) run.play();
      }
    });
    expect(pauses).toBeGreaterThanOrEqual(2);
    expect(positions).toBeGreaterThan(10);
    const rows = messages.flatMap((message) => (message.type === 'rows' ? message.rows : []));
    expect(timeless(rows)).toEqual(timeless(expected));
  });

  test('plays while it is paused, by the rules, from distinct cells, until agents meet or time is up', async () => {
    const played: Extract<Message, { type: 'position' }>['position'][] = [];
    await finish((message, run) => {
      if (message.type === 'progress' && message.phase === 'paused' && played.length >= 40) run.resume();
      if (message.type !== 'position') return;
      played.push(message.position);
      if (played.length < 40) run.play();
      else run.resume();
    });
    expect(played[0]).toMatchObject({ step: 0, actions: [], outcome: 'playing' });
    for (const [index, { cells, step, optimal, outcome, actions }] of played.slice(0, 40).entries()) {
      const [first, second, goal] = cells;
      expect(outcome === 'met', 'met exactly on the goal').toBe(
        step > 0 && first === goal && second === goal,
      );
      expect(outcome === 'timeout').toBe(step === config.episodeLimit && outcome !== 'met');
      const before = played[index - 1];
      if (step === 0) {
        expect(new Set(cells).size).toBe(3);
        if (before) expect(before.outcome).not.toBe('playing');
        continue;
      }
      expect(step).toBe(before.step + 1);
      expect(optimal).toBe(before.optimal);
      expect(goal).toBe(before.cells[2]);
      for (const agent of [0, 1]) {
        const moved = Math.abs(cells[agent] - before.cells[agent]);
        const across = actions[agent] === 'left' || actions[agent] === 'right';
        expect(actions[agent] === 'stay' ? [0] : [0, across ? 1 : config.gridSize]).toContain(moved);
      }
    }
  });
});
