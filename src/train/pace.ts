/** Milliseconds that a submit is to take: long enough that what it costs in itself is little, short of any watchdog. */
const SUBMIT_MS = 50;

/**
 * How many steps a submit holds: as many as take SUBMIT_MS, as measured; more than before at most by a factor of
 * two. It decides when things happen, and no bit of what happens.
 */
export class Pace {
  /** Steps with and without training take different times: [without, with] steps at most. */
  private readonly most = [1, 1];
  private lastEnd = Number.NEGATIVE_INFINITY;

  /** `fixed`: so many, whatever they take. */
  constructor(
    private readonly capacity: number,
    private readonly fixed?: number,
  ) {}

  /** Of `left` steps that can be made now, those of the next submit: all, or a share as even as they go. */
  next(left: number, trains: boolean): number {
    if (this.fixed !== undefined) return Math.min(left, this.fixed, this.capacity);
    const most = this.most[trains ? 1 : 0];
    // Where left is very large the quotient may be rounded up.
    return Math.min(most, Math.ceil(left / Math.ceil(left / most)));
  }

  /** A submit of `steps` that began, unless another was before it, and ended then (milliseconds). */
  took(steps: number, trains: boolean, begun: number, ended: number): void {
    const milliseconds = (ended - Math.max(begun, this.lastEnd)) / steps;
    this.lastEnd = ended;
    const kind = trains ? 1 : 0;
    const fits = Math.floor(SUBMIT_MS / milliseconds);
    this.most[kind] = Math.max(1, Math.min(fits, 2 * this.most[kind], this.capacity));
  }
}
