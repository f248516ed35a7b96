import { type Layout, unpackParameters } from '../../src/kernels/layout.ts';

/** Says for people where a number of a tensor stands: the end of a sentence that begins with the tensor's name. */
export type Place = (index: number) => string;

export const plain: Place = (index) => `[${index}]`;

/** Of [L, size]: the learner, and the index in its share. Of the axes behind the first, sizes by name: those, too. */
export const ofLearners =
  (size: number, axes: Readonly<Record<string, number>> = {}): Place =>
  (index) => {
    let rest = index % size;
    let share = size;
    let words = ` of learner ${Math.floor(index / size)}`;
    for (const [axis, count] of Object.entries(axes)) {
      share /= count;
      words += `, ${axis} ${Math.floor(rest / share)}`;
      rest %= share;
    }
    return `${words}[${rest}]`;
  };

/** Of one learner's [R, columns]. */
export const ofRow =
  (learner: number, columns: number): Place =>
  (index) =>
    ` of learner ${learner}, row ${Math.floor(index / columns)}[${index % columns}]`;

/** Of packed parameters [L, halves, 4 · layout.parameters]: the learner, the half, the parameter and its index. */
export const ofParameters =
  (layout: Layout, halves: readonly string[]): Place =>
  (index) => {
    const size = 4 * layout.parameters;
    const half = halves[Math.floor(index / size) % halves.length];
    const learner = Math.floor(index / size / halves.length);
    const marked = new Float32Array(size);
    marked[index % size] = 1;
    for (const [name, values] of unpackParameters(layout, marked)) {
      const at = values.indexOf(1);
      if (at >= 0) return ` of learner ${learner}, ${half}${name}[${at}]`;
    }
    return ` of learner ${learner}, ${half}padding[${index % size}]`;
  };
