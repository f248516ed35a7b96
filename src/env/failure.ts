/**
 * A user's environment failed while it was played: it threw, broke a rule, ended its worker, or did not answer. What
 * it says is meant for users; the run stands as of its last finished step, and can be saved.
 */
export class EnvironmentFailure extends Error {
  override name = 'EnvironmentFailure';

  /** `interrupted`: it was ended by Ctrl-C, as it did not answer. */
  constructor(
    message: string,
    readonly interrupted = false,
  ) {
    super(message);
  }
}
