import { Command, CommanderError, Option } from 'commander';
import { DEFAULT_PLAN, PARTS } from '../bench/plan.ts';
import { configFields, describeField, populationFields } from '../config.ts';
import { EnvironmentFailure } from '../env/failure.ts';
import { environmentNames } from '../env/registry.ts';
import { algorithms, presets } from '../presets.ts';
import { closeEnvironments } from '../train/environments.ts';
import { ROLLOUT_HELP, ROLLOUTS } from '../train/open_rollout.ts';
import { BACKENDS, closeDevices } from './backend.ts';
import { bench } from './bench.ts';
import { checkEnvironmentFile } from './check_environment.ts';
import { compare } from './compare.ts';
import { devices } from './devices.ts';
import { evaluate, SAMPLED_STARTS } from './evaluate.ts';
import { exportParameters } from './export.ts';
import { inspect } from './inspect.ts';
import { outliveReaders, plainText, printJson, say, write } from './output.ts';
import { INTERRUPTED, isToldOf } from './session.ts';
import { sweep } from './sweep.ts';
import { train } from './train.ts';
import { verify } from './verify.ts';

const RUN = 'npm run --silent qmix --';

/** Set by the command that runs; 0 only where all is well. */
let exitCode = 0;

const program = new Command('qmix')
  .usage('COMMAND [options]')
  .description('QMIX, cooperative multi-agent reinforcement learning, in hand-written WebGPU kernels.')
  .version('0.1.0')
  .configureOutput({
    writeOut: (text) => write(process.stdout, plainText(text)),
    writeErr: (text) => write(process.stderr, plainText(text)),
  })
  .showHelpAfterError('(--help lists what is allowed)')
  .exitOverride();

const backend = (): Option =>
  new Option(
    '--backend <name>',
    'auto: WebGPU where there is an adapter or one can be fetched, else the CPU reference',
  )
    .choices(BACKENDS)
    .default('auto');
const rollout = (): Option => new Option('--rollout <name>', ROLLOUT_HELP).choices(ROLLOUTS).default('auto');
const named = (): Option =>
  new Option(
    '--environment <file>',
    'where the environment is a module: its file, as what a file names is run only if you name it too',
  );
const changed = (): Option =>
  new Option('--environment-changed', 'the module is another than before, and that is as it should be');
const json = (): Option =>
  new Option('--json', 'print one JSON object on standard output, and nothing else there');
const preset = (): Option =>
  new Option(
    '--preset <name>',
    `start from ${Object.keys(presets).join(', ')} (default: what the environment is learnt with)`,
  );
const algorithm = (): Option =>
  new Option(
    '--algorithm <name>',
    `${Object.keys(algorithms).join(', ')}: sets sharedAgents, agentId and mixer (default: qmix)`,
  );
const environment = (): Option =>
  new Option(
    '--environment <name|file>',
    `${environmentNames.join(', ')}, or a module file (default: meeting-gridworld)`,
  );
const seeds = (): Option =>
  new Option('--seeds <list>', 'one learner a seed, as in 2025,2026 or 1-10; all train at once');
const set = (): Option =>
  new Option('--set <field=value>', 'set a field of the configuration; may be repeated')
    .argParser(gather)
    .default([], 'none');
const fieldValues = (flags: string, description: string): Option =>
  new Option(flags, description).argParser(gather).default([], 'none');
const config = (): Option =>
  new Option('--config <file>', "JSON file of fields, over the preset's; a run's config.json serves");
const atOnce = (): Option =>
  new Option(
    '--at-once <n>',
    'train at most so many learners together, one group after another, with the same bits (default: all)',
  );
const saveSeconds = (): Option =>
  new Option(
    '--save-seconds <n>',
    'save at least every so many seconds, besides every saveEvery updates',
  ).default('60');
const gather = (value: string, before: readonly string[]): string[] => [...before, value];

