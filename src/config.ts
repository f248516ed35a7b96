import * as z from 'zod';
import { allowed, ConfigError, shorten, show } from './config_error.ts';
import { parsePayoff } from './env/payoffs.ts';
import { environmentKind, environmentNames, isModuleFile } from './env/registry.ts';

export { ConfigError };

/**
 * A run is a function of its configuration: equal configuration, equal results on one adapter.
 * Sizes: L learners (seeds), E environments per learner, B batch, N agents, A actions, O observation,
 * S state, H agent hidden width, M mixing width, K hypernetwork hidden width.
 */

const UINT32_MAX = 0xffffffff;
const whole = (minimum: number, maximum: number) => z.number().int().min(minimum).max(maximum);
const real = (minimum: number, maximum: number) => z.number().min(minimum).max(maximum);
/**
 * The kernels compute in float32, and GPUs may take what is below its smallest normal number (1.18e-38) for 0. A
 * number that must not be 0 begins at the next power of ten.
 */
const LEAST = 1e-37;
const positive = (maximum: number) => real(LEAST, maximum);
/** From 0; a number that is not 0 stays so in float32. */
const share = (maximum: number) =>
  real(0, maximum).refine((value) => value <= 0 || value >= LEAST, { message: `0, or at least ${LEAST}` });

/** Fields in which learners that train together may differ. */
const population = {
  learningRate: positive(1).describe('Step size of the agent networks.'),
  mixerLearningRate: positive(1).describe('Step size of the hypernetworks.'),
  gamma: share(1).describe('Discount factor.'),
  clipNorm: positive(1e9).describe('Largest global norm of the gradient; longer ones are scaled down to it.'),
  epsilonStart: share(1).describe('Probability of a random action at the start.'),
  epsilonEnd: share(1).describe('Probability of a random action after the decay.'),
  epsilonDecaySteps: whole(0, 1_000_000_000).describe(
    'Environment steps of one learner, over all its environments, in which epsilon falls linearly.',
  ),
  tau: share(1).describe('polyak: share of the online parameters taken over at every update.'),
};
export type PopulationField = keyof typeof population;
export const populationFields = Object.keys(population) as PopulationField[];

