import {
  BrokenRule,
  environmentFault,
  type Fault,
  factoryFault,
  type Outcome,
  readOutcome,
  resultFault,
  thrownFault,
} from './faults.ts';
import { type MomentArrays, type MomentSizes, readMoment } from './moment.ts';
import type { PlaceWords } from './place.ts';
import type { EnvironmentFactory, SingleEnv } from './single_env.ts';

/** A user's module, opened: its default export, and its address, by which its own lines are told from others. */
export interface UserFactory {
  readonly factory: unknown;
  readonly url: string;
}

/** Calls a module's default export. Throws BrokenRule for what makes no environment; `place` is where it is. */
export function makeEnvironment({ factory, url }: UserFactory, place: PlaceWords): SingleEnv {
  let fault: Fault | undefined;
  let environment: unknown;
  try {
    fault = factoryFault(factory);
    if (!fault) {
      environment = (factory as EnvironmentFactory)();
      fault = environmentFault(environment);
    }
  } catch (error) {
    fault = thrownFault(error, url);
  }
  if (fault) throw new BrokenRule(fault, place.read());
  return environment as SingleEnv;
}

export type Playable = Pick<SingleEnv, 'reset' | 'step'>;

/** Resets an environment, and copies what there is to see. */
export function readReset(
  environment: Playable,
  random: () => number,
  url: string,
  sizes: MomentSizes,
  to: MomentArrays,
  copy: number,
): Fault | undefined {
  try {
    const moment: unknown = environment.reset(random);
    return (
      resultFault('reset', moment) ?? readMoment(moment as Record<string, unknown>, sizes, false, to, copy)
    );
  } catch (error) {
    return thrownFault(error, url);
  }
}

/** Steps an environment by actions that are its own from then on, and copies what came of it. */
export function readStep(
  environment: Playable,
  actions: number[],
  url: string,
  sizes: MomentSizes,
  to: MomentArrays,
  copy: number,
  outcome: Outcome,
): Fault | undefined {
  try {
    const result: unknown = environment.step(actions);
    return (
      resultFault('step', result) ??
      readOutcome(result as Record<string, unknown>, outcome) ??
      readMoment(result as Record<string, unknown>, sizes, outcome.terminated, to, copy)
    );
  } catch (error) {
    return thrownFault(error, url);
  }
}
