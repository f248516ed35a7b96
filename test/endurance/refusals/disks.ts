import { closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { CommandName } from '../works.ts';
import { disturb, isJson, isWhole, type Outcome, type Stage, type Trial } from './trial.ts';

const LARGE = 256e6;
/** Holds the first savings of `train` and not the last. */
const SMALL = 30e6;
const PAGE = new Uint8Array(4096);

/** Ten disks without space. They need a system that lets us mount them. */
export const DISKS: readonly Trial[] = [
  { title: 'train: no space from the start', run: (stage) => fullFromTheStart(stage, 'train') },
  { title: 'train: no space left at some moment', run: (stage) => fullLater(stage, 'train') },
  { title: 'train: no space left at another moment', run: (stage) => fullLater(stage, 'train') },
  { title: 'train: its checkpoint outgrows the disk', run: outgrown },
  { title: 'train --resume: no space', run: fullWhenResumed },
  { title: 'sweep: no space left at some moment', run: (stage) => fullLater(stage, 'sweep') },
  { title: 'compare: no space left at some moment', run: (stage) => fullLater(stage, 'compare') },
  { title: 'export: no space for its file', run: exported },
  { title: 'evaluate --json > file: no space for it', run: evaluated },
  { title: 'bench --figure: no space for it', run: drawn },
];

function mount({ place }: Stage, bytes = LARGE): string {
  const disk = place.mountDisk(bytes);
  if ('why' in disk) throw new Error(`no disk could be mounted: ${disk.why}`);
  return disk.path;
}

/** Takes all space that is left on a disk; returns what gives it back. */
function fill(disk: string): () => void {
  const path = join(disk, 'ballast');
  const file = openSync(path, 'w');
  try {
    for (;;) writeSync(file, PAGE);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    closeSync(file);
  }
  return () => rmSync(path);
}

async function fullFromTheStart(stage: Stage, command: CommandName): Promise<Outcome> {
  const of = await stage.expected(command);
  const disk = mount(stage);
  const out = join(disk, 'run');
  const free = fill(disk);
  const args = of.work.begin(out);
  const ended = await stage.place.start(args).ended;
  free();
  const moment = 'the disk was full before it was started';
  return { args, moment, ended, done: isWhole(out, of), otherCode: 1, left: { of, folder: out } };
}

async function fullLater(stage: Stage, command: CommandName): Promise<Outcome> {
  const of = await stage.expected(command);
  const disk = mount(stage);
  const out = join(disk, 'run');
  const args = of.work.begin(out);
  let free = () => {};
  const fillIt = () => {
    free = fill(disk);
  };
  const begun = () => existsSync(out);
  const { ended, after } = await disturb(stage, args, of.milliseconds, fillIt, { begun });
  free();
  const moment = `the disk became full ${after}`;
  return { args, moment, ended, done: isWhole(out, of), otherCode: 1, left: { of, folder: out } };
}

async function outgrown(stage: Stage): Promise<Outcome> {
  const of = await stage.expected('train');
  const disk = mount(stage, SMALL);
  const out = join(disk, 'run');
  const args = of.work.begin(out);
  const ended = await stage.place.start(args).ended;
  stage.place.resizeDisk(disk, LARGE);
  const moment = `the disk holds ${SMALL / 1e6} MB`;
  return { args, moment, ended, done: isWhole(out, of), otherCode: 1, left: { of, folder: out } };
}

async function fullWhenResumed(stage: Stage): Promise<Outcome> {
  const of = await stage.expected('train');
  const disk = mount(stage);
  const out = join(disk, 'run');
  const begun = () => of.work.canResume(out);
  await disturb(stage, of.work.begin(out), of.milliseconds, ({ child }) => child.kill('SIGTERM'), { begun });
  const free = fill(disk);
  const args = of.work.resume(out);
  const ended = await stage.place.start(args).ended;
  free();
  const moment = 'the disk was full when it was resumed';
  return { args, moment, ended, done: isWhole(out, of), otherCode: 1, left: { of, folder: out } };
}

async function exported(stage: Stage): Promise<Outcome> {
  const disk = mount(stage);
  fill(disk);
  const file = join(disk, 'policy.safetensors');
  const { folder } = await stage.expected('train');
  const args = ['export', folder, '--out', file];
  const ended = await stage.place.start(args).ended;
  return { args, moment: 'the disk was full', ended, done: existsSync(file), otherCode: 1 };
}

async function evaluated(stage: Stage): Promise<Outcome> {
  const disk = mount(stage);
  const file = join(disk, 'evaluation.json');
  const stdout = openSync(file, 'w');
  fill(disk);
  const { folder } = await stage.expected('train');
  const args = ['evaluate', folder, '--json'];
  const ended = await stage.place.start(args, {}, { stdout }).ended;
  closeSync(stdout);
  const done = isJson(readFileSync(file, 'utf8'));
  return { args: [...args, '>', file], moment: 'the disk was full', ended, done, otherCode: 1 };
}

async function drawn(stage: Stage): Promise<Outcome> {
  const disk = mount(stage);
  const report = stage.place.newPath('bench.json');
  writeFileSync(report, JSON.stringify({ adapter: 'none', kernels: [], updates: [], rollout: [] }));
  fill(disk);
  const file = join(disk, 'bench.svg');
  const args = ['bench', '--from', report, '--figure', file];
  const ended = await stage.place.start(args).ended;
  return { args, moment: 'the disk was full', ended, done: existsSync(file), otherCode: 1 };
}
