import { describe, expect, test } from 'vitest';
import type { KeptRun, Progress, RunInfo } from '../../src/app/service.ts';
import {
  describeBackend,
  describeEnd,
  describeKept,
  describeProgress,
  duration,
  listNumbers,
  percent,
} from '../../src/app/words.ts';

const learner = (seed: number) => ({ label: `seed ${seed}`, seed, variant: 0 });
const run: RunInfo = {
  id: 'a',
  name: 'a run',
  algorithm: 'qmix',
  mixer: 'monotonic',
  sharedAgents: false,
  agentId: false,
  environment: 'meeting-gridworld',
  masked: false,
  picture: 'grid',
  gridSize: 5,
  agents: 2,
  pieces: ['agent 1', 'agent 2', 'goal'],
  actions: ['up', 'down', 'left', 'right', 'stay'],
  learners: [learner(2025)],
  updates: 30_000,
  stopWhenSolved: true,
  starts: 13_800,
  allStarts: true,
  mapped: true,
  link: [],
};
const progress: Progress = {
  updates: 1250,
  environmentSteps: 40_000,
  episodes: 900,
  updatesPerSecond: 310.4,
  stepsPerSecond: 9933,
  secondsLeft: 92.6,
  seconds: 4,
  epsilon: 0.6,
  trainingSuccess: 0.5,
  success: [0.3745],
  lengthRatio: [1.2],
  solvedUpdates: [0],
};
const three: RunInfo = { ...run, learners: [1, 2, 3].map(learner) };

