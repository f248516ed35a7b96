import { below, philox, STREAM } from '../../src/random.ts';
import { describeMutation, isSlow, type Kind, type Mutation } from './mutation.ts';

export interface Selection {
  readonly kinds: readonly Kind[];
  /** Only those in whose file, texts or test this stands. */
  readonly text?: string;
  /** So many of them, drawn by `seed`. */
  readonly sample?: number;
  readonly seed: number;
}

/** Of a sample, so many at most need a GPU, processes or a browser, each of another kind: they take many seconds. */
export const MOST_SLOW = 3;

/** The mutations that are asked for, in order. Throws where there are none: a run of nothing would seem to be a good one. */
export function select(all: readonly Mutation[], { kinds, text = '', sample, seed }: Selection): Mutation[] {
  const asked = all.filter(
    (one) => kinds.includes(one.kind) && `${describeMutation(one)}\n${textOf(one)}`.includes(text),
  );
  const picked = sample === undefined ? asked : draw(asked, sample, seed);
  if (picked.length > 0) return picked;
  const drawn = sample === undefined ? '' : `, ${sample} drawn`;
  throw new Error(
    `no mutation is selected: of kinds ${kinds.join(', ')}${text && `, with "${text}"`}${drawn}`,
  );
}

const textOf = ({ find, replace, red }: Mutation): string =>
  [find, replace, ...(typeof red === 'string' ? [red] : [red.file, red.name])].join('\n');

/** Kinds take turns, so that a sample has some of each; which of a kind, and which kinds first, the seed says. */
function draw(from: readonly Mutation[], count: number, seed: number): Mutation[] {
  const queues = new Map<Kind, Mutation[]>();
  for (const one of shuffled(from, seed)) {
    const queue = queues.get(one.kind) ?? [];
    queues.set(one.kind, queue);
    queue.push(one);
  }
  const drawn = new Set<Mutation>();
  const slow = new Set<Kind>();
  while (drawn.size < count && queues.size > 0) {
    for (const [kind, queue] of queues) {
      const mayBeSlow = slow.size < MOST_SLOW && !slow.has(kind);
      const at = queue.findIndex((one) => mayBeSlow || !isSlow(one));
      if (at < 0) queues.delete(kind);
      if (at < 0 || drawn.size === count) continue;
      const [one] = queue.splice(at, 1);
      if (isSlow(one)) slow.add(kind);
      drawn.add(one);
    }
  }
  return from.filter((one) => drawn.has(one));
}

function shuffled<T>(values: readonly T[], seed: number): T[] {
  const mixed = [...values];
  const words = new Uint32Array(4);
  for (let left = mixed.length; left > 1; left--) {
    philox(words, seed, STREAM.test, left, 0);
    const at = below(words[0], left);
    [mixed[left - 1], mixed[at]] = [mixed[at], mixed[left - 1]];
  }
  return mixed;
}
