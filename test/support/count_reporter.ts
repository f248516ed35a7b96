import type { Reporter, SerializedError, TestCase, TestModule } from 'vitest/node';

/**
 * Ends the output with one plain line, "N passed, N failed", for readers that know no test runner. Where tests were not
 * run, it says how many, after a line for each: which, and why.
 */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const missing: string[] = [];
    const count = { passed: 0, failed: unhandled.length, skipped: 0, pending: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        count[test.result().state]++;
        if (test.result().state === 'skipped') missing.push(...reason(test));
      }
      // Errors outside of tests: a file that cannot be imported, a hook of a whole file.
      count.failed += module.errors().length;
      for (const suite of module.children.allSuites()) count.failed += suite.errors().length;
    }
    const missed = count.skipped + count.pending;
    const lines = [
      ...missing,
      `${count.passed} passed, ${count.failed} failed${missed > 0 ? `, ${missed} not run` : ''}`,
    ];
    process.stdout.write(`${lines.join('\n')}\n`);
  }
}

/** A test that skipped itself, and why. One that was not asked for is only counted. */
function reason(test: TestCase): string[] {
  const result = test.result();
  const note = result.state === 'skipped' ? result.note : undefined;
  return note ? [`Not run: ${test.module.relativeModuleId}: ${test.fullName}: ${note}`] : [];
}