program
  .command('train')
  .description(
    'Train, with a folder for the run: checkpoint, metrics, configuration, learning curve, summary.',
  )
  .addOption(preset())
  .addOption(algorithm())
  .addOption(environment())
  .addOption(seeds())
  .option('--updates <n>', 'gradient updates after which a learner is finished')
  .addOption(set())
  .addOption(config())
  .option('--out <dir>', 'folder of the run, new or empty (default: runs/<preset>-<date>-<time>)')
  .option('--resume <dir>', 'go on with the run in this folder, exactly; --updates may be raised')
  .addOption(changed())
  .addOption(atOnce())
  .addOption(saveSeconds())
  .addOption(backend())
  .addOption(rollout())
  .addOption(json())
  .addHelpText('after', () => `\n${fieldsHelp()}\n${trainExamples}`)
  .action(async (options) => {
    exitCode = await train(options);
  });

program
  .command('sweep')
  .description(
    'Train every setting of a cross product with every seed, and rank them. Settings that learners of one run may ' +
      `differ in (${populationFields.join(', ')}) train in the same dispatches; others in further runs. Ranked by greedy ` +
      'success; where no seed has seen success, by greedy return.',
  )
  .addOption(fieldValues('--vary <field=a,b,…>', 'a field and its values; may be repeated'))
  .addOption(preset())
  .addOption(algorithm())
  .addOption(environment())
  .addOption(seeds())
  .option('--updates <n>', 'gradient updates after which a learner is finished')
  .addOption(set())
  .addOption(config())
  .option('--out <dir>', 'folder of the sweep; where it holds this very sweep, it goes on')
  .option('--resume <dir>', 'go on with the sweep in this folder, exactly')
  .addOption(changed())
  .addOption(atOnce())
  .addOption(saveSeconds())
  .addOption(backend())
  .addOption(json())
  .addHelpText(
    'after',
    `\nWrites sweep.json, sweep.csv, curves.svg and a folder for each run. \`train --help\` lists the fields.

Examples:
  ${RUN} sweep --vary learningRate=3e-3,1e-3,3e-4 --seeds 1-3 --out runs/rates
  ${RUN} sweep --vary gamma=0.9,0.99 --vary batchSize=64,128 --algorithm vdn
  ${RUN} sweep --resume runs/rates`,
  )
  .action(async (options) => {
    exitCode = await sweep(options);
  });

program
  .command('compare')
  .description(
    'Train algorithms on one environment with the same seeds and the same number of updates, and set them side by ' +
      'side: greedy success over all starts, steps to 90% and 100%, wall time; mean, standard deviation, IQM and ' +
      '95% stratified bootstrap interval. Where no seed has seen success, ' +
      'algorithms are tuned and compared by return.',
  )
  .option(
    '--algorithms <list>',
    `some of ${Object.keys(algorithms).join(',')}, with commas between (default: all)`,
  )
  .addOption(preset())
  .addOption(environment())
  .addOption(seeds())
  .option(
    '--updates <n>',
    "the budget: updates of every learner; nothing else ends one (default: the preset's)",
  )
  .addOption(
    fieldValues('--tune <field=a,b,…>', 'add each algorithm at the best of a small sweep, equal for all'),
  )
  .option('--tune-seeds <list>', "the sweep's seeds, none of the comparison's (default: three)")
  .option('--tune-updates <n>', "the sweep's updates of every learner (default: the comparison's)")
  .addOption(set())
  .addOption(config())
  .option('--out <dir>', 'folder of the comparison; where it holds this very comparison, it goes on')
  .option('--resume <dir>', 'go on with the comparison in this folder, exactly')
  .addOption(changed())
  .addOption(atOnce())
  .addOption(saveSeconds())
  .addOption(backend())
  .addOption(json())
  .addHelpText(
    'after',
    `\nWrites comparison.json, comparison.csv, marl-eval.json (as marl-eval reads it), curves.svg and a folder for each run.

Examples:
  ${RUN} compare --seeds 1-5 --out runs/side-by-side
  ${RUN} compare --algorithms vdn,qmix --environment two-step --seeds 1-10
  ${RUN} compare --seeds 1-5 --updates 10000 --tune learningRate=3e-3,1e-3,3e-4 --tune-updates 5000
  ${RUN} compare --resume runs/side-by-side`,
  )
  .action(async (options) => {
    exitCode = await compare(options);
  });

