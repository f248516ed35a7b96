import type { Outcome } from '../../verify/outcome.ts';

/** A vector file and where it is to be had. */
export interface VectorSource {
  readonly name: string;
  readonly url: string;
}

/** What the panel tells its worker: which files, in order. */
export interface VerifyCommand {
  readonly files: readonly VectorSource[];
}

/** What the worker tells the panel. */
export type VerifyMessage =
  /** There is no GPU to verify, for this reason. */
  | { readonly type: 'impossible'; readonly reason: string }
  | { readonly type: 'opened'; readonly adapter: string; readonly software: boolean }
  /** A file is being verified. */
  | { readonly type: 'begun'; readonly file: string }
  | { readonly type: 'outcome'; readonly outcome: Outcome }
  | { readonly type: 'finished' }
  | { readonly type: 'failed'; readonly reason: string };
