import { describe, expect, test } from 'vitest';
import { useNodeGpu } from '../support/node_gpu.ts';
import { caseTitles, findCase } from './find_case.ts';

describe('kernels in Node', () => {
  const gpu = useNodeGpu();
  test.each(caseTitles)('%s', async (title) => {
    expect(await findCase(title).run(gpu())).toEqual([]);
  });
});