program
  .command('evaluate')
  .description('Play the greedy policies of a checkpoint: success, length / optimal, return.')
  .argument('<checkpoint>', 'checkpoint.safetensors, or the folder of a run')
  .option('--exhaustive', `play all starts (default: a random sample of ${SAMPLED_STARTS})`)
  .option(
    '--best',
    "each learner's best parameters instead of the last: chosen by evaluations on their starts",
  )
  .addOption(named())
  .addOption(changed())
  .addOption(backend())
  .addOption(json())
  .addHelpText(
    'after',
    `\nExamples:\n  ${RUN} evaluate runs/mine/checkpoint.safetensors --exhaustive\n  ${RUN} evaluate runs/mine --json`,
  )
  .action(async (checkpoint, options) => {
    exitCode = await evaluate(checkpoint, options);
  });

program
  .command('export')
  .description("Write the parameters of a checkpoint's learners alone, as PyTorch's state_dict names them.")
  .argument('<checkpoint>', 'checkpoint.safetensors, or the folder of a run')
  .requiredOption('--out <file>', 'a new safetensors file')
  .option(
    '--best',
    "each learner's best parameters instead of the last: chosen by evaluations on their starts",
  )
  .addOption(json())
  .addHelpText('after', `\nExamples:\n  ${RUN} export runs/mine --out policy.safetensors --best`)
  .action(async (checkpoint, options) => {
    exitCode = await exportParameters(checkpoint, options);
  });

program
  .command('inspect')
  .description("Print what a game's learners have learned: Q_tot of every joint action, beside the payoff.")
  .argument('<checkpoint>', 'checkpoint.safetensors, or the folder of a run, of a game')
  .addOption(json())
  .addHelpText('after', `\nExamples:\n  ${RUN} inspect runs/game\n  ${RUN} inspect runs/game --json`)
  .action(async (checkpoint, options) => {
    exitCode = await inspect(checkpoint, options);
  });

program
  .command('check-environment')
  .description('Play an environment of your own at random, and name the rule that it breaks.')
  .argument('<file>', 'JavaScript module (.js, .mjs) whose default export makes the environment')
  .addOption(json())
  .addHelpText('after', `\nExamples:\n  ${RUN} check-environment src/env/examples/plates.mjs`)
  .action(async (file, options) => {
    exitCode = await checkEnvironmentFile(file, options);
  });

program
  .command('verify')
  .description("Hold this machine's GPU to vector files of updates and to the float64 reference.")
  .argument('[files...]', 'vector files; without any, those that come with the project')
  .addOption(json())
  .addHelpText(
    'after',
    `\nExamples:\n  ${RUN} verify\n  ${RUN} verify src/verify/vectors/odd-sizes.safetensors --json`,
  )
  .action(async (files, options) => {
    exitCode = await verify(files, options);
  });

program
  .command('devices')
  .description('List the WebGPU adapters of this machine, and which one is used and why.')
  .option('--tune', 'measure how kernels are best cut up on the one that is used, and keep that')
  .addOption(json())
  .addHelpText('after', `\nExamples:\n  ${RUN} devices\n  QMIX_ADAPTER=lavapipe ${RUN} devices --json`)
  .action(async (options) => {
    exitCode = await devices(options);
  });

