import { describe, expect, test } from 'vitest';
import { type Outcome, refused } from '../../src/verify/outcome.ts';
import { tensorLines, verdictLine, verifyText, worstTable } from '../../src/verify/report.ts';

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

  test('has every tensor of a file, with its errors, and the bound of its group', () => {
    const tensor = { name: 'q', group: 'forward', file: 1e-7, reference: 2e-7, pass: true } as const;
    const failed = { ...tensor, name: 'grad.w1', group: 'gradients', file: 0.5, pass: false } as const;
    const text = tensorLines({
      ...{ ...passed('odd'), pass: false, note: 'out of bounds: grad.w1' },
      tensors: [tensor, failed, { ...tensor, name: 'step1.w1', group: 'parameters', reference: 0 }],
    });
    expect(text).toBe(
      [
        'odd: FAIL. out of bounds: grad.w1',
        '  ok   q         file  1.0e-7  reference  2.0e-7  bound  1.0e-5',
        '  FAIL grad.w1   file  5.0e-1  reference  2.0e-7  bound  3.0e-5',
        '  ok   step1.w1  file  1.0e-7  reference  0.0e+0  bound  1.0e-4',
        '',
      ].join('\n'),
    );
    expect(tensorLines(passed('a'))).toBe('a: pass. every tensor within its bound\n');
  });

  test('has the worst error of each group, in its column, above the bounds', () => {
    const worst = { forward: 1e-7, gradients: 2e-6, parameters: 3e-5, updateRule: 4e-8, nextActions: 5 };
    expect(worstTable([{ ...passed('odd-sizes'), worst }]).replaceAll(/ +/g, ' ')).toBe(
      [
        'worst error forward gradients parameters updateRule nextActions',
        'odd-sizes 1.0e-7 2.0e-6 3.0e-5 4.0e-8 5.0e+0',
        'bound 1.0e-5 3.0e-5 1.0e-4 1.0e-6 0.0e+0',
      ].join('\n'),
    );
  });
});
