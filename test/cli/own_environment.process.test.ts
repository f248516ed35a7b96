import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { decodeSafetensors } from '../../src/safetensors.ts';
import { parseRows } from '../../src/train/metrics.ts';
import { sealed } from '../support/sealed.ts';
import { type Ended, qmix, start, temporaryFolder, untilRunning, withoutProgress } from './command.ts';

const PLATES = 'src/env/examples/plates.mjs';
/** Three environments of two learners, which are in the middle of episodes nearly always. */
const SETTINGS = [
  ...['hidden=6', 'mixerWidth=3', 'hyperHidden=4', 'environments=3', 'batchSize=5', 'warmup=40'],
  ...['replayCapacity=300', 'epsilonDecaySteps=900', 'evaluateEvery=50', 'logEvery=20', 'saveEvery=45'],
].flatMap((assignment) => ['--set', assignment]);
const train = (environment: string, ...args: string[]): string[] => [
  ...['train', '--backend', 'cpu', '--environment', environment, '--seeds', '3,7', ...SETTINGS],
  ...args,
];

const rowsOf = (folder: string) =>
  parseRows(readFileSync(join(folder, 'metrics.csv'), 'utf8')).map((row) => ({ ...row, seconds: 0 }));
const checkpoint = (folder: string): Buffer => readFileSync(join(folder, 'checkpoint.safetensors'));
const hash = ({ stdout }: Ended): string => JSON.parse(stdout).hash;

/** That a command failed as users are told: exit code 1, one line, no stack. Returns the line. */
function failure({ code, stderr, stdout }: Ended): string {
  const told = withoutProgress(stderr);
  expect(told).toMatch(/^error: [^\n]*\n$/);
  expect(code).toBe(1);
  expect(stdout).toBe('');
  return told.trimEnd();
}

