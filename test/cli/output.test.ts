import { expect, it } from 'vitest';
import { plainText } from '../../src/cli/output.ts';

it('text of files reaches a terminal with its control characters spelt out, line ends and tabs as they are', () => {
  expect(plainText('a\tb\nc')).toBe('a\tb\nc');
  expect(plainText('\u001b[2Jred\u0007')).toBe('\\u001b[2Jred\\u0007');
  expect(plainText('\u007f\u009b\r\u202e')).toBe('\\u007f\\u009b\\u000d\\u202e');
  expect(JSON.parse(plainText(JSON.stringify({ name: '\u009b1m' })))).toEqual({ name: '\u009b1m' });
});
