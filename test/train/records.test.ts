import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { MeetingGridworld } from '../../src/env/meeting_gridworld.ts';
import { parameterTable } from '../../src/shapes.ts';
import { hashParameters } from '../../src/train/hash.ts';
import { formatRow, METRICS_HEADER, type MetricsRow, parseRows } from '../../src/train/metrics.ts';
import { smallConfig, smallTrainer } from './small.ts';

describe('hash of parameters', () => {
  it('is SHA-256 of float32 little-endian, seeds in order, then table order', async () => {
    const { learner } = smallTrainer(smallConfig({ seeds: [5, 3] }));
    const snapshots = await learner.save();
    const table = parameterTable(learner.options.shape);
    const bytes = snapshots.map((snapshot) => {
      const values = table.flatMap(({ name }) => Array.from(snapshot.get(`online.${name}`)!.data));
      const buffer = Buffer.alloc(4 * values.length);
      for (const [index, value] of values.entries()) buffer.writeFloatLE(value, 4 * index);
      return buffer;
    });
    const sha256 = (data: Buffer): string => createHash('sha256').update(data).digest('hex');
    const hashes = await hashParameters(learner.options.shape, snapshots);
    expect(hashes.each).toEqual(bytes.map(sha256));
    expect(hashes.all).toBe(sha256(Buffer.concat(bytes)));
    expect(new Set([...hashes.each, hashes.all]).size).toBe(3);
  });
});

describe('metrics file', () => {
  const row: MetricsRow = {
    kind: 'training',
    variant: 3,
    seed: 4294967295,
    updates: 100,
    environmentSteps: 3200,
    episodes: 71,
    seconds: 1.5,
    epsilon: 0.1 + 0.2,
    trainingSuccess: 1 / 3,
    trainingReturn: -0.5,
    loss: 1e-30,
    gradientNorm: 12.5,
    qTotal: -3,
    success: Number.NaN,
    lengthRatio: Number.NaN,
    return: Number.NaN,
  };

  it('is this text: a row has each of its numbers in the column of that name', () => {
    const counted: MetricsRow = {
      ...{ kind: 'final', variant: 1, seed: 2, updates: 3, environmentSteps: 4, episodes: 5, seconds: 6 },
      ...{ epsilon: 0.7, trainingSuccess: 0.8, trainingReturn: 9, loss: 10, gradientNorm: 11, qTotal: 12 },
      ...{ success: 0.13, lengthRatio: 14, return: 15 },
    };
    expect(METRICS_HEADER).toBe(
      'kind,variant,seed,updates,environmentSteps,episodes,seconds,epsilon,trainingSuccess,trainingReturn,' +
        'loss,gradientNorm,qTotal,success,lengthRatio,return\n',
    );
    expect(formatRow(counted)).toBe('final,1,2,3,4,5,6.000,0.7,0.8,9,10,11,12,0.13,14,15\n');
    expect(formatRow({ ...counted, lengthRatio: Number.NaN })).toBe(
      'final,1,2,3,4,5,6.000,0.7,0.8,9,10,11,12,0.13,,15\n',
    );
    // Columns are found by their names.
    expect(parseRows('return,kind,seed,updates,success\n15,final,2,3,0.13\n')).toEqual([
      {
        ...{ kind: 'final', variant: 0, seed: 2, updates: 3, success: 0.13, return: 15 },
        ...{ loss: Number.NaN, gradientNorm: Number.NaN, qTotal: Number.NaN, lengthRatio: Number.NaN },
      },
    ]);
  });

  it('gives back what was written, to the last bit, with what a row lacks left empty', () => {
    const evaluation: MetricsRow = {
      ...row,
      kind: 'evaluation',
      loss: Number.NaN,
      success: 1,
      lengthRatio: 1.01,
    };
    const text = METRICS_HEADER + formatRow(row) + formatRow(evaluation);
    expect(parseRows(text)).toEqual([row, evaluation]);
    expect(formatRow(row)).toMatch(/^training,3,4294967295,100,.*,,,\n$/);
  });

  it('of before there were variants is read as of one', () => {
    const strip = (line: string): string => line.replace(/^([^,]*),[^,]*,/, '$1,');
    expect(strip(METRICS_HEADER)).toMatch(/^kind,seed,updates/);
    expect(parseRows(strip(METRICS_HEADER) + strip(formatRow(row)))).toEqual([{ ...row, variant: 0 }]);
  });

  it('leaves out a last line that was cut short, wherever', () => {
    const line = formatRow(row);
    for (let length = 0; length < line.length; length++) {
      expect(parseRows(METRICS_HEADER + line + line.slice(0, length))).toEqual([row]);
    }
    // So too where more was written behind it.
    expect(parseRows(`${METRICS_HEADER}${line}${line.slice(0, 9)}\n${line}`)).toEqual([row, row]);
  });
});

describe('successors of the gridworld', () => {
  it.each([
    { gridSize: 2, agents: 3 },
    { gridSize: 3, agents: 2 },
  ])('are what stepping leads to, from every start, for every joint action: %j', (sizes) => {
    const config = smallConfig(sizes);
    const environment = new MeetingGridworld(config, 1, 1);
    environment.reset();
    const { stateCount, starts, spec } = environment;
    const next = new Int32Array(stateCount);
    const rewards = new Float32Array(stateCount);
    const table = environment.tabulateObservations();
    const width = spec.agents * spec.observationSize;
    for (let joint = 0; joint < spec.actions ** spec.agents; joint++) {
      const chosen = Uint32Array.from(
        { length: spec.agents },
        (_, agent) => Math.floor(joint / spec.actions ** agent) % spec.actions,
      );
      environment.successors(
        Uint32Array.from({ length: stateCount * spec.agents }, (_, at) => chosen[at % spec.agents]),
        next,
        rewards,
      );
      for (let start = 0; start < starts; start += 1 + (joint % 3)) {
        environment.begin(0, start);
        const state = environment.stateIndex(0);
        expect(environment.optimalSteps(0)).toBe(environment.optimalLength(start));
        environment.step(chosen);
        expect(rewards[state]).toBe(environment.rewards[0]);
        expect(next[state] === -1).toBe(environment.terminations[0] === 1);
        if (next[state] === -1) continue;
        expect(next[state]).toBe(environment.stateIndex(0));
        const seen = table.subarray(next[state] * width, (next[state] + 1) * width);
        expect(seen.every((value, at) => value === environment.nextObservations[at])).toBe(true);
      }
    }
  });
});
