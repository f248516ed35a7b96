/** Small modules, each of which breaks something, with what users must read of it. */
export interface BrokenModule {
  /** Its file's name, without `.mjs`. */
  readonly name: string;
  readonly source: string;
  /** What is broken, for titles. */
  readonly breaks: string;
  /**
   * before: import or check find it. first step: it behaves while it is checked, and breaks when training makes its
   * copies, resets or first steps them. late: it breaks in the 5,000th step of copy 0, or where the message says.
   */
  readonly when: 'before' | 'first step' | 'late';
  /**
   * All that is told after `environment: <file>: ` (before) or `<file>: ` (others), of copies with seed 2025. {file} stands for
   * the file as it was named, {actions} for whatever was done, {copy} for the first copy that is one too many.
   */
  readonly message: string;
  /** It does not end by itself: it is interrupted. */
  readonly hangs?: true;
  /** It uses up memory: where it may have much, that takes long. */
  readonly hoards?: true;
}

/** Sizes of all that have sound ones. */
export const SIZES = {
  agents: 2,
  actions: 3,
  observationSize: 1,
  stateSize: 1,
  episodeLimit: 10,
  masked: false,
};

/** Copies that the late ones are written for: with others, other copies may fail first. */
export const COPIES = 32;

interface Parts {
  /** Before the default export, in line 1. */
  readonly before?: string;
  /** When a copy is made, in line 4. */
  readonly made?: string;
  /** First in a reset, and fields of what it gives, in line 9. */
  readonly reset?: string;
  readonly moment?: string;
  /** First in a step, in line 10, and fields of what it gives, in line 11. */
  readonly step?: string;
  readonly result?: string;
  /** Fields of the environment, in line 12, over those before. */
  readonly fields?: string;
}

/**
 * A sound module but for these parts: t counts an episode's steps from 1, `life` those of the copy's life, `copies` the
 * copies that were ever made, which are fewer than 16 in a check.
 */
export const moduleSource = (parts: Parts = {}): string => `${parts.before ?? ''}
let copies = 0;
export default () => {
  ${parts.made ?? ''}
  copies++;
  let t = 0, life = 0;
  const look = () => ({ observations: [[t / 10], [t / 10]], state: [t / 10] });
  return { agents: 2, actions: 3, observationSize: 1, stateSize: 1, episodeLimit: 10,
    reset(random) { t = 0; ${parts.reset ?? ''} return { ...look(), ${parts.moment ?? ''} }; },
    step(actions) { t++; life++; ${parts.step ?? ''}
      return { ...look(), reward: actions[0] === 0 ? 1 : 0, terminated: false, ${parts.result ?? ''} }; },
    ${parts.fields ?? ''}
  };
};
`;

/** A name, what is broken, the parts or the whole source, and what is told. */
type Row = readonly [name: string, breaks: string, source: Parts | string, message: string];

