import { beforeAll, describe, expect, it } from 'vitest';
import { ConfigError, runMembers } from '../../src/config.ts';
import { decodeSafetensors, encodeSafetensors } from '../../src/safetensors.ts';
import type { Tensor } from '../../src/tensor.ts';
import {
  checkResumable,
  decodeCheckpoint,
  encodeCheckpoint,
  readCheckpoint,
} from '../../src/train/checkpoint.ts';
import { sealed } from '../support/sealed.ts';
import { checkpointOf, resume } from './resumed.ts';
import { advance, smallConfig, smallTrainer } from './small.ts';

describe('checkpoint', () => {
  it('is equal, byte by byte, for equal configurations, and another for another seed', async () => {
    const config = smallConfig();
    const first = await checkpointOf(await advance(smallTrainer(config)));
    const second = await checkpointOf(await advance(smallTrainer(config)));
    expect(Buffer.compare(first, second)).toBe(0);
    const other = await checkpointOf(await advance(smallTrainer(smallConfig({ seeds: [11, 12, 14] }))));
    expect(Buffer.compare(first, other)).not.toBe(0);
  });

  it('of a run that is given more updates is that of one that was given them at once', async () => {
    const long = await advance(smallTrainer(smallConfig({ updates: 60 })));
    const short = await advance(smallTrainer(smallConfig({ updates: 37 })));
    const saved = await checkpointOf(short);
    // What a session shows at its end must not be missed or counted twice by the next.
    await short.finish();
    const resumed = await advance(await resume(saved, { updates: 60 }));
    expect(Buffer.compare(await checkpointOf(resumed), await checkpointOf(long))).toBe(0);
  });

  it('of variants holds each under its name, and goes on exactly', async () => {
    const config = smallConfig({ seeds: [11, 12], variants: [{ learningRate: 0.01 }, { gamma: 0.5 }] });
    const expected = await checkpointOf(await advance(smallTrainer(config)));
    const names = new Set(
      Array.from(decodeSafetensors(expected, 'x').tensors.keys(), (name) => name.split('.', 4).join('.')),
    );
    expect(names).toEqual(new Set(runMembers(config).map(({ name }) => name)));
    const saved = await checkpointOf(await advance(smallTrainer(config), 31));
    expect(Buffer.compare(await checkpointOf(await advance(await resume(saved))), expected)).toBe(0);
    // Each is what it is alone.
    const all = (await decodeCheckpoint(expected, 'all')).learners;
    for (const [index, member] of runMembers(config).entries()) {
      const alone = await (await advance(smallTrainer(member.config))).save();
      expect(alone[0]).toEqual(all[index]);
    }
  });

  it('holds a copy: what training writes later is not in it', async () => {
    const trainer = await advance(smallTrainer(smallConfig()), 30);
    const saved = await trainer.save();
    const before = await encodeCheckpoint(trainer, saved);
    await advance(trainer, 20);
    expect(Buffer.compare(await encodeCheckpoint(trainer, saved), before)).toBe(0);
  });
});

