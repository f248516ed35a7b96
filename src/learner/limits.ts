import { ConfigError } from '../config_error.ts';
import type { Gpu } from '../gpu/gpu.ts';
import { gradientGroups } from '../kernels/gradient.ts';
import { insertGroups } from '../kernels/insert.ts';
import { makeLayout } from '../kernels/layout.ts';
import { optimiseGroups } from '../kernels/optimise.ts';
import type { KernelSizes } from '../kernels/sizes.ts';
import type { Tuning } from '../kernels/tuning.ts';
import { recordLayout } from '../shapes.ts';
import { updateBufferBytes } from './gpu_update.ts';
import { widestTuning } from './known_tuning.ts';
import type { LearnerOptions } from './learner.ts';
import { stepUploadLayout } from './step_upload.ts';

export const kernelSizes = (options: LearnerOptions, tuning: Tuning): KernelSizes => ({
  tuning,
  layout: makeLayout(options.shape),
  learners: options.learners.length,
  environments: options.environments,
  batch: options.batchSize,
  capacity: options.replayCapacity,
});

export const replayBytes = ({ learners, capacity, layout }: KernelSizes): number =>
  learners * capacity * recordLayout(layout.shape).size * 4;

/** What a field asks of the device, and how much of it there is. */
interface Demand {
  readonly field: string;
  readonly value: number;
  readonly needs: string;
  readonly wanted: number;
  readonly most: number;
  readonly show: (amount: number) => string;
}

/** Everything that options ask of a device that may be more than it has. */
function demands(gpu: Gpu, options: LearnerOptions): Demand[] {
  const { limits } = gpu;
  const sizes = kernelSizes(options, widestTuning(gpu, options));
  const { learners } = sizes;
  const update = updateBufferBytes(sizes);
  const bytes = (field: string, value: number, wanted: number): Demand => ({
    field,
    value,
    needs: 'a buffer of',
    wanted,
    most: Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize),
    show: mebibytes,
  });
  const groups = (field: string, value: number, wanted: number): Demand => ({
    field,
    value,
    needs: 'workgroups, in number',
    wanted,
    most: limits.maxComputeWorkgroupsPerDimension,
    show: (amount) => amount.toLocaleString('en'),
  });
  const { hidden } = options.shape;
  return [
    bytes('replayCapacity', options.replayCapacity, replayBytes(sizes)),
    bytes('batchSize', options.batchSize, update.rows),
    bytes('hidden', hidden, update.params),
    bytes('environments', options.environments, stepUploadLayout(options).bytes),
    groups('environments', options.environments, insertGroups(sizes)),
    groups('hidden', hidden, Math.max(gradientGroups(sizes), optimiseGroups(sizes))),
    groups('seeds', learners, learners),
  ];
}

/** Says, before anything is allocated, which field asks for more than the device has. Throws ConfigError. */
export function checkLimits(gpu: Gpu, options: LearnerOptions): void {
  const count = options.learners.length;
  const of = count > 1 ? ` for ${count} learners` : '';
  const problems = demands(gpu, options)
    .filter(({ wanted, most }) => wanted > most)
    .map(
      ({ field, value, needs, wanted, most, show }) =>
        `${field}: got ${value}, which needs ${needs} ${show(wanted)}${of}, allowed: at most ${show(most)} on ${gpu.name}`,
    );
  if (problems.length > 0) throw new ConfigError(problems.join('\n'));
}

/** How many of the learners asked for one set of buffers can hold; at least one, fitting or not. */
export function mostLearnersAtOnce(gpu: Gpu, options: LearnerOptions): number {
  // Every demand grows with the number of learners.
  let fits = 1;
  let tooMany = options.learners.length + 1;
  while (tooMany - fits > 1) {
    const count = Math.floor((fits + tooMany) / 2);
    const some = { ...options, learners: options.learners.slice(0, count) };
    if (demands(gpu, some).every(({ wanted, most }) => wanted <= most)) fits = count;
    else tooMany = count;
  }
  return fits;
}

const mebibytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20).toLocaleString('en')} MiB`;
