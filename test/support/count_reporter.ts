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
        const { state } = test.result();
        count[state]++;
        if (state === 'skipped' || state === 'pending') missing.push(described(test));
      }
      // Errors outside of tests: a file that cannot be imported, a hook of a whole file.
      count.failed += module.errors().length;
      for (const suite of module.children.allSuites()) count.failed += suite.errors().length;
    }
    const missed = missing.length > 0 ? `, ${missing.length} not run` : '';
    const lines = [...missing, `${count.passed} passed, ${count.failed} failed${missed}`];
    process.stdout.write(`${lines.join('\n')}\n`);
  }
}

/** A test that was not run, and why. */
function described(test: TestCase): string {
  const result = test.result();
  const why = result.state === 'skipped' && result.note ? result.note : 'skipped';
  return `Not run: ${test.module.relativeModuleId}: ${test.fullName}: ${why}`;
}