export const schema = z.strictObject({
  preset: z.string().max(40).describe('Name of the preset this configuration started from.'),

  environment: z
    .string()
    .min(1)
    .max(1000)
    .refine((name) => environmentKind(name) !== undefined || isModuleFile(name), {
      message: `${environmentNames.join(', ')}, or a module file (.js, .mjs)`,
    })
    .describe(
      `Environment trained on: ${environmentNames.join(', ')}, or a module file (.js, .mjs), whose path is taken ` +
        'from the working directory.',
    ),
  gridSize: whole(2, 64).describe('Side of the square grid, in cells; without meaning elsewhere.'),
  agents: whole(2, 16).describe(
    'Number of agents (N): 2 in games and switch-and-door; a module says its own instead.',
  ),
  episodeLimit: whole(1, 100_000).describe(
    'Steps after which an episode is truncated, on grids; games end by themselves, and a module says its own.',
  ),
  sight: z
    .enum(['all', 'own'])
    .describe(
      'What agents of meeting-gridworld observe: themselves, the others and the goal (all, 2N+2 numbers), or ' +
        'themselves and the goal (own, 4 numbers).',
    ),
  offGrid: z
    .enum(['stay', 'illegal'])
    .describe('A move off the grid stays where it is, or is masked as illegal.'),
  payoff: z
    .array(
      z.array(real(-1e6, 1e6)).max(64),
      'rows of numbers as JSON, as in [[1,0],[0,2]], or penalised, climbing, penalty, penalty:K',
    )
    .min(1)
    .max(64)
    .refine((rows) => rows.every((row) => row.length === rows.length), {
      message: 'as many numbers in each row as there are rows',
    })
    .describe(
      "Payoff of matrix: JSON rows by agent 1's action, columns by agent 2's, as many of each; or penalised " +
        '(8 and −12), climbing, penalty (k = 100) or penalty:K.',
    ),
  observationScale: z
    .enum(['unit', 'raw'])
    .describe('Coordinates in observations: divided by gridSize − 1 (unit), or as they are (raw).'),
  stateScale: z
    .enum(['unit', 'grid', 'raw'])
    .describe('Coordinates in the global state: divided by gridSize − 1 (unit), by gridSize (grid), or raw.'),

  sharedAgents: z.boolean().describe('One network for all agents instead of one each.'),
  agentId: z.boolean().describe("Appends the agent's one-hot number to what its network sees."),
  hidden: whole(1, 4096).describe('Width of both hidden layers of the agent networks (H).'),
  mixer: z
    .enum(['none', 'sum', 'monotonic'])
    .describe(
      "How Q_tot comes from the agents' Q-values: not at all (each learns from its own TD error), " +
        'their sum (VDN), or monotonically, by hypernetworks (QMIX).',
    ),
  positivity: z
    .enum(['softplus', 'abs'])
    .describe("What makes the monotonic mixer's weights positive; abs is the paper's."),
  hyperLayers: whole(1, 2).describe('Layers of the hypernetworks of both weights; the paper has 1.'),
  biasLayers: whole(1, 2).describe('Layers of the hypernetwork of the first bias; the paper has 1.'),
  mixerWidth: whole(1, 4096).describe('Width of the mixing network (M).'),
  hyperHidden: whole(1, 4096).describe('Hidden width of hypernetworks of two layers (K).'),

  seeds: z
    .array(whole(0, UINT32_MAX))
    .min(1)
    .max(4096)
    .refine((seeds) => new Set(seeds).size === seeds.length, { message: 'every seed once' })
    .describe('One learner per seed (and variant); all train at once.'),
  variants: z
    .array(z.strictObject(population).partial())
    .max(4096)
    .describe(
      'Settings that learners may differ in: every seed trains with each. Empty: one, as configured.',
    ),
  environments: whole(1, 65_536).describe('Environments stepped together per learner (E).'),
  updates: whole(0, 1_000_000_000).describe('Gradient updates after which a learner is finished.'),
  episodes: whole(0, 1_000_000_000).describe('Episodes after which a learner is finished; 0: no limit.'),
  stopWhenSolved: z
    .boolean()
    .describe(
      'A learner is finished once greedy success over all starts is 100% at length / optimal ≤ 1.01 (at any ' +
        'length where no optimal one is known).',
    ),
  updatesPerStep: whole(1, 1024).describe('Gradient updates after every step of the environments.'),
  overlap: z
    .boolean()
    .describe(
      'Environments step while the update runs, so that actions come from parameters one step older; ' +
        'false: act only after the update.',
    ),

  batchSize: whole(1, 65_536).describe('Transitions per update (B).'),
  replayCapacity: whole(1, 10_000_000).describe('Transitions kept for replay, per learner.'),
  warmup: whole(1, 10_000_000).describe('Transitions in replay before the first update.'),
  optimizer: z.enum(['adam', 'rmsprop']).describe("Rule of the update; rmsprop is the paper's."),
  learningRate: population.learningRate,
  mixerLearningRate: population.mixerLearningRate,
  beta1: share(0.9999).describe("Adam's decay of the first moment."),
  beta2: share(0.99999).describe("Adam's decay of the second moment."),
  adamEpsilon: positive(1).describe("Adam's term added to the root of the second moment."),
  rmspropAlpha: share(0.99999).describe("RMSprop's decay of the mean square."),
  rmspropEpsilon: positive(1).describe("RMSprop's term added to the root of the mean square."),
  gamma: population.gamma,
  clipNorm: population.clipNorm,

  epsilonStart: population.epsilonStart,
  epsilonEnd: population.epsilonEnd,
  epsilonDecaySteps: population.epsilonDecaySteps,

  targetUpdate: z
    .enum(['polyak', 'hard'])
    .describe('How target networks follow: a little each update, or by copies.'),
  tau: population.tau,
  targetInterval: whole(1, 1_000_000).describe('hard: finished episodes between two copies.'),

  evaluateEvery: whole(1, 1_000_000_000).describe('Updates between two greedy evaluations over all starts.'),
  logEvery: whole(1, 1_000_000_000).describe('Updates between two rows of the metrics.'),
  saveEvery: whole(1, 1_000_000_000).describe('Updates between two checkpoints written during the run.'),
});

export type Config = Readonly<z.infer<typeof schema>>;
export type ConfigField = keyof Config;

/** Sentence, unit and meaning of each field, for help texts and forms. */
export const describeField = (field: ConfigField): string => schema.shape[field].description ?? '';
export const configFields = Object.keys(schema.shape) as ConfigField[];

/** The preset that a run on this environment starts from where none is named. */
export const presetFor = (environment: string): string => environmentKind(environment)?.preset ?? 'solve';

/** One learner of a run: a seed with one of the configuration's variants. */
export interface Member {
  /** What its tensors' names begin with in a checkpoint: `seeds.2025`, `variants.1.seeds.2025`. */
  readonly name: string;
  readonly seed: number;
  /** Index into config.variants; 0 where there are none. */
  readonly variant: number;
  /** The configuration of a run of this learner alone, which gives the same bits. */
  readonly config: Config;
}

/** The learners of a run, in the order of every buffer, file and hash: variant by variant, their seeds in order. */
export function runMembers(config: Config): Member[] {
  const variants = config.variants.length > 0 ? config.variants : [{}];
  return variants.flatMap((changes, variant) =>
    config.seeds.map((seed) => ({
      name: config.variants.length > 0 ? `variants.${variant}.seeds.${seed}` : `seeds.${seed}`,
      seed,
      variant,
      config: { ...config, ...changes, seeds: [seed], variants: [] } as Config,
    })),
  );
}

