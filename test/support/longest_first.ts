import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Beginnings of the files that take longest, longest first: the last file to end is then a short one. */
const LONG = ['test/kernels/kernels.gpu'];

const rank = ({ moduleId }: TestSpecification): number => {
  const at = LONG.findIndex((name) => moduleId.includes(name));
  return at < 0 ? LONG.length : at;
};

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}
