import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { compare } from '../../src/cli/compare.ts';
import { Interrupt } from '../../src/cli/interrupt.ts';
import { sweep } from '../../src/cli/sweep.ts';
import { Effort, WorkFolder } from '../../src/cli/work_folder.ts';
import { type Config, runMembers } from '../../src/config.ts';
import { newOwner } from '../../src/node/lock_owner.ts';
import { makeConfig } from '../../src/presets.ts';
import { encodeCheckpoint } from '../../src/train/checkpoint.ts';
import { freshTensors } from '../../src/train/member_tensors.ts';
import { type FinishedSeed, printed, writeFinishedRun } from './finished_run.ts';

const folders: string[] = [];
afterEach(() => {
  vi.restoreAllMocks();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A game that pays 2.5 at once, and two learners of 25 updates each. */
const FIELDS = {
  ...{ environment: 'matrix', payoff: [[2.5]], hidden: 4, mixerWidth: 2, hyperHidden: 2, batchSize: 4 },
  ...{ environments: 3, warmup: 20, replayCapacity: 100, seeds: [5, 6], updates: 25 },
};
const config = makeConfig('game', FIELDS);
const SETS = Object.entries(FIELDS).map(([field, value]) =>
  field === 'seeds' ? 'seeds=5,6' : `${field}=${typeof value === 'object' ? JSON.stringify(value) : value}`,
);
/** Above all that Linux gives. */
const NO_PROCESS = 4_194_305;
const HOW = { backend: 'cpu', atOnce: undefined, saveMs: 1e9 } as const;

/** An empty folder, and what is told on standard error while it is worked in. */
function work() {
  const out = mkdtempSync(join(tmpdir(), 'qmix-work-'));
  folders.push(out);
  let text = '';
  let until = Number.POSITIVE_INFINITY;
  vi.spyOn(process.stderr, 'write').mockImplementation((told) => {
    text += told;
    if (Number(/ \| ([\d,]+) updates \| /.exec(String(told))?.[1]) >= until) {
      until = Number.POSITIVE_INFINITY;
      process.emit('SIGINT', 'SIGINT');
    }
    return true;
  });
  return {
    out,
    told: () => text,
    /** The share and the label in the first line of progress and in the last, before it is interrupted at an update. */
    progress: async (updates: number, act: () => Promise<number>) => {
      text = '';
      until = updates;
      // When it is looked at, the clock is 20 s later: there is a line for every step.
      let now = 0;
      vi.spyOn(performance, 'now').mockImplementation(() => {
        now += 20_000;
        return now;
      });
      const json = JSON.parse(await printed(async () => expect(await act()).toBe(130)));
      const [lines] = text.split('\ninterrupted: ');
      const shown = [...lines.matchAll(/^([\d.]+% \| [^|]+) \| /gm)].map(([, line]) => line);
      return { json, first: shown[0], last: shown.at(-1) };
    },
  };
}

const finish = (folder: string, fields: object, ...seeds: readonly Partial<FinishedSeed>[]): void =>
  writeFinishedRun(
    folder,
    makeConfig('game', { ...FIELDS, ...fields }),
    1,
    seeds.map((seed) => ({ seed: 5, lengthRatio: 1, evaluations: [[25, 96, 1, 2.5]], ...seed })),
  );

describe('the progress of a work of several runs counts what is finished, and goes on where it was interrupted', () => {
  const how = { backend: 'cpu', saveSeconds: '1000000', json: true } as const;

  it('in a sweep', async () => {
    const { out, progress } = work();
    finish(join(out, 'group-1'), { batchSize: 2 }, { seed: 5 }, { seed: 6 });
    const vary = ['batchSize=2,4'];
    const plan = { kind: 'sweep', config, vary, backend: 'cpu', fingerprint: '' };
    writeFileSync(join(out, 'plan.json'), `${JSON.stringify(plan, null, 2)}\n`);
    const options = { ...how, vary, preset: 'game', set: SETS, out };
    const json = { sweep: out, interrupted: true };
    // Of 50 updates of two runs each; the second has made 5 of its 25.
    expect(await progress(5, () => sweep(options))).toEqual({
      ...{ json, first: '50.0% | run, 2 of 2', last: '60.0% | run, 2 of 2' },
    });
    expect(await progress(10, () => sweep(options))).toEqual({
      ...{ json, first: '62.0% | run, 2 of 2', last: '70.0% | run, 2 of 2' },
    });
  });

  it('in a comparison that is tuned', async () => {
    const { out, progress } = work();
    const vdn = { mixer: 'sum', episodes: 0, stopWhenSolved: false };
    const variants = [{ gamma: 0.5 }, { gamma: 0.9 }];
    finish(join(out, 'vdn'), vdn, { seed: 5 }, { seed: 6 });
    const evaluations = [[10, 51, 0.5, 2.5]] as const;
    finish(
      join(out, 'tune/vdn/group-1'),
      { ...vdn, seeds: [8], updates: 10, variants },
      { seed: 8, variant: 0, evaluations },
      { seed: 8, variant: 1 },
    );
    const plan = {
      ...{ kind: 'comparison', algorithms: ['vdn'] },
      config: makeConfig('game', { ...FIELDS, episodes: 0, stopWhenSolved: false }),
      ...{ tune: ['gamma=0.5,0.9'], tuneSeeds: [8], tuneUpdates: 10, backend: 'cpu', fingerprint: '' },
    };
    writeFileSync(join(out, 'plan.json'), `${JSON.stringify(plan, null, 2)}\n`);
    mkdirSync(join(out, 'tuned/vdn'), { recursive: true });
    const leftOvers = [`.plan.json.${NO_PROCESS}.tmp`, `tuned/vdn/.config.json.${NO_PROCESS}.tmp`];
    for (const name of leftOvers) writeFileSync(join(out, name), '');
    // 50 updates are made, and 20 of the small sweep; 5 of 25 of both learners at the best of it.
    expect(await progress(5, () => compare({ ...how, resume: out, tune: [] }))).toEqual({
      ...{ json: { comparison: out, interrupted: true } },
      ...{ first: '58.3% | vdn at its best', last: '66.7% | vdn at its best' },
    });
    // What a process that was killed was writing goes.
    expect(leftOvers.filter((name) => existsSync(join(out, name)))).toEqual([]);
    await expect(compare({ ...how, resume: out, tune: [], backend: 'webgpu' })).rejects.toThrow(
      '--backend: got webgpu, allowed: cpu, as it was begun with',
    );
  });
});

describe('the folder of a larger work', () => {
  it.each([
    ['{"kind": ', 'is not JSON'],
    ['null', 'is no plan of a sweep'],
    ['"sweep"', 'is no plan of a sweep'],
    ['{"kind": "comparison"}', 'is no plan of a sweep'],
    ['{"kind": "sweep"}', 'an object of fields'],
  ])('is none where its plan is %s', async (text, words) => {
    const { out } = work();
    writeFileSync(join(out, 'plan.json'), text);
    await expect(WorkFolder.open(out, 'sweep', 'sweep', {})).rejects.toThrow(words);
  });
});

describe('a run of a larger work', () => {
  const vary = ['batchSize=4'];
  const plan = { kind: 'sweep', config, vary, backend: 'cpu', fingerprint: '' };
  const cell = { folder: 'group-1', label: 'run', config };
  /** The folder of a work, and what comes of its run: undefined where it is interrupted before it begins. */
  function taken(interrupted: boolean) {
    const { out, told } = work();
    const folder = WorkFolder.create(join(out, 'work'), plan, 'sweep');
    const path = join(folder.path, 'group-1');
    const run = async () => {
      const interrupt = new Interrupt();
      interrupt.requested = interrupted;
      try {
        return await folder.run(cell, HOW, new Effort(50), interrupt);
      } finally {
        interrupt.release();
        folder.release();
      }
    };
    return { folder, path, told, run };
  }

  it.each([
    ['finished', 'of all its seeds', {}, {}],
    ['to be trained', 'that was interrupted', { interrupted: true }, {}],
    ['to be trained', 'of which a seed is missing', { seeds: [{ seed: 5 }] }, {}],
    ['to be trained', 'of another configuration', {}, { gamma: 0.5 }],
    ['to be trained', 'that has no seeds', { seeds: undefined }, {}],
  ])('is %s where its folder has one %s', async (expected, _, summary, fields) => {
    const { path, run } = taken(true);
    finish(path, fields, { seed: 5 }, { seed: 6 });
    const file = join(path, 'summary.json');
    writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), ...summary }));
    expect((await run()) ? 'finished' : 'to be trained').toBe(expected);
  });

  it('that is finished keeps no lock of a process that was killed', async () => {
    const { path, run } = taken(true);
    finish(path, {}, { seed: 5 }, { seed: 6 });
    writeFileSync(join(path, '.lock'), JSON.stringify({ ...newOwner(), pid: NO_PROCESS }));
    expect((await run())?.summary.seeds).toHaveLength(2);
    expect(existsSync(join(path, '.lock'))).toBe(false);
  });

  /** Puts a checkpoint of learners that have not begun into a folder; of seed 6 the weights are these. */
  async function begin(path: string, of: Config, weights?: number): Promise<void> {
    const saved = await Promise.all(runMembers(of).map((member) => freshTensors(member, 'cpu')));
    for (const layer of weights === undefined ? [] : [0, 2, 4]) {
      saved[1].get(`online.agents.0.${layer}.weight`)!.data.fill(weights!);
    }
    mkdirSync(path);
    const learner = { backend: 'cpu', adapter: 'float64 reference on one CPU core' } as const;
    writeFileSync(
      join(path, 'checkpoint.safetensors'),
      await encodeCheckpoint({ config: of, learner }, saved),
    );
  }

  it('goes on from its checkpoint; a learner that diverges stays as it was, and is told of', async () => {
    const { path, told, run } = taken(false);
    await begin(path, config, 1e300);
    const { summary } = (await run())!;
    expect(summary.seeds.map(({ seed, updates, failedUpdate }) => [seed, updates, failedUpdate])).toEqual([
      [5, 25, undefined],
      [6, 25, 1],
    ]);
    expect(told().match(/^.*\n/)?.[0]).toMatch(
      /^run: seed 6: the gradient of update 1 is not finite; .*; it stays as it was before\n$/,
    );
  });

  it('is refused where its checkpoint is of another configuration than planned', async () => {
    const { path, run } = taken(false);
    await begin(path, { ...config, gamma: 0.5 });
    await expect(run()).rejects.toThrow('checkpoint.safetensors: is of another configuration than planned');
  });

  it('is kept where what comes of it cannot be written, and how to write it is told', () => {
    const { folder } = taken(false);
    mkdirSync(join(folder.path, 'sweep.json'));
    expect(() => folder.write('sweep.json', {})).toThrow(
      `its runs are kept; to write it once there is room: sweep --resume ${folder.path}`,
    );
    folder.release();
  });
});
