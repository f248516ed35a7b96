import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/config.ts';
import type { LearnerSnapshot } from '../../src/learner/learner.ts';
import { createCpuLearner } from '../../src/reference/cpu_learner.ts';
import type { Tensor } from '../../src/tensor.ts';
import { smallOptions, trained } from './play.ts';

describe('CpuLearner.load', () => {
  const replace = (snapshot: LearnerSnapshot, name: string, tensor: Tensor | undefined): LearnerSnapshot => {
    const changed = new Map(snapshot);
    if (tensor) changed.set(name, tensor);
    else changed.delete(name);
    return changed;
  };
  /** The tensor with one number changed. */
  const poke = (snapshot: LearnerSnapshot, name: string, index: number, value: number): LearnerSnapshot => {
    const { shape, data } = snapshot.get(name)!;
    const copy = data.slice();
    copy[index] = value;
    return replace(snapshot, name, { shape, data: copy });
  };
  const weight = 'online.agents.0.0.weight';

  const cases: [string, (snapshot: LearnerSnapshot) => LearnerSnapshot, RegExp][] = [
    [
      'a tensor is missing',
      (s) => replace(s, weight, undefined),
      /"online.agents.0.0.weight": got nothing, allowed: F64 or F32 \[16, 6\]/,
    ],
    [
      'another shape',
      (s) => replace(s, weight, { shape: [6, 16], data: new Float64Array(96) }),
      /got F64 \[6, 16\], allowed: F64 or F32 \[16, 6\]/,
    ],
    [
      'another dtype',
      (s) => replace(s, weight, { shape: [16, 6], data: new Int32Array(96) }),
      /got I32 \[16, 6\], allowed: F64 or F32/,
    ],
    [
      'NaN',
      (s) => poke(s, 'target.mixer.hyper_w2.2.bias', 3, Number.NaN),
      /"target.mixer.hyper_w2.2.bias": got NaN at 3, allowed: finite/,
    ],
    [
      'infinity',
      (s) => poke(s, 'optimizer.exp_avg.agents.1.4.bias', 0, -Infinity),
      /got -Infinity at 0, allowed: finite/,
    ],
    [
      'a negative mean square',
      (s) => poke(s, 'optimizer.exp_avg_sq.agents.1.4.bias', 2, -1),
      /got -1 at 2, allowed: means of squares/,
    ],
    [
      'a negative counter',
      (s) => poke(s, 'counters', 0, -1),
      /"counters": got -1 at 0, allowed: whole numbers from 0/,
    ],
    [
      'replay of another length',
      (s) => poke(s, 'counters', 2, 7),
      /"replay.transitions": got F32 \[50, 40\], allowed: F32 \[7, 40\]/,
    ],
    [
      'replay as float64',
      (s) => replace(s, 'replay.transitions', { shape: [50, 40], data: new Float64Array(2000) }),
      /got F64 \[50, 40\], allowed: F32/,
    ],
    [
      'an action out of range',
      (s) => poke(s, 'replay.transitions', 2 * 40 + 36, 5),
      /got 5 at 116, allowed: actions from 0 to 4/,
    ],
    [
      'half an action',
      (s) => poke(s, 'replay.transitions', 37, 0.5),
      /got 0.5 at 37, allowed: actions from 0 to 4/,
    ],
    [
      'NaN in replay',
      (s) => poke(s, 'replay.transitions', 11, Number.NaN),
      /"replay.transitions": got NaN at 11/,
    ],
    [
      'metrics of another length',
      (s) => replace(s, 'metrics', { shape: [3], data: new Float64Array(3) }),
      /"metrics": got F64 \[3\]/,
    ],
    [
      'a name too many',
      (s) => replace(s, 'online.agents.2.0.bias', { shape: [16], data: new Float64Array(16) }),
      /"online.agents.2.0.bias": got a tensor of this name/,
    ],
  ];

  it.each(cases)('refuses a snapshot and changes nothing: %s', async (_, damage, message) => {
    const source = await trained([5, 6], 30);
    const snapshots = await source.learner.save();
    const { learner } = await trained([5, 6], 4);
    const before = await learner.save();
    const load = () => learner.load([snapshots[0], damage(snapshots[1])]);
    expect(load).toThrow(ConfigError);
    expect(load).toThrow(message);
    expect(load).toThrow(/^learner 1: /);
    expect(await learner.save()).toEqual(before);
  });

  it('refuses another number of learners', async () => {
    const source = await trained([5], 3);
    const snapshots = await source.learner.save();
    const learner = createCpuLearner(smallOptions([5, 6]));
    expect(() => learner.load(snapshots)).toThrow('snapshots: got 1, allowed: 2, one a learner');
  });

  it('takes float32 networks, as other backends save them', async () => {
    const source = await trained([5], 12);
    const [snapshot] = await source.learner.save();
    const narrow = new Map(
      [...snapshot].map(([name, { shape, data }]): [string, Tensor] => [
        name,
        { shape, data: name === 'counters' ? data : Float32Array.from(data) },
      ]),
    );
    const learner = createCpuLearner(smallOptions([5]));
    learner.load([narrow]);
    const [loaded] = await learner.save();
    for (const [name, { data }] of loaded) expect([...data], name).toEqual([...narrow.get(name)!.data]);
  });
});
