import type { Reporter, SerializedError, TestModule } from 'vitest/node';

/** Ends the output with one plain line, "N passed, N failed", for readers that know no test runner. */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const count = { passed: 0, failed: unhandled.length, skipped: 0, pending: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) count[test.result().state]++;
      // Errors outside of tests: a file that cannot be imported, a hook of a whole file.
      count.failed += module.errors().length;
      for (const suite of module.children.allSuites()) count.failed += suite.errors().length;
    }
    const missed = count.skipped + count.pending;
    const line = `${count.passed} passed, ${count.failed} failed${missed > 0 ? `, ${missed} not run` : ''}`;
    process.stdout.write(`${line}\n`);
  }
}
