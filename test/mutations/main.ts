import { Command, InvalidArgumentError, Option } from 'commander';
import { allMutations } from './all.ts';
import {
  type CodeMutation,
  describeMutation,
  KINDS,
  type Kind,
  type Mutation,
  type ShaderMutation,
} from './mutation.ts';
import { runShaders } from './run_shaders.ts';
import { runTests } from './run_tests.ts';
import { MOST_SLOW, select } from './select.ts';
import { Progress, summary } from './verdict.ts';
import { Workplace } from './workplace.ts';

/** Returns the exit code: 1 where the named test does not notice a mutation, or nothing is selected. */
export async function main(parameters: readonly string[]): Promise<number> {
  const program = new Command('mutations')
    .description(
      'Does a test notice when the sources are wrong? Makes one mutation at a time in a copy of the sources, and ' +
        'runs the test that has to go red: of shaders a case of their kernel (on SwiftShader, unless QMIX_ADAPTER ' +
        'says otherwise), of TypeScript a test of vitest. Fails where that test stays green.',
    )
    .argument('[text]', 'only those in whose file, texts or test this stands')
    .addOption(
      new Option('--kinds <list>', `some of ${KINDS.join(',')}`).argParser(kindList).default(KINDS, 'all'),
    )
    .option(
      '--sample <n>',
      `only so many, drawn from all kinds in turn; at most ${MOST_SLOW} of them, each of another kind, need a GPU, processes or a browser`,
      wholeNumber,
    )
    .option('--seed <n>', 'which a sample draws (default: another one every time)', wholeNumber)
    .option('--named-only', 'where the named test stays green, do not look whether another one notices')
    .option('--list', 'print those that are selected, and run none');
  program.parse(parameters as string[], { from: 'user' });
  const {
    kinds,
    sample,
    list,
    namedOnly,
    seed = Date.now() % 1e9,
  } = program.opts<{
    kinds: readonly Kind[];
    sample?: number;
    seed?: number;
    list?: boolean;
    namedOnly?: boolean;
  }>();
  const [text = ''] = program.args;
  const print = (line: string) => process.stdout.write(`${line}\n`);

  try {
    const picked = select(allMutations, { kinds, text, seed, ...(sample !== undefined && { sample }) });
    if (sample !== undefined) print(`drawn by seed ${seed}; to repeat it: --sample ${sample} --seed ${seed}`);
    if (list) {
      for (const one of picked) print(describeWithTest(one));
      return 0;
    }
    return await run(picked, namedOnly === true, print);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    return 1;
  }
}

async function run(
  picked: readonly Mutation[],
  namedOnly: boolean,
  print: (line: string) => void,
): Promise<number> {
  const began = performance.now();
  const progress = new Progress(picked.length, print);
  const shaders = picked.filter((one): one is ShaderMutation => one.kind === 'shaders');
  const code = picked.filter((one): one is CodeMutation => one.kind !== 'shaders');
  const place = await Workplace.open();
  try {
    if (code.length > 0) await runTests(code, place, progress, namedOnly);
    if (shaders.length > 0) await runShaders(shaders, place, progress);
  } finally {
    await place.close();
  }
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  print(`\n${summary(progress.verdicts)}\n${picked.length} mutations in ${seconds} s`);
  return progress.verdicts.every(({ noticed }) => noticed === 'named') ? 0 : 1;
}

const describeWithTest = (one: Mutation): string =>
  `${describeMutation(one)} | ${typeof one.red === 'string' ? one.red : `${one.red.file}: ${one.red.name}`}`;

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Allowed: a whole number.');
  return Number(text);
}

function kindList(text: string): readonly Kind[] {
  const list = text.split(',') as Kind[];
  const wrong = list.find((kind) => !KINDS.includes(kind));
  if (wrong !== undefined) throw new InvalidArgumentError(`${wrong}: allowed are ${KINDS.join(', ')}.`);
  return list;
}
