import { describe, expect, test } from 'vitest';
import { type Outcome, refused } from '../../src/verify/outcome.ts';
import { verdictLine, verifyText } from '../../src/verify/report.ts';

const passed = (file: string): Outcome => ({
  file,
  pass: true,
  note: 'every tensor within its bound',
  worst: { forward: 1e-7, gradients: 2e-6, parameters: 0, updateRule: 0, nextActions: 0 },
});

describe('what is said of a verification', () => {
  test('counts the files that there are, also where it was stopped', () => {
    const three = ['a', 'b', 'c'].map(passed);
    expect(verdictLine('GPU', three, 3)).toBe('GPU: 3 of 3 files pass');
    expect(verdictLine('GPU', three, 10)).toBe('GPU: 3 of 10 files pass, 7 were not verified');
    expect(verifyText('GPU', three, 4)).toMatch(/\nGPU: 3 of 4 files pass, 1 was not verified\n$/);
  });

  test('has a dash for the errors of a file that was refused', () => {
    const text = verifyText('GPU', [passed('a'), refused('cut', 'it ends early')], 2);
    expect(text).toMatch(/^cut( +–){5}$/m);
    expect(text).toContain('\ncut: FAIL. it ends early\nGPU: 1 of 2 files pass\n');
    expect(text).not.toContain('NaN');
  });
});
