import { existsSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Log, seconds } from './log.ts';
import { readUsage, toldBy } from './processes.ts';
import { brokenCheckpoints } from './results.ts';
import { Samples, type SoakOptions } from './soak.ts';
import type { Workplace } from './workplace.ts';

/** Of an interrupted sweep. */
const INTERRUPTED = 130;
/** More runs than a minute has time for, of a quarter of a second or more. */
const RUNS_PER_MINUTE = 240;
const [WARMUPS, SIZES] = [60, 2];

/** One process that sweeps over many short runs on WebGPU, of two sizes in turn. Returns the exit code. */
export async function soakSweep(
  { minutes, every, seed }: SoakOptions,
  log: Log,
  place: Workplace,
): Promise<number> {
  const out = place.newPath('sweep');
  const args = sweepCommand(minutes, seed, out);
  log.line(`A sweep of ${minutes} minutes; seed ${seed}`);
  const begun = performance.now();
  const { child, ended } = place.start(args);
  const isOver = ended.then(() => true);
  const samples = new Samples(log, 'runs');
  const runs = () =>
    existsSync(out) ? readdirSync(out).filter((name) => name.startsWith('group-')).length : 0;
  for (let next = every; next <= minutes; next += every) {
    const over = await Promise.race([sleep(begun + 60_000 * next - performance.now(), false), isOver]);
    if (over) break;
    const usage = readUsage(child.pid!);
    if (usage) samples.add({ minute: next, done: runs(), usages: new Map([['node', usage]]) });
  }
  const before = performance.now();
  child.kill('SIGTERM');
  const { code, signal, stderr } = await ended;
  log.line(`ended ${seconds(performance.now() - before)} after SIGTERM: exit code ${code ?? signal}`);
  if (code === 0) log.fault('the sweep had ended before its time');
  else if (code !== INTERRUPTED) {
    log.fault(`exit code ${code ?? signal}, expected ${INTERRUPTED}`, toldBy(stderr));
  }
  const broken = await brokenCheckpoints(out);
  if (broken.length > 0) log.fault('damaged checkpoints', broken.join('\n'));
  return log.end(samples.report());
}

function sweepCommand(minutes: number, seed: number, out: string): string[] {
  const count = Math.ceil((minutes * RUNS_PER_MINUTE) / (WARMUPS * SIZES));
  const range = (first: number, length: number) => Array.from({ length }, (_, index) => first + index).join();
  const settings = [
    ...[
      'gridSize=3',
      'mixerWidth=3',
      'hyperHidden=4',
      'environments=3',
      'batchSize=5',
      'replayCapacity=1200',
    ],
    ...['warmup=40', 'epsilonDecaySteps=900', 'episodeLimit=9', 'stopWhenSolved=false', 'evaluateEvery=400'],
  ].flatMap((assignment) => ['--set', assignment]);
  const vary = [`logEvery=${range(100, count)}`, `warmup=${range(40, WARMUPS)}`, 'hidden=6,8'];
  return [
    ...['sweep', '--backend', 'webgpu', '--seeds', String(seed), '--updates', '1000', ...settings],
    ...vary.flatMap((values) => ['--vary', values]),
    ...['--out', out],
  ];
}