describe('what the page says', () => {
  test('of a run that trains', () => {
    expect(describeProgress('training', progress, run)).toBe(
      'Training: 1,250 updates, 40,000 environment steps, greedy success 37.4 % of 13,800 starts, 310 updates/s, ' +
        'stops when solved, or in about 1 min 32 s',
    );
    expect(describeProgress('training', progress, { ...run, stopWhenSolved: false })).toMatch(
      /, 310 updates\/s, about 1 min 32 s left$/,
    );
    expect(describeProgress('paused', { ...progress, updates: 0, environmentSteps: 1 }, run)).toMatch(
      /^Paused: 0 updates, 1 environment step, /,
    );
    expect(describeProgress('paused', { ...progress, success: [Number.NaN] }, run)).toBe(
      'Paused: 1,250 updates, 40,000 environment steps, greedy success not evaluated yet',
    );
    expect(
      describeProgress(
        'training',
        { ...progress, success: [0.2, 0.5, 0.8], updatesPerSecond: 1.26, secondsLeft: Number.NaN },
        three,
      ),
    ).toBe(
      'Training: 1,250 updates, 40,000 environment steps for each of 3 learners, ' +
        'greedy success 50.0 % of 13,800 starts on average (lowest 20.0 %), 1.3 updates/s',
    );
  });

  test('of a run that ended', () => {
    const end = (state: 'solved' | 'finished' | 'stopped' | 'failed') => ({
      state,
      hash: '',
      reason: 'broken',
      goesOn: false,
    });
    const solved = { ...progress, updates: 10_000, success: [1], solvedUpdates: [9812] };
    expect(describeEnd(end('solved'), { ...solved, updates: 9812 }, run)).toBe(
      'Solved: 13,800 of 13,800 starts, after 9,812 updates',
    );
    expect(describeEnd(end('solved'), solved, run)).toBe(
      'Solved: 13,800 of 13,800 starts, first after 9,812 updates, and at the end, after 10,000',
    );
    expect(
      describeEnd(end('solved'), { ...solved, success: [1, 1, 1], solvedUpdates: [250, 500, 250] }, three),
    ).toBe(
      'Solved: 13,800 of 13,800 starts by each of 3 learners, first after 250 to 500 updates, and at the end, after 10,000',
    );
    expect(describeEnd(end('finished'), { ...solved, success: [1, 13_799 / 13_800, 0] }, three)).toBe(
      'Finished, not solved: 13,800, 13,799, 0 of 13,800 starts by seed 1, seed 2, seed 3, after 10,000 updates',
    );
    expect(describeEnd(end('stopped'), progress, { ...run, starts: 10_000, allStarts: false })).toBe(
      'Stopped, not solved: 3,745 of 10,000 sampled starts, after 1,250 updates',
    );
    // Solved by its last evaluation, by one learner earlier than by the others.
    expect(
      describeEnd(end('solved'), { ...solved, success: [1, 1, 1], solvedUpdates: [250, 10_000, 500] }, three),
    ).toBe('Solved: 13,800 of 13,800 starts by each of 3 learners, after 250 to 10,000 updates');
    expect(describeEnd(end('failed'), progress, run)).toBe(
      'Failed: broken. Reset makes everything ready again.',
    );
    expect(describeEnd({ ...end('failed'), goesOn: true }, progress, run)).toBe(
      'Failed: broken. Start goes on from where the run was saved last; Reset leaves it.',
    );
    expect(describeEnd(end('finished'), { ...progress, success: [Number.NaN] }, run)).toBe(
      'Finished after 1,250 updates; it has not been evaluated on this page',
    );
  });

  test('of a run that is kept', () => {
    const kept: KeptRun = {
      id: 'a',
      name: 'a run',
      changed: Date.UTC(2026, 0, 2),
      state: 'training',
      hash: '',
      reason: '',
      info: run,
      progress,
      bytes: 16_300_000,
    };
    expect(describeKept(kept, 'nowhere')).toMatch(
      /^Interrupted while training: 1,250 updates, greedy success 37\.4 %, changed .*2026.*, 16\.3 MB$/,
    );
    const two = { ...kept, progress: { ...progress, success: [Number.NaN, 0.5] } };
    expect(describeKept(two, 'nowhere')).toContain('greedy success 50.0 %');
    expect(describeKept({ ...kept, state: 'solved', hash: 'abcdef0123456789' }, 'here')).toMatch(
      /^On this page\. Solved: .*, hash abcdef012345…$/,
    );
    expect(describeKept(kept, 'elsewhere')).toMatch(/^Open in another tab\. Training: 1,250 updates/);
  });

  test('in numbers, with a dash for what is not known', () => {
    const numbers = new Map(listNumbers(progress, run));
    expect(numbers.get('Updates')).toBe('1,250 of at most 30,000');
    expect(numbers.get('Time of an update')).toBe('3.22 ms');
    expect(numbers.get('Time to the last update')).toBe('1 min 32 s');
    const trained = {
      ...progress,
      updates: 1,
      trainingSuccess: 0.25,
      lengthRatio: [1.5, 2],
      success: [0.5, 1],
    };
    expect(listNumbers({ ...trained, episodes: 0 }, run)).toEqual([
      ['Updates', '1 of at most 30,000'],
      ['Updates per second', '310'],
      ['Time of an update', '3.22 ms'],
      ['Environment steps', '40,000'],
      ['Environment steps per second', '9,933'],
      ['Episodes', '0'],
      ['Greedy success', '75.0 %'],
      ['Length / optimal', '1.750'],
      ['Training success', '25.0 %'],
      ['Exploration ε', '0.600'],
      ['Time trained', '4 s'],
      ['Time to the last update', '1 min 32 s'],
    ]);
    expect(new Set(new Map(listNumbers(undefined, undefined)).values())).toEqual(new Set(['–']));
  });

  test('never 100 % of what is not whole', () => {
    expect(percent(1)).toBe('100.0 %');
    expect(percent(13_799 / 13_800)).toBe('99.9 %');
    expect(percent(0)).toBe('0.0 %');
    expect(percent(1.005 - 1), 'a share just below, by rounding').toBe('0.5 %');
  });

  test('of what trains, and of time', () => {
    const webgpu = { kind: 'webgpu', adapter: 'Example GPU', software: false, notice: '' } as const;
    expect(describeBackend(webgpu)).toBe('Trains on WebGPU: Example GPU.');
    expect(describeBackend({ ...webgpu, software: true })).toContain('software adapter: Example GPU');
    expect(describeBackend({ ...webgpu, kind: 'cpu', notice: 'no adapter' })).toContain('here: no adapter.');
    expect([59.9, 61, 7384].map(duration)).toEqual(['59 s', '1 min 1 s', '2 h 3 min']);
  });
});