describe('a run on a module', () => {
  it('whose observations are very long is evaluated in as many episodes as memory holds', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'long.mjs');
    writeFileSync(
      file,
      `const seen = () => ({ observations: Array.from({ length: 16 }, () => new Float32Array(65536)), state: [0] });
      export default () => ({
        agents: 16, actions: 2, observationSize: 65536, stateSize: 1, episodeLimit: 1,
        reset: seen, step: () => ({ ...seen(), reward: 1, terminated: true }),
      });`,
    );
    const small = [
      'hidden=2',
      'sharedAgents=true',
      'mixer=sum',
      'replayCapacity=4',
      'warmup=2',
      'batchSize=1',
    ];
    const { code, stdout } = await qmix(
      ...['train', '--backend', 'cpu', '--environment', file, '--seeds', '1', '--updates', '1', '--json'],
      ...['environments=1', ...small].flatMap((assignment) => ['--set', assignment]),
      ...['--out', join(folder, 'run')],
    );
    expect(code).toBe(0);
    // 2²⁶ numbers at a time, of 2²⁰ + 1 for each episode: not the 1,000 resets of others, which take 4 GB and more.
    expect(JSON.parse(stdout).seeds[0]).toMatchObject({ starts: 63, success: 1 });
  });

  it('with seeds that are not 0 goes on exactly, is evaluated, swept and compared', async () => {
    const folder = temporaryFolder();
    const run = (name: string) => join(folder, name);
    const whole = await qmix(...train(PLATES, '--updates', '100', '--out', run('whole'), '--json'));
    expect(whole.code).toBe(0);
    await qmix(...train(PLATES, '--updates', '50', '--out', run('half')));
    const half = decodeSafetensors(checkpoint(run('half')), 'half').tensors;
    const words = half.get('seeds.7.environment')!;
    expect([0, 1, 2].some((copy) => words.data[copy * words.shape[1] + 1] > 0)).toBe(true);
    const resumed = ['train', '--resume', run('half'), '--updates', '100', '--json'];
    expect(hash(await qmix(...resumed, '--environment', PLATES))).toBe(hash(whole));
    expect(checkpoint(run('half')).equals(checkpoint(run('whole')))).toBe(true);

    const evaluated = await qmix('evaluate', run('whole'), '--environment', PLATES, '--json');
    const seeds = JSON.parse(evaluated.stdout).seeds as { seed: number; success: number; hash: string }[];
    const trained = JSON.parse(whole.stdout).seeds as typeof seeds;
    const outcome = ({ seed, success, hash }: (typeof seeds)[number]) => ({ seed, success, hash });
    expect(seeds.map(outcome)).toEqual(trained.map(outcome));

    const common = [
      '--backend',
      'cpu',
      '--environment',
      PLATES,
      '--seeds',
      '3,7',
      ...SETTINGS,
      '--updates',
      '100',
    ];
    const swept = await qmix('sweep', ...common, '--vary', 'gamma=0.99,0.9', '--out', run('sweep'), '--json');
    const [own] = JSON.parse(swept.stdout).settings.filter(
      ({ settings }: { settings: { gamma: number } }) => settings.gamma === 0.99,
    );
    expect(own.seeds.map(({ hash }: { hash: string }) => hash)).toEqual(trained.map(({ hash }) => hash));
    const compared = await qmix(
      'compare',
      ...common,
      '--algorithms',
      'qmix',
      '--out',
      run('compare'),
      '--json',
    );
    expect(JSON.parse(compared.stdout).algorithms[0].hash).toBe(hash(whole));
  });

  it('is run only if users name it, as it was, or as they say that it is', async () => {
    const folder = temporaryFolder();
    const module = join(folder, 'mine.mjs');
    const run = join(folder, 'run');
    copyFileSync(PLATES, module);
    await qmix(...train(module, '--updates', '20', '--out', run));
    const [evaluate, resume] = [
      ['evaluate', run],
      ['train', '--resume', run, '--updates', '30'],
    ];
    const before = checkpoint(run);
    const file = join(run, 'checkpoint.safetensors');
    for (const command of [evaluate, resume]) {
      expect(failure(await qmix(...command))).toBe(
        `error: ${file} was made with the module "${module}", which is run only if you name it: --environment ${module}`,
      );
      expect(failure(await qmix(...command, '--environment', 'matrix'))).toBe(
        `error: --environment: got "matrix", allowed: the module "${module}", which ${file} was made with, or where it is now`,
      );
    }
    expect(
      failure(await qmix('train', '--config', join(run, 'config.json'), '--out', join(folder, 'other'))),
    ).toContain(`names the module "${module}", which is run only if you name it: --environment ${module}`);

    // Moved, it is the same; changed by a byte, it is another.
    const moved = join(folder, 'moved.mjs');
    copyFileSync(module, moved);
    const { code, stdout } = await qmix(...evaluate, '--environment', moved);
    expect(code).toBe(0);
    expect(stdout).toMatch(/\ngreedy: 1,000 starts, the same every time\n$/);
    writeFileSync(moved, `${readFileSync(module, 'utf8')}\n`);
    for (const command of [evaluate, resume]) {
      expect(failure(await qmix(...command, '--environment', moved))).toMatch(
        /^error: --environment: .*moved\.mjs has SHA-256 [0-9a-f]{64}, allowed: [0-9a-f]{64}, which .* was made with; to use the changed module all the same: --environment-changed$/,
      );
    }
    expect(checkpoint(run).equals(before)).toBe(true);
    expect((await qmix(...resume, '--environment', moved, '--environment-changed')).code).toBe(0);
    // From now on the changed one is the run's.
    expect((await qmix(...evaluate, '--environment', moved)).code).toBe(0);
    expect(failure(await qmix(...evaluate, '--environment', module))).toContain('has SHA-256');
  });

  it('that a file says it is of runs nothing, whatever the file says', async () => {
    const folder = temporaryFolder();
    const run = join(folder, 'run');
    const touched = join(folder, 'touched');
    await qmix('train', '--backend', 'cpu', '--environment', 'matrix', '--updates', '2', '--out', run);
    const evil = join(folder, 'evil.mjs');
    writeFileSync(evil, `import fs from 'node:fs'; fs.writeFileSync(${JSON.stringify(touched)}, '');`);
    const { tensors, metadata } = decodeSafetensors(checkpoint(run), run);
    const config = JSON.stringify({ ...JSON.parse(metadata.config), environment: evil });
    writeFileSync(join(run, 'checkpoint.safetensors'), sealed(tensors, { ...metadata, config }));
    const work = join(folder, 'work');
    mkdirSync(work);
    const plan = {
      kind: 'sweep',
      config: JSON.parse(config),
      fingerprint: '',
      vary: ['gamma=0,1'],
      backend: 'cpu',
    };
    writeFileSync(join(work, 'plan.json'), JSON.stringify(plan));
    for (const command of [
      ['evaluate', run],
      ['inspect', run],
      ['export', run, '--out', join(folder, 'policy.safetensors')],
      ['train', '--resume', run],
      ['sweep', '--resume', work],
    ]) {
      await qmix(...command);
      expect(() => readFileSync(touched), command.join(' ')).toThrow('ENOENT');
    }
  });
});