describe('checkpoint, refused', () => {
  const file = 'run/checkpoint.safetensors';
  let tensors: Map<string, Tensor>;
  let metadata: Record<string, string>;
  let bytes: Uint8Array;

  beforeAll(async () => {
    bytes = await checkpointOf(await advance(smallTrainer(smallConfig()), 40));
    const decoded = decodeSafetensors(bytes, file);
    tensors = decoded.tensors;
    metadata = decoded.metadata;
  });

  /** The message with which a changed file is refused, whose checksum is right. */
  function refusal(
    change: (tensors: Map<string, Tensor>, metadata: Record<string, string>) => void,
  ): Promise<string> {
    const changed = new Map(
      Array.from(tensors, ([name, { shape, data }]) => [name, { shape, data: data.slice() }]),
    );
    const other = { ...metadata };
    change(changed, other);
    return message(() => decodeCheckpoint(sealed(changed, other), file));
  }

  async function message(decode: () => unknown): Promise<string> {
    try {
      await decode();
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigError);
      return (error as ConfigError).message;
    }
    throw new Error('accepted');
  }

  const put = (name: string, index: number, value: number) => (changed: Map<string, Tensor>) => {
    changed.get(name)!.data[index] = value;
  };

  it('accepts what it was made from', async () => {
    expect(await decodeCheckpoint(bytes, file)).toMatchObject({
      ...{ config: smallConfig(), backend: 'cpu', adapter: 'float64 reference on one CPU core' },
      fingerprint: '',
    });
    const nameless = { ...metadata };
    delete nameless.adapter;
    expect((await readCheckpoint(sealed(tensors, nameless), file)).adapter).toBe('unknown');
    expect((await readCheckpoint(bytes, file)).config).toEqual(smallConfig());
  });

  it.each([0, 7, 8, 100, 5000])('cut short at %i bytes', async (length) => {
    expect(await message(() => decodeCheckpoint(bytes.slice(0, length), file))).toContain(file);
  });

  it('cut short by one byte, or something else altogether', async () => {
    expect(await message(() => decodeCheckpoint(bytes.slice(0, -1), file))).toContain(file);
    expect(
      await message(() => decodeCheckpoint(new TextEncoder().encode('not a checkpoint at all'), file)),
    ).toContain(file);
  });

  it.each([
    ['seeds.11.online.agents.0.0.weight', Number.NaN],
    ['seeds.12.target.mixer.hyper_w1.2.bias', Number.POSITIVE_INFINITY],
    ['seeds.13.optimizer.exp_avg_sq.agents.1.4.weight', Number.NEGATIVE_INFINITY],
    ['seeds.12.replay.transitions', Number.NaN],
    ['seeds.12.transitions', Number.NaN],
    ['seeds.11.progress.running', Number.NaN],
    ['seeds.11.metrics', Number.NaN],
  ])('%s with %d', async (name, value) => {
    const text = await refusal(put(name, 2, value));
    expect(text).toBe(`${file}: tensor "${name}": got ${value} at 2, allowed: finite numbers`);
  });

  it.each([
    'online.agents.0.0.weight',
    'counters',
    'replay.transitions',
    'environment',
    'progress.returns',
    'transitions',
  ])('without %s', async (name) => {
    const text = await refusal((changed) => changed.delete(`seeds.12.${name}`));
    expect(text).toContain(`${file}: tensor "seeds.12.${name}": got nothing, allowed: `);
  });

  it('another shape, with the same numbers', async () => {
    const name = 'seeds.11.online.agents.0.0.weight';
    const text = await refusal((changed) => {
      const { shape, data } = changed.get(name)!;
      changed.set(name, { shape: [shape[1], shape[0]].map((size) => size), data });
      expect(shape[0]).toBe(shape[1]);
      changed.set(name, { shape: [1, shape[0] * shape[1]], data });
    });
    expect(text).toBe(`${file}: tensor "${name}": got F64 [1, 36], allowed: F64 [6, 6]`);
  });

  it('sizes of another configuration', async () => {
    const text = await refusal((_, other) => {
      other.config = JSON.stringify(smallConfig({ hidden: 7 }));
    });
    expect(text).toContain('tensor "seeds.11.online.agents.0.0.weight": got F64 [6, 6], allowed: F64 [7, 6]');
  });

  it('tensors that do not belong', async () => {
    const text = await refusal((changed) => {
      changed.set('seeds.99.online.agents.0.0.bias', { shape: [1], data: new Float32Array(1) });
    });
    expect(text).toContain('tensor "seeds.99.online.agents.0.0.bias"');
  });

  it.each([
    ['counters', 0, -1, 'whole numbers from 0'],
    ['progress.counters', 1, 0.5, 'whole numbers from 0'],
    ['progress.successes', 3, 255, '0 or 1'],
    ['optimizer.exp_avg_sq.agents.0.0.bias', 1, -1, 'means of squares, at least 0'],
    ['replay.transitions', 39, 0.5, '0 or 1'],
    ['transitions', 39, 0.5, '0 or 1'],
  ])('%s[%i] = %d', async (name, index, value, allowed) => {
    const text = await refusal(put(`seeds.12.${name}`, index, value));
    expect(text).toBe(`${file}: tensor "seeds.12.${name}": got ${value} at ${index}, allowed: ${allowed}`);
  });

  // Forty steps of three environments, of which seven come before the first update: 20 are warm-up.
  it.each([
    ['progress.counters', 0, 100, 'environmentSteps: got 100, allowed: a multiple of environments (3)'],
    ['progress.counters', 2, 34, 'updates: got 34, allowed: 33, as of 120 environment steps'],
    ['progress.counters', 1, 121, 'episodes: got 121, allowed: at most 120, the environment steps'],
    ['progress.counters', 4, 34, 'solvedUpdates: got 34, allowed: at most 33, the updates'],
    ['progress.counters', 5, 121, 'solvedSteps: got 121, allowed: at most 120'],
    ['progress.counters', 3, 2, 'copiesTarget: got 2, allowed: 0 or 1'],
    ['progress.counters', 6, 2, 'stopped: got 2, allowed: 0 or 1'],
    ['progress.counters', 7, 2, 'owesEvaluation: got 2, allowed: 0 or 1'],
    ['counters', 0, 32, 'updates: got 32, allowed: 33, as of the progress'],
    ['counters', 1, 34, 'failedUpdate: got 34, allowed: at most 33, the updates begun'],
    // Of 117 stored, 100 are in replay.
    ['counters', 2, 118, 'stored: got 118, allowed: 117, as of 120 environment steps'],
    ['best.evaluation', 0, 0.5, 'updates: got 0.5, allowed: a whole number from 0 to 33'],
    ['best.evaluation', 0, -1, 'updates: got -1, allowed: a whole number from 0 to 33'],
    ['best.evaluation', 1, -0.5, 'success: got -0.5, allowed: 0 to 1'],
    ['best.evaluation', 0, 34, 'updates: got 34, allowed: a whole number from 0 to 33'],
    ['best.evaluation', 1, 255, 'success: got 255, allowed: 0 to 1'],
    ['owed.actions', 0, 5, 'got 5 at 0, allowed: -1 throughout, or actions from 0 to 4'],
    ['owed.actions', 0, 1, 'got -1 at 1, allowed: -1 throughout, or actions from 0 to 4'],
  ])('%s that contradict each other: [%i] = %d', async (name, index, value, found) => {
    const text = await refusal(put(`seeds.12.${name}`, index, value));
    expect(text).toBe(`${file}: tensor "seeds.12.${name}": ${found}`);
  });

  it('a bit that was flipped anywhere, and a version without a checksum', async () => {
    for (let at = 0; at < bytes.length; at += 997) {
      const flipped = bytes.slice();
      flipped[at] ^= 1 << (at % 8);
      expect(await message(() => decodeCheckpoint(flipped, file)), `byte ${at}`).toContain(file);
    }
    const number = bytes.slice();
    number[bytes.length - 1] ^= 1;
    expect(await message(() => decodeCheckpoint(number, file))).toMatch(
      /^run\/checkpoint\.safetensors: metadata sha256: got "[0-9a-f]{64}", allowed: [0-9a-f]{64}, as of its bytes: the file is damaged$/,
    );
  });

  it('a file too short for a checksum, or without one', async () => {
    const metadata = { format: 'qmix-webgpu-checkpoint', version: '2' };
    const short = encodeSafetensors(new Map(), metadata);
    expect(await message(() => decodeCheckpoint(short, file))).toBe(
      `${file}: metadata sha256: got nothing, allowed: 64 digits, first of the metadata`,
    );
    const wrong = encodeSafetensors(new Map(), { ...metadata, sha256: 'abc' });
    expect(await message(() => decodeCheckpoint(wrong, file))).toContain(
      'metadata sha256: got abc, allowed: 64 digits',
    );
  });

  it('actions and cells that are not there', async () => {
    const { shape } = smallTrainer(smallConfig()).learner.options;
    const action = 2 * (shape.agents * shape.observationSize + shape.stateSize);
    expect(await refusal(put('seeds.12.replay.transitions', action, 5))).toContain(
      'got 5 at 36, allowed: actions from 0 to 4',
    );
    expect(await refusal(put('seeds.12.environment', 1, 9))).toContain(
      'environment[1]: got 9, allowed: 0 to 8',
    );
  });

  it('metadata of something else', async () => {
    const set = (key: string, value: string) => (_: unknown, other: Record<string, string>) => {
      other[key] = value;
    };
    expect(await refusal(set('format', 'pt'))).toBe(
      `${file}: metadata format: got "pt", allowed: qmix-webgpu-checkpoint`,
    );
    expect(await refusal(set('version', '1'))).toBe(
      `${file}: metadata version: got "1", allowed: 2 (checkpoints of version 1 have no checksum: train anew)`,
    );
    expect(await refusal(set('backend', 'cuda'))).toContain(
      'metadata backend: got "cuda", allowed: webgpu, cpu',
    );
    expect(await refusal(set('backend', 'webgpu'))).toContain('got F64 [6, 6], allowed: F32 [6, 6]');
    expect(await refusal(set('config', '{'))).toContain('metadata config: got {');
    expect(await refusal(set('config', '{"preset":"solve"}'))).toContain(
      'metadata config: environment: got nothing',
    );
    const text = await refusal((_, other) => {
      delete other.config;
    });
    expect(text).toContain('metadata config: got nothing');
  });

  it('a run that failed, where it is to go on', async () => {
    const decoded = await decodeCheckpoint(bytes, file);
    decoded.learners[1].get('counters')!.data[1] = 17;
    expect(await message(() => checkResumable(decoded, file))).toContain(
      `${file}: seed 12 failed at update 17`,
    );
  });
});
