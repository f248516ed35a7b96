import { describe, expect, test } from 'vitest';
import { type Assignments, assign, unassign } from '../../src/app/assignments.ts';
import { read } from '../../src/app/settings.ts';

/** As the form does: a choice, read, and what is read becomes the assignments. */
function choose(link: readonly string[], act: typeof assign, field: string, text = ''): readonly string[] {
  const { values } = read(link);
  const before: Assignments = new Map(link.map((own) => own.split('=', 2) as [string, string]));
  return read([...act(before, values, field, text)].map(([name, value]) => `${name}=${value}`)).link;
}

describe('a choice', () => {
  test('changes its field alone', () => {
    expect(choose(['preset=report', 'gridSize=3'], assign, 'tau', '0.5')).toEqual([
      'preset=report',
      'gridSize=3',
      'tau=0.5',
    ]);
    expect(choose(['gamma=0.9', 'tau=0.5'], assign, 'gamma', '0.99')).toEqual(['tau=0.5']);
  });

  test('of a preset fills in everything', () => {
    expect(choose(['environment=two-step', 'algorithm=vdn', 'hidden=7'], assign, 'preset', 'report')).toEqual(
      ['preset=report'],
    );
  });

  test('of an environment brings its preset, and keeps what else was set', () => {
    expect(choose(['preset=report', 'algorithm=vdn', 'hidden=7'], assign, 'environment', 'matrix')).toEqual([
      'algorithm=vdn',
      'environment=matrix',
      'hidden=7',
    ]);
    expect(choose(['environment=matrix'], assign, 'environment', 'meeting-gridworld')).toEqual([]);
  });

  test('of an algorithm sets what it stands for', () => {
    expect(choose(['mixer=sum', 'sharedAgents=true', 'hidden=7'], assign, 'algorithm', 'ps-dqn')).toEqual([
      'algorithm=ps-dqn',
      'hidden=7',
    ]);
    expect(choose(['mixer=sum', 'sharedAgents=true'], assign, 'algorithm', 'qmix')).toEqual([]);
  });

  test('of one field of an algorithm leaves the others as they were', () => {
    expect(choose(['algorithm=ps-dqn'], assign, 'mixer', 'monotonic')).toEqual([
      'sharedAgents=true',
      'agentId=true',
    ]);
    expect(choose(['algorithm=ps-dqn'], assign, 'agentId', 'false')).toEqual([
      'sharedAgents=true',
      'mixer=none',
    ]);
  });

  test('of one field of an algorithm keeps what was set by itself beside the name', () => {
    const values = { sharedAgents: 'true', agentId: 'true', mixer: 'none' };
    const before = new Map([
      ['algorithm', 'ps-dqn'],
      ['agentId', 'false'],
    ]);
    expect([...assign(before, values, 'mixer', 'sum')].sort()).toEqual([
      ['agentId', 'false'],
      ['mixer', 'sum'],
      ['sharedAgents', 'true'],
    ]);
  });
});

describe('setting back', () => {
  test('takes a field to its default', () => {
    expect(choose(['gamma=0.9', 'tau=0.5'], unassign, 'gamma')).toEqual(['tau=0.5']);
  });

  test('of an algorithm takes all that it stands for', () => {
    expect(choose(['algorithm=ps-dqn', 'tau=0.5'], unassign, 'algorithm')).toEqual(['tau=0.5']);
    expect(choose(['mixer=sum', 'sharedAgents=true'], unassign, 'algorithm')).toEqual([]);
  });

  test('of one field of an algorithm leaves the others as they were', () => {
    expect(choose(['algorithm=ps-dqn'], unassign, 'mixer')).toEqual(['sharedAgents=true', 'agentId=true']);
  });
});
