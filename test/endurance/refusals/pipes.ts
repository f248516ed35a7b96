import { existsSync } from 'node:fs';
import type { CommandName } from '../works.ts';
import { disturb, isWhole, type Outcome, type Running, type Stage, type Trial } from './trial.ts';

/** Of an interrupted command. */
const INTERRUPTED = 130;
const VECTORS = 'src/verify/vectors/odd-sizes.safetensors';

/** Ten readers that leave. None of them may cost anything. */
export const PIPES: readonly Trial[] = [
  { title: 'train: nobody reads its output', run: (stage) => unread(stage, 'train', leaveOutput, true) },
  { title: 'train --json: nobody reads its errors', run: (stage) => unread(stage, 'train', leaveErrors) },
  { title: 'train: nobody reads anything, and it is interrupted', run: interrupted },
  {
    title: 'sweep --json: nobody reads its output',
    run: (stage) => unread(stage, 'sweep', leaveOutput, true),
  },
  { title: 'compare: nobody reads anything', run: (stage) => unread(stage, 'compare', leave) },
  { title: 'export --json: nobody reads its output', run: exported },
  { title: 'evaluate --json: nobody reads its output', run: evaluated },
  {
    title: 'verify --json: nobody reads its output',
    run: (stage) => told(stage, ['verify', VECTORS, '--json']),
  },
  { title: 'devices --json: nobody reads its output', run: (stage) => told(stage, ['devices', '--json']) },
  { title: 'inspect --json: nobody reads its output', run: inspected },
];

const leaveOutput = ({ child }: Running): void => {
  child.stdout!.destroy();
};
const leaveErrors = ({ child }: Running): void => {
  child.stderr!.destroy();
};
const leave = (running: Running): void => {
  leaveOutput(running);
  leaveErrors(running);
};

/** A command that trains, and loses a reader at once or at a random moment. */
async function unread(
  stage: Stage,
  command: CommandName,
  act: (running: Running) => void,
  atOnce = false,
): Promise<Outcome> {
  const of = await stage.expected(command);
  const out = stage.place.newPath(command);
  const args = [...of.work.begin(out), ...(act === leave ? [] : ['--json'])];
  const { ended, after } = await disturb(stage, args, atOnce ? 0 : of.milliseconds, act);
  const moment = `the reader left ${after}`;
  return { args, moment, ended, done: isWhole(out, of), otherCode: 0, left: { of, folder: out } };
}

async function interrupted(stage: Stage): Promise<Outcome> {
  const of = await stage.expected('train');
  const out = stage.place.newPath('train');
  const args = of.work.begin(out);
  const leaveAndEnd = (running: Running) => {
    leave(running);
    running.child.kill('SIGTERM');
  };
  const begun = () => of.work.canResume(out);
  const { ended, after } = await disturb(stage, args, of.milliseconds, leaveAndEnd, { begun });
  const moment = `the readers left ${after}, and SIGTERM was sent`;
  const done = isWhole(out, of);
  return { args, moment, ended, done, otherCode: INTERRUPTED, left: { of, folder: out } };
}

async function exported(stage: Stage): Promise<Outcome> {
  const file = stage.place.newPath('policy.safetensors');
  const { folder } = await stage.expected('train');
  const outcome = await told(stage, ['export', folder, '--out', file, '--json']);
  return { ...outcome, done: existsSync(file) };
}

async function evaluated(stage: Stage): Promise<Outcome> {
  const { folder } = await stage.expected('train');
  return told(stage, ['evaluate', folder, '--json']);
}

async function inspected(stage: Stage): Promise<Outcome> {
  const game = stage.place.newPath('game');
  const words = ['--environment', 'two-step', '--backend', 'cpu', '--updates', '50', '--seeds', '1'];
  const { code, stderr } = await stage.place.start(['train', ...words, '--out', game]).ended;
  if (code !== 0) throw new Error(`a game could not be trained: ${stderr}`);
  return told(stage, ['inspect', game, '--json']);
}

/** A command that only tells something, to nobody. */
async function told({ place }: Stage, args: readonly string[]): Promise<Outcome> {
  const running = place.start(args);
  leaveOutput(running);
  const ended = await running.ended;
  return { args, moment: 'the reader left at once', ended, done: true, otherCode: 0 };
}
