import { philox, STREAM, unitInterval } from '../random.ts';

/** The random numbers of one episode of one copy: a function of (seed, episode, copy) and of how many were taken. */
export class KeyedRandom {
  private readonly words = new Uint32Array(4);
  private episode = 0;
  private taken = 0;

  constructor(
    private readonly seed: number,
    private readonly copy: number,
  ) {}

  begin(episode: number): void {
    this.episode = episode;
    this.taken = 0;
  }

  /** The next number in [0, 1); bound, to be handed out. */
  readonly next = (): number => {
    const word = this.taken % 4;
    if (word === 0) philox(this.words, this.seed, STREAM.reset, this.episode, this.copy, this.taken / 4);
    this.taken++;
    return unitInterval(this.words[word]);
  };
}