const BEFORE: readonly Row[] = [
  [
    'import-throws',
    'throws when it is imported',
    { before: "throw new Error('no licence');" },
    'threw "no licence" (import-throws.mjs:1:7) in its import',
  ],
  [
    'syntax',
    'is no JavaScript',
    'const sizes = 1;\nexport default (;\n',
    'threw "Unexpected token \';\'" (syntax.mjs:2) in its import',
  ],
  [
    'missing-package',
    'imports what is not there',
    { before: "import 'no-such-package';" },
    'threw "Cannot find package \'no-such-package\' imported from {file}" in its import',
  ],
  [
    'import-exits',
    'ends the process when it is imported',
    { before: 'process.exit(3);' },
    'ended its worker by process.exit(3) in its import',
  ],
  [
    'import-rejects',
    'leaves a rejection to no one when it is imported',
    { before: "Promise.reject(new Error('socket closed')); await new Promise(() => {});" },
    'threw "socket closed" (import-rejects.mjs:1:16) in its import',
  ],
  [
    'no-default',
    'exports no default',
    'export const agents = 2;\n',
    'default export: got nothing, allowed: a function that makes one copy of the environment: export default () => ({ … })',
  ],
  [
    'object',
    'exports an environment, not a function',
    'export default { agents: 2 };\n',
    'default export: got {"agents":2}, allowed: a function that makes one copy of the environment: export default () => ({ … })',
  ],
  [
    'class',
    'exports a class',
    'export default class Corridor {}\n',
    'default export: got a class, allowed: a function that makes one: export default () => new Corridor()',
  ],
  [
    'async-default',
    'exports an asynchronous function',
    'export default async () => ({ agents: 2 });\n',
    'default export: gave a promise, allowed: an environment, as environments are synchronous; what has to be awaited can be at the top of the module',
  ],
  [
    'default-throws',
    'throws when a copy is made',
    { made: "throw new TypeError('no map');" },
    'threw "no map" (default-throws.mjs:4:9) in its default export',
  ],
  [
    'number',
    'makes no object',
    'export default () => 5;\n',
    'environment: the default export made 5, allowed: an object',
  ],
  ['no-step', 'has no step', { fields: 'step: 3' }, 'step: got 3, allowed: a function'],
  [
    'crowd',
    'has too many agents',
    { fields: 'agents: 17' },
    'agents: got 17, allowed: a whole number from 1 to 16',
  ],
  [
    'unequal-actions',
    'states the actions of each agent',
    { fields: 'actions: [3, 2]' },
    'actions: got [3,2], allowed: a whole number from 1 to 4096; where agents differ, the largest, and an actionMask',
  ],
  [
    'unequal-sizes',
    'states the observation size of each agent',
    { fields: 'observationSize: { first: 1, second: 2 }' },
    'observationSize: got {"first":1,"second":2}, allowed: a whole number from 1 to 65536; where agents differ, the largest, the others padded with zeros',
  ],
  [
    'bigint-size',
    'states a size as a BigInt',
    { fields: 'stateSize: 1n' },
    'stateSize: got 1n, allowed: a whole number from 1 to 65536',
  ],
  [
    'async-reset',
    'resets asynchronously',
    { fields: 'reset: async () => look()' },
    'reset: gave a promise, allowed: its result, as environments are synchronous; what has to be awaited can be at the top of the module, in the reset of episode 0 of the check',
  ],
  [
    'async-step',
    'steps asynchronously, and rejects',
    { fields: "step: async () => { throw new Error('no connection'); }" },
    'step: gave a promise, allowed: its result, as environments are synchronous; what has to be awaited can be at the top of the module, in step 1 of episode 0 of the check, actions {actions}',
  ],
  [
    'reset-throws',
    'throws in a reset',
    { reset: 'look().state.flat.no();' },
    'threw "look(...).state.flat.no is not a function" (reset-throws.mjs:9:46) in the reset of episode 0 of the check',
  ],
  [
    'step-throws',
    'throws a text in a step',
    { step: "if (t === 3) throw 'out of\\norder';" },
    'threw "out of\\norder" in step 3 of episode 0 of the check, actions {actions}',
  ],
  [
    'tuple',
    'gives lists, as Gymnasium does',
    { fields: 'step: () => [[[0], [0]], 1, false, false, {}]' },
    'result: step gave [[[0],[0]],1,false,false,{}], allowed: an object with observations, state, reward and terminated, in step 1 of episode 0 of the check, actions {actions}',
  ],
  [
    'by-agent',
    'gives observations by agent, as PettingZoo does',
    { moment: 'observations: { agent_0: [0], agent_1: [0] }' },
    'observations: got {"agent_0":[0],"agent_1":[0]}, allowed: a list of 2 (one for each agent); an object keyed by agent becomes one by Object.values, in the reset of episode 0 of the check',
  ],
  [
    'unequal-observations',
    'gives an agent fewer numbers',
    { fields: 'observationSize: 3', moment: 'observations: [[0, 0, 0], [0]]' },
    'observations: agent 1: got 1 entries, allowed: a list of 3 (observationSize); where agents differ, padded with zeros to the largest, in the reset of episode 0 of the check',
  ],
  [
    'bigint-observation',
    'observes a BigInt',
    { result: 'observations: [[0], [1n]]' },
    'observations: agent 1: got 1n at 0, allowed: finite numbers, in step 1 of episode 0 of the check, actions {actions}',
  ],
  [
    'nan-state',
    'has a state that is no number',
    { result: 'state: [t > 6 ? NaN : 0]' },
    'state: got NaN at 0, allowed: finite numbers, in step 7 of episode 0 of the check, actions {actions}',
  ],
  [
    'no-legal-action',
    'leaves an agent without a legal action',
    {
      moment: 'actionMask: [[1, 1, 1], [1, 1, 1]]',
      result: 'actionMask: [[1, 1, 1], [t < 4, 0, 0]]',
    },
    'legal action: agent 1 has none, allowed: at least one until the episode has terminated, in step 4 of episode 0 of the check, actions {actions}',
  ],
  [
    'rewards',
    'gives a reward to each agent',
    { result: 'reward: [1, 1]' },
    'reward: got [1,1], allowed: a finite number, the team’s: the sum over its agents, in step 1 of episode 0 of the check, actions {actions}',
  ],
  [
    'terminations',
    'ends the episode agent by agent',
    { result: 'terminated: { agent_0: false, agent_1: true }' },
    'terminated: got {"agent_0":false,"agent_1":true}, allowed: true or false, for all agents together, in step 1 of episode 0 of the check, actions {actions}',
  ],
  [
    'own-randomness',
    'draws random numbers of its own',
    { result: 'reward: Math.random()' },
    'randomness: the same random numbers and actions gave another episode in a new environment, allowed: no randomness but that of reset, in step 1 of episode 0 of the check',
  ],
  [
    'remembers',
    'remembers earlier episodes',
    { result: 'reward: life' },
    'reset: an episode came out differently after other episodes, allowed: reset leaves nothing of what was before, in step 1 of episode 19 of the check',
  ],
  [
    'shared',
    'is one environment for all',
    'let t = 0;\nconst look = () => ({ observations: [[t]], state: [t] });\nconst one = { agents: 1, actions: 2, observationSize: 1, stateSize: 1, episodeLimit: 4,\n  reset() { t = 0; return look(); },\n  step() { t++; return { ...look(), reward: 0, terminated: false }; },\n};\nexport default () => one;\n',
    'copies: stepping one environment changed another, allowed: the default export makes a new one at every call, in step 2 of episode 0 of the check',
  ],
  [
    'step-exits',
    'ends the process while it is checked',
    { step: 'if (life === 25) process.exit();' },
    'ended its worker by process.exit(0) in step 5 of episode 2 of the check',
  ],
  [
    'revoked',
    'gives what cannot be read',
    { before: 'const { proxy, revoke } = Proxy.revocable({}, {}); revoke();', fields: 'step: () => proxy' },
    'threw "Cannot perform \'get\' on a proxy that has been revoked" in step 1 of episode 0 of the check, actions {actions}',
  ],
];

