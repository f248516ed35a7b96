import { describe, expect, it } from 'vitest';
import { MEASURES, measureOfLearners, measureOfRows } from '../../src/compare/measure.ts';

const { NaN: none } = Number;

describe('the measure', () => {
  it.each([
    ['return', 'no rows', []],
    ['return', 'nothing measured', [{ success: none, trainingSuccess: none }]],
    ['return', 'no training episode ended', [{ success: 0, trainingSuccess: null }]],
    ['return', 'none succeeded', [0, 0].map((success) => ({ success, trainingSuccess: 0 }))],
    [
      'success',
      'one greedy start solved',
      [
        { success: 0, trainingSuccess: 0 },
        { success: 1e-4, trainingSuccess: 0 },
      ],
    ],
    ['success', 'one training episode succeeded', [{ success: none, trainingSuccess: 0.01 }]],
  ] as const)('is %s where %s', (measure, _, rows) => {
    expect(measureOfRows(rows)).toBe(measure);
  });

  it('is success for all learners once one has seen it', () => {
    expect(measureOfLearners([{ successSeen: false }, { successSeen: false }])).toBe('return');
    expect(measureOfLearners([{ successSeen: false }, { successSeen: true }])).toBe('success');
  });

  it('is written in percent, or as a plain number', () => {
    expect([0, 0.05, 1].map(MEASURES.success.text)).toEqual(['0.00%', '5.00%', '100.00%']);
    expect([0, 5, -12.346, 1, 0.0123, -0.9876].map(MEASURES.return.text)).toEqual([
      '0.00',
      '5.00',
      '-12.35',
      '1.00',
      '0.012',
      '-0.988',
    ]);
  });
});
