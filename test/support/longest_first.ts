import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take longest, longest first, so that the last to end is a short one. New ones may be missing. */
const LONG = [
  ...['kernels/kernels.gpu', 'app/session.page', 'app/keep.page', 'app/page.page', 'cli/bench.process'],
  ...[
    'app/tour.page',
    'verify/verify.gpu',
    'app/bench.page',
    'learner/tune.gpu',
    'cli/own_environment.process',
  ],
  ...['verify/blind.gpu', 'app/see.page', 'app/verify.page', 'train/owed.process', 'train/rollout.gpu'],
].map((name) => `/test/${name}.test.ts`);

const rank = ({ moduleId }: TestSpecification): number => {
  const at = LONG.findIndex((name) => moduleId.endsWith(name));
  return at < 0 ? LONG.length : at;
};

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}