const FIRST_STEP: readonly Row[] = [
  [
    'other-sizes',
    'makes copies of other sizes',
    { fields: 'stateSize: copies > 16 ? 2 : 1' },
    'stateSize: got 2, allowed: 1, as in the first copy, in the making of copy {copy} (seed 2025)',
  ],
  [
    'too-many',
    'refuses a further copy',
    { made: "if (copies > 16) throw new Error('too many connections');" },
    'threw "too many connections" (too-many.mjs:4:26) in the making of copy {copy} (seed 2025)',
  ],
  [
    'crowded-nan',
    'pays no number once there are many copies',
    { result: 'reward: copies > 16 ? NaN : 1' },
    'reward: got NaN, allowed: a finite number, in step 1 of episode 0 of copy 0 (seed 2025), actions {actions}',
  ],
  [
    'crowded-throw',
    'throws in the first reset of many copies',
    { reset: "if (copies > 16) throw new RangeError('no port left');" },
    'threw "no port left" (crowded-throw.mjs:9:51) in the reset of episode 0 of copy 0 (seed 2025)',
  ],
  [
    'crowded-exit',
    'ends the process in the first step of many copies',
    { step: 'if (copies > 16) process.exit(7);' },
    'ended its worker by process.exit(7) in step 1 of episode 0 of copy 0 (seed 2025), actions {actions}',
  ],
];