program
  .command('bench')
  .description(
    "Time this machine's GPU: every kernel alone beside a matmul's and a copy's peak, updates, rollouts and training " +
      'to the end. Results are checked first; medians of repeats, with the least and the most.',
  )
  .option('--preset <name>', 'sizes of this preset', DEFAULT_PLAN.preset)
  .option('--only <list>', `some of ${PARTS.join(',')} (default: all but solve)`)
  .option(
    '--learners <list>',
    `kernels and updates of so many learners (default: ${DEFAULT_PLAN.kernelLearners.join(',')}; ${DEFAULT_PLAN.learners.join(',')})`,
  )
  .option('--batch <list>', `updates with batches of this size (default: ${DEFAULT_PLAN.batch.join(',')})`)
  .option('--agents <list>', `updates of teams of so many agents (default: ${DEFAULT_PLAN.agents.join(',')})`)
  .option(
    '--environments <list>',
    `rollouts of so many environments (default: ${DEFAULT_PLAN.environments.join(',')})`,
  )
  .option(
    '--seeds <list>',
    `solve: train these seeds, one after another (default: ${DEFAULT_PLAN.seeds.join(',')})`,
  )
  .option('--figure <file>', 'draw how costs grow, as SVG')
  .option('--from <file>', 'measure nothing, and draw what `bench --json` printed into this file')
  .addOption(json())
  .addHelpText(
    'after',
    `\n--learners, --batch and --agents are varied one at a time; where one is given, only what is given is varied.

Examples:
  ${RUN} bench
  ${RUN} bench --only updates --preset solve --learners 1,8
  ${RUN} bench --only solve --seeds 2025-2029
  ${RUN} bench --json > bench.json
  ${RUN} bench --from bench.json --figure bench.svg`,
  )
  .action(async (options) => {
    exitCode = await bench(options);
  });

const trainExamples = `Examples:
  ${RUN} train
  ${RUN} train --preset solve --seeds 2025-2029 --out runs/five
  ${RUN} train --algorithm vdn --seeds 1-5
  ${RUN} train --environment two-step --seeds 1-10
  ${RUN} train --set gridSize=3 --set environments=8 --updates 2000 --backend cpu
  ${RUN} train --resume runs/five --updates 40000`;

function fieldsHelp(): string {
  const names = Object.keys(presets);
  const lines = configFields
    .filter((field) => field !== 'preset')
    .map((field) => {
      const values = names.map((name) => show(presets[name][field]));
      const same = values.every((value) => value === values[0]);
      const defaults = same ? values[0] : names.map((name, index) => `${name}: ${values[index]}`).join('; ');
      return `  ${field.padEnd(18)} ${describeField(field)} [${defaults}]`;
    });
  return ['Fields of the configuration, with the defaults of the presets:', ...lines, ''].join('\n');
}

/** A value as --set takes it. */
function show(value: unknown): string {
  if (!Array.isArray(value)) return String(value);
  if (value.length === 0) return 'none';
  return value.some(Array.isArray) ? JSON.stringify(value) : value.join(',');
}

/** Characters of a line of a message; what came in from outside may be of any length. */
const MOST_CHARACTERS = 2000;
const cut = (message: string): string =>
  message
    .split('\n')
    .map((line) => (line.length > MOST_CHARACTERS ? `${line.slice(0, MOST_CHARACTERS)}…` : line))
    .join('\n');

/** What users read where something went wrong: a stack only where it is our mistake. */
function report(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  const stack = error instanceof Error && !isToldOf(error) ? error.stack : undefined;
  say(`error: ${stack ?? cut(message)}`);
  if (process.argv.includes('--json')) printJson({ error: message });
}

outliveReaders();
try {
  await program.parseAsync();
} catch (error) {
  // Commander has said itself what is wrong with the words given; help and version end with 0.
  if (error instanceof CommanderError) exitCode = error.exitCode;
  else {
    exitCode = error instanceof EnvironmentFailure && error.interrupted ? INTERRUPTED : 1;
    report(error);
  }
}
// A user's environment has a worker, which would keep the process alive.
await closeEnvironments();
closeDevices();
// Not process.exit: with work in flight it would end Dawn's process in a crash.
process.exitCode = exitCode;
