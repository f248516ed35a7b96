import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { type KillOptions, kills } from './kills.ts';
import { Log } from './log.ts';
import { LOSING, type LossOptions, losses } from './losses.ts';
import { type PageLossOptions, pageLosses } from './page_losses.ts';
import { type RefusalOptions, refusals } from './refusals/refusals.ts';
import { KINDS, type Kind } from './refusals/trial.ts';
import type { SoakOptions } from './soak.ts';
import { soakPage } from './soak_page.ts';
import { soakSweep } from './soak_sweep.ts';
import { Workplace } from './workplace.ts';
import { type Backend, COMMANDS, type CommandName, findBackends } from './works.ts';

/** Returns the exit code: 1 if anything came out wrong. */
export async function main(parameters: readonly string[]): Promise<number> {
  let exitCode = 1;
  /** Gives a script its log and its workplace. */
  const run = async (file: string | undefined, script: (log: Log, place: Workplace) => Promise<number>) => {
    const place = new Workplace();
    const log = new Log(file);
    try {
      exitCode = await script(log, place);
    } catch (error) {
      log.fault('the script cannot go on', error instanceof Error ? (error.stack ?? error.message) : '');
    } finally {
      place.close();
    }
  };
  const program = new Command('endure').description(
    'What commands and page survive: does it to them, and compares how they end with how they end undisturbed.',
  );

  program
    .command('kills')
    .description('Kill commands that train at random moments, resume them, and compare their files.')
    .addOption(count('kills', 150))
    .addOption(seed())
    .addOption(commands(COMMANDS))
    .addOption(backends())
    .addOption(log())
    .action((options: Omit<KillOptions, 'backends'> & { backends?: readonly Backend[]; log?: string }) =>
      run(options.log, async (log, place) =>
        kills({ ...options, backends: options.backends ?? (await findBackends(place)) }, log, place),
      ),
    );

  program
    .command('losses')
    .description(
      'Destroy the devices of commands at random moments, and compare the files that they end with.',
    )
    .addOption(count('devices', 80))
    .addOption(seed())
    .addOption(commands(LOSING))
    .addOption(log())
    .action((options: LossOptions & { log?: string }) =>
      run(options.log, (log, place) => losses(options, log, place)),
    );

  program
    .command('page-losses')
    .description(
      'Kill the GPU process of a browser in which the built page trains, which has to go on by itself.',
    )
    .addOption(count('kills', 20))
    .addOption(seed())
    .addOption(log())
    .action((options: PageLossOptions & { log?: string }) =>
      run(options.log, (log) => pageLosses(options, log)),
    );

  program
    .command('refusals')
    .description(
      'Take space, readers and folders from commands, and print what they say, what is kept, and whether it goes on. ' +
        'Full disks are small file systems in memory, for which mount has to be allowed.',
    )
    .addOption(seed())
    .option('--kinds <list>', `some of ${KINDS.join(',')}`, listOf(KINDS))
    .option('--only <text>', 'only those in whose title this stands')
    .addOption(log())
    .action((options: Omit<RefusalOptions, 'kinds'> & { kinds?: readonly Kind[]; log?: string }) =>
      run(options.log, (log, place) => refusals({ ...options, kinds: options.kinds ?? KINDS }, log, place)),
    );

  program
    .command('soak')
    .description('Have one process work for long, and print what it uses: threads, descriptors, memory.')
    .addArgument(new Argument('<what>', 'a sweep of many short runs, or the page').choices(['sweep', 'page']))
    .addOption(minutes('--minutes <n>', 'how long', 30))
    .addOption(minutes('--every <n>', 'minutes between two samples, of which there must be two', 5))
    .addOption(seed())
    .addOption(log())
    .action((what: string, options: SoakOptions & { log?: string }) =>
      run(options.log, (log, place) =>
        what === 'page' ? soakPage(options, log) : soakSweep(options, log, place),
      ),
    );

  await program.parseAsync(parameters as string[], { from: 'user' });
  return exitCode;
}

const seed = (): Option =>
  new Option('--seed <n>', 'what is drawn at random follows from it').argParser(wholeNumber).default(1);
const log = (): Option => new Option('--log <file>', 'write what is printed into this file too');
const count = (what: string, usual: number): Option =>
  new Option('--count <n>', `number of ${what}`).argParser(wholeNumber).default(usual);
const minutes = (flags: string, what: string, usual: number): Option =>
  new Option(flags, what).argParser(positive).default(usual);
const commands = (all: readonly CommandName[]): Option =>
  new Option('--commands <list>', `some of ${all.join(',')}`).argParser(listOf(all)).default(all, 'all');
const backends = (): Option =>
  new Option('--backends <list>', 'some of cpu,webgpu (default: both where there is an adapter)').argParser(
    listOf<Backend>(['cpu', 'webgpu']),
  );

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Allowed: a whole number.');
  return Number(text);
}

function positive(text: string): number {
  if (!(Number(text) > 0)) throw new InvalidArgumentError('Allowed: a number above 0.');
  return Number(text);
}

const listOf =
  <T extends string>(allowed: readonly T[]) =>
  (text: string): readonly T[] => {
    const list = text.split(',') as T[];
    const wrong = list.find((name) => !allowed.includes(name));
    if (wrong !== undefined) throw new InvalidArgumentError(`${wrong}: allowed are ${allowed.join(', ')}.`);
    return list;
  };