/** plates.mjs, which fails at its so-manyth step of all its copies as long as a file beside it says so. */
const FAILING = `
import { existsSync, readFileSync } from 'node:fs';
import makePlates from ${JSON.stringify(pathToFileURL(PLATES).href)};
const flag = new URL('./fail', import.meta.url);
const [what, at] = existsSync(flag) ? readFileSync(flag, 'utf8').split(' ') : ['', '0'];
let steps = 0;
export default () => {
  const environment = makePlates();
  return {
    ...environment,
    step(actions) {
      const result = environment.step(actions);
      if (++steps !== Number(at)) return result;
      if (what === 'throws') throw new Error('lost its connection');
      if (what === 'exits') process.exit(3);
      if (what === 'hangs') for (;;);
      return { ...result, reward: NaN };
    },
  };
};
`;

describe('a module that fails late', () => {
  it('loses nothing: the run goes on to the bits of one that did not fail', async () => {
    const folder = temporaryFolder();
    const module = join(folder, 'failing.mjs');
    writeFileSync(module, FAILING);
    const undisturbed = join(folder, 'undisturbed');
    expect((await qmix(...train(module, '--updates', '120', '--out', undisturbed))).code).toBe(0);
    const places = new Set<string>();
    // The checker takes some hundreds of steps, training 792, and each evaluation thousands.
    for (const [index, [what, at]] of [
      ['throws', 700],
      ['throws', 1001],
      ['NaN', 4000],
      ['exits', 905],
      ['throws', 9000],
      ['exits', 31_000],
    ].entries()) {
      const run = join(folder, `run-${index}`);
      writeFileSync(join(folder, 'fail'), `${what} ${at}`);
      const line = failure(await qmix(...train(module, '--updates', '120', '--out', run)));
      places.add(line.includes('in an evaluation') ? 'evaluation' : 'training');
      expect(line).toContain('failing.mjs');
      expect(line).toMatch(/step \d+ of episode [\d,]+ of copy [\d,]+/);
      const goOn = `train --resume ${run} --environment ${module}`;
      expect(line).toContain(`once the module is mended, to go on: ${goOn} --environment-changed`);
      rmSync(join(folder, 'fail'));
      expect((await qmix(...goOn.split(' '))).code, line).toBe(0);
      expect(checkpoint(run).equals(checkpoint(undisturbed)), line).toBe(true);
      // Together, not one seed after another: the rows come in the same order.
      expect(rowsOf(run), line).toEqual(rowsOf(undisturbed));
    }
    expect([...places].sort()).toEqual(['evaluation', 'training']);
  });

  it('and hangs is told of after ten seconds, and Ctrl-C ends it with a save', async () => {
    const folder = temporaryFolder();
    const module = join(folder, 'failing.mjs');
    writeFileSync(module, FAILING);
    const undisturbed = join(folder, 'undisturbed');
    await qmix(...train(module, '--updates', '60', '--out', undisturbed));
    const run = join(folder, 'run');
    writeFileSync(join(folder, 'fail'), 'hangs 700');
    const started = start(train(module, '--updates', '60', '--out', run, '--json'));
    const { child, ended, told } = started;
    // For 10 s, or twice as long if it was told before of an import that took so long.
    const wait =
      /waiting for .*failing\.mjs for [1248]0 s: step \d+ of episode \d+ of copy \d+ \(seed [37]\)/;
    await untilRunning(started, 'it has told of the wait', () => wait.test(told()));
    child.kill('SIGINT');
    const { code, stdout } = await ended;
    expect(code).toBe(130);
    expect(JSON.parse(stdout).interrupted).toBe(true);
    rmSync(join(folder, 'fail'));
    expect((await qmix('train', '--resume', run, '--environment', module)).code).toBe(0);
    expect(checkpoint(run).equals(checkpoint(undisturbed))).toBe(true);
  });

  it('and is mended to play otherwise goes on as well: episodes that come out differently begin anew', async () => {
    const folder = temporaryFolder();
    const module = join(folder, 'my module.mjs');
    const run = join(folder, 'run');
    const source = (limit: number, mask: string, step: string) => `
      export default () => {
        let t;
        const look = () => ({ observations: [[t], [t]], state: [t], actionMask: [[1, 1, 1], ${mask}] });
        return {
          agents: 2, actions: 3, observationSize: 1, stateSize: 1, episodeLimit: 12,
          reset(random) { t = 0; return look(); },
          step(actions) { t++; ${step} return { ...look(), reward: actions[0], terminated: t >= ${limit} }; },
        };
      };`;
    writeFileSync(
      module,
      source(12, '[1, 1, 1]', "if (t === 9 && globalThis.steps++ > 60) throw new Error('x');").replace(
        'export',
        'globalThis.steps = 0; export',
      ),
    );
    const line = failure(
      await qmix(...train(module, '--set', 'stopWhenSolved=false', '--updates', '120', '--out', run)),
    );
    expect(line).toContain(`--resume ${run} --environment '${module}' --environment-changed`);
    const goOn = ['train', '--resume', run, '--environment', module, '--environment-changed'];
    // Episodes are over sooner, and what agent 2 was about to do is forbidden.
    writeFileSync(module, source(5, 't > 2 ? [0, 0, 1] : [1, 1, 1]', ''));
    const resumed = await qmix(...goOn, '--json');
    expect(withoutProgress(resumed.stderr)).toBe('');
    expect(resumed.code).toBe(0);
    expect(JSON.parse(resumed.stdout).seeds.map(({ updates }: { updates: number }) => updates)).toEqual([
      120, 120,
    ]);
    writeFileSync(
      module,
      source(5, '[1, 1, 1]', '')
        .replaceAll('stateSize: 1', 'stateSize: 2')
        .replaceAll('state: [t]', 'state: [t, t]'),
    );
    expect(failure(await qmix(...goOn, '--updates', '130'))).toContain(
      'a run cannot go on with a module of other sizes',
    );
  });

  it('in a run of a sweep stops the sweep, which goes on', async () => {
    const folder = temporaryFolder();
    const module = join(folder, 'failing.mjs');
    writeFileSync(module, FAILING);
    const sweep = (out: string): string[] => [
      ...['sweep', '--backend', 'cpu', '--environment', module, '--seeds', '3,7', ...SETTINGS],
      ...['--vary', 'batchSize=4,5', '--updates', '60', '--out', out],
    ];
    const whole = join(folder, 'whole');
    expect((await qmix(...sweep(whole))).code).toBe(0);
    const work = join(folder, 'work');
    writeFileSync(join(folder, 'fail'), 'throws 30000');
    const line = failure(await qmix(...sweep(work)));
    const goOn = `sweep --resume ${work} --environment ${module}`;
    expect(line).toContain(`to go on: ${goOn} --environment-changed`);
    rmSync(join(folder, 'fail'));
    expect((await qmix(...goOn.split(' '))).code).toBe(0);
    expect(readFileSync(join(work, 'sweep.csv'), 'utf8')).toBe(
      readFileSync(join(whole, 'sweep.csv'), 'utf8'),
    );
    writeFileSync(module, `${FAILING}\n`);
    expect(failure(await qmix(...goOn.split(' ')))).toContain('to use the changed module all the same');
    expect(failure(await qmix(...sweep(work)))).toContain(
      `to use the changed module all the same: ${goOn} --environment-changed`,
    );
    // A run that is not finished, and one that is: the changed module is for both.
    const first = join(work, 'group-1');
    const last = join(work, 'group-2');
    rmSync(join(last, 'summary.json'));
    expect((await qmix(...goOn.split(' '), '--environment-changed')).code).toBe(0);

    // What was finished stays as it was made, and the table says that not all were made alike.
    const mixed = await qmix(...goOn.split(' '));
    const fingerprintOf = (folder: string): string =>
      JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8')).environmentFingerprint;
    expect(mixed.stdout).toContain(
      `The module was changed on the way: runs ended on versions of SHA-256 ${fingerprintOf(first)}, ${fingerprintOf(last)}.`,
    );
    expect(JSON.parse(readFileSync(join(work, 'sweep.json'), 'utf8')).environmentFingerprints).toEqual([
      fingerprintOf(first),
      fingerprintOf(last),
    ]);
  });
});