const LATE: readonly Row[] = [
  [
    'late-throw',
    'loses its connection',
    { step: "if (life === 5000) throw new Error('simulator lost its connection');" },
    'threw "simulator lost its connection" (late-throw.mjs:10:59) in step 10 of episode 499 of copy 0 (seed 2025), actions {actions}',
  ],
  [
    'rare-throw',
    'throws in a rare episode',
    { reset: 'this.bad = random() < 0.0002;', step: "if (this.bad && t === 5) throw new Error('stuck');" },
    'threw "stuck" (rare-throw.mjs:10:65) in step 5 of episode 51 of copy 9 (seed 2025), actions {actions}',
  ],
  [
    'late-nan',
    'pays no number',
    { result: 'reward: life < 5000 ? 1 : 0 / 0' },
    'reward: got NaN, allowed: a finite number, in step 10 of episode 499 of copy 0 (seed 2025), actions {actions}',
  ],
  [
    'late-infinity',
    'observes what a float32 cannot hold',
    { result: 'observations: [[0], [life < 5000 ? 1 : 1e39]]' },
    'observations: agent 1: got 1e+39 at 0, allowed: finite numbers, in step 10 of episode 499 of copy 0 (seed 2025), actions {actions}',
  ],
  [
    'late-exit',
    'ends the process',
    { step: 'if (life === 5000) process.exit(3);' },
    'ended its worker by process.exit(3) in step 10 of episode 499 of copy 0 (seed 2025), actions {actions}',
  ],
  [
    'late-rejection',
    'leaves a rejection to no one',
    { step: "if (life === 5000) Promise.reject(new Error('socket closed'));" },
    'threw "socket closed" (late-rejection.mjs:10:68)',
  ],
  [
    'late-timer',
    'throws in a timer',
    { step: "if (life === 5000) setTimeout(() => { throw new Error('watchdog'); });" },
    'threw "watchdog" (late-timer.mjs:10:78)',
  ],
];

const LATE_HANGS: readonly Row[] = [
  [
    'late-hang',
    'steps for ever',
    { step: 'if (life === 5000) for (;;);' },
    'did not answer for 1 s and was ended in step 10 of episode 499 of copy 0 (seed 2025), actions {actions}',
  ],
  [
    'reset-hang',
    'resets for ever',
    { reset: 'if (life === 5000) for (;;);' },
    'did not answer for 1 s and was ended in the reset of episode 500 of copy 0 (seed 2025)',
  ],
];

const HOARDS: readonly Row[] = [
  [
    'memory',
    'uses up its memory',
    {
      before: 'const kept = [];',
      step: 'if (life === 5000) for (;;) kept.push(new Array(10_000).fill(life));',
    },
    'ran out of memory in step 10 of episode 499 of copy 0 (seed 2025), actions {actions}',
  ],
];

const entries = (
  rows: readonly Row[],
  rest: Pick<BrokenModule, 'when' | 'hangs' | 'hoards'>,
): BrokenModule[] =>
  rows.map(([name, breaks, source, message]) => ({
    name,
    breaks,
    source: typeof source === 'string' ? source : moduleSource(source),
    message,
    ...rest,
  }));

export const brokenModules: readonly BrokenModule[] = [
  ...entries(BEFORE, { when: 'before' }),
  ...entries(FIRST_STEP, { when: 'first step' }),
  ...entries(LATE, { when: 'late' }),
  ...entries(LATE_HANGS, { when: 'late', hangs: true }),
  ...entries(HOARDS, { when: 'late', hoards: true }),
];

/** The whole of what is told of a module whose file is named so, as a pattern. */
export function toldOf({ when, message }: BrokenModule, file: string): RegExp {
  const whole = `${when === 'before' ? 'environment: ' : ''}{file}: ${message}`;
  const literal = whole.replaceAll('{file}', file).replace(/[.*+?^$()|[\]\\]/g, '\\$&');
  const pattern = literal.replace('{actions}', '\\d+(, \\d+)*').replace('{copy}', '\\d+');
  return new RegExp(`^${pattern.replace(/[{}]/g, '\\$&')}$`);
}
