/** What a module was asked for last. */
export const WHERE = { outside: 0, import: 1, making: 2, reset: 3, step: 4 } as const;

/** Where a module is: copies and episodes count from 0, steps from 1; copy −1: of the check, which has no numbers. */
export interface Place {
  readonly kind: number;
  readonly copy: number;
  readonly episode: number;
  readonly step: number;
}

/** What copies are for. */
export type Role = 'training' | 'evaluation';
/** Whose copies: evaluations have a seed of their own that tells users nothing. */
export interface Whose {
  readonly seed: number;
  readonly role: Role;
}

/**
 * Where a module is, in memory that both sides see: whoever waits for it can say so though it does not answer.
 * `moved` tells whether it gets on.
 */
export class PlaceWords {
  static readonly LENGTH = 5;

  constructor(private readonly words: Int32Array) {}

  set(kind: number, copy = -1, episode = 0, step = 0): void {
    const { words } = this;
    words[0] = kind;
    words[1] = copy;
    words[2] = episode;
    words[3] = step;
    words[4]++;
  }

  get moved(): number {
    return this.words[4];
  }

  read(): Place {
    const [kind, copy, episode, step] = this.words;
    return { kind, copy, episode, step };
  }
}

/** `step 5 of episode 212 of copy 3 (seed 2025)`; empty where the module was not asked for anything. */
export function placeName({ kind, copy, episode, step }: Place, whose: Whose | undefined): string {
  const check = copy < 0;
  const context =
    !whose || check ? '' : whose.role === 'training' ? ` (seed ${whose.seed})` : ' in an evaluation';
  const owner = `${check ? 'the check' : `copy ${copy}`}${context}`;
  switch (kind) {
    case WHERE.import:
      return 'its import';
    case WHERE.making:
      return check ? 'its default export' : `the making of ${owner}`;
    case WHERE.reset:
      return `the reset of episode ${episode} of ${owner}`;
    case WHERE.step:
      return `step ${step} of episode ${episode} of ${owner}`;
    default:
      return '';
  }
}

/** `, in step 5 of …, actions 0, 1`; `before`: what stands between it and what happened. */
export function placeText(
  place: Place,
  whose: Whose | undefined,
  actions: ArrayLike<number> | undefined,
  before = ' ',
): string {
  const name = placeName(place, whose);
  if (name === '') return '';
  const taken = place.kind === WHERE.step && actions ? `, actions ${Array.from(actions).join(', ')}` : '';
  return `${before}in ${name}${taken}`;
}
