import { describe, expect, test } from 'vitest';
import { useTestPage } from '../support/test_page.ts';
import { caseTitles } from './find_case.ts';

describe('kernels in Chromium', () => {
  const call = useTestPage();
  test('run on a WebGPU adapter', async () => {
    expect(await call('adapter')).not.toBe('');
  });
  test.each(caseTitles)('%s', async (title) => {
    expect(await call('runCase', title)).toEqual([]);
  });
});
