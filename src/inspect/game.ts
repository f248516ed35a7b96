import { type Config, ConfigError } from '../config.ts';
import { environmentKind, environmentNames } from '../env/registry.ts';
import { type GameRules, optimalValues, TableGame } from '../env/table_game.ts';
import type { NetworkShape } from '../shapes.ts';
import type { Tensor } from '../tensor.ts';
import { jointValues, type StateValues } from './joint_values.ts';

/** What a learner has learned of one state of a game of two agents, beside what there is to learn. */
export interface LearnedState extends StateValues {
  /** Name of the state. */
  readonly state: string;
  /** [A][A] the largest discounted return after each joint action: the payoff, where the game then is over */
  readonly optimal: readonly (readonly number[])[];
}

/** The rules of the configured game. Throws ConfigError where it is none, naming `what`: where it came from. */
export function gameRules(config: Config, what: string): GameRules {
  const rulesOf = (name: string): GameRules | undefined => {
    const environment = environmentKind(name)?.create(config, 0, 1);
    return environment instanceof TableGame ? environment.rules : undefined;
  };
  const rules = rulesOf(config.environment);
  if (rules) return rules;
  const games = environmentNames.filter(rulesOf).join(', ');
  throw new ConfigError(`${what}: got one of ${config.environment}, allowed: one of a game (${games})`);
}

/**
 * Every state of a game in the eyes of one learner, in float64.
 * @param parameters the learner's online parameters by name, as jointValues takes them.
 * @param gamma the learner's discount factor, which the optimal values share.
 */
export function learnedStates(
  shape: NetworkShape,
  parameters: (name: string) => Tensor,
  rules: GameRules,
  gamma: number,
): LearnedState[] {
  const { actions } = rules;
  const optimal = optimalValues(rules, gamma);
  return jointValues(shape, parameters, rules).map((values, state) => ({
    state: rules.states[state],
    ...values,
    optimal: Array.from({ length: actions }, (_, row) => {
      const first = (state * actions + row) * actions;
      return [...optimal.subarray(first, first + actions)];
    }),
  }));
}
