import { expect, it } from 'vitest';
import { readPlan } from '../../src/cli/bench_plan.ts';

/** What is measured where nothing is asked for. */
const ALL = {
  ...{ preset: 'report', parts: ['kernels', 'updates', 'rollout'], kernelLearners: [1, 32] },
  ...{ learners: [1, 4, 16, 64, 256], batch: [32, 128, 512, 2048, 4096], agents: [2, 4, 8, 16] },
  ...{ environments: [32, 256, 1024, 4096], seeds: [2025] },
};

it.each([
  [{}, {}],
  [{ preset: 'solve' }, { preset: 'solve' }],
  [
    { only: 'solve, updates', seeds: '3-5' },
    { parts: ['solve', 'updates'], seeds: [3, 4, 5] },
  ],
  [{ environments: '1,65536' }, { environments: [1, 65_536] }],
  // Who asks for one list wants no others.
  [{ learners: '1,4096' }, { learners: [1, 4096], kernelLearners: [1, 4096], batch: [], agents: [] }],
  [{ batch: '1,65536' }, { learners: [], batch: [1, 65_536], agents: [] }],
  [{ agents: ' 2 , 16' }, { learners: [], batch: [], agents: [2, 16] }],
  [
    { learners: '3', batch: '5', agents: '7' },
    { learners: [3], kernelLearners: [3], batch: [5], agents: [7] },
  ],
])('a benchmark with %j measures so', (options, expected) => {
  expect(readPlan({ preset: 'report', ...options })).toEqual({ ...ALL, ...expected });
});

it.each([
  ['learners', '0', '1 to 4096'],
  ['learners', '4097', '1 to 4096'],
  ['batch', '65537', '1 to 65536'],
  ['agents', '1', '2 to 16'],
  ['environments', '0', '1 to 65536'],
])('a benchmark of --%s %s is refused', (name, value, allowed) => {
  expect(() => readPlan({ preset: 'report', [name]: value })).toThrow(
    `--${name}: got "${value}", allowed: whole numbers ${allowed}, with commas between`,
  );
});
