import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { brokenCheckpoints, hashesOf, type Result, readResult, runFolders } from './results.ts';
import type { Workplace } from './workplace.ts';

export const COMMANDS = ['train', 'sweep', 'compare'] as const;
export type CommandName = (typeof COMMANDS)[number];
export type Backend = 'cpu' | 'webgpu';

/** Networks of a few numbers and a replay of megabytes: short runs, whose savings take a while. */
const SETTINGS = [
  ...['gridSize=3', 'hidden=6', 'mixerWidth=3', 'hyperHidden=4', 'environments=3', 'batchSize=5'],
  ...['warmup=40', 'epsilonDecaySteps=900', 'episodeLimit=9', 'replayCapacity=60000', 'stopWhenSolved=false'],
  ...['evaluateEvery=400', 'logEvery=100', 'saveEvery=1000000'],
].flatMap((assignment) => ['--set', assignment]);

/** A command line as it is printed: what all have in common is named, not repeated. */
export const describeCommand = (args: readonly string[]): string =>
  `qmix ${args.join(' ')}`.replace(SETTINGS.join(' '), '$SETTINGS');
export const SETTINGS_LINE = `SETTINGS: ${SETTINGS.join(' ')}`;

/** Updates of every learner, so that the undisturbed command takes some seconds on two slow cores. */
const UPDATES: Record<CommandName, Record<Backend, number>> = {
  train: { cpu: 24_000, webgpu: 3_000 },
  sweep: { cpu: 9_000, webgpu: 2_000 },
  compare: { cpu: 8_000, webgpu: 700 },
};

/** A command that trains. Whatever happens on the way, it has one result. */
export class Work {
  readonly title: string;
  private readonly updates: number;

  constructor(
    readonly command: CommandName,
    readonly backend: Backend,
    /** Times the usual number of updates. */
    length = 1,
  ) {
    this.title = `${command}, ${backend}`;
    this.updates = Math.ceil(length * UPDATES[command][backend]);
  }

  begin(out: string): string[] {
    const { command, backend, updates } = this;
    const own = {
      train: ['--seeds', '1,2'],
      sweep: ['--seeds', '1', '--vary', 'gamma=0.9,0.99', '--vary', 'batchSize=4,5'],
      compare: [
        ...['--seeds', '1', '--algorithms', 'vdn,qmix', '--tune', 'learningRate=1e-3,1e-2'],
        ...['--tune-seeds', '11', '--tune-updates', String(Math.ceil(updates / 2))],
      ],
    }[command];
    const plan = ['--backend', backend, ...SETTINGS, '--updates', String(updates), ...own];
    return [command, ...plan, '--save-seconds', '0.2', '--out', out];
  }

  resume(out: string): string[] {
    return [this.command, '--resume', out, '--save-seconds', '0.2'];
  }

  /** Whether there is something in a folder to go on from: `train` needs a checkpoint, the others their plan. */
  canResume(out: string): boolean {
    return existsSync(join(out, this.command === 'train' ? 'checkpoint.safetensors' : 'plan.json'));
  }
}

/** How an undisturbed command comes out. */
export interface Expected {
  readonly work: Work;
  readonly folder: string;
  readonly result: Result;
  /** Of the parameters of each of its runs. */
  readonly hashes: readonly string[];
  readonly milliseconds: number;
  /** Folders of its runs, below its own. */
  readonly runs: readonly string[];
}

/** Runs a command undisturbed. Throws if it fails. */
export async function undisturbed(work: Work, place: Workplace): Promise<Expected> {
  const out = place.newPath('undisturbed');
  const begun = performance.now();
  const { code, stderr } = await place.start(work.begin(out)).ended;
  const milliseconds = performance.now() - begun;
  const broken = await brokenCheckpoints(out);
  if (code !== 0 || broken.length > 0) {
    throw new Error(
      `${work.title}, undisturbed, ended with exit code ${code}: ${stderr}${broken.join('\n')}`,
    );
  }
  return {
    work,
    folder: out,
    result: readResult(out),
    hashes: hashesOf(out),
    milliseconds,
    runs: runFolders(out),
  };
}

/** The backends of this machine: WebGPU only where there is an adapter. */
export async function findBackends(place: Workplace): Promise<Backend[]> {
  const { stdout } = await place.start(['devices', '--json']).ended;
  const found = (JSON.parse(stdout).devices as { found: boolean }[]).some((device) => device.found);
  return found ? ['cpu', 'webgpu'] : ['cpu'];
}
