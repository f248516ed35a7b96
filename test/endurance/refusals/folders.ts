import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { CommandName } from '../works.ts';
import { disturb, isJson, isWhole, type Outcome, type Stage, type Trial } from './trial.ts';

/** Ten folders that vanish. */
export const FOLDERS: readonly Trial[] = [
  { title: 'train: its folder is deleted', run: (stage) => deleted(stage, 'train') },
  { title: 'train: its folder is moved away', run: (stage) => moved(stage, 'train') },
  { title: 'train: the working directory is deleted', run: workingDirectory },
  { title: 'sweep: its folder is deleted', run: (stage) => deleted(stage, 'sweep') },
  {
    title: 'sweep: the folder of a run of it is deleted',
    run: (stage) => deleted(stage, 'sweep', 'group-1'),
  },
  { title: 'sweep: its folder is moved away', run: (stage) => moved(stage, 'sweep') },
  { title: 'compare: its folder is deleted', run: (stage) => deleted(stage, 'compare') },
  { title: 'export: the folder for its file is gone', run: exported },
  { title: 'evaluate --json: the folder of the run is gone', run: evaluated },
  { title: 'devices --json: the working directory is gone', run: devicesNowhere },
];

async function deleted(stage: Stage, command: CommandName, below = ''): Promise<Outcome> {
  const of = await stage.expected(command);
  const out = stage.place.newPath(command);
  const args = of.work.begin(out);
  const path = join(out, below);
  const remove = () => rmSync(path, { recursive: true, maxRetries: 5 });
  const { ended, after } = await disturb(stage, args, of.milliseconds, remove, {
    begun: () => existsSync(path),
  });
  const moment = `${path} was deleted ${after}`;
  // Where a run of a sweep had ended, what is told of it was read before.
  const lost = (file: string) => below !== '' && file.startsWith(`${below}/`);
  const done = isWhole(out, of, lost);
  return { args, moment, ended, done, otherCode: 1, left: { of, folder: out } };
}

async function moved(stage: Stage, command: CommandName): Promise<Outcome> {
  const of = await stage.expected(command);
  const out = stage.place.newPath(command);
  const elsewhere = stage.place.newPath('elsewhere');
  const args = of.work.begin(out);
  const move = () => renameSync(out, elsewhere);
  const { ended, after } = await disturb(stage, args, of.milliseconds, move, {
    begun: () => existsSync(out),
  });
  const moment = `${out} was moved to ${elsewhere} ${after}`;
  const done = isWhole(elsewhere, of);
  return { args, moment, ended, done, otherCode: 1, left: { of, folder: elsewhere, moved: true } };
}

async function workingDirectory(stage: Stage): Promise<Outcome> {
  const of = await stage.expected('train');
  const cwd = stage.place.newFolder('cwd');
  const args = of.work.begin('run');
  const folder = join(cwd, 'run');
  const remove = () => rmSync(cwd, { recursive: true, maxRetries: 5 });
  const begun = () => existsSync(folder);
  const { ended, after } = await disturb(stage, args, of.milliseconds, remove, { cwd, begun });
  const moment = `the working directory was deleted ${after}`;
  return { args, moment, ended, done: isWhole(folder, of), otherCode: 1, left: { of, folder } };
}

async function exported(stage: Stage): Promise<Outcome> {
  const file = join(stage.place.newPath('gone'), 'policy.safetensors');
  const { folder } = await stage.expected('train');
  const args = ['export', folder, '--out', file];
  const ended = await stage.place.start(args).ended;
  return {
    args,
    moment: 'it was gone before the command was started',
    ended,
    done: existsSync(file),
    otherCode: 1,
  };
}

async function evaluated({ place }: Stage): Promise<Outcome> {
  const args = ['evaluate', place.newPath('gone'), '--json'];
  const ended = await place.start(args).ended;
  return { args, moment: 'it was gone before the command was started', ended, done: false, otherCode: 1 };
}

/** Deleted while Node starts: the command may or may not come to ask where it is. */
async function devicesNowhere(stage: Stage): Promise<Outcome> {
  const cwd = stage.place.newFolder('cwd');
  const args = ['devices', '--json'];
  const { ended, after } = await disturb(stage, args, 0, () => rmSync(cwd, { recursive: true }), { cwd });
  const moment = `the working directory was deleted ${after}`;
  return { args, moment, ended, done: isJson(ended.stdout), otherCode: 1 };
}
