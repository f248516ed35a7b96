import { join } from 'node:path';
import {
  createVitest,
  type TestCase,
  type TestModule,
  type TestSpecification,
  type Vitest,
} from 'vitest/node';
import type { CodeMutation } from './mutation.ts';
import type { Progress, Verdict } from './verdict.ts';
import type { Workplace } from './workplace.ts';

/**
 * Runs the test that should notice each mutation and, where that stays green, unless `namedOnly`, others. Throws where
 * one of them is not green without any mutation.
 */
export async function runTests(
  mutations: readonly CodeMutation[],
  place: Workplace,
  progress: Progress,
  namedOnly: boolean,
): Promise<void> {
  const vitest = await open(place);
  try {
    const runner = new Runner(vitest, place, namedOnly);
    for (const [file, names] of namesByFile(mutations)) {
      await runner.requireGreen(file, names);
      progress.note(`green without a mutation: ${file}`);
    }
    for (const mutation of mutations) progress.add(await runner.try(mutation));
  } finally {
    await vitest.close();
  }
}

const open = (place: Workplace): Promise<Vitest> =>
  createVitest('test', {
    root: place.folder,
    config: join(place.folder, 'vitest.config.ts'),
    watch: false,
    // Threads that are kept would keep modules, too, of which a source has been changed meanwhile.
    isolate: true,
    reporters: [{}],
  });

function namesByFile(mutations: readonly CodeMutation[]): Map<string, string[]> {
  const byFile = new Map<string, string[]>();
  for (const { red } of mutations) byFile.set(red.file, [...(byFile.get(red.file) ?? []), red.name]);
  return byFile;
}

class Runner {
  constructor(
    private readonly vitest: Vitest,
    private readonly place: Workplace,
    private readonly namedOnly: boolean,
  ) {}

  async requireGreen(file: string, names: readonly string[]): Promise<void> {
    const { tests, broken } = await this.run([file], names);
    if (broken) throw new Error(`${file}: ${broken}`);
    const red = redOf(tests).find(({ name }) => names.some((own) => name.startsWith(own)));
    if (red) throw new Error(`${file}: red without any mutation: ${red.fullName}: ${whyRed(red)}`);
  }

  async try(mutation: CodeMutation): Promise<Verdict> {
    const { file, name } = mutation.red;
    try {
      return await this.place.mutated(mutation, async (path) => {
        this.forget(path);
        const { tests, broken } = await this.run([file], [name]);
        const named = redOf(tests).find((test) => test.name.startsWith(name));
        if (named) return { mutation, noticed: 'named', detail: named.fullName };
        if (broken) return { mutation, noticed: 'unknown', detail: broken };
        const other = this.namedOnly ? undefined : await this.otherRed(file, path);
        if (!other) return { mutation, noticed: 'none', detail: '' };
        return { mutation, noticed: 'other', detail: `${other.module.relativeModuleId}: ${other.fullName}` };
      });
    } catch (error) {
      return { mutation, noticed: 'unknown', detail: error instanceof Error ? error.message : String(error) };
    } finally {
      this.forget(join(this.place.folder, mutation.file));
    }
  }

  /** Another test that is red: of the same file, else of the units that import the source. */
  private async otherRed(file: string, source: string): Promise<TestCase | undefined> {
    const [beside] = redOf((await this.run([file])).tests);
    return beside ?? redOf((await this.run(source)).tests)[0];
  }

  /** A source was changed. What is bundled of it is made anew, too. */
  private forget(path: string): void {
    this.vitest.invalidateFile(path);
    for (const project of this.vitest.projects) {
      for (const { moduleGraph } of Object.values(project.vite.environments)) {
        for (const [id, module] of moduleGraph.idToModuleMap) {
          if (id.endsWith('?bundled')) moduleGraph.invalidateModule(module);
        }
      }
    }
  }

  /**
   * Runs test files, or the units that import a source, and of them the tests whose names these begin, without any
   * all. `broken`: why no test can have told anything, as when a file does not compile.
   */
  private async run(
    what: readonly string[] | string,
    names?: readonly string[],
  ): Promise<{ tests: readonly TestCase[]; broken: string | undefined }> {
    // Pages are built when the runner first comes to a test of them, and not again.
    if (typeof what !== 'string' && what.some((file) => file.endsWith('.page.test.ts'))) {
      const own = await open(this.place);
      try {
        return await this.runIn(own, what, names);
      } finally {
        await own.close();
      }
    }
    return this.runIn(this.vitest, what, names);
  }

  private async runIn(
    vitest: Vitest,
    what: readonly string[] | string,
    names: readonly string[] | undefined,
  ): Promise<{ tests: readonly TestCase[]; broken: string | undefined }> {
    vitest.resetGlobalTestNamePattern();
    if (names) vitest.setGlobalTestNamePattern(new RegExp(names.map(escapeRegExp).join('|')));
    const specifications =
      typeof what === 'string' ? await this.unitsOf(what) : await this.specify(vitest, what);
    if (specifications.length === 0) return { tests: [], broken: undefined };
    const { testModules, unhandledErrors } = await vitest.runTestSpecifications(specifications);
    // Those of earlier runs are among them.
    const own = testModules.filter(({ moduleId, project }) =>
      specifications.some((one) => one.moduleId === moduleId && one.project.name === project.name),
    );
    return {
      tests: own.flatMap((module) => [...module.children.allTests()]),
      broken: brokenBy(own, unhandledErrors),
    };
  }

  private specify(vitest: Vitest, files: readonly string[]): Promise<TestSpecification[]> {
    return vitest.globTestSpecifications(files.map((file) => join(this.place.folder, file)));
  }

  private async unitsOf(source: string): Promise<TestSpecification[]> {
    const { config } = this.vitest;
    config.related = [source];
    try {
      const found = await this.vitest.getRelevantTestSpecifications();
      return found.filter(({ project }) => project.name === 'unit');
    } finally {
      delete config.related;
    }
  }
}

/** An error of a whole file: of its import, or outside of its tests. */
function brokenBy(modules: readonly TestModule[], unhandled: readonly unknown[]): string | undefined {
  const errors = [...modules.flatMap((module) => module.errors()), ...unhandled];
  return errors.length > 0 ? `no test can tell: ${(errors[0] as Error).message}` : undefined;
}

const redOf = (tests: readonly TestCase[]): TestCase[] =>
  tests.filter((test) => test.result().state === 'failed');

const whyRed = (test: TestCase): string => test.result().errors?.[0]?.message ?? 'no reason is known';

const escapeRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