/** Checks a whole configuration from outside. Throws ConfigError naming field, value and what is allowed. */
export function validateConfig(candidate: unknown): Config {
  const parsed = schema.safeParse(candidate);
  if (!parsed.success) {
    throw new ConfigError(describeIssues(parsed.error.issues, candidate).join('\n'));
  }
  const config = parsed.data;
  const refusal = environmentKind(config.environment)?.refuse(config);
  const rules: [ConfigField, boolean, string][] = [
    ['warmup', config.warmup <= config.replayCapacity, `at most replayCapacity (${config.replayCapacity})`],
    [
      'environments',
      config.environments <= config.replayCapacity,
      `at most replayCapacity (${config.replayCapacity}), as a step stores one transition of each`,
    ],
    ['epsilonEnd', config.epsilonEnd <= config.epsilonStart, `at most epsilonStart (${config.epsilonStart})`],
    [
      'variants',
      config.variants.length === 0 ||
        runMembers(config).every((member) => member.config.epsilonEnd <= member.config.epsilonStart),
      'epsilonEnd of each at most its epsilonStart',
    ],
    [
      'variants',
      config.seeds.length * Math.max(1, config.variants.length) <= 4096,
      'at most 4096 learners, seeds times variants',
    ],
  ];
  if (refusal) rules.unshift([refusal.field, false, refusal.allowed]);
  const broken = rules.filter(([, holds]) => !holds);
  if (broken.length > 0) {
    throw new ConfigError(
      broken
        .map(([field, , allowed]) => `${field}: got ${show(config[field])}, allowed: ${allowed}`)
        .join('\n'),
    );
  }
  return config;
}

/** Reads FIELD=VALUE as given on a command line or in a link. Throws ConfigError. */
export function parseAssignment(text: string): [ConfigField, unknown] {
  const equals = text.indexOf('=');
  if (equals < 1) throw new ConfigError(`--set: got ${show(text)}, allowed: FIELD=VALUE`);
  const field = text.slice(0, equals);
  const value = text.slice(equals + 1);
  if (!Object.hasOwn(schema.shape, field)) throw new ConfigError(unknownFields([field]));
  return [field as ConfigField, parseValue(field as ConfigField, value)];
}

function parseValue(field: ConfigField, value: string): unknown {
  if (field === 'seeds') return value.split(',').map(toNumber);
  if (field === 'variants') return toJson(value);
  if (field === 'payoff') return parsePayoff(value);
  const type = schema.shape[field].type;
  if (type === 'number') return toNumber(value);
  if (type === 'boolean' && (value === 'true' || value === 'false')) return value === 'true';
  return value;
}

/** What a text spells as JSON, or the text itself, so that the error can show it. */
function toJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The number a text spells in decimals, or the text itself, so that the error can show it. */
function toNumber(text: string): number | string {
  const isDecimal = /^\s*[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?\s*$/i.test(text);
  return isDecimal && Number.isFinite(Number(text)) ? Number(text) : text;
}

const unknownFields = (fields: readonly string[]): string =>
  `${shorten(fields.join(', '))}: unknown ${fields.length > 1 ? 'fields' : 'field'}, ` +
  `allowed: ${configFields.join(', ')}`;

/** Errors of one field, a list above all, that are told one by one. */
const MOST_ERRORS = 5;

function describeIssues(issues: readonly z.core.$ZodIssue[], candidate: unknown): string[] {
  const lines: string[] = [];
  const counts = new Map<unknown, number>();
  for (const issue of issues) {
    const count = (counts.get(issue.path[0]) ?? 0) + 1;
    counts.set(issue.path[0], count);
    if (count <= MOST_ERRORS) lines.push(describeIssue(issue, candidate));
  }
  for (const [field, count] of counts) {
    if (count > MOST_ERRORS) lines.push(`${String(field)}: ${count - MOST_ERRORS} more errors`);
  }
  return lines;
}

function describeIssue(issue: z.core.$ZodIssue, candidate: unknown): string {
  if (issue.code === 'unrecognized_keys') return unknownFields(issue.keys);
  const [field, ...rest] = issue.path;
  if (field === undefined) return `configuration: got ${show(candidate)}, allowed: an object of fields`;
  let value: unknown = candidate;
  for (const key of issue.path) value = (value as Record<PropertyKey, unknown>)?.[key];
  if (typeof value === 'number' && !Number.isFinite(value)) value = String(value);
  const place = [String(field), ...rest.map(String)].join('.');
  return `${place}: got ${show(value)}, allowed: ${allowed(issue)}`;
}
